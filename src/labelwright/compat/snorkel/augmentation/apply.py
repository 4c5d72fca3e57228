"""Transformations on many items; Snorkel's `augmentation.apply`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from labelwright.compat.snorkel.augmentation.policy import Policy
from labelwright.compat.snorkel.augmentation.tf import BaseTransformationFunction
from labelwright.compat.snorkel.labeling.apply.core import with_progress
from labelwright.compat.snorkel.operators import check_unique_names
from labelwright.compat.snorkel.types import DataPoint, DataPoints

__all__ = ["BaseTFApplier", "PandasTFApplier", "TFApplier"]


class BaseTFApplier:
    """What appliers share.

    Args:
        tfs: the transformations; their names must differ.
        policy: which of them each item goes through.

    Raises:
        DataError: two transformations of one name.
    """

    def __init__(self, tfs: Sequence[BaseTransformationFunction], policy: Policy) -> None:
        check_unique_names(tf.name for tf in tfs)
        self._tfs = list(tfs)
        self._policy = policy

    def __repr__(self) -> str:
        names = [tf.name for tf in self._tfs]
        return f"{type(self).__name__}, Policy: {type(self._policy).__name__}, TFs: {names}"

    def _made_of(self, x: DataPoint) -> Iterator[DataPoint]:
        """What becomes of an item; a sequence in which every transformation refuses it, nothing."""
        for sequence in self._policy.generate_for_example():
            made, kept = x, not sequence
            for number in sequence:
                changed = self._tfs[number](made)
                if changed is not None:
                    made, kept = changed, True
            if kept:
                yield made


class TFApplier(BaseTFApplier):
    """Makes a list of items of a list.

    Example:
        >>> from types import SimpleNamespace
        >>> from labelwright.compat.snorkel.augmentation.policy import ApplyOnePolicy
        >>> from labelwright.compat.snorkel.augmentation.tf import transformation_function
        >>> @transformation_function()
        ... def double(x):
        ...     x.number *= 2
        ...     return x
        >>> items = [SimpleNamespace(number=3)]
        >>> [x.number for x in TFApplier([double], ApplyOnePolicy()).apply(items)]
        [3, 6]
    """

    def apply(self, data_points: DataPoints, progress_bar: bool = True) -> list[DataPoint]:
        """The items that become of all of these."""
        items = with_progress(data_points, "Transforming") if progress_bar else data_points
        return [made for x in items for made in self._made_of(x)]

    def apply_generator(
        self, data_points: DataPoints, batch_size: int
    ) -> Iterator[list[DataPoint]]:
        """The items that become of each `batch_size` of these."""
        for start in range(0, len(data_points), batch_size):
            yield self.apply(data_points[start : start + batch_size], progress_bar=False)


class PandasTFApplier(BaseTFApplier):
    """Makes a pandas frame of the rows of a frame; a row's name is that of its original."""

    def apply(self, df: Any, progress_bar: bool = True) -> Any:
        """The rows that become of all of these."""
        rows = [row for _, row in df.iterrows()]
        items = with_progress(rows, "Transforming") if progress_bar else rows
        return self._frame(items, df)

    def apply_generator(self, df: Any, batch_size: int) -> Iterator[Any]:
        """The rows that become of each `batch_size` of these."""
        rows = (row for _, row in df.iterrows())
        while batch := list(islice(rows, batch_size)):
            yield self._frame(batch, df)

    def _frame(self, rows: Any, df: Any) -> Any:
        import pandas as pd

        made = [made for row in rows for made in self._made_of(row)]
        if not made:
            return df.iloc[:0]
        # Column by column: of a row whose values differ in type nothing else is left of the types.
        columns = list(dict.fromkeys(name for row in made for name in row.index))
        index = pd.Index([row.name for row in made])
        return pd.DataFrame({name: [row.get(name) for row in made] for name in columns}, index)
