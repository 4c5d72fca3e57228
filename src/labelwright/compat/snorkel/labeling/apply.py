"""Labeling functions on many items; Snorkel's `labeling.apply`.

The functions run in this process, one item after the other, as notebooks expect of Snorkel.
`labelwright.apply` runs them in worker processes under a time limit.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from labelwright.compat.snorkel.labeling.lf import LabelingFunction
from labelwright.compat.snorkel.labeling.row import frame_rows
from labelwright.core.errors import AnswerError, DataError, shown
from labelwright.core.matrix import ABSTAINED

__all__ = ["ApplierMetadata", "LFApplier", "PandasLFApplier", "filter_unlabeled_dataframe"]


class ApplierMetadata(NamedTuple):
    """What happened besides the labels.

    Attributes:
        faults: how often each labeling function raised, by its name; those that never did are
            not in it.
    """

    faults: dict[str, int]


class LFApplier:
    """Applies labeling functions to the items of a list or the rows of an array.

    Args:
        lfs: the labeling functions; their names must differ.

    Raises:
        DataError: two functions of one name.

    Example:
        >>> from labelwright.compat.snorkel.labeling.lf import labeling_function
        >>> @labeling_function()
        ... def big(x):
        ...     return 1 if x > 42 else -1
        >>> LFApplier([big]).apply([10, 100], progress_bar=False).tolist()
        [[-1], [1]]
    """

    def __init__(self, lfs: Sequence[LabelingFunction]) -> None:
        self._lfs = _named_apart(lfs)

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
        labels, meta = _applied(self._lfs, list(data_points), progress_bar, fault_tolerant)
        return (labels, meta) if return_meta else labels

    def __repr__(self) -> str:
        return f"{type(self).__name__}, LFs: {[lf.name for lf in self._lfs]}"


class PandasLFApplier:
    """Applies labeling functions to the rows of a pandas frame; otherwise as `LFApplier`.

    A row acts like the `pandas.Series` that it is in Snorkel, but is none (`FrameRow`).
    """

    def __init__(self, lfs: Sequence[LabelingFunction]) -> None:
        self._lfs = _named_apart(lfs)

    @overload
    def apply(
        self,
        df: Any,
        progress_bar: bool = ...,
        fault_tolerant: bool = ...,
        return_meta: Literal[False] = ...,
    ) -> NDArray[np.int64]: ...
    @overload
    def apply(
        self,
        df: Any,
        progress_bar: bool = ...,
        fault_tolerant: bool = ...,
        *,
        return_meta: Literal[True],
    ) -> tuple[NDArray[np.int64], ApplierMetadata]: ...
    def apply(
        self,
        df: Any,
        progress_bar: bool = True,
        fault_tolerant: bool = False,
        return_meta: bool = False,
    ) -> NDArray[np.int64] | tuple[NDArray[np.int64], ApplierMetadata]:
        """The labels, shape (rows, functions); see `LFApplier.apply`.

        Raises:
            DataError: no pandas frame.
            AnswerError: a function gave something that is no whole number.
        """
        if not hasattr(df, "iterrows"):
            raise DataError(
                f"PandasLFApplier takes a pandas DataFrame, got {type(df).__name__}; "
                "LFApplier takes lists and arrays"
            )
        rows = _Sized(frame_rows(df), len(df))
        labels, meta = _applied(self._lfs, rows, progress_bar, fault_tolerant)
        return (labels, meta) if return_meta else labels

    def __repr__(self) -> str:
        return f"{type(self).__name__}, LFs: {[lf.name for lf in self._lfs]}"


def filter_unlabeled_dataframe(
    X: Any,  # noqa: N803 - Snorkel's name
    y: NDArray[Any],
    L: NDArray[Any],  # noqa: N803 - Snorkel's name
) -> tuple[Any, NDArray[Any]]:
    """The rows of a pandas frame on which some function voted, and their rows of `y`.

    Args:
        X: the frame.
        y: probabilities or labels, shape (rows, ...).
        L: the labels of the functions, shape (rows, functions).

    Raises:
        DataError: lengths that differ.
    """
    if not len(X) == len(y) == len(L):
        raise DataError(f"X, y and L must be as long as each other: {len(X)}, {len(y)}, {len(L)}")
    voted = (np.asarray(L) != ABSTAINED).any(axis=1)
    return X.iloc[voted], y[voted]


class _Sized:
    """An iterator that knows its length, for the progress bar."""

    def __init__(self, items: Iterator[Any], length: int) -> None:
        self._items, self._length = items, length

    def __iter__(self) -> Iterator[Any]:
        return self._items

    def __len__(self) -> int:
        return self._length


def _applied(
    lfs: Sequence[LabelingFunction], items: Any, progress_bar: bool, fault_tolerant: bool
) -> tuple[NDArray[np.int64], ApplierMetadata]:
    labels = np.full((len(items), len(lfs)), ABSTAINED, np.int64)
    faults: Counter[str] = Counter()
    for row, item in enumerate(_shown(items) if progress_bar else items):
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


def _shown(items: Any) -> Iterable[Any]:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    visible = console.is_terminal or console.is_jupyter
    return track(items, "Labeling", total=len(items), console=console, disable=not visible)


def _named_apart(lfs: Sequence[LabelingFunction]) -> list[LabelingFunction]:
    twice = [name for name, count in Counter(lf.name for lf in lfs).items() if count > 1]
    if twice:
        raise DataError(f"two labeling functions are called {twice[0]!r}; give one another name")
    return list(lfs)
