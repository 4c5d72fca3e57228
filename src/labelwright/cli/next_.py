"""`labelwright next`: what should a person look at now? Answered with single keys."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.label_ import show_random_first
from labelwright.cli.options import Json, ProjectArgument, Seed, open_project
from labelwright.cli.show import counted, print_json
from labelwright.core.errors import AnswerError, SettingsError
from labelwright.pipeline.ask.answer_keys import ACTIONS, class_of, keys_of

if TYPE_CHECKING:
    from labelwright.core.votes import Vote
    from labelwright.pipeline.api.project import Project
    from labelwright.pipeline.ask.record_answer import Question

NAME = "/"
ACCEPT = ("\r", "\n")
INTERRUPT = ("\x03", "\x04")
ERASE = ("\x7f", "\b")
CONTROLS = {ACTIONS[action]: action for action in ("skip", "undo", "quit")}
FIELD_WIDTH = 400
UNREAD_S = 0.2
"""Nobody reads a question in so short a time: a key that comes sooner is one that bounced."""


def command(
    project: ProjectArgument = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many questions.")] = 20,
    person: Annotated[
        str | None, typer.Option("--person", "--as", help="Who answers; by default your user name.")
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(help="Ask about random hits of this rule or function: is it useful?"),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Answer the questions worth most, with one key each; or list them with --json."""
    opened = open_project(project)
    person = person or getpass.getuser()
    questions = opened.next(count, person=person, rule=rule, seed=seed)
    if json:
        print_json([_plain(question) for question in questions])
        return
    first = opened.budget.random_first()
    if not questions:
        print("no question is left: every item outside the test split is answered")
    elif not sys.stdin.isatty():
        for question in questions:
            print(f"{question.item}\t{question.suggestion or '-'}\t{question.reason}")
        if first.missing:
            print(first.sentence, file=sys.stderr)
        print("run this in a terminal to answer", file=sys.stderr)
    else:
        _check_single(opened)
        show_random_first(first)
        given = Session(opened, questions, person, typer.getchar).run()
        print(f"\n{counted(given, 'answer')} safe; take in with: labelwright round")


def _check_single(project: Project) -> None:
    """Returns if one key can answer: if the name of a class is an answer.

    Raises:
        SettingsError: the task wants more than one class.
    """
    from labelwright.tasks import kind_of

    task = project.settings.task
    try:
        kind_of(task).canonical(task.classes[0], task)
    except AnswerError as error:
        raise SettingsError(
            f"one key is no answer to a {task.kind} task; answer in the browser (labelwright "
            "serve), or list the questions with --json and answer in Python: project.answer(item, "
            "answer)"
        ) from error


def _plain(question: Question) -> dict[str, object]:
    return {
        "item": question.item,
        "fields": question.fields,
        "suggestion": question.suggestion,
        "confidence": question.confidence,
        "reason": question.reason,
        "random": question.random,
    }


@dataclass
class Session:
    """A person at the keyboard. Each answer is on disk before the next question is shown.

    Attributes:
        project: whose questions these are.
        questions: in the order in which they are asked.
        person: who answers.
        read_key: gives the next key pressed.
        given: the answers so far, None where the person skipped.
        replaced: by item, the id of the answer that was taken back.
        told: items that were test questions and answered wrongly.
        unread_s: keys that come sooner after a question mean nothing.
    """

    project: Project
    questions: Sequence[Question]
    person: str
    read_key: Callable[[], str]
    given: list[Vote | None] = field(default_factory=list)
    replaced: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    unread_s: float = UNREAD_S

    def run(self) -> int:
        """Asks until the questions end or the person quits; gives how many were answered."""
        keys = keys_of(self._classes)
        if any(question.media is not None for question in self.questions):
            print("pictures are seen in the browser, where the same keys answer: labelwright serve")
        self._help(keys)
        while len(self.given) < len(self.questions):
            question = self.questions[len(self.given)]
            self._ask(question)
            started = time.monotonic()
            choice = self._choose(keys, question, started)
            match choice:
                case _Said(control="quit"):
                    break
                case _Said(control="undo"):
                    self._undo()
                case _Said(control="skip"):
                    self.given.append(None)
                    print("  skipped")
                case _Said(answer=answer):
                    self._take(question, answer, time.monotonic() - started)
        return sum(vote is not None for vote in self.given)

    def _help(self, keys: dict[str, str]) -> None:
        of: dict[str, list[str]] = {}
        for key, name in keys.items():
            of.setdefault(name, []).append(key)
        named = "  ".join(f"[{' '.join(known)}] {name}" for name, known in of.items())
        typed = "  [/] type a name" if len(of) < len(self._classes) else ""
        print(f"{named}{typed}  [Enter] accept  [space] skip  [z] undo  [q] quit  [?] help")

    @property
    def _classes(self) -> tuple[str, ...]:
        return self.project.settings.task.classes

    def _ask(self, question: Question) -> None:
        print(
            f"\n{len(self.given) + 1}/{len(self.questions)}  {question.item}  ({question.reason})"
        )
        called = self.project.workspace.called()
        for name, value in question.fields.items():
            print(f"  {called.get(name, name)}: {str(value)[:FIELD_WIDTH]}")
        if question.suggestion is not None:
            print(f"  suggestion: {question.suggestion} ({question.confidence:.0%})")

    def _choose(self, keys: dict[str, str], question: Question, started: float) -> _Said:
        """What the person wants; whatever means nothing shows the keys again."""
        while True:
            key = self._key()
            if time.monotonic() - started < self.unread_s:
                continue
            if key in ACCEPT and question.suggestion is not None:
                return _Said(question.suggestion)
            if key in ACCEPT:
                print("  there is no suggestion to accept")
                continue
            name = class_of(key, keys)
            name = self._typed() if name is None and key == NAME else name
            if name is not None:
                return _Said(name)
            if key.lower() in CONTROLS:
                return _Said(control=CONTROLS[key.lower()])
            self._help(keys)

    def _key(self) -> str:
        try:
            key = self.read_key()
        except EOFError:
            raise KeyboardInterrupt from None
        if key in INTERRUPT:
            raise KeyboardInterrupt
        return key

    def _typed(self) -> str | None:
        """The class whose name is typed, up to Enter; a beginning that only one has is enough."""
        text = ""
        print("  name: ", end="", flush=True)
        while (key := self._key()) not in ACCEPT:
            text = text[:-1] if key in ERASE else text + key
            print(f"\r  name: {text} ", end="", flush=True)
        print()
        fits = [name for name in self._classes if name.lower().startswith(text.strip().lower())]
        if text in self._classes or len(fits) == 1:
            return text if text in self._classes else fits[0]
        print(f"  {len(fits)} classes begin with {text!r}: {', '.join(fits[:10])}")
        return None

    def _take(self, question: Question, answer: str, seconds: float) -> None:
        vote = self.project.answer(
            question.item,
            answer,
            person=self.person,
            seconds=seconds,
            supersedes=self.replaced.pop(question.item, None),
        )
        self.given.append(vote)
        print(f"  {answer}")
        if told := self.project.crowd.verdict(vote):
            print(f"  {told}")
            self.told.add(question.item)

    def _undo(self) -> None:
        """Goes back one question; an answer given there is withdrawn until it is given again."""
        if not self.given:
            print("  nothing to undo")
            return
        last = self.given[-1]
        if last is not None and last.item in self.told:
            print("  a test question whose answer was told stands; if it is at fault, let it be")
            print(f"  forgiven: labelwright crowd --forgive {last.item}")
            return
        self.given.pop()
        if last is not None and last.id is not None:
            self.project.withdraw(last)
            self.replaced[last.item] = last.id
            print("  taken back")


@dataclass(frozen=True)
class _Said:
    """A class, or what to do instead of answering."""

    answer: str = ""
    control: str = ""
