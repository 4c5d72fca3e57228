"""The classes of a project, and how they change while votes are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from labelwright.core.class_change import ClassChange
from labelwright.core.errors import NothingToDoError, SettingsError, UnknownNameError, did_you_mean
from labelwright.core.ports import TranslatingTaskKind
from labelwright.core.task import MAX_DESCRIPTION, Task
from labelwright.pipeline.label.reduce_votes import units_of
from labelwright.pipeline.schema.change_classes import (
    class_change,
    descriptions_after,
    inverse,
    parents_of_merged,
    pruned,
    rules_after,
    with_names,
)
from labelwright.pipeline.schema.class_names_in_files import (
    check_editable,
    named_elsewhere,
    with_classes,
    with_descriptions,
)
from labelwright.pipeline.vote.active_sources import active
from labelwright.pipeline.vote.class_descriptions import why_silent
from labelwright.pipeline.vote.collect_answers import collect_answers
from labelwright.pipeline.workspace.class_history import Entry
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.settings import FILE_NAME
from labelwright.pipeline.workspace.workspace import Workspace, open_workspace
from labelwright.stores import write_atomic
from labelwright.tasks import kind_of


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class as it stands.

    Attributes:
        name: of the class.
        parents: the inner classes over it, the nearest first.
        votes: how many votes in force are for it alone.
        description: the line that describes it; empty without one.
    """

    name: str
    parents: tuple[str, ...]
    votes: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that was made.

    Attributes:
        number: how many changes of classes there are now.
        what: it in words.
        classes: the classes as they are now.
        rules: the rules whose votes were rewritten.
        named: where functions and settings still name classes that are gone.
    """

    number: int
    what: str
    classes: tuple[str, ...]
    rules: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A class and the line that now describes it.

    Attributes:
        name: of the class.
        description: the line; empty if it was taken away.
        note: why descriptions do not vote; empty if they do.
    """

    name: str
    description: str
    note: str


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes as the file says now, and changes of them that keep every vote.

    Votes stay as they were cast. A change is put on record and applied whenever votes are read, to
    those that come in later from somebody who had not heard of it as well. An opened project keeps
    the classes that it was opened with: open it anew after a change.

    Attributes:
        workspace: the project.
    """

    workspace: Workspace

    def list(self) -> tuple[ClassRow, ...]:
        """The classes in order, with how many votes are for each."""
        task = self.workspace.settings.task
        votes = self._votes_for(task)
        parent = dict(task.parents)
        lines = self.workspace.settings.descriptions or {}
        rows = []
        for name, count in zip(task.classes, votes, strict=True):
            over, at = [], parent.get(name)
            while at is not None:
                over.append(at)
                at = parent.get(at)
            rows.append(ClassRow(name, tuple(over), count, lines.get(name, "")))
        return tuple(rows)

    def history(self) -> tuple[Entry, ...]:
        """Every change, the oldest first."""
        return self.workspace.classes.entries

    def describe(self, name: str, line: str) -> Described:
        """Describes a class in one line, which then votes wherever there is an embedding model.

        Args:
            name: of the class.
            line: what belongs into it; empty takes the description away, and with the last one
                descriptions no longer vote.

        Raises:
            UnknownNameError: there is no such class.
            SettingsError: the line is too long.
        """
        line = " ".join(line.split())
        if len(line) > MAX_DESCRIPTION:
            raise SettingsError(
                f"a description has at most {MAX_DESCRIPTION} characters, got {len(line)}: one line"
            )
        workspace = self.workspace
        with workspace.writing():
            now_ = open_workspace(workspace.folder, workspace.desk_url)
            if now_.settings.task.index(name) < 0:
                raise _unknown(name, now_.settings.task)
            lines = {**(now_.settings.descriptions or {}), name: line}
            kept = {of: lines[of] for of in now_.settings.task.classes if lines.get(of)}
            path = workspace.folder / FILE_NAME
            write_atomic(path, with_descriptions(path.read_text("utf-8-sig"), kept).encode())
        note = why_silent(open_workspace(workspace.folder, workspace.desk_url))
        return Described(name, line, note)

    def rename(self, name: str, to: str) -> Changed:
        """Gives a class, or an inner class, another name; its votes keep their meaning.

        Raises:
            UnknownNameError: there is no such class.
            SettingsError: the new name is taken.
        """
        task = self.workspace.settings.task
        if not task.knows(name):
            raise _unknown(name, task)
        if task.knows(to):
            raise SettingsError(
                f"there is a class {to!r} already; to make one of both: labelwright classes merge "
                f"{name!r} --into {to!r}"
            )
        after = with_names(task, {name: to})
        return self._make(f"{name!r} is called {to!r}", class_change(task, after, {name: (to,)}))

    def merge(self, names: Sequence[str], into: str) -> Changed:
        """Makes one class of several; votes for any of them are votes for it.

        Args:
            names: the classes that go into it; one that was deleted from the file by hand will do.
            into: the name of the one: one of them, another class, or a new name.
        """
        task = self.workspace.settings.task
        gone = tuple(name for name in dict.fromkeys(names) if name != into)
        if not gone:
            raise SettingsError(f"name at least one class to merge into {into!r}")
        before = self._with_lost(gone)
        first = min(before.index(name) for name in gone)
        classes = [name for name in before.classes if name not in gone]
        if into not in classes:
            classes.insert(first, into)
        parents = parents_of_merged(before, gone, into)
        after = pruned(task, classes, parents)
        listed = " and ".join(map(repr, gone))
        becomes = dict.fromkeys(gone, (into,))
        return self._make(f"{listed} became part of {into!r}", class_change(before, after, becomes))

    def add(self, name: str, under: str | None = None) -> Changed:
        """Adds a class; votes of before say nothing about it.

        Args:
            name: of the new class.
            under: the inner class that it lies under, if any.
        """
        task = self.workspace.settings.task
        if task.knows(name):
            raise SettingsError(f"there is a class {name!r} already")
        if under is not None and under not in task.inner:
            raise UnknownNameError(
                f"there is no inner class {under!r}{did_you_mean(under, task.inner)}"
            )
        parents = {**dict(task.parents), **({name: under} if under else {})}
        after = replace(task, classes=(*task.classes, name), parents=tuple(parents.items()))
        return self._make(f"{after.classes[-1]!r} is new", class_change(task, after, {}))

    def remove(self, name: str, to: str | None = None) -> Changed:
        """Takes a class away; its votes count for another class, or as abstentions.

        Args:
            name: of the class; one that was deleted from the file by hand will do.
            to: the class that its votes count for; None for none.
        """
        if to is not None:
            if self.workspace.settings.task.index(to) < 0:
                raise _unknown(to, self.workspace.settings.task)
            return self.merge([name], to)
        task = self.workspace.settings.task
        before = self._with_lost((name,))
        classes = [one for one in before.classes if one != name]
        after = pruned(task, classes, dict(before.parents))
        what = f"{name!r} was removed; its votes count as abstentions"
        return self._make(what, class_change(before, after, {name: ()}))

    def undo(self) -> Changed:
        """Takes the last change back; votes of before it mean what they meant.

        Votes that were cast since are read the other way round: a vote for a merged class says
        that it is one of those that it was made of.

        Raises:
            NothingToDoError: there is no change to take back.
            SettingsError: the classes were changed by hand since.
        """
        standing = self.workspace.classes.standing()
        if not standing:
            raise NothingToDoError("the classes were never changed, or all of it was taken back")
        last = standing[-1]
        task = self.workspace.settings.task
        old, new = last.change.before, last.change.after
        if (task.classes, dict(task.parents)) != (new.classes, dict(new.parents)):
            raise SettingsError(
                f"the classes in {FILE_NAME} were changed by hand since ({last.what}); make them "
                f"{list(new.classes)} again, then undo"
            )
        after = replace(task, classes=old.classes, parents=old.parents)
        back = ClassChange(task, after, inverse(last.change))
        return self._make(f"taken back: {last.what}", back, undoes=last)

    def _make(self, what: str, change: ClassChange, undoes: Entry | None = None) -> Changed:
        workspace = self.workspace
        kind = kind_of(change.after)
        kind.check(change.after)
        if not isinstance(kind, TranslatingTaskKind):
            raise SettingsError(f"classes of {change.after.kind} tasks cannot be changed yet")
        with workspace.writing():
            path = workspace.folder / FILE_NAME
            text = path.read_text("utf-8-sig")
            workspace = open_workspace(workspace.folder, workspace.desk_url)
            if workspace.settings.task != self.workspace.settings.task:
                raise SettingsError(f"the classes in {FILE_NAME} were changed meanwhile; try again")
            check_editable(text)
            rules = rules_after(workspace, kind, change, undoes)
            # What people said up to here was said in the names of before.
            collect_answers(workspace)
            known = {str(rule.get("name")): rule.get("vote") for rule in workspace.settings.rules}
            number = workspace.settings.schema + 1
            lines = workspace.settings.descriptions
            described = None if lines is None else descriptions_after(lines, change, undoes)
            entry = Entry(
                number=number,
                what=what,
                change=change,
                undoes=0 if undoes is None else undoes.number,
                rules={name: known[name] for name in rules},
                descriptions={
                    name: line
                    for name, line in (lines or {}).items()
                    if (described or {}).get(name) != line
                },
                time=now(),
            )
            workspace.classes.lines.extend(lambda: [entry.record()])
            # The file last: until it says so, nothing has changed.
            changed = with_classes(text, change.after, number, rules, change, described)
            write_atomic(path, changed.encode())
        gone = [name for name in change.before.classes if not change.after.knows(name)]
        gone += [name for name in change.before.inner if not change.after.knows(name)]
        named = named_elsewhere(workspace.folder, gone) if gone else []
        return Changed(number, what, change.after.classes, tuple(rules), tuple(named))

    def _with_lost(self, names: Sequence[str]) -> Task:
        """The task with those of these classes that somebody deleted from the file by hand.

        Raises:
            UnknownNameError: no vote names it either.
            SettingsError: it is an inner class.
        """
        task = self.workspace.settings.task
        for name in names:
            if name in task.inner:
                raise SettingsError(
                    f"{name!r} is an inner class; merge or remove the classes under it"
                )
        lost = tuple(name for name in names if task.index(name) < 0)
        if lost:
            everyone = self.workspace.log.sources()
            votes = self.workspace.in_force(np.arange(len(everyone), dtype=np.int32), everyone)
            for name in lost:
                if not any(name in answer for answer in votes.answers):
                    raise _unknown(name, task)
        return replace(task, classes=(*task.classes, *lost))

    def _votes_for(self, task: Task) -> Sequence[int]:
        """How many votes in force are for each class alone."""
        sources = active(self.workspace)
        units = units_of(self.workspace.in_force(sources.numbers, sources.sources), task)
        matrix = units.matrix
        whole = matrix.voted & (matrix.label < matrix.classes)
        if units.heads > 1:
            # Of units that are named for classes the last answer says that the class belongs.
            named = units.head_names
            said = matrix.unit[whole & (matrix.label == matrix.classes - 1)] % units.heads
        else:
            named = units.class_names
            said = matrix.label[whole]
        counts = dict(zip(named, np.bincount(said, minlength=len(named)).tolist(), strict=True))
        return [counts[name] for name in task.classes]


def _unknown(name: str, task: Task) -> UnknownNameError:
    known = (*task.classes, *task.inner)
    return UnknownNameError(f"there is no class {name!r}{did_you_mean(name, known)}")
