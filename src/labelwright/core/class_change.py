"""A change of a task's classes, and what answers given before it mean after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labelwright.core.task import Task

Meaning = Callable[[str | None, int | None], str | None]
"""What an answer means now that was given after so many changes of classes; None for nothing."""


@dataclass(frozen=True, slots=True)
class ClassChange:
    """What became of the classes of a task: votes stay as they were cast and are read by this.

    Attributes:
        before: the task under which the answers were given.
        after: the task under which they are read.
        becomes: of each class, or inner class, whose answers change their meaning: the classes
            that they mean now. None: they say nothing more. Several: one of these. A mapping will
            do.

    Example:
        >>> merged = ClassChange(
        ...     Task("any", ("spam", "scam", "ham")), Task("any", ("spam", "ham")),
        ...     {"scam": ("spam",)},
        ... )
        >>> merged.image("scam"), merged.origins("spam")
        (('spam',), ('spam', 'scam'))
    """

    before: Task
    after: Task
    becomes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        pairs = self.becomes.items() if isinstance(self.becomes, Mapping) else self.becomes
        object.__setattr__(self, "becomes", tuple((name, tuple(images)) for name, images in pairs))

    def image(self, name: str) -> tuple[str, ...]:
        """What an answer with this name means now."""
        own = (name,) if self.after.knows(name) else ()
        return dict(self.becomes).get(name, own)

    def origins(self, name: str) -> tuple[str, ...]:
        """The classes whose answers mean this one now, it may be among others."""
        return tuple(old for old in self.before.classes if name in self.image(old))


def schema_name(schema: int, digest: str) -> str:
    """The name of a task as browsers send it back with answers."""
    return f"{schema}-{digest}"


def schema_number(name: str) -> int | None:
    """After how many changes of classes the task of this name was; None if it does not say."""
    head, dash, _ = name.partition("-")
    return int(head) if dash and head.isdecimal() and len(head) < 6 else None
