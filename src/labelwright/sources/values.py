"""The values that a function without a file depends on, in a form that can be hashed."""

from __future__ import annotations

import re
import types
from typing import Any

from labelwright.core.identity import digest

_SKIPPED = {"__doc__", "__module__", "__dict__", "__weakref__", "__qualname__", "__firstlineno__"}


def value_of(value: Any) -> Any:
    """What the value is, for hashing: functions by their code and the values that they use.

    A value whose content cannot be read counts by the name of its type alone.
    """
    return _read(value, set())


def _read(value: Any, seen: set[int]) -> Any:  # noqa: C901, PLR0911 - one case a type
    if id(value) in seen:
        return "seen before"
    match value:
        case types.FunctionType():
            return _function(value, seen | {id(value)})
        case types.ModuleType():
            return ("module", value.__name__)
        case re.Pattern():
            return ("pattern", value.pattern, value.flags)
        case type():
            deeper = seen | {id(value)}
            own = {k: v for k, v in vars(value).items() if k not in _SKIPPED}
            return ("class", value.__qualname__, {k: _read(own[k], deeper) for k in sorted(own)})
        case staticmethod() | classmethod():
            return _read(value.__func__, seen)
        case property():
            return _read(value.fget, seen)
        case types.MethodType():
            return (
                "method",
                _read(value.__func__, seen),
                _read(value.__self__, seen | {id(value)}),
            )
        case list() | tuple():
            deeper = seen | {id(value)}
            return (type(value).__name__, [_read(child, deeper) for child in value])
        case dict():
            deeper = seen | {id(value)}
            return {digest(_read(k, deeper)): _read(value[k], deeper) for k in value}
    if callable(getattr(value, "function", None)):
        return _read(value.function, seen | {id(value)})
    try:
        return digest(value)
    except (TypeError, RecursionError):
        return ("a", type(value).__qualname__)


def _function(function: types.FunctionType, seen: set[int]) -> Any:
    code = function.__code__
    names = sorted(_names(code))
    used = {name: function.__globals__[name] for name in names if name in function.__globals__}
    caught = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    return (
        _code(code, function.__doc__),
        {name: _read(value, seen) for name, value in used.items()},
        [_read(value, seen) for value in caught],
        _read(function.__defaults__, seen),
        _read(function.__kwdefaults__, seen),
    )


def _code(code: types.CodeType, docstring: str | None = None) -> Any:
    """The code without its positions, its file and its docstring."""
    constants = list(code.co_consts)
    if docstring is not None and constants and constants[0] == docstring:
        constants = constants[1:]
    plain = [_code(c) if isinstance(c, types.CodeType) else _constant(c) for c in constants]
    return (code.co_code, plain, code.co_names, code.co_varnames, code.co_freevars)


def _constant(constant: Any) -> str:
    try:
        return digest(constant)
    except TypeError:  # a complex number or an ellipsis
        return repr(constant)


def _names(code: types.CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - reading it is the only way to know
    except ValueError:
        return False
    return True
