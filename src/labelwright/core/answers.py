"""Answers that say less than one class: what a source returns where it knows only so much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labelwright.core.errors import AnswerError


@dataclass(frozen=True, slots=True)
class Partial:
    """A partial answer: one of these classes, or, if `excluded`, none of them.

    Attributes:
        names: the classes, by name or index; inner classes of a hierarchy stand for their leaves.
        excluded: whether they are ruled out rather than left.

    Raises:
        AnswerError: no class is named.
    """

    names: tuple[Any, ...]
    excluded: bool = False

    def __post_init__(self) -> None:
        if not self.names:
            raise AnswerError("a partial answer names at least one class; return None to abstain")


def one_of(*names: Any) -> Partial:
    """The answer "one of these classes, I cannot say which".

    Example:
        >>> one_of("cat", "dog").names
        ('cat', 'dog')
    """
    return Partial(names)


def not_(*names: Any) -> Partial:
    """The answer "none of these classes".

    Example:
        >>> not_("spam").excluded
        True
    """
    return Partial(names, excluded=True)
