"""Labeling functions as Snorkel writes them: whole numbers from 0, -1 to abstain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labelwright.compat.snorkel.map.core import refuse_bare
from labelwright.compat.snorkel.preprocess.core import BasePreprocessor
from labelwright.core.errors import DataError

__all__ = ["LabelingFunction", "labeling_function"]


class LabelingFunction:
    """A function with a name that labels an item, after its preprocessors.

    Args:
        name: of the function.
        f: takes an item, and the resources by name; gives a label, or -1.
        resources: what else `f` takes.
        pre: preprocessors that run on the item before `f`, in this order.
    """

    def __init__(
        self,
        name: str,
        f: Callable[..., int],
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[BasePreprocessor] | None = None,
    ) -> None:
        self.name = name
        self._f = f
        self._resources = dict(resources or {})
        self._pre = list(pre or [])

    def __call__(self, x: Any) -> int:
        """The label of the item.

        Raises:
            DataError: a preprocessor gave None.
        """
        for before in self._pre:
            x = before(x)
            if x is None:
                raise DataError(f"{self.name!r}: the preprocessor {before} gave None, not an item")
        return self._f(x, **self._resources)

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.name}, Preprocessors: {self._pre}"


class labeling_function:  # noqa: N801 - Snorkel's name
    """Decorator that makes a labeling function of a function; arguments as there.

    Example:
        >>> from types import SimpleNamespace
        >>> @labeling_function(resources={"least": 40})
        ... def big(x, least):
        ...     return 1 if x.size > least else -1
        >>> big(SimpleNamespace(size=41))
        1
    """

    makes: type[LabelingFunction] = LabelingFunction

    def __init__(
        self,
        name: str | None = None,
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[BasePreprocessor] | None = None,
    ) -> None:
        refuse_bare(name, type(self).__name__)
        self.name = name
        self.resources = resources
        self.pre = pre

    def __call__(self, f: Callable[..., int]) -> LabelingFunction:
        """The function as a labeling function."""
        return self.makes(self.name or f.__name__, f, self.resources, self.pre)
