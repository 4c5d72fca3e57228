"""Functions that run together, by name; Snorkel's `utils.data_operators`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from labelwright.core.errors import DataError

__all__ = ["check_unique_names"]


def check_unique_names(names: Iterable[str]) -> None:
    """Nothing, if the names differ.

    Raises:
        DataError: several have one name.
    """
    for name, count in Counter(names).most_common(1):
        if count > 1:
            raise DataError(f"{count} functions are called {name!r}; give them different names")
