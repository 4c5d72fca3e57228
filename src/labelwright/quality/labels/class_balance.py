"""How frequent each class is, learnt from what is unbiased; what sources cover only helps.

Sources that vote one class only say nothing of how frequent it is: their hits are a stratum of
their own, and the units on which nobody voted are another. Within a stratum, answers on items that
were drawn at random are a fair sample, so counts there need no weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from labelwright.quality.intervals import LEVEL
from labelwright.quality.labels.vote_strata import VoteStrata

Array = NDArray[np.float64]

WIDEST = 0.41
"""A balance is known well enough when no share's 95 % interval can be wider: after 20 answers."""
WORTH_OF_STRATUM = 6.0
"""What is expected of units with votes counts as so many answers on them."""
STATED = 1_000.0
"""What the owner states of the balance counts as so many answers."""
WORTH_WHERE_ALL_VOTE = 20.0
"""So many answers it counts as where all classes have voters."""
DOUBT = 0.15
"""How probable it is beforehand that units without votes are not what is expected."""
MOST_EXPECTED = 400.0
"""What is expected of units without votes never counts as more answers than this."""
WEAK = 2.0
"""As so many answers it counts where they contradict it."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassBalance:
    """How frequent each class is: among all units, and among those on which no source voted.

    Attributes:
        share: of all units, shape (heads, classes), rows sum to 1.
        low: the lower end of its 95 % interval.
        high: the upper end.
        silent: the share among units on which no function, rule or model voted, likewise.
        worth: how many random answers it rests on, shape (heads,).
        missing: how many more make it known well enough, shape (heads,); 0 where it is.
        voted: whether any source but people and gold votes for the class, shape (heads, classes);
            of projects in which only people vote, whether they do.
        stated: whether the owner states it.
    """

    share: Array
    low: Array
    high: Array
    silent: Array
    worth: Array
    missing: NDArray[np.int64]
    voted: NDArray[np.bool_]
    stated: bool = False

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether each head's balance is known well enough, shape (heads,).

        Where it is not, units without votes may have no label: whatever learns from votes alone
        gives them the classes that happen to have voters, as often as these happen to vote.
        """
        return self.missing == 0

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """All of it by name, as a fit keeps it."""
        return {
            _KEPT + field.name: np.asarray(getattr(self, field.name), np.float64)
            for field in fields(self)
        }

    @classmethod
    def of_arrays(cls, kept: Mapping[str, NDArray[np.float64]]) -> ClassBalance | None:
        """What `arrays` gave; None where nothing was kept."""
        if _KEPT + "share" not in kept:
            return None
        found = {field.name: kept[_KEPT + field.name] for field in fields(cls)}
        return cls(
            share=found["share"],
            low=found["low"],
            high=found["high"],
            silent=found["silent"],
            worth=found["worth"],
            missing=found["missing"].astype(np.int64),
            voted=found["voted"].astype(bool),
            stated=bool(found["stated"]),
        )


_KEPT = "balance."


def class_balance(
    strata: VoteStrata, answers: Array, stated: NDArray[np.float64] | None = None
) -> ClassBalance:
    """The balance that random answers and the reach of the sources give together.

    With r rules for a class and h of them firing, P_h is expected to be 1 - .15^(1 + (h - 1) / 2),
    and the class to be reached by R = 1 - .4^((1 + r) / 2). What is expected of a stratum with
    votes is worth six answers. Of units without votes the rest of each class, N P (1 - R) / R, is
    expected, so firmly as if one unit of a class had been seen; classes without a voter share what
    is left. A flat Dirichlet beside it, with odds of `DOUBT`, keeps a wrong expectation from
    outweighing answers (a mixture of the two by their likelihood).

    Args:
        strata: how many sources vote what on how many units.
        answers: unbiased answers by stratum and class, shape (heads, strata, classes).
        stated: the share of every class where the owner states it, shape (classes,).
    """
    heads = [
        _balance(strata.size[head], strata.said[head], strata.rules[head], answers[head], stated)
        for head in range(len(strata.size))
    ]
    share, variance, silent, worth, missing = zip(*heads, strict=True)
    low, high = _interval(np.array(share), np.array(variance))
    return ClassBalance(
        share=np.array(share),
        low=low,
        high=high,
        silent=np.array(silent),
        worth=np.array(worth),
        missing=np.array(missing),
        voted=strata.rules > 0 if strata.rules.any() else strata.people > 0,
        stated=stated is not None,
    )


def answers_needed() -> int:
    """After how many random answers no share's interval can be wider than `WIDEST`."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    return math.ceil(z**2 / WIDEST**2 - z**2)


def _balance(
    size: Array, said: Array, rules: NDArray[np.int64], answers: Array, stated: Array | None
) -> tuple[Array, Array, Array, float, int]:
    """Share, its variance, share among the silent, worth, and how many answers are missing."""
    count, base = answers.sum(), answers.sum(axis=0) + 1
    expected = _of_voted(said, base / base.sum())
    mass = WORTH_OF_STRATUM + answers.sum(axis=1, keepdims=True)
    inside = (WORTH_OF_STRATUM * expected + answers) / mass
    spread = inside * (1 - inside) / (mass + 1)
    inside[0], spread[0] = _of_silent(size, inside, rules, answers[0])
    total = max(size.sum(), 1.0)
    of = size[:, None] / total
    share, variance = (of * inside).sum(axis=0), (of**2 * spread).sum(axis=0)
    if stated is not None:
        left = np.maximum(stated * total - (size[1:, None] * inside[1:]).sum(axis=0), 0.01)
        return stated, np.zeros_like(stated), left / left.sum(), STATED, 0
    if not size.any():
        share = base / base.sum()
    # Where a source votes on every unit, no unit waits for it.
    unseen = size.sum() - count if size[0] else 0.0
    missing = min(max(answers_needed() - count, 0.0), max(unseen, 0.0))
    return share, variance, inside[0], float(count), math.ceil(missing - 1e-9)


def _of_voted(said: Array, base: Array) -> Array:
    """What is expected of each stratum with votes, shape (strata, classes); of the first, nothing.

    Args:
        said: the mean shares of votes for each class, and the number of votes they stand for.
        base: how frequent classes are by answers alone: what a wrong vote hides is one of these.
    """
    shares, fired = said[:, :-1], np.maximum(said[:, -1:], 1.0)
    right = 1 - 0.15 ** (1 + (fired - 1) / 2)
    others = (1 - shares) * base
    others = others / np.maximum(others.sum(axis=1, keepdims=True), 1e-12)
    expected: Array = right * shares + (1 - right) * others
    return expected


def _of_silent(
    size: Array, inside: Array, rules: NDArray[np.int64], answers: Array
) -> tuple[Array, Array]:
    """What units without votes are, and its variance: both of shape (classes,)."""
    has_voter = rules > 0
    if not has_voter.any():
        return _mean_and_variance(0.5 + answers)
    reach = 1 - 0.4 ** ((1 + rules) / 2)
    missed = (size[1:, None] * inside[1:]).sum(axis=0) * (1 - reach) / reach
    share = np.where(has_voter, (missed + 0.25) / (size[0] + 0.5), 0.0)
    if has_voter.all():
        share = share / share.sum()
    else:
        share = share * min(1.0, 0.9 / share.sum())
        share[~has_voter] = (1 - share.sum()) / (~has_voter).sum()
    strength = min(has_voter.sum() / share[has_voter].sum(), MOST_EXPECTED)
    if has_voter.all():
        strength = max(strength, WORTH_WHERE_ALL_VOTE)
    first, weak = share * strength, share * WEAK
    odds = np.array([1 - DOUBT, DOUBT]) * np.exp(
        [_log_likelihood(first, answers), _log_likelihood(weak, answers)]
    )
    odds /= odds.sum()
    one, spread_one = _mean_and_variance(first + answers)
    two, spread_two = _mean_and_variance(weak + answers)
    mean = odds[0] * one + odds[1] * two
    variance = odds[0] * (spread_one + one**2) + odds[1] * (spread_two + two**2) - mean**2
    return mean, variance


def _mean_and_variance(alpha: Array) -> tuple[Array, Array]:
    mean = alpha / alpha.sum()
    return mean, mean * (1 - mean) / (alpha.sum() + 1)


def _log_likelihood(alpha: Array, counts: Array) -> float:
    """Of answers under a Dirichlet, without what does not depend on it."""
    from scipy.special import gammaln

    whole = gammaln(alpha.sum()) - gammaln(alpha.sum() + counts.sum())
    return float(whole + (gammaln(alpha + counts) - gammaln(alpha)).sum())


def _interval(mean: Array, variance: Array) -> tuple[Array, Array]:
    """The 95 % interval of a Beta distribution with this mean and variance."""
    from scipy.special import betaincinv

    inside = np.clip(mean, 1e-9, 1 - 1e-9)
    mass = np.maximum(inside * (1 - inside) / np.maximum(variance, 1e-15) - 1, 1e-3)
    tail = (1 - LEVEL) / 2
    low, high = (betaincinv(inside * mass, (1 - inside) * mass, at) for at in (tail, 1 - tail))
    return np.minimum(low, mean), np.maximum(high, mean)
