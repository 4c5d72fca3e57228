"""The annotation schema: what is asked of every source."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from labelwright.core.errors import SettingsError, shown

MAX_CLASS_NAME = 200


@dataclass(frozen=True, slots=True)
class Task:
    """What an answer may be.

    Attributes:
        kind: the name of a file in ``labelwright/tasks``, such as ``classification``.
        classes: the class names in their fixed order; a class index points into it.
        guidelines: what people are told, in Markdown.

    Raises:
        SettingsError: fewer than two classes, a name twice, empty, too long or not printable.

    Example:
        >>> Task("classification", ("spam", "ham")).index("ham")
        1
    """

    kind: str
    classes: tuple[str, ...]
    guidelines: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(_clean(name) for name in self.classes))
        if len(self.classes) < 2:
            raise SettingsError(
                f"a task needs at least two classes, got {shown(self.classes)}; "
                "for a yes/no question name both, such as: --classes spam,ham"
            )
        twice = {name for name in self.classes if self.classes.count(name) > 1}
        if twice:
            raise SettingsError(f"class names must differ, but {shown(sorted(twice))} come twice")

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
