"""The annotation schema: what is asked of every source."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labelwright.core.errors import SettingsError, shown

MAX_CLASS_NAME = 200
MAX_DESCRIPTION = 500
"""Characters of the line that describes a class: models of texts read little more."""


@dataclass(frozen=True, slots=True)
class Task:
    """What an answer may be.

    Attributes:
        kind: the name of a file in ``labelwright/tasks``, such as ``classification``.
        classes: the class names in their fixed order; a class index points into it.
        guidelines: what people are told, in Markdown.
        parents: the inner class that each class, or inner class, lies under, in pairs; a mapping
            will do. A vote for an inner class is a partial vote for the classes under it.
        options: settings of the kind by name, in pairs; a mapping will do.

    How many classes there must be is the kind's to say: see its `check`.

    Raises:
        SettingsError: a name twice, empty, too long or not printable; a parent that is a class
            itself, or has nothing under it, or lies under itself.

    Example:
        >>> Task("classification", ("spam", "ham")).index("ham")
        1
        >>> Task("any", ("cat", "dog", "car"), "", {"cat": "pet", "dog": "pet"}).leaves("pet")
        ('cat', 'dog')
    """

    kind: str
    classes: tuple[str, ...]
    guidelines: str = ""
    parents: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, Any], ...] = field(default=(), metadata={"named": "unless empty"})

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(_clean(name) for name in self.classes))
        twice = {name for name in self.classes if self.classes.count(name) > 1}
        if twice:
            raise SettingsError(f"class names must differ, but {shown(sorted(twice))} come twice")
        pairs = self.parents.items() if isinstance(self.parents, Mapping) else self.parents
        cleaned = {_clean(child): _clean(parent) for child, parent in pairs}
        object.__setattr__(self, "parents", tuple(cleaned.items()))
        self._check_parents(cleaned)
        chosen = self.options.items() if isinstance(self.options, Mapping) else self.options
        object.__setattr__(self, "options", tuple(sorted(chosen)))

    @property
    def inner(self) -> tuple[str, ...]:
        """The names of the inner classes, in order of appearance."""
        return tuple(dict.fromkeys(parent for _, parent in self.parents))

    def leaves(self, name: str) -> tuple[str, ...]:
        """The classes under an inner class; a class alone; nothing if there is no such name."""
        parent = dict(self.parents)
        found = []
        for leaf in self.classes:
            at: str | None = leaf
            while at is not None and at != name:
                at = parent.get(at)
            if at == name:
                found.append(leaf)
        return tuple(found)

    def knows(self, name: str) -> bool:
        """Whether it is the name of a class or an inner class."""
        return name in self.classes or name in self.inner

    def _check_parents(self, parent: Mapping[str, str]) -> None:
        for child, above in parent.items():
            if above in self.classes:
                raise SettingsError(
                    f"{shown(above)} is a class, so that nothing can lie under it; give the inner "
                    "class a name of its own"
                )
            if child not in self.classes and child not in self.inner:
                raise SettingsError(f"{shown(child)} has a parent but is no class")
            seen, at = {child}, above
            while at in parent and at not in seen:
                seen.add(at)
                at = parent[at]
            if at in seen:
                raise SettingsError(f"{shown(child)} lies under itself")

    def index(self, name: str) -> int:
        """The position of the class, or -1 if the task has no such class."""
        try:
            return self.classes.index(name)
        except ValueError:
            return -1


def _clean(name: object) -> str:
    """The class name in Unicode normal form C, without white space around it."""
    if not isinstance(name, str):
        raise SettingsError(f"a class name must be text, got {shown(name)}")
    clean = unicodedata.normalize("NFC", name).strip()
    if not clean or len(clean) > MAX_CLASS_NAME or not clean.isprintable():
        raise SettingsError(
            f"class name {shown(name)} must have 1 to {MAX_CLASS_NAME} printable characters"
        )
    return clean
