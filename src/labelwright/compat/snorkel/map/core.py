"""From items to changed items; Snorkel's `map.core`."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.snorkel.types import DataPoint, FieldMap, HashingFunction
from labelwright.core.errors import DataError, SettingsError

__all__ = ["BaseMapper", "LambdaMapper", "Mapper", "get_hashable", "lambda_mapper"]

MapFunction = Callable[[DataPoint], DataPoint | None]


class BaseMapper:
    """A function from items to items that leaves the item it is given as it was.

    Args:
        name: of the mapper.
        pre: mappers that run before it.
        memoize: whether to keep what came out for each item that went in.
        memoize_key: what names an item in that memory; by default its content.
    """

    def __init__(
        self,
        name: str,
        pre: Sequence[BaseMapper] | None = None,
        memoize: bool = False,
        memoize_key: HashingFunction | None = None,
    ) -> None:
        self.name = name
        self.memoize = memoize
        self._pre = list(pre or [])
        self._memoize_key = memoize_key or content_key
        self._cache: dict[Hashable, DataPoint | None] = {}

    def __call__(self, x: DataPoint) -> DataPoint | None:
        """The changed copy of the item; None where it is refused."""
        key = self._memoize_key(x) if self.memoize else None
        if self.memoize and key in self._cache:
            return self._cache[key]
        changed: DataPoint | None = _copied(x)
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

    def _changed(self, x: DataPoint) -> DataPoint | None:
        raise NotImplementedError


class LambdaMapper(BaseMapper):
    """A mapper made of a function of the whole item."""

    def __init__(self, name: str, f: MapFunction, *args: Any, **kwargs: Any) -> None:
        super().__init__(name, *args, **kwargs)
        self._f = f

    def _changed(self, x: DataPoint) -> DataPoint | None:
        return self._f(x)


class Mapper(BaseMapper):
    """A mapper whose `run` takes some fields by name and gives new ones; extend it.

    Args:
        name: of the mapper.
        field_names: field of the item by argument of `run`; by default they are called the same.
        mapped_field_names: field of the result by key of what `run` gives; likewise.
        pre: as in `BaseMapper`, as what follows.

    Raises:
        SettingsError: `run` takes `*args` or `**kwargs`, which name no field.
    """

    def __init__(
        self,
        name: str,
        field_names: Mapping[str, str] | None = None,
        mapped_field_names: Mapping[str, str] | None = None,
        pre: Sequence[BaseMapper] | None = None,
        memoize: bool = False,
        memoize_key: HashingFunction | None = None,
    ) -> None:
        super().__init__(name, pre, memoize, memoize_key)
        if field_names is None:
            field_names = {argument: argument for argument in _arguments(self.run, name)}
        self.field_names = field_names
        self.mapped_field_names = mapped_field_names

    def run(self, **fields: Any) -> FieldMap | None:
        """New fields, from the fields that it names as its arguments; None to refuse the item."""
        raise NotImplementedError(f"{type(self).__name__} must define run")

    def _changed(self, x: DataPoint) -> DataPoint | None:
        given = {name: getattr(x, field) for name, field in self.field_names.items()}
        made = self.run(**given)
        if made is None:
            return None
        if self.mapped_field_names is not None:
            made = {field: made[key] for key, field in self.mapped_field_names.items()}
        for field, value in made.items():
            setattr(x, field, value)
        return x


class lambda_mapper:  # noqa: N801 - Snorkel's name
    """Decorator that makes a mapper of a function; arguments as in `BaseMapper`.

    Example:
        >>> from types import SimpleNamespace
        >>> @lambda_mapper(memoize=True)
        ... def lower(x):
        ...     x.text = x.text.lower()
        ...     return x
        >>> lower(SimpleNamespace(text="LOUD")).text
        'loud'
    """

    makes: type[LambdaMapper] = LambdaMapper

    def __init__(
        self,
        name: str | None = None,
        pre: Sequence[BaseMapper] | None = None,
        memoize: bool = False,
        memoize_key: HashingFunction | None = None,
    ) -> None:
        refuse_bare(name, type(self).__name__)
        self.name = name
        self.pre = pre
        self.memoize = memoize
        self.memoize_key = memoize_key

    def __call__(self, f: MapFunction) -> LambdaMapper:
        """The function as a mapper."""
        name = self.name or f.__name__
        return self.makes(name, f, self.pre, self.memoize, self.memoize_key)


def refuse_bare(name: Any, decorator: str) -> None:
    """Nothing, unless a decorator was written without its parentheses.

    Raises:
        SettingsError: the "name" is the decorated function.
    """
    if callable(name):
        raise SettingsError(f"@{decorator} is missing parentheses; write @{decorator}()")


def get_hashable(obj: Any) -> Hashable:
    """Something hashable of the same content, by Snorkel's rules: arrays as their bytes.

    Raises:
        DataError: the object holds something whose content cannot be read.
    """
    return _key(obj, lambda array: array.tobytes())


def content_key(x: Any) -> Hashable:
    """What is the same for items of the same content; arrays of other shape or type differ.

    Raises:
        DataError: the item holds something whose content cannot be read.
    """
    return _key(x, lambda array: (array.dtype.str, array.shape, array.tobytes()))


def _key(x: Any, of_array: Callable[[NDArray[Any]], Hashable]) -> Hashable:
    if isinstance(x, np.ndarray):
        return of_array(x)
    if isinstance(x, list | tuple):
        return tuple(_key(value, of_array) for value in x)
    # A table has items too, but they are its columns.
    if hasattr(x, "items") and getattr(x, "ndim", 1) == 1:
        return _fields_key(x.items(), of_array)
    if type(x).__name__ == "SimpleNamespace":
        return _fields_key(vars(x).items(), of_array)
    try:
        hash(x)
    except TypeError:
        raise DataError(
            f"a {type(x).__name__} cannot be memoized; give the mapper a memoize_key"
        ) from None
    named: Hashable = x
    return named


def _fields_key(
    fields: Iterable[tuple[Any, Any]], of_array: Callable[[NDArray[Any]], Hashable]
) -> Hashable:
    return frozenset((name, _key(value, of_array)) for name, value in fields)


def _copied(x: DataPoint) -> DataPoint:
    """A copy that shares nothing with the item."""
    if hasattr(type(x), "iloc") and x.ndim == 1:  # a Series copies no objects in it
        values = [copy.deepcopy(value) for value in x]
        return type(x)(values, index=x.index, dtype=x.dtype, name=x.name)
    return copy.deepcopy(x)


def _arguments(run: Callable[..., Any], name: str) -> list[str]:
    parameters = inspect.signature(run).parameters.values()
    for parameter in parameters:
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            raise SettingsError(
                f"{name!r}: run takes {parameter}, which names no field; "
                "give it an argument for each field, or give field_names"
            )
    return [parameter.name for parameter in parameters]
