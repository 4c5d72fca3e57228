"""What became of the classes, change by change: how answers of any time are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from labelwright.core.class_change import ClassChange, Meaning
from labelwright.core.errors import AnswerError, ProjectError
from labelwright.core.ports import TranslatingTaskKind
from labelwright.core.task import Task
from labelwright.stores import JsonLines
from labelwright.tasks import kind_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the classes.

    Attributes:
        number: its place, from 1.
        what: it in words.
        change: what became of the classes.
        undoes: the number of the change that it takes back, 0 if none.
        rules: the votes that rules had before it, by the name of the rule.
        descriptions: the lines that classes had before it and have no more.
        time: when, ISO 8601 in UTC.
    """

    number: int
    what: str
    change: ClassChange
    undoes: int = 0
    rules: Mapping[str, Any] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    time: str = ""

    def record(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "number": self.number,
            "what": self.what,
            "before": _task_record(self.change.before),
            "after": _task_record(self.change.after),
            "becomes": {name: list(images) for name, images in self.change.becomes},
            "undoes": self.undoes,
            "rules": dict(self.rules),
            "descriptions": dict(self.descriptions),
            "time": self.time,
        }


@dataclass(frozen=True)
class ClassRecord:
    """The changes of a project's classes that are in force.

    An answer carries the number of changes that came before it; what it means now follows from
    those that came after, but for the ones that were taken back.

    Attributes:
        lines: where they are kept; only ever added to.
        schema: how many there are. `labelwright.toml` says so, since it changes last: a line
            that a kill left without its file counts for nothing, and is written anew.
        task: as it is now.
    """

    lines: JsonLines
    schema: int
    task: Task

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every change in force, the oldest first.

        Raises:
            ProjectError: some are missing.
        """
        if not self.schema:
            return ()
        found = {line["number"]: _entry(line) for line in self.lines.read()[0]}
        missing = [number for number in range(1, self.schema + 1) if number not in found]
        if missing:
            raise ProjectError(
                f"labelwright.toml knows of {self.schema} changes of classes, but "
                f"{self.lines.path} lacks number {missing[0]}; restore it from a backup"
            )
        return tuple(found[number] for number in range(1, self.schema + 1))

    def standing(self, since: int = 0) -> list[Entry]:
        """The changes after number `since` without those that were taken back."""
        path: list[Entry] = []
        for entry in self.entries[since:]:
            if path and entry.undoes and path[-1].number == entry.undoes:
                path.pop()
            else:
                path.append(entry)
        return path

    def task_at(self, schema: int) -> Task:
        """The task after so many changes, with what was added to it by hand."""
        return self.entries[schema].change.before if schema < self.schema else self.task

    @cached_property
    def meaning(self) -> Meaning:
        """What an answer (text, number of changes before it) means now; None for nothing.

        A text that the task of then did not allow stays as it is.
        """
        return cache(self._meaning)

    def _meaning(self, text: str | None, schema: int | None) -> str | None:
        kind = kind_of(self.task)
        if schema is None or schema >= self.schema or not isinstance(kind, TranslatingTaskKind):
            return text
        for entry in self.standing(schema):
            if text is None:
                return None
            try:
                text = kind.translated(text, entry.change)
            except AnswerError:
                return text
        return text

    def read(self, answer: Any, schema: int | None = None) -> tuple[str, int]:
        """The canonical text of an answer, and after how many changes it was given.

        It is read under the task that the one who answered had; where that does not allow it, under
        the latest one before that does: they may still have looked at an older question.

        Raises:
            AnswerError: no task there ever was allows it.
        """
        last = self.schema if schema is None else min(schema, self.schema)
        kind = kind_of(self.task)
        wrong: AnswerError | None = None
        for number in range(last, -1, -1):
            try:
                return kind.canonical(answer, self.task_at(number)), number
            except AnswerError as error:
                wrong = wrong or error
        assert wrong is not None  # noqa: S101 - there is at least one task
        raise wrong


def _task_record(task: Task) -> dict[str, Any]:
    made = {"kind": task.kind, "classes": list(task.classes), "parents": dict(task.parents)}
    return made | ({"options": dict(task.options)} if task.options else {})


def _entry(line: Mapping[str, Any]) -> Entry:
    before, after = (
        Task(
            of["kind"],
            tuple(of["classes"]),
            parents=tuple(of["parents"].items()),
            options=tuple(of.get("options", {}).items()),
        )
        for of in (line["before"], line["after"])
    )
    becomes = tuple((name, tuple(images)) for name, images in line["becomes"].items())
    return Entry(
        number=line["number"],
        what=line["what"],
        change=ClassChange(before, after, becomes),
        undoes=line["undoes"],
        rules=line["rules"],
        descriptions=line.get("descriptions", {}),
        time=line["time"],
    )
