"""Whether a label model reproduces what the votes show, and where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.quality.resampling import some_units
from labelwright.quality.sources.replicas import Replicator, expected_votes
from labelwright.quality.sources.shares import LEAST_VOTES, Aspect, Questions

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

REPLICAS = 30
DRAWS = 3
UNITS = 5_000
QUESTIONS = 1_000_000
"""Of sources that see all units, so many questions are drawn for a replica at most."""
FALSE_ALARM = 0.05
COPY = 0.5
"""Two sources copy if they agree on this share of what they should disagree on."""


LEAST_GAP = {
    Aspect.AGREEMENT: 0.05,
    Aspect.OVERLAP: 0.05,
    Aspect.VOTE_SHARE: 0.1,
    Aspect.SILENCE: 0.03,
    Aspect.CONFLICT: 0.03,
}
"""Smaller differences do not matter, however sure."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelChecks:
    """What the votes show beside what the fitted model implies. Shapes (checks,) if not said.

    Attributes:
        names: of the sources.
        classes: their names.
        units: how many units were looked at, a random sample where there are more.
        aspect: what each check compares.
        first: the source, or the first of two; -1 where it is about all of them.
        second: the second of two sources, else -1.
        label: the class, else -1.
        trials: how many units or votes the share is of.
        observed: the share in the votes.
        expected: the share that the model implies.
        z: by how many standard deviations they differ.
        p: how likely any check differs as much where the model holds (Holm's adjustment).
        found: whether that is below 5 % and the difference large enough to matter.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    units: int
    aspect: tuple[Aspect, ...]
    first: Indices
    second: Indices
    label: Indices
    trials: Array
    observed: Array
    expected: Array
    z: Array
    p: Array
    found: NDArray[np.bool_]

    def rows(self, *, only_found: bool = True) -> list[dict[str, Any]]:
        """One row a check, the clearest first, for tables and JSON."""
        order = np.argsort(-np.abs(self.z), kind="stable")
        chosen = order[self.found[order]] if only_found else order
        return [
            {
                "aspect": self.aspect[row].name.lower(),
                "sources": [self.names[s] for s in (self.first[row], self.second[row]) if s >= 0],
                "class": self.classes[self.label[row]] if self.label[row] >= 0 else None,
                "trials": float(self.trials[row]),
                "observed": float(self.observed[row]),
                "expected": float(self.expected[row]),
                "z": float(self.z[row]),
                "p": float(self.p[row]),
                "found": bool(self.found[row]),
            }
            for row in chosen.tolist()
        ]

    def warnings(self) -> list[str]:
        """What was found, in plain words with numbers, the clearest first, a pair once."""
        order = np.argsort(-np.abs(self.z), kind="stable")
        order = order[self.found[order]]
        # Of two sources that agree too often it need not be said that they vote together.
        order = np.concatenate(
            [order[[self.aspect[row] is not Aspect.OVERLAP for row in order]],
             order[[self.aspect[row] is Aspect.OVERLAP for row in order]]]
        ).astype(np.int64)  # fmt: skip
        told: dict[tuple[int, ...], str] = {}
        for row in order.tolist():
            pair = (int(self.first[row]), int(self.second[row]))
            key = pair if pair[1] >= 0 else (row, -1)
            told.setdefault(key, self._sentence(row))
        return list(told.values())

    def _sentence(self, row: int) -> str:
        aspect, of = self.aspect[row], f"{self.trials[row]:,.0f}"
        seen, meant = f"{self.observed[row]:.0%}", f"{self.expected[row]:.0%}"
        more = self.observed[row] > self.expected[row]
        names = [repr(self.names[s]) for s in (self.first[row], self.second[row]) if s >= 0]
        who = " and ".join(names)
        match aspect:
            case Aspect.AGREEMENT if more:
                excess = (self.observed[row] - self.expected[row]) / (1 - self.expected[row])
                what = "copy each other" if excess >= COPY else "err together"
                return f"{who} {what}: agree on {seen} of {of} common items, {meant} expected"
            case Aspect.AGREEMENT:
                return (
                    f"{who} contradict each other: agree on {seen} of {of} common items, "
                    f"{meant} expected"
                )
            case Aspect.OVERLAP:
                how = "vote on the same items" if more else "avoid each other's items"
                return f"{who} {how}: on {seen} of the rarer one's {of}, {meant} expected"
            case Aspect.VOTE_SHARE:
                return (
                    f"the model does not fit {who}: {seen} of its {of} votes are "
                    f"{self.classes[self.label[row]]!r}, {meant} expected"
                )
            case Aspect.SILENCE:
                how = "fall silent together" if more else "fill each other's gaps"
                return f"sources {how}: {seen} of {of} items got no vote, {meant} expected"
            case _:  # Aspect.CONFLICT
                how = "more often" if more else "less often"
                return (
                    f"sources contradict each other {how} than they should: on {seen} of {of} "
                    f"items, {meant} expected"
                )


_Columns = tuple[Array, Array, Array, Array, Array]
"""Trials, observed, expected, z, and the probability of such a z by chance."""


def model_checks(
    model: LabelModel,
    votes: VoteMatrix,
    rng: np.random.Generator,
    *,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    replicas: int = REPLICAS,
    units: int = UNITS,
) -> ModelChecks:
    """Posterior-predictive checks of what a label model makes of the votes.

    Every label model here takes sources to be independent given the class. Votes are drawn
    again from such sources (`Replicator`, close to the fit), `replicas` times; the model is
    fitted to each of these, and votes are drawn from that fit. The difference between the
    second draw and the first tells the bias and the spread of "observed less expected" where the
    assumption holds, whatever the label model, so that the check is fair to methods that
    restrain themselves; a difference is judged by Student's t with it. Agreement is compared
    with what the partners of both lead to expect (`expected_accord`). Shares of classes are
    compared with the fit's own confusions.

    With all checks taken together (Holm), votes that the model explains raise an alarm in at
    most about 5 % of projects; benchmarks/quality/checks.py measures it, and the power.

    Args:
        model: the label model.
        votes: the votes.
        rng: draws the sample of units and the replicas.
        names: of the sources; by default their numbers.
        classes: names of the classes; by default their numbers.
        replicas: how many, at least 3; the cost is one more fit of the sample than that.
        units: how many units to look at.

    Raises:
        DataError: fewer than 3 replicas, or names that do not match.

    Reference:
        A. Gelman, X.-L. Meng, H. Stern: Posterior Predictive Assessment of Model Fitness via
        Realized Discrepancies. Statistica Sinica 6, 1996 (no DOI);
        R. Beran: Prepivoting Test Statistics: A Bootstrap View of Asymptotic Refinements. JASA
        83(403), 1988, for the second draw. https://doi.org/10.1080/01621459.1988.10478649;
        S. Holm: A Simple Sequentially Rejective Multiple Test Procedure. Scandinavian Journal
        of Statistics 6(2), 1979. https://www.jstor.org/stable/4615733
    """
    if votes.subsets is not None:  # what is compared with replicas is whole votes
        votes = replace(votes.only(votes.label < votes.classes), subsets=None)
    named = [str(row) for row in range(votes.sources)] if names is None else list(names)
    of_class = [str(row) for row in range(votes.classes)] if classes is None else list(classes)
    if replicas < 3 or len(named) != votes.sources or len(of_class) != votes.classes:
        raise DataError("checks need 3 replicas, and one name for each source and each class")
    most = min(units, max(QUESTIONS // max(int(votes.complete.sum()), 1), LEAST_VOTES))
    part, _ = some_units(votes, most, rng)
    questions = Questions.about(part)
    fit, posterior = _fitted(model, part)
    compared = _compared(model, part, questions, (fit, posterior), replicas, rng)
    shares = _vote_shares(part, questions, fit, posterior)
    trials, observed, expected, z, surprise = (
        np.concatenate(columns) for columns in zip(compared, shares, strict=True)
    )
    aspect, first, second, label = questions.columns()
    gap = np.abs(observed - expected)
    p = holm(surprise)
    return ModelChecks(
        names=tuple(named),
        classes=tuple(of_class),
        units=part.units,
        aspect=aspect,
        first=first,
        second=second,
        label=label,
        trials=trials,
        observed=observed,
        expected=expected,
        z=z,
        p=p,
        found=(p < FALSE_ALARM) & (gap >= [LEAST_GAP[each] for each in aspect]),
    )


def _compared(
    model: LabelModel,
    votes: VoteMatrix,
    questions: Questions,
    fitted: tuple[LabelModelFit, Posterior],
    replicas: int,
    rng: np.random.Generator,
) -> _Columns:
    from scipy.stats import t

    world = Replicator.of(*fitted, votes)
    observed, trials, usual = questions.shares(votes)
    drawn, bias, shares = [], [], []
    for _ in range(replicas):
        first = world.draw(rng)
        again = Replicator.of(*_fitted(model, first), first, world.asked)
        share, _, own = questions.shares(first)
        shares.append(share)
        drawn.append(share - own)
        # The mean of several draws, so that their own noise hides less.
        seconds = [questions.shares(again.draw(rng)) for _ in range(DRAWS)]
        bias.append(share - own - np.mean([each - usual for each, _, usual in seconds], axis=0))
    middle = np.mean(drawn, axis=0) + np.mean(bias, axis=0)
    gap = observed - usual - middle
    expected = np.clip(observed - gap, 0, 1)
    mean = np.mean(shares, axis=0)
    # A share that is 1 in every replica is not known to be 1.
    least = _binomial((trials * mean + 1) / (trials + 2), trials)
    spread = np.sqrt(np.maximum(np.var(bias, axis=0, ddof=1), least) * (1 + 1 / replicas))
    z = gap / spread
    known = ~np.isnan(z)
    surprise = np.where(known, 2 * t.sf(np.abs(z), replicas - 1), 1.0)
    return trials, observed, np.where(known, expected, observed), np.where(known, z, 0.0), surprise


def _vote_shares(
    votes: VoteMatrix, questions: Questions, fit: LabelModelFit, posterior: Posterior
) -> _Columns:
    """How often sources vote each class, beside what the fit's confusions make of its labels."""
    from scipy.stats import norm

    voted = expected_votes(votes, posterior.probability)
    total = voted.sum(axis=(1, 2))
    implied = (voted.sum(axis=2)[:, :, None] * fit.confusion).sum(axis=1)
    source, label = questions.busy[questions.said[0]], questions.said[1]
    trials = total[source]
    observed = voted.sum(axis=1)[source, label] / trials
    expected = implied[source, label] / trials
    likely = (trials * expected + 1) / (trials + 2)
    z = (observed - expected) / np.sqrt(_binomial(likely, trials))
    return trials, observed, expected, z, 2 * norm.sf(np.abs(z))


def _fitted(model: LabelModel, votes: VoteMatrix) -> tuple[LabelModelFit, Posterior]:
    fit = model.fit(votes)
    return fit, model.posterior(fit, votes)


def _binomial(share: Array, trials: Array) -> Array:
    """The variance of a share of so many trials."""
    return share * (1 - share) / np.maximum(trials, 1)


def holm(p: Array) -> Array:
    """The p values, adjusted so that all checks together have one false-alarm rate."""
    order = np.argsort(p, kind="stable")
    adjusted = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    found = np.empty(len(p))
    found[order] = np.minimum(adjusted, 1)
    return found
