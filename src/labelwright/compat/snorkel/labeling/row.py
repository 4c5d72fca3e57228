"""One row of a pandas frame as a labeling function sees it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any


class FrameRow:
    """Does what the row's `pandas.Series` does, at a fraction of its cost.

    Fields are attributes and items, and can be set. All else (`x.get`, `x.isna()`, `x.name`, a
    field whose name a Series already uses) is asked of a real Series, made when it is needed.
    """

    def __init__(self, values: dict[Any, Any], label: Any, mixed: bool) -> None:
        self.__dict__.update(_values=values, _label=label, _mixed=mixed)

    def __getattr__(self, name: str) -> Any:
        # Only what the class lacks arrives here. Python's own protocols must find nothing.
        if name.startswith("__"):
            raise AttributeError(name)
        values = self.__dict__["_values"]
        if name in values and name not in _names_of_a_series():
            return values[name]
        return getattr(self._series(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._values and name not in _names_of_a_series():
            self._values[name] = value
        else:
            self.__dict__[name] = value

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._values[key]
        except (KeyError, TypeError):
            return self._series()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._values[key] = value

    def __contains__(self, key: Any) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[Any]:
        return iter(self._series())

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._series())

    def __deepcopy__(self, memo: dict[int, Any]) -> FrameRow:
        made = FrameRow(copy.deepcopy(self._values, memo), self._label, self._mixed)
        own = {name: value for name, value in self.__dict__.items() if name not in made.__dict__}
        made.__dict__.update(copy.deepcopy(own, memo))
        return made

    def items(self) -> Iterator[tuple[Any, Any]]:
        """The fields by name."""
        return iter(self._values.items())

    def _series(self) -> Any:
        import pandas as pd

        return pd.Series(self._values, name=self._label, dtype=object if self._mixed else None)


def frame_rows(frame: Any) -> Iterator[Any]:
    """The rows of a pandas frame, with the types that `DataFrame.apply` gives them."""
    if not frame.columns.is_unique:
        # Two fields of one name: only a Series has an answer for that.
        yield from (row for _, row in frame.iterrows())
        return
    names = list(frame.columns)
    columns, mixed = _columns(frame)
    rows = zip(*columns, strict=True) if columns else [()] * len(frame)
    for label, row in zip(frame.index, rows, strict=True):
        yield FrameRow(dict(zip(names, row, strict=True)), label, mixed)


def _columns(frame: Any) -> tuple[list[Any], bool]:
    """The values of each column, and whether a row's are of several types.

    Numbers of several types become the one type that holds them all.
    """
    import numpy as np

    if all(isinstance(dtype, np.dtype) for dtype in frame.dtypes):
        together = frame.to_numpy()
        if together.dtype.kind in "iufb":
            return list(together.T), False
    # As objects, numbers are Python's: 1 / 0 raises in a function, as it does in Snorkel.
    columns = [frame[name].astype(object).array for name in frame.columns]
    return columns, frame.dtypes.nunique() > 1


@cache
def _names_of_a_series() -> frozenset[str]:
    import pandas as pd

    return frozenset(dir(pd.Series))
