"""Where results are worst: parts of the data, found by looking at many and corrected for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.quality.intervals import LEVEL, clopper_pearson
from labelwright.quality.sources.model_checks import holm

LEAST_ITEMS = 10
"""Of fewer items nothing could be said."""
VALUES = 50
"""So many of the most frequent values of a facet are looked at."""
PARTS = 4
"""A number is cut into so many parts of equal size."""


@dataclass(frozen=True, slots=True, eq=False)
class Facet:
    """One way to cut the items into parts.

    Attributes:
        name: such as a field.
        values: names of the parts.
        code: which part each item is in, -1 for none, shape (items,).
    """

    name: str
    values: tuple[str, ...]
    code: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of the items.

    Attributes:
        facet: how it was cut.
        value: which part it is.
        items: how many it has.
        wrong: how many of these are wrong.
        error: the share of them.
        low: the lower end of the exact interval of that; the intervals of all slices that were
            looked at hold together.
        high: the upper end.
        p: how likely any slice would be as much worse than the rest of the items by chance.
    """

    facet: str
    value: str
    items: int
    wrong: int
    error: float
    low: float
    high: float
    p: float

    @property
    def worse(self) -> bool:
        """Whether it is worse than the rest, and not by chance."""
        return self.p < 1 - LEVEL


@dataclass(frozen=True, slots=True)
class Slices:
    """The worst parts of the items.

    Attributes:
        items: how many there are in all.
        wrong: how many of them are wrong.
        looked_at: how many slices there were.
        worst: those that stand out most from the rest first.
    """

    items: int
    wrong: int
    looked_at: int
    worst: tuple[Slice, ...]

    @property
    def error(self) -> float:
        """The share of all items that is wrong; NaN without items."""
        return self.wrong / self.items if self.items else float("nan")


def worst_slices(
    wrong: ArrayLike, facets: Sequence[Facet], *, least: int = LEAST_ITEMS, most: int = 10
) -> Slices:
    """The slices in which more is wrong than elsewhere, those that stand out most first.

    Each slice with an error rate above that of all items is held against the rest of the items by
    Fisher's exact test, one-sided, and the p-values of all slices that were looked at, better
    ones too, are adjusted by Holm. Intervals are Clopper and Pearson's at a level that makes all
    of them hold together (Bonferroni). A slice with the very items of an earlier one is left out.

    Args:
        wrong: whether each item is, shape (items,).
        facets: how to cut them; every facet has a code for each item.
        least: slices of fewer items are not looked at.
        most: how many are given.

    Raises:
        DataError: a facet for other items.

    Reference:
        R. A. Fisher: Statistical Methods for Research Workers, 5th edition, 1934, section 21.02;
        S. Holm: A Simple Sequentially Rejective Multiple Test Procedure. Scandinavian Journal
        of Statistics 6(2), 1979. https://www.jstor.org/stable/4615733

    Example:
        >>> day = Facet("day", ("Mon", "Tue"), np.repeat([0, 1], 20))
        >>> found = worst_slices([True] * 10 + [False] * 30, [day])
        >>> found.worst[0].value, found.worst[0].error, found.worst[0].worse
        ('Mon', 0.5, True)
    """
    from scipy.stats import hypergeom

    bad = np.asarray(wrong, bool)
    rows = _counted(bad, facets, least)
    if not rows:
        return Slices(len(bad), int(bad.sum()), 0, ())
    items, errors = (np.array([row[place] for row in rows], np.int64) for place in (2, 3))
    surprise = np.asarray(hypergeom.sf(errors - 1, len(bad), int(bad.sum()), items))
    p = holm(surprise)
    ends = clopper_pearson(errors, items, 1 - (1 - LEVEL) / len(rows))
    share = errors / items
    above = np.flatnonzero(share > bad.mean())
    order = above[np.lexsort((-errors[above], -share[above], surprise[above]))]
    return Slices(
        items=len(bad),
        wrong=int(bad.sum()),
        looked_at=len(rows),
        worst=tuple(
            Slice(
                facet=rows[row][0],
                value=rows[row][1],
                items=int(items[row]),
                wrong=int(errors[row]),
                error=float(share[row]),
                low=float(ends.low[row]),
                high=float(ends.high[row]),
                p=float(p[row]),
            )
            for row in order[:most]
        ),
    )


def facet_of(name: str, column: pa.Array | pa.ChunkedArray, *, values: int = VALUES) -> Facet:
    """The items cut by what a column holds.

    A number with many values is cut into parts of equal size, text likewise by its length unless
    few values cover the items; items without a value are a part of their own.

    Args:
        name: of the column.
        column: of any type, shape (items,).
        values: how many at most.
    """
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_large_string(kind):
        facet = _by_value(name, column.cast(pa.string()), values)
        if np.mean(facet.code >= 0) >= 0.5 or pa.types.is_boolean(kind):
            return facet
        length = pc.utf8_length(column).cast(pa.float64())
        return facet_by_size(f"length of {name}", length.to_numpy(zero_copy_only=False))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        if pc.count_distinct(column).as_py() <= PARTS * 2:
            return _by_value(name, column.cast(pa.string()), values)
        return facet_by_size(name, column.cast(pa.float64()).to_numpy(zero_copy_only=False))
    return Facet(name, ("missing", "given"), column.is_valid().to_numpy(zero_copy_only=False) * 1)


def facet_by_size(name: str, numbers: ArrayLike, *, parts: int = PARTS) -> Facet:
    """The items cut by a number into parts of about equal size; NaN is a part of its own."""
    found = np.asarray(numbers, np.float64)
    known = ~np.isnan(found)
    if not known.any():
        return Facet(name, ("missing",), np.zeros(len(found), np.int64))
    steps = np.linspace(0, 1, parts + 1)[1:-1]
    cuts = np.unique(np.quantile(found[known], steps, method="inverted_cdf"))
    cuts = cuts[cuts < found[known].max()]
    code = np.searchsorted(cuts, found, side="left")
    names = [f"{low:.4g} to {high:.4g}" for low, high in _reach(found[known], code[known])]
    return Facet(name, (*names, "missing"), np.where(known, code, len(names)))


def facet_by_mark(name: str, value: str, marked: ArrayLike) -> Facet:
    """The items that are marked, as one part."""
    return Facet(name, (value,), np.where(np.asarray(marked, bool), 0, -1))


def _reach(numbers: NDArray[np.float64], code: NDArray[np.int64]) -> list[tuple[float, float]]:
    """The least and the largest number of each part."""
    return [
        (float(numbers[code == part].min()), float(numbers[code == part].max()))
        for part in range(int(code.max()) + 1)
    ]


def _by_value(name: str, column: pa.Array | pa.ChunkedArray, values: int) -> Facet:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = whole.dictionary_encode()
    code = coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False)
    names = [*coded.dictionary.to_pylist(), "missing"]
    count = np.bincount(code, minlength=len(names))
    kept = np.argsort(-count, kind="stable")[:values]
    kept = kept[count[kept] > 1]
    place = np.full(len(names), -1)
    place[kept] = np.arange(len(kept))
    return Facet(name, tuple(names[one] for one in kept), place[code])


def _counted(
    bad: NDArray[np.bool_], facets: Sequence[Facet], least: int
) -> list[tuple[str, str, int, int]]:
    """Facet, value, items and wrong ones of each slice that is neither too small nor everything."""
    rows: list[tuple[str, str, int, int]] = []
    seen: set[bytes] = set()
    for facet in facets:
        if facet.code.shape != bad.shape:
            raise DataError(
                f"the facet {facet.name!r} cuts {len(facet.code)} items, but there are {len(bad)}"
            )
        inside = facet.code >= 0
        count = np.bincount(facet.code[inside], minlength=len(facet.values))
        errors = np.bincount(facet.code[inside & bad], minlength=len(facet.values))
        for part in np.flatnonzero((count >= least) & (count < len(bad))):
            members = np.packbits(facet.code == part).tobytes()
            if members not in seen:
                seen.add(members)
                rows.append((facet.name, facet.values[part], int(count[part]), int(errors[part])))
    return rows
