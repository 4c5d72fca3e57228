"""Did new items drift? One test an aspect, judged together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError

Floats = NDArray[np.float64]

LEAST_ITEMS = 20
"""Of fewer items on either side nothing is said."""
LEAST_EXPECTED = 5.0
"""Values of which fewer are expected on a side are counted together."""
BINS = 10


@dataclass(frozen=True, slots=True)
class Shift:
    """How one aspect of new items differs from that of the items before.

    Attributes:
        aspect: what was compared: ``values``, ``missing``, ``length``, ``words``, ``space``,
            ``labels``, ``predictions``, ``hit rate``, ``accuracy``.
        name: of the column or source, empty where the aspect has none.
        before: how many items were compared with.
        after: how many were compared.
        effect: how large the difference is, 0 to 1: of distribution functions, of shares (total
            variation), of means; for the space, how well it tells the two apart (2 AUC - 1).
        p: how likely as large a difference is among items that did not drift.
        told: the difference in words.
        psi: population stability index over the deciles or values before; NaN where it makes no
            sense. From 0.1 on it is usually called moderate, from 0.25 on large.
        p_adjusted: likewise, when all aspects are tested at once (Holm, weighted).
        drifted: whether that is rare enough and the effect large enough to matter.
    """

    aspect: str
    name: str
    before: int
    after: int
    effect: float
    p: float
    told: str
    psi: float = float("nan")
    p_adjusted: float = 1.0
    drifted: bool = False


def judged(shifts: Sequence[Shift], *, alpha: float, least: float) -> list[Shift]:
    """The shifts with their verdicts, the surest first.

    Items that did not drift raise an alarm, in whatever aspect, with a probability of at most
    `alpha`. Columns, sources, and the items as a whole (words, space, labels) have a third of it
    each, so that a hundred sources do not hide that the items lie elsewhere.

    Args:
        shifts: of all aspects.
        alpha: the false-alarm rate of all of them together.
        least: the least effect that matters; of words and of the space any effect does, since
            these are tested on samples that show no smaller ones than matter.

    Reference:
        S. Holm: A Simple Sequentially Rejective Multiple Test Procedure. Scandinavian Journal
        of Statistics 6(2), 1979, section 4 (weights). https://www.jstor.org/stable/4615733
    """
    adjusted = _holm(np.array([shift.p for shift in shifts], np.float64), _weights(shifts))
    verdicts = [
        replace(
            shift,
            p_adjusted=float(p),
            drifted=bool(p <= alpha and (shift.effect >= least or shift.aspect in _SAMPLED)),
        )
        for shift, p in zip(shifts, adjusted, strict=True)
    ]
    return sorted(verdicts, key=lambda shift: (not shift.drifted, shift.p_adjusted, -shift.effect))


_SAMPLED = ("words", "space")
_FAMILY = dict.fromkeys(("words", "space", "labels", "predictions"), "whole") | dict.fromkeys(
    ("hit rate", "accuracy"), "sources"
)
"""The rest are of columns."""


def _weights(shifts: Sequence[Shift]) -> Floats:
    """The share of the false-alarm rate that each test has; they sum to 1."""
    families = [_FAMILY.get(shift.aspect, "columns") for shift in shifts]
    sizes = Counter(families)
    return np.array([1 / (len(sizes) * sizes[family]) for family in families], np.float64)


def _holm(p: Floats, weight: Floats) -> Floats:
    """The p values, adjusted so that all tests together have one false-alarm rate."""
    order = np.argsort(p / weight, kind="stable")
    left = np.cumsum(weight[order][::-1])[::-1]
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] / weight[order] * left), 1)
    return adjusted


def numbers_shift(name: str, before: ArrayLike, after: ArrayLike, aspect: str = "values") -> Shift:
    """How numbers moved: the two-sample test of Kolmogorov and Smirnov. NaN are left out.

    Ties make it careful: fewer false alarms than its p value says.

    Raises:
        DataError: one side has no numbers.

    Reference:
        M. A. Stephens: Use of the Kolmogorov-Smirnov, Cramér-von Mises and Related Statistics
        without Extensive Tables. JRSS B 32(1), 1970, for the approximation of p.
        https://doi.org/10.1111/j.2517-6161.1970.tb00821.x
    """
    from scipy.special import kolmogorov

    old, new = _numbers(before), _numbers(after)
    everything = np.concatenate([old, new])
    gap = np.abs(
        np.searchsorted(old, everything, "right") / len(old)
        - np.searchsorted(new, everything, "right") / len(new)
    )
    effect = float(gap.max())
    size = np.sqrt(len(old) * len(new) / (len(old) + len(new)))
    p = float(kolmogorov((size + 0.12 + 0.11 / size) * effect))
    edges = np.unique(np.quantile(old, np.linspace(0, 1, BINS + 1)[1:-1]))
    counts = [np.bincount(np.searchsorted(edges, side), minlength=len(edges) + 1)
              for side in (old, new)]  # fmt: skip
    middle = [float(np.median(side)) for side in (old, new)]
    told = f"{_about(name)}median {middle[0]:.4g} before, {middle[1]:.4g} now"
    return Shift(aspect, name, len(old), len(new), effect, p, told, psi(*counts))


def categories_shift(name: str, before: pa.Array, after: pa.Array, aspect: str = "values") -> Shift:
    """How the shares of values moved: Pearson's chi-square test. Missing values are left out.

    Values of which less than five are expected on a side are counted together.

    Raises:
        DataError: one side has no values.
    """
    from scipy.special import chdtrc

    old, new = before.drop_null(), after.drop_null()
    if not len(old) or not len(new):
        raise DataError(f"{name or aspect}: one side has no values to compare")
    known = pa.concat_arrays([old, new]).dictionary_encode()
    codes = known.indices.to_numpy(zero_copy_only=False)
    values = len(known.dictionary)
    counts = np.array(
        [np.bincount(side, minlength=values) for side in (codes[: len(old)], codes[len(old) :])],
        np.float64,
    )
    share = counts / counts.sum(axis=1, keepdims=True)
    moved = share[1] - share[0]
    up, down = int(moved.argmax()), int(moved.argmin())
    tested = _pooled(counts)
    expected = tested.sum(axis=1, keepdims=True) * tested.sum(axis=0) / tested.sum()
    statistic = float(((tested - expected) ** 2 / expected).sum())
    freedom = tested.shape[1] - 1
    p = float(chdtrc(freedom, statistic)) if freedom else 1.0
    told = _about(name) + ", ".join(
        f"{str(known.dictionary[place].as_py())[:40]!r} {share[0, place]:.1%} before, "
        f"{share[1, place]:.1%} now"
        for place in dict.fromkeys((up, down))
    )
    effect = float(np.abs(moved).sum() / 2)
    return Shift(aspect, name, len(old), len(new), effect, p, told, psi(*tested))


def share_shift(aspect: str, name: str, before: tuple[int, int], after: tuple[int, int]) -> Shift:
    """How a share moved: Fisher's exact test.

    Args:
        aspect: what it is a share of.
        name: of the column or source.
        before: how many of how many.
        after: likewise.

    Raises:
        DataError: of none, or more than all.
    """
    for hits, trials in (before, after):
        if not 0 <= hits <= trials or not trials:
            raise DataError(f"{hits} of {trials} is no share")
    shares = before[0] / before[1], after[0] / after[1]
    told = f"{_about(name)}{shares[0]:.1%} before, {shares[1]:.1%} now"
    p = _fisher(*before, *after)
    effect = abs(shares[1] - shares[0])
    return Shift(aspect, name, before[1], after[1], effect, p, told)


def mean_shift(aspect: str, name: str, before: ArrayLike, after: ArrayLike) -> Shift:
    """How a mean of numbers in 0..1 moved: Welch's test.

    Raises:
        DataError: fewer than two numbers on a side.

    Reference:
        B. L. Welch: The Generalization of Student's Problem when Several Different Population
        Variances are Involved. Biometrika 34, 1947. https://doi.org/10.1093/biomet/34.1-2.28
    """
    from scipy.special import stdtr

    old, new = np.asarray(before, np.float64), np.asarray(after, np.float64)
    if min(len(old), len(new)) < 2:
        raise DataError(f"{name}: a mean is compared from two numbers on")
    means = float(old.mean()), float(new.mean())
    spread = old.var(ddof=1) / len(old), new.var(ddof=1) / len(new)
    error = float(np.sqrt(sum(spread)))
    gap = means[1] - means[0]
    if error > 0:
        freedom = sum(spread) ** 2 / (
            spread[0] ** 2 / (len(old) - 1) + spread[1] ** 2 / (len(new) - 1)
        )
        p = float(2 * stdtr(freedom, -abs(gap) / error))
    else:
        p = 1.0 if gap == 0 else 0.0
    told = f"{_about(name)}{means[0]:.1%} before, {means[1]:.1%} now"
    return Shift(aspect, name, len(old), len(new), abs(gap), p, told)


def psi(before: ArrayLike, after: ArrayLike) -> float:
    """The population stability index of two lists of counts; half a count is added to each.

    Example:
        >>> psi([50, 50], [50, 50])
        0.0
    """
    shares = []
    for counts in (before, after):
        smooth = np.asarray(counts, np.float64) + 0.5
        shares.append(smooth / smooth.sum())
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _about(name: str) -> str:
    return f"{name}: " if name else ""


def _numbers(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, np.float64)
    numbers = np.sort(numbers[~np.isnan(numbers)])
    if not len(numbers):
        raise DataError("one side has no numbers to compare")
    return numbers


def _pooled(counts: Floats) -> Floats:
    """The counts with the rare values in one column, shape (2, values)."""
    expected = counts.sum(axis=0) * counts.sum(axis=1).min() / counts.sum()
    rare = expected < LEAST_EXPECTED
    if not rare.any():
        return counts
    return np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])


def _fisher(hits: int, trials: int, new_hits: int, new_trials: int) -> float:
    """The two-sided p value: of all tables with these margins, those no likelier than this."""
    from scipy.special import gammaln

    total = hits + new_hits
    possible = np.arange(max(0, total - new_trials), min(total, trials) + 1)

    def ways(size: int, part: NDArray[np.int64]) -> Floats:
        found: Floats = gammaln(size + 1) - gammaln(part + 1) - gammaln(size - part + 1)
        return found

    log = ways(trials, possible) + ways(new_trials, total - possible)
    chance = np.exp(log - log.max())
    own = chance[hits - possible[0]]
    return float(min(1.0, chance[chance <= own * (1 + 1e-9)].sum() / chance.sum()))
