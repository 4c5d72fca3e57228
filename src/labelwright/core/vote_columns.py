"""Columns of votes, checked, and sorted by unit, then source."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import VotesError, shown
from labelwright.core.source import SourceKind


def kind_of_source(name: SourceKind | str) -> SourceKind:
    """The kind of source of this name."""
    try:
        return SourceKind(name)
    except ValueError:
        known = ", ".join(SourceKind)
        raise VotesError(f"{shown(name)} is no kind of source; known: {known}") from None


def check_sizes(units: int, classes: int) -> None:
    """Returns if there may be so many units and classes."""
    if not 0 <= units < np.iinfo(np.int32).max:
        raise VotesError(f"units must be 0 to {np.iinfo(np.int32).max - 1}, got {units}")
    if not 2 <= classes <= np.iinfo(np.int16).max:
        raise VotesError(
            f"there must be at least two classes, got {classes}"
            if classes < 2
            else f"there may be at most {np.iinfo(np.int16).max} classes, got {classes}"
        )


def check_range(name: str, column: NDArray[Any], low: int, end: int) -> None:
    """Returns if the column holds whole numbers from `low` to below `end`."""
    if column.dtype.kind not in "iu" and len(column):
        raise VotesError(f"{name} must hold whole numbers, got {column.dtype}")
    if len(column) and not (low <= column.min() and column.max() < end):
        raise VotesError(f"{name} must lie in {low}..{end - 1}, got {column.min()}..{column.max()}")


def sorted_once(columns: list[NDArray[Any]], sources: int) -> list[NDArray[Any]]:
    """The columns (unit, source, ...) by unit, then source, each pair once.

    Raises:
        VotesError: a source voted twice on a unit.
    """
    if _increasing(columns[0], columns[1]).all():
        return columns
    key = columns[0].astype(np.int64) * max(sources, 1) + columns[1]
    order = np.argsort(key, kind="stable")
    columns = [column[order] for column in columns]
    unit, source = columns[:2]
    twice = np.flatnonzero(~_increasing(unit, source))
    if len(twice):
        raise VotesError(
            f"source {source[twice[0]]} has two votes on unit {unit[twice[0]]} "
            f"({len(twice)} such pairs); keep one, such as the last"
        )
    return columns


def _increasing(unit: NDArray[Any], source: NDArray[Any]) -> NDArray[np.bool_]:
    """Per vote but the last, whether the next one comes after it by unit, then source."""
    later: NDArray[np.bool_] = source[1:] > source[:-1]
    later &= unit[1:] == unit[:-1]
    later |= unit[1:] > unit[:-1]
    return later


def shaped(name: str, values: ArrayLike, shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
    """The values as an array of this kind, if it has this shape."""
    array = np.asarray(values, kind)
    if array.shape != shape:
        raise VotesError(f"{name} must have shape {shape}, got {array.shape}")
    return array


def checked_accuracies(accuracies: ArrayLike, sources: int) -> NDArray[np.float64]:
    """An accuracy for each source, NaN where nothing is known."""
    checked = shaped("accuracies", accuracies, (sources,), np.float64)
    if np.any((checked < 0) | (checked > 1)):
        raise VotesError("accuracies must lie in 0..1, or be NaN where nothing is known")
    return checked


def checked_balance(balance: ArrayLike, classes: int) -> NDArray[np.float64]:
    """A share for each class."""
    checked = shaped("balance", balance, (classes,), np.float64)
    if not (np.all(checked > 0) and abs(checked.sum() - 1) < 1e-6):
        raise VotesError("a balance is a positive share for each class, and these sum to 1")
    return checked


def checked_confidence(confidence: ArrayLike, votes: int) -> NDArray[np.float32]:
    """A confidence for each vote, NaN where none was given."""
    checked = shaped("confidence", confidence, (votes,), np.float32)
    if np.any((checked < 0) | (checked > 1)):
        raise VotesError("confidences must lie in 0..1, or be NaN where none was given")
    return checked


def checked_subsets(subsets: NDArray[Any], classes: int) -> NDArray[np.bool_] | None:
    """The classes that partial votes name; None without any."""
    if not len(subsets):
        return None
    checked = shaped("subsets", subsets, (len(subsets), classes), np.bool_)
    size = checked.sum(axis=1)
    if np.any((size < 2) | (size == classes)):
        raise VotesError(
            "a partial vote names at least two classes and not all of them; a vote for one class "
            "is that class, and a vote for all says nothing: abstain with -1"
        )
    return checked


def checked_weight(weight: ArrayLike, units: int) -> NDArray[np.float64]:
    """A weight for each unit."""
    weights = shaped("weight", weight, (units,), np.float64)
    if not (np.all(np.isfinite(weights)) and np.all(weights > 0)):
        raise VotesError("weights must be positive, finite numbers")
    return weights
