"""Layer 3: where voters run."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from labelwright.core.errors import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from labelwright.engines.local import LocalEngine

__all__ = ["ENGINES", "LocalEngine", "engine_class"]

ENGINES = {"local": "labelwright.engines.local:LocalEngine"}
"""Every engine by name: module and class, imported when asked for."""


def engine_class(name: str) -> type[LocalEngine]:
    """The engine of this name; its fields are its settings.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in ENGINES:
        raise UnknownNameError(f"unknown engine {name!r}{did_you_mean(name, ENGINES)}")
    module, _, attribute = ENGINES[name].partition(":")
    found: type[LocalEngine] = getattr(importlib.import_module(module), attribute)
    return found


def __getattr__(name: str) -> Any:
    if name == "LocalEngine":
        return engine_class("local")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
