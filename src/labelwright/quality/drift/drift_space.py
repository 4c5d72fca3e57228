"""Drift of many things at once: the words of texts, the place of items in a space."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.quality.drift.drift import Shift

Floats = NDArray[np.float64]
Masks = NDArray[np.float32]

WORDS = 2_000
"""So many of the most frequent words are counted."""
LEAST_TEXTS = 3
"""Words in fewer texts cannot show anything."""
NAMED = 6
"""So many of the words that moved are told."""
ENOUGH = 20
"""After so many permutations that differ as much, p is known well enough."""
CHUNK = 500
UNLIKE = 0.95
"""New items are unlike those before if they are more so than this share of those themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """How items lie apart.

    Attributes:
        shift: the test.
        unlike: the places of the new items that are unlike those before, most unlike first. Of
            items that did not drift, one in twenty would be.
    """

    shift: Shift
    unlike: NDArray[np.int64]


def words_shift(
    name: str,
    before: Sequence[str],
    after: Sequence[str],
    rng: np.random.Generator,
    *,
    permutations: int,
) -> Shift:
    """Whether words come in more or fewer texts than before.

    The statistic is the largest difference of a word, in standard deviations; its p value is
    that share of random divisions of all these texts in which some word differs as much. So it
    holds for any dependence between words.

    Args:
        name: of the column.
        before: texts.
        after: texts.
        rng: draws the divisions.
        permutations: how many of them at most.

    Reference:
        P. H. Westfall, S. S. Young: Resampling-Based Multiple Testing. Wiley, 1993 (single-step
        maxT); J. Besag, P. Clifford: Sequential Monte Carlo p-values. Biometrika 78(2), 1991,
        for stopping early. https://doi.org/10.1093/biomet/78.2.301
    """
    words, present = _presence([*before, *after])
    count, new = len(present), len(after)
    if not words:
        return Shift("words", name, len(before), new, 0.0, 1.0, f"{name}: no words to compare")
    frequency = present.sum(axis=0, dtype=np.float64)
    deviation = np.sqrt(frequency * (count - frequency) / count * new * (count - new) / count)
    deviation = np.maximum(deviation, 1e-9)

    def excess(masks: Masks) -> Floats:
        """How many texts more than expected hold each word, shape (words, divisions)."""
        expected: Floats = frequency[:, None] * new / count
        return present.T @ masks - expected

    own = np.zeros((count, 1), np.float32)
    own[len(before) :] = 1
    moved = excess(own)[:, 0] / deviation
    p = _permuted(
        float(np.abs(moved).max()),
        lambda masks: np.abs(excess(masks) / deviation[:, None]).max(axis=0),
        (count, new),
        rng,
        permutations,
    )
    shares = [present[: len(before)].mean(axis=0), present[len(before) :].mean(axis=0)]
    first = np.argsort(-np.abs(moved), kind="stable")[:NAMED]
    listed = ", ".join(f"{words[w]!r} {shares[0][w]:.1%} -> {shares[1][w]:.1%}" for w in first)
    effect = float(abs(shares[1][first[0]] - shares[0][first[0]]))
    return Shift("words", name, len(before), new, effect, p, f"{name}: in texts: {listed}")


def space_shift(
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    rng: np.random.Generator,
    *,
    permutations: int,
) -> Apart:
    """Whether items lie elsewhere than those before: maximum mean discrepancy, by permutation.

    The coordinates must have been made for both sides in the same way; a projection that was
    learnt from one side only makes false alarms.

    Args:
        before: coordinates, shape (items, dimensions).
        after: likewise, at least two of them on each side.
        rng: draws the divisions.
        permutations: how many of them at most.

    Reference:
        A. Gretton, K. M. Borgwardt, M. J. Rasch, B. Schölkopf, A. Smola: A Kernel Two-Sample
        Test. JMLR 13, 2012 (no DOI), equations 5 (statistic) and 1 (witness).
    """
    old, new = len(before), len(after)
    kernel = _kernel(np.concatenate([before, after]).astype(np.float32))

    def discrepancy(masks: Masks) -> Floats:
        weight = np.where(masks > 0, 1 / new, -1 / old).astype(np.float32)
        return (weight * (kernel @ weight)).sum(axis=0, dtype=np.float64)

    own = np.zeros((old + new, 1), np.float32)
    own[old:] = 1
    p = _permuted(float(discrepancy(own)[0]), discrepancy, (old + new, new), rng, permutations)
    witness = _witness(kernel, old)
    unlike = np.flatnonzero(witness[old:] > np.quantile(witness[:old], UNLIKE))
    unlike = unlike[np.argsort(-witness[old:][unlike], kind="stable")]
    effect = max(0.0, 2 * _auc(witness[:old], witness[old:]) - 1)
    told = f"{len(unlike):,} of {new:,} new items are unlike the items before"
    return Apart(Shift("space", "", old, new, effect, p, told), unlike)


def _permuted(
    observed: float,
    statistic: Callable[[Masks], Floats],
    sizes: tuple[int, int],
    rng: np.random.Generator,
    permutations: int,
) -> float:
    """The share of random divisions that differ at least as much.

    Args:
        observed: the statistic of the true division.
        statistic: of divisions, given as columns of ones where an item counts as new.
        sizes: of all items, and of the new ones among them.
        rng: draws the divisions.
        permutations: how many at most; it stops where enough of them differ as much.
    """
    count, new = sizes
    done = exceed = 0
    while done < permutations:
        some = min(CHUNK, permutations - done)
        masks = np.zeros((count, some), np.float32)
        masks[:new] = 1
        values = statistic(rng.permuted(masks, axis=0))
        as_much = np.cumsum(values >= observed * (1 - 1e-6))
        if exceed + as_much[-1] >= ENOUGH:
            return ENOUGH / (done + int(np.searchsorted(as_much, ENOUGH - exceed)) + 1)
        exceed, done = exceed + int(as_much[-1]), done + some
    return (exceed + 1) / (permutations + 1)


def _presence(texts: Sequence[str]) -> tuple[list[str], Masks]:
    """The frequent words, and which text holds which, shape (texts, words)."""
    sets = [set(re.findall(r"\w+", text.lower())) for text in texts]
    counts = Counter(word for words in sets for word in words)
    usable = [
        (-number, word)
        for word, number in counts.items()
        if LEAST_TEXTS <= number <= len(texts) - LEAST_TEXTS
    ]
    words = [word for _, word in sorted(usable)[:WORDS]]
    place = {word: column for column, word in enumerate(words)}
    present = np.zeros((len(texts), len(words)), np.float32)
    for row, held in enumerate(sets):
        present[row, [place[word] for word in held if word in place]] = 1
    return words, present


def _kernel(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gaussian kernels of three widths around the median distance, their mean."""
    square = (points**2).sum(axis=1)
    distance = np.maximum(square[:, None] + square - 2 * points @ points.T, 0)
    apart = distance[np.triu_indices(len(points), 1)]
    apart = apart[apart > 0]
    middle = float(np.median(apart)) if len(apart) else 1.0
    kernels = [np.exp(-distance / (scale * middle)) for scale in (0.5, 1.0, 2.0)]
    return np.asarray(sum(kernels) / 3, np.float32)


def _witness(kernel: NDArray[np.float32], old: int) -> Floats:
    """How much nearer each item is to the new items than to those before, itself left out."""
    new = len(kernel) - old
    own = np.diag(kernel).astype(np.float64)
    to_old = kernel[:, :old].sum(axis=1, dtype=np.float64)
    to_new = kernel[:, old:].sum(axis=1, dtype=np.float64)
    to_old[:old] -= own[:old]
    to_new[old:] -= own[old:]
    sizes_old, sizes_new = np.full(len(kernel), old), np.full(len(kernel), new)
    sizes_old[:old] -= 1
    sizes_new[old:] -= 1
    found: Floats = to_new / sizes_new - to_old / sizes_old
    return found


def _auc(low: Floats, high: Floats) -> float:
    """How often a number of `high` is above one of `low`; ties count half."""
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, "left") + np.searchsorted(ordered, high, "right")
    return float(below.mean() / (2 * len(low)))
