"""What happens to an item before a labeling function sees it; Snorkel's `preprocess`."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from labelwright.core.errors import DataError, SettingsError

__all__ = ["BasePreprocessor", "LambdaPreprocessor", "Preprocessor", "preprocessor"]


class BasePreprocessor:
    """A function from items to items that leaves the item it is given as it was.

    Args:
        name: of the preprocessor.
        pre: preprocessors that run before it.
        memoize: whether to keep what came out for each item that went in.
        memoize_key: what names an item in that memory; by default its content.
    """

    def __init__(
        self,
        name: str,
        pre: Sequence[BasePreprocessor] | None = None,
        memoize: bool = False,
        memoize_key: Callable[[Any], Hashable] | None = None,
    ) -> None:
        self.name = name
        self.memoize = memoize
        self._pre = list(pre or [])
        self._memoize_key = memoize_key or content_key
        self._cache: dict[Hashable, Any] = {}

    def __call__(self, x: Any) -> Any:
        """The changed copy of the item."""
        key = self._memoize_key(x) if self.memoize else None
        if self.memoize and key in self._cache:
            return self._cache[key]
        changed = copy.deepcopy(x)
        for before in self._pre:
            changed = before(changed)
        changed = self._changed(changed)
        if self.memoize:
            self._cache[key] = changed
        return changed

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.name}, Pre: {self._pre}"

    def reset_cache(self) -> None:
        """Forgets what was memoized."""
        self._cache = {}

    def _changed(self, x: Any) -> Any:
        raise NotImplementedError


class LambdaPreprocessor(BasePreprocessor):
    """A preprocessor made of a function of the whole item."""

    def __init__(self, name: str, f: Callable[[Any], Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(name, *args, **kwargs)
        self._f = f

    def _changed(self, x: Any) -> Any:
        return self._f(x)


class Preprocessor(BasePreprocessor):
    """A preprocessor whose `run` takes some fields by name and gives new ones; extend it.

    Args:
        name: of the preprocessor.
        field_names: field of the item by argument of `run`; by default they are called the same.
        mapped_field_names: field of the result by key of what `run` gives; likewise.
        pre: as in `BasePreprocessor`, as what follows.
    """

    def __init__(
        self,
        name: str,
        field_names: Mapping[str, str] | None = None,
        mapped_field_names: Mapping[str, str] | None = None,
        pre: Sequence[BasePreprocessor] | None = None,
        memoize: bool = False,
        memoize_key: Callable[[Any], Hashable] | None = None,
    ) -> None:
        super().__init__(name, pre, memoize, memoize_key)
        if field_names is None:
            field_names = {
                argument: argument for argument in inspect.signature(self.run).parameters
            }
        self.field_names = field_names
        self.mapped_field_names = mapped_field_names

    def run(self, **fields: Any) -> Mapping[str, Any] | None:
        """New fields, from the fields that it names as its arguments; None to refuse the item."""
        raise NotImplementedError(f"{type(self).__name__} must define run")

    def _changed(self, x: Any) -> Any:
        given = {name: getattr(x, field) for name, field in self.field_names.items()}
        made = self.run(**given)
        if made is None:
            return None
        if self.mapped_field_names is not None:
            made = {field: made[key] for key, field in self.mapped_field_names.items()}
        for field, value in made.items():
            setattr(x, field, value)
        return x


class preprocessor:  # noqa: N801 - Snorkel's name
    """Decorator that makes a preprocessor of a function; arguments as in `BasePreprocessor`.

    Example:
        >>> from types import SimpleNamespace
        >>> @preprocessor(memoize=True)
        ... def lower(x):
        ...     x.text = x.text.lower()
        ...     return x
        >>> lower(SimpleNamespace(text="LOUD")).text
        'loud'
    """

    def __init__(
        self,
        name: str | None = None,
        pre: Sequence[BasePreprocessor] | None = None,
        memoize: bool = False,
        memoize_key: Callable[[Any], Hashable] | None = None,
    ) -> None:
        if callable(name):
            raise SettingsError("@preprocessor lacks its parentheses; write @preprocessor()")
        self.name = name
        self._settings = (pre, memoize, memoize_key)

    def __call__(self, f: Callable[[Any], Any]) -> LambdaPreprocessor:
        """The function as a preprocessor."""
        return LambdaPreprocessor(self.name or f.__name__, f, *self._settings)


def content_key(x: Any) -> Hashable:
    """What is the same for items of the same content.

    Raises:
        DataError: the item holds something whose content cannot be read.
    """
    if isinstance(x, np.ndarray):
        return x.dtype.str, x.shape, x.tobytes()
    if isinstance(x, list | tuple):
        return tuple(content_key(value) for value in x)
    if hasattr(x, "items"):
        return _fields_key(x.items())
    if type(x).__name__ == "SimpleNamespace":
        return _fields_key(vars(x).items())
    try:
        hash(x)
    except TypeError:
        raise DataError(
            f"a {type(x).__name__} cannot be memoized; give the preprocessor a memoize_key"
        ) from None
    named: Hashable = x
    return named


def _fields_key(fields: Iterable[tuple[Any, Any]]) -> Hashable:
    return frozenset((name, content_key(value)) for name, value in fields)
