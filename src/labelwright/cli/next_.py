"""`labelwright next`: what should a person look at now? Answered with single keys."""

from __future__ import annotations

import getpass
import string
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, Seed, open_project
from labelwright.cli.show import print_json

if TYPE_CHECKING:
    from labelwright.core.votes import Vote
    from labelwright.pipeline.answer import Question
    from labelwright.pipeline.project import Project

SKIP, UNDO, QUIT, HELP, ACCEPT = " ", "z", "q", "?", "\r"
RESERVED = {UNDO, QUIT}
FIELD_WIDTH = 400


def command(
    project: ProjectArgument = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many questions.")] = 20,
    person: Annotated[
        str | None, typer.Option("--as", help="Who answers; by default your user name.")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Answer the questions worth most, with one key each; or list them with --json."""
    opened = open_project(project)
    questions = opened.next(count, seed=seed)
    if json:
        print_json([_plain(question) for question in questions])
    elif not questions:
        print("no question is left: every item outside the test split is answered")
    elif not sys.stdin.isatty():
        for question in questions:
            print(f"{question.item}\t{question.suggestion or '-'}\t{question.reason}")
        print("run this in a terminal to answer", file=sys.stderr)
    else:
        given = Session(opened, questions, person or getpass.getuser(), typer.getchar).run()
        print(f"\n{given} answers are safe; take them in with: labelwright round")


def _plain(question: Question) -> dict[str, object]:
    return {
        "item": question.item,
        "fields": question.fields,
        "suggestion": question.suggestion,
        "confidence": question.confidence,
        "reason": question.reason,
        "random": question.random,
    }


def keys_of(classes: Sequence[str]) -> dict[str, str]:
    """One key per class: its own first letter if that is free, else a digit, else any letter."""
    keys: dict[str, str] = {}
    for name in classes:
        wanted = [letter for letter in name.lower() if letter in string.ascii_lowercase][:1]
        for key in [*wanted, *"1234567890", *string.ascii_lowercase, *string.ascii_uppercase]:
            if key not in keys and key not in RESERVED:
                keys[key] = name
                break
    return keys


@dataclass
class Session:
    """A person at the keyboard. Each answer is on disk before the next question is shown.

    Attributes:
        project: whose questions these are.
        questions: in the order in which they are asked.
        person: who answers.
        read_key: gives the next key pressed.
        given: the answers so far, None where the person skipped.
    """

    project: Project
    questions: Sequence[Question]
    person: str
    read_key: Callable[[], str]
    given: list[Vote | None] = field(default_factory=list)

    def run(self) -> int:
        """Asks until the questions end or the person quits; gives how many were answered."""
        keys = keys_of(self.project.settings.task.classes)
        self._help(keys)
        replaced: str | None = None
        while len(self.given) < len(self.questions):
            question = self.questions[len(self.given)]
            self._ask(question)
            started = time.monotonic()
            choice = self._choose(keys, question)
            if choice == QUIT:
                break
            if choice == UNDO:
                replaced = self._undo()
                continue
            self._take(question, choice, time.monotonic() - started, replaced)
            replaced = None
        return sum(vote is not None for vote in self.given)

    def _help(self, keys: dict[str, str]) -> None:
        named = "  ".join(f"[{key}] {name}" for key, name in keys.items())
        print(f"{named}  [Enter] accept  [space] skip  [z] undo  [q] quit  [?] help")

    def _ask(self, question: Question) -> None:
        print(
            f"\n{len(self.given) + 1}/{len(self.questions)}  {question.item}  ({question.reason})"
        )
        for name, value in question.fields.items():
            print(f"  {name}: {str(value)[:FIELD_WIDTH]}")
        if question.suggestion is not None:
            print(f"  suggestion: {question.suggestion} ({question.confidence:.0%})")

    def _choose(self, keys: dict[str, str], question: Question) -> str:
        """The class chosen, or one of the keys for skip, undo and quit."""
        while True:
            key = self.read_key()
            if key in ("\x03", "\x04"):
                raise KeyboardInterrupt
            if key in ("\r", "\n") and question.suggestion is not None:
                return question.suggestion
            if key in keys:
                return keys[key]
            if key.lower() in keys:
                return keys[key.lower()]
            if key in (SKIP, UNDO, QUIT):
                return key
            self._help(keys)

    def _take(self, question: Question, choice: str, seconds: float, replaced: str | None) -> None:
        if choice == SKIP:
            self.given.append(None)
            print("  skipped")
            return
        vote = self.project.answer(
            question.item, choice, person=self.person, seconds=seconds, supersedes=replaced
        )
        self.given.append(vote)
        print(f"  {choice}")

    def _undo(self) -> str | None:
        """Goes back one question; an answer given there is withdrawn until it is given again."""
        if not self.given:
            print("  nothing to undo")
            return None
        last = self.given.pop()
        if last is None or last.id is None:
            return None
        self.project.withdraw(last)
        print("  taken back")
        return last.id
