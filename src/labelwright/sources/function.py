"""Labeling functions: Python functions that vote."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

from labelwright.core.errors import SourceError, did_you_mean, shown
from labelwright.core.source import SourceKind

_LOADING: ContextVar[list[LabelingFunction] | None] = ContextVar("_LOADING", default=None)


@dataclass(frozen=True, eq=False)
class LabelingFunction:
    """A decorated function. Called, it does what the function does.

    Attributes:
        function: the function itself.
        name: of the source.
        fields: the columns it reads; None means all.
        batch: whether it takes a whole batch at once: a Polars data frame, or an Arrow record
            batch where its argument is annotated so.
        kind: what kind of source it is.
        accuracy: what its owner believes its accuracy to be, 0 to 1.
        cost_usd: money per vote.
        seconds: time per vote.
        resources: files it reads, by name; their content is part of its version.
        description: one line for the reports.
    """

    function: Callable[..., Any]
    name: str
    fields: tuple[str, ...] | None = None
    batch: bool = False
    kind: SourceKind = SourceKind.FUNCTION
    accuracy: float | None = None
    cost_usd: float = 0.0
    seconds: float = 0.0
    resources: Mapping[str, Path] = field(default_factory=dict)
    description: str = ""

    def __post_init__(self) -> None:
        # Not by update_wrapper, which sets attributes that a frozen value refuses.
        for attribute in ("__doc__", "__module__", "__name__", "__qualname__"):
            value = getattr(self.function, attribute, None)
            object.__setattr__(self, attribute, value)
        object.__setattr__(self, "__wrapped__", self.function)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """What the function returns."""
        return self.function(*arguments, **named)


@overload
def source(function: Callable[..., Any], /) -> LabelingFunction: ...
@overload
def source(
    *,
    name: str | None = None,
    fields: Sequence[str] | None = None,
    batch: bool = False,
    kind: SourceKind | str = SourceKind.FUNCTION,
    accuracy: float | None = None,
    cost_usd: float = 0.0,
    seconds: float = 0.0,
    resources: Mapping[str, str | Path] | None = None,
    description: str = "",
) -> Callable[[Callable[..., Any]], LabelingFunction]: ...
def source(function: Callable[..., Any] | None = None, /, **settings: Any) -> Any:
    """A labeling function: a Python function that votes on items.

    It takes one item (see :class:`labelwright.sources.row.Row`) and returns a class name, a
    class index, None to abstain, or an answer with its confidence as a pair. With `batch` it
    takes a data frame and returns a sequence, array, Series or expression of answers.

    Raises:
        SourceError: a setting that there is none of, a resource that is no file.

    Example:
        >>> @source(fields=["body"])
        ... def free_money(x):
        ...     return "spam" if "free money" in x.body else None
        >>> free_money.name
        'free_money'
    """
    if function is not None:
        return _decorated(function)
    return functools.partial(_decorated, **settings)


def as_labeling_function(function: Callable[..., Any]) -> LabelingFunction:
    """The function as a source, decorated or not."""
    return function if isinstance(function, LabelingFunction) else _made(function)


@contextmanager
def collected() -> Any:
    """Within it, every function that is decorated is added to the list that it gives."""
    found: list[LabelingFunction] = []
    token = _LOADING.set(found)
    try:
        yield found
    finally:
        _LOADING.reset(token)


def _decorated(function: Callable[..., Any], **settings: Any) -> LabelingFunction:
    made = _made(function, **settings)
    loading = _LOADING.get()
    if loading is not None:
        loading.append(made)
    return made


def _made(function: Callable[..., Any], **settings: Any) -> LabelingFunction:
    if not callable(function):
        raise SourceError(f"@source decorates a function, got {shown(function)}")
    if isinstance(function, LabelingFunction):
        raise SourceError(f"{function.name!r} is decorated with @source twice")
    name = settings.pop("name", None) or getattr(function, "__name__", "")
    unknown = [key for key in settings if key not in _SETTINGS]
    if unknown:
        raise SourceError(
            f"@source on {name!r}: unknown setting {unknown[0]!r}"
            f"{did_you_mean(unknown[0], _SETTINGS)}"
        )
    if settings.get("fields") is not None:
        fields = settings["fields"]
        settings["fields"] = (fields,) if isinstance(fields, str) else tuple(fields)
    try:
        settings["kind"] = SourceKind(settings.get("kind", SourceKind.FUNCTION))
    except ValueError as error:
        raise SourceError(f"@source on {name!r}: {error}; known: {', '.join(SourceKind)}") from None
    settings["resources"] = _resources(name, function, settings.get("resources") or {})
    settings.setdefault("description", _first_line(function))
    return LabelingFunction(function, name, **settings)


def _resources(
    name: str, function: Callable[..., Any], resources: Mapping[str, str | Path]
) -> dict[str, Path]:
    """The files by name; relative paths start at the folder of the function's file."""
    code = getattr(function, "__code__", None)
    folder = Path(code.co_filename).parent if code else Path()
    found = {key: folder / path for key, path in resources.items()}
    for key, path in found.items():
        if not path.is_file():
            raise SourceError(f"source {name!r}: resource {key!r} is no file: {path}")
    return found


def _first_line(function: Callable[..., Any]) -> str:
    lines = (getattr(function, "__doc__", None) or "").strip().splitlines()
    return lines[0] if lines else ""


_SETTINGS = (
    *("name", "fields", "batch", "kind", "accuracy", "cost_usd", "seconds"),
    *("resources", "description"),
)
