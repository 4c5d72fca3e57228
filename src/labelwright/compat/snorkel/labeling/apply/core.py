"""Labeling functions on many items; Snorkel's `labeling.apply.core`.

The functions run in this process, one item after the other, as notebooks expect of Snorkel.
`labelwright.apply` runs them in worker processes under a time limit.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.snorkel.labeling.lf.core import LabelingFunction
from labelwright.compat.snorkel.operators import check_unique_names
from labelwright.core.errors import AnswerError, shown
from labelwright.core.matrix import ABSTAINED

__all__ = ["ApplierMetadata", "BaseLFApplier", "LFApplier", "applied"]


class ApplierMetadata(NamedTuple):
    """What happened besides the labels.

    Attributes:
        faults: how often each labeling function raised, by its name; those that never did are
            not in it.
    """

    faults: dict[str, int]


class BaseLFApplier:
    """What appliers share.

    Args:
        lfs: the labeling functions; their names must differ.

    Raises:
        DataError: two functions of one name.
    """

    def __init__(self, lfs: Sequence[LabelingFunction]) -> None:
        check_unique_names(lf.name for lf in lfs)
        self._lfs = list(lfs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}, LFs: {[lf.name for lf in self._lfs]}"

    def _told(self, labels: NDArray[np.int64]) -> NDArray[Any]:
        return labels


class LFApplier(BaseLFApplier):
    """Applies labeling functions to the items of a list or the rows of an array.

    Args:
        lfs: the labeling functions; their names must differ.

    Raises:
        DataError: two functions of one name.

    Example:
        >>> from labelwright.compat.snorkel.labeling import labeling_function
        >>> @labeling_function()
        ... def big(x):
        ...     return 1 if x > 42 else -1
        >>> LFApplier([big]).apply([10, 100], progress_bar=False).tolist()
        [[-1], [1]]
    """

    @overload
    def apply(
        self,
        data_points: Any,
        progress_bar: bool = ...,
        fault_tolerant: bool = ...,
        return_meta: Literal[False] = ...,
    ) -> NDArray[np.int64]: ...
    @overload
    def apply(
        self,
        data_points: Any,
        progress_bar: bool = ...,
        fault_tolerant: bool = ...,
        *,
        return_meta: Literal[True],
    ) -> tuple[NDArray[np.int64], ApplierMetadata]: ...
    def apply(
        self,
        data_points: Any,
        progress_bar: bool = True,
        fault_tolerant: bool = False,
        return_meta: bool = False,
    ) -> NDArray[np.int64] | tuple[NDArray[np.int64], ApplierMetadata]:
        """The labels, shape (items, functions), -1 where a function abstained.

        Args:
            data_points: a sequence of whatever the functions take, or an array with a row each.
            progress_bar: whether to show progress, on a terminal or in a notebook.
            fault_tolerant: whether a function that raises abstains on that item; otherwise the
                exception ends the run.
            return_meta: whether to give the count of such faults besides.

        Raises:
            AnswerError: a function gave something that is no whole number.
        """
        labels, meta = applied(self._lfs, list(data_points), progress_bar, fault_tolerant)
        told = self._told(labels)
        return (told, meta) if return_meta else told


def applied(
    lfs: Sequence[LabelingFunction], items: Any, progress_bar: bool, fault_tolerant: bool
) -> tuple[NDArray[np.int64], ApplierMetadata]:
    """The labels of these items, shape (items, functions), and what happened besides."""
    labels = np.full((len(items), len(lfs)), ABSTAINED, np.int64)
    faults: Counter[str] = Counter()
    for row, item in enumerate(with_progress(items) if progress_bar else items):
        for column, lf in enumerate(lfs):
            try:
                answer = lf(item)
            except Exception:
                if not fault_tolerant:
                    raise
                faults[lf.name] += 1
                continue
            labels[row, column] = _label(answer, lf.name, row)
    return labels, ApplierMetadata(dict(faults))


def _label(answer: Any, name: str, row: int) -> int:
    """The answer as a label; every negative number abstains, as does NaN."""
    try:
        return max(operator.index(answer), ABSTAINED)
    except TypeError:
        pass
    if isinstance(answer, np.bool_):
        return int(answer)
    if isinstance(answer, float | np.floating):
        if answer != answer or answer < 0:  # noqa: PLR0124 - only NaN differs from itself
            return ABSTAINED
        if float(answer).is_integer():
            return int(answer)
    raise AnswerError(
        f"labeling function {name!r} gave {shown(answer)} on row {row}; "
        "expected a whole number from 0, or -1 to abstain"
    )


def with_progress(items: Any, doing: str = "Labeling") -> Iterable[Any]:
    """The items, with a bar on a terminal or in a notebook."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    visible = console.is_terminal or console.is_jupyter
    return track(items, doing, total=len(items), console=console, disable=not visible)
