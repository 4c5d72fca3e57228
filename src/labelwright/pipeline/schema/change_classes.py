"""What a change of classes is: from the task of before to the task of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from labelwright.core.class_change import ClassChange
from labelwright.core.ports import TranslatingTaskKind
from labelwright.core.task import Task
from labelwright.pipeline.schema.class_names_in_files import (
    changed_rules,
)
from labelwright.pipeline.workspace.class_history import Entry
from labelwright.pipeline.workspace.workspace import Workspace


def rules_after(
    workspace: Workspace, kind: TranslatingTaskKind, change: ClassChange, undoes: Entry | None
) -> dict[str, Any]:
    """What rules vote after the change, by name."""
    rules = workspace.settings.rules
    if undoes is None:
        return changed_rules(rules, kind, change)
    there = {str(rule.get("name")) for rule in rules}
    return {name: vote for name, vote in undoes.rules.items() if name in there}


def descriptions_after(
    lines: Mapping[str, str], change: ClassChange, undoes: Entry | None
) -> dict[str, str]:
    """The line of each class after the change, of those that have one.

    A class keeps its own; one made of others that has none gets theirs, one after another. What a
    change took away comes back with it.
    """
    found = {}
    for name in change.after.classes:
        taken = lines.get(name) if name in change.before.classes else None
        if taken is None:
            parts = (lines.get(old) for old in change.origins(name))
            taken = "; ".join(dict.fromkeys(part for part in parts if part))
        if undoes is not None:
            taken = undoes.descriptions.get(name, taken)
        if taken:
            found[name] = taken
    return found


def class_change(before: Task, after: Task, becomes: Mapping[str, tuple[str, ...]]) -> ClassChange:
    """The change from one task to the other; `becomes` says what names turn into."""
    return ClassChange(before, after, tuple(becomes.items()))


def inverse(change: ClassChange) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What answers of after a change mean before it, where that differs."""
    found = {}
    for name in (*change.after.classes, *change.after.inner):
        of = [*change.origins(name)]
        of += [old for old in change.before.inner if name in change.image(old)]
        if of != [name]:
            found[name] = tuple(of)
    return tuple(found.items())


def with_names(task: Task, new: dict[str, str]) -> Task:
    """The task with new names for some of its classes, old -> new."""
    return replace(
        task,
        classes=tuple(new.get(name, name) for name in task.classes),
        parents=tuple((new.get(a, a), new.get(b, b)) for a, b in task.parents),
    )


def parents_of_merged(task: Task, gone: Sequence[str], into: str) -> dict[str, str]:
    """Who lies under whom after a merge: the new class under what all of its parts lay under."""
    parents = dict(task.parents)
    over = {parents.get(name) for name in gone}
    if task.index(into) < 0 and len(over) == 1 and (shared := over.pop()) is not None:
        parents[into] = shared
    return parents


def pruned(task: Task, classes: Sequence[str], parents: dict[str, str]) -> Task:
    """The task with these classes; inner classes with nothing under them are left out."""
    kept = dict(parents)
    while bare := [n for n in kept if n not in classes and n not in kept.values()]:
        for name in bare:
            del kept[name]
    return replace(task, classes=tuple(classes), parents=tuple(kept.items()))
