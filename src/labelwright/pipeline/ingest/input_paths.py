"""Where input lies: one path or several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def listed(paths: str | Path | Sequence[str | Path]) -> list[str]:
    """The paths as text, a list even where there is only one."""
    several = [paths] if isinstance(paths, str | Path) else list(paths)
    return [str(path) for path in several]
