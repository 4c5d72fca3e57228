"""Checks of settings, each with a message that names the method, the setting and the range."""

from __future__ import annotations

import math
from typing import Any

from labelwright.core.errors import SettingsError, shown


def at_least(method: str, setting: str, value: Any, least: float) -> None:
    """Refuses what is no finite number from `least` on.

    Raises:
        SettingsError: the value is none.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    ok = number and math.isfinite(value) and value >= least
    checked(method, setting, value, f"a number, at least {least}", ok=ok)


def checked(method: str, setting: str, value: Any, expected: str, *, ok: bool) -> None:
    """Refuses a value that is not ok.

    Raises:
        SettingsError: it is not.
    """
    if not ok:
        raise SettingsError(f"{method}: {setting} must be {expected}, got {shown(value)}")


def whole(method: str, setting: str, value: Any, least: int) -> None:
    """Refuses what is no whole number from `least` on.

    Raises:
        SettingsError: the value is none.
    """
    ok = isinstance(value, int) and not isinstance(value, bool) and value >= least
    checked(method, setting, value, f"a whole number, at least {least}", ok=ok)
