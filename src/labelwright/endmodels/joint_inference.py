"""Votes and content as one: what sources say of an item, and what its content says."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.endmodels.calibration import ProbabilityCorrection
from labelwright.endmodels.cross_fit import Folded, Folds
from labelwright.endmodels.targets import with_pseudo_labels

Array = NDArray[np.float64]

TINY = 1e-12
STEPS = 50
"""Of bringing the mean of probabilities to a balance."""
LEAST_VOTED, LEAST_SILENT = 0.1, 1e-3
"""No label counts less in training, however little it says, with votes and without."""
EVENING = 3
"""Steps towards weights that leave each class its share."""
MOST_SURE = 2.0
"""No probabilities of content are sharpened by a greater power than this."""
LEAST_CONTENT = 1e-4
"""No content speaks more firmly than this against a class, however sure its model is."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the votes say, apart from how frequent each class is.

    Attributes:
        votes: the label model's posterior, shape (units, classes).
        prior: what it makes of a class before any vote, shape (classes,), sums to 1.
        balance: how frequent each class is, shape (classes,), sums to 1.
        covered: whether any source voted, shape (units,).
        settled: whether gold answered: content has no say there. Shape (units,).
        sought: whether a function, rule or model voted, rather than people or nobody, (units,).
        worth: how much the votes on each unit may teach, 0 to 1, shape (units,).
        hinted: whether class descriptions voted and nobody else: content has learnt from what they
            say, and says it for them, shape (units,).
    """

    votes: Array
    prior: Array
    balance: Array
    covered: NDArray[np.bool_]
    settled: NDArray[np.bool_]
    sought: NDArray[np.bool_]
    worth: Array
    hinted: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        votes: VoteMatrix,
        fit: LabelModelFit,
        posterior: Posterior,
        worth: Array | None = None,
    ) -> Evidence:
        """The evidence in these votes, as a label model's fit weighs them; all of it by default."""
        prior = np.exp(fit.class_score - fit.class_score.max())
        prior = prior.reshape(fit.classes, fit.subtypes).sum(axis=1) ** (1 / fit.heat)
        gold = np.array([kind is SourceKind.GOLD for kind in votes.kinds], bool)
        settled = np.zeros(votes.units, bool)
        settled[votes.unit[votes.voted & gold[votes.source]]] = True
        return cls(
            votes=posterior.probability,
            prior=prior / prior.sum(),
            balance=fit.class_prior,
            covered=posterior.covered,
            settled=settled,
            sought=sought(votes),
            worth=np.ones(votes.units) if worth is None else worth,
            hinted=votes.described_only,
        )

    def of_head(self, head: int, heads: int) -> Evidence:
        """The evidence on one of the units that every item has, with a balance of its own.

        The label model knows one balance for all heads, by which rare and frequent classes would
        be held at the same share: a head's own is the mean of what votes say of it. With one head
        the evidence as it is.

        Args:
            head: which unit.
            heads: how many units every item has.
        """
        if heads == 1:
            return self
        own = self.only(np.arange(head, len(self.votes), heads))
        voted = own.votes[own.sought if own.sought.any() else own.covered]
        return replace(own, balance=voted.mean(axis=0)) if len(voted) else own

    def only(self, rows: NDArray[np.int64]) -> Evidence:
        """The evidence on these units alone."""
        return replace(
            self,
            votes=self.votes[rows],
            covered=self.covered[rows],
            settled=self.settled[rows],
            sought=self.sought[rows],
            worth=self.worth[rows],
            hinted=self.hinted[rows],
        )

    def with_content(self, content: Array) -> Array:
        """P(class | votes, content), by Bayes' rule: content is the prior of its own item.

        Where nobody voted, content alone speaks. Given the class, the votes and the content of an
        item are taken to be independent; `Joining` says what makes that bearable. Where only class
        descriptions voted they are not: content has learnt from these, and the mean of both
        readings counts.

        Args:
            content: P(class | content), shape (units, classes).
        """
        said = np.log(np.maximum(self.votes, TINY)) - np.log(np.maximum(self.prior, TINY))
        score = np.log(np.maximum(content, TINY)) + np.where(self.covered[:, None], said, 0.0)
        score[self.hinted] /= 2
        score -= score.max(axis=1, keepdims=True)
        joint = np.exp(score)
        joint /= joint.sum(axis=1, keepdims=True)
        joint[self.settled] = self.votes[self.settled]
        return joint


def sought(votes: VoteMatrix) -> NDArray[np.bool_]:
    """On which units a source votes that is neither a person nor gold, shape (units,)."""
    human = (SourceKind.PERSON, SourceKind.GOLD)
    machine = np.array([kind not in human for kind in votes.kinds], bool)
    found = np.zeros(votes.units, bool)
    found[votes.unit[votes.voted & machine[votes.source]]] = True
    return found


def shifted(probability: Array, shift: Array, rows: NDArray[np.bool_]) -> Array:
    """The probabilities with those of the marked rows multiplied by a factor for each class.

    Args:
        probability: shape (units, classes).
        shift: for all units, or a row for each, shape (classes,) or (units, classes).
        rows: shape (units,).
    """
    moved = np.where(rows[:, None], probability * shift, probability)
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Joining:
    """How votes and content inform each other: a few rounds of expectation maximisation.

    The end model is trained on the posterior of votes alone and says what it thinks of each item
    that it was not trained on, p(c | x). With q0 the posterior of votes, pi its prior and pi' the
    class balance,

        q(c) ~ q0(c) / pi(c) * p(c | x)^s * pi'(c) / mean p(c | x)^s

    is the joint posterior, on which the end model is trained in the next round. The power s, at
    most 2, is the temperature at which p foretells the targets of its round best: content that
    knows nothing is silenced, and one that soft labels of doubtful sources have made too modest
    speaks up.

    Dividing by pi keeps the class balance from being counted once by the votes and once by the
    content: without it the most frequent class takes over within a few rounds. The last factor
    holds the mean of the end model's probabilities over voted items at the class balance, for the
    same reason. Targets stay soft, since hard ones make the rounds confirm themselves.

    Attributes:
        rounds: how often the end model learns from the joint posterior; 0 leaves content out.
        folds: an item is judged by a model trained on the other folds.
        uncovered: how much an item on which nobody voted counts in the rounds, an item with votes
            counting 1.
        settled: how much an item counts on which gold, or a person taken at their word, answered.
        strength: of the end model's linear head between rounds, as scikit-learn's C.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        V. C. Raykar, S. Yu, L. H. Zhao, G. H. Valadez, C. Florin, L. Bogoni, L. Moy: Learning From
        Crowds. Journal of Machine Learning Research 11, 2010, section 2.4. The end model as the
        prior of each item's class.
    """

    rounds: int = 3
    folds: int = 3
    uncovered: float = 0.3
    settled: float = 1.0
    strength: float = 10.0

    def __post_init__(self) -> None:
        _check("rounds", self.rounds, "a whole number, at least 0", _whole(self.rounds, 0))
        _check("folds", self.folds, "a whole number, at least 2", _whole(self.folds, 2))
        share = _number(self.uncovered) and 0 <= self.uncovered <= 1
        _check("uncovered", self.uncovered, "between 0 and 1", share)
        heavy = _number(self.settled) and 0 < self.settled < math.inf
        _check("settled", self.settled, "a number above 0", heavy)
        positive = _number(self.strength) and 0 < self.strength < math.inf
        _check("strength", self.strength, "a number above 0", positive)

    def content(
        self,
        evidence: Evidence,
        folds: Folds,
        silent: Array | None = None,
        *,
        all_teach: bool = True,
    ) -> ContentBeliefs | None:
        """What content says of every item in the end; None if there is nothing to learn from.

        Args:
            evidence: what votes say of the items that may teach.
            folds: trains the end model on these items.
            silent: how frequent each class is where no source but people votes, if that is
                known, shape (classes,).
            all_teach: whether items without votes teach, too, what content said of them.
        """
        voted = evidence.covered
        if not self.rounds or not voted.any():
            return None
        target, weight = evidence.votes, self.weight(evidence) * voted
        for _ in range(self.rounds):
            target = with_pseudo_labels(target, evidence.worth)
            folded = folds(target, weight)
            content = ContentBeliefs.anchored(folded, target, evidence, silent)
            said = content.of(folded.probability, folded.readable)
            target = evidence.with_content(shifted(said, content.shift, ~evidence.sought))
            target[evidence.hinted] = evidence.votes[evidence.hinted]
            weight = self.weight(evidence) * (1.0 if all_teach else voted)
        return content

    def weight(self, evidence: Evidence) -> Array:
        """How much each item counts in the rounds, shape (items,)."""
        voted = np.where(evidence.covered, evidence.worth, self.uncovered)
        return np.where(evidence.settled, self.settled, voted)

    def final_weight(self, evidence: Evidence, joint: Array) -> Array:
        """How much each item counts for what learns from the joint labels, shape (items,).

        One counts by the information in its label, the share by which that is less uncertain than
        the mean of such labels: a thousand that say little more than how frequent classes are
        would teach that everything is like the mean. Vague labels are often those of rare classes;
        so where somebody voted each class gets most of the share back that it has of these labels,
        and all of them together count as if each counted 1.

        Args:
            evidence: of the units of one head.
            joint: their joint posterior, shape (units, classes).
        """
        voted = evidence.covered
        told = np.empty(len(joint))
        told[voted] = _evened(_information(joint[voted], LEAST_VOTED), joint[voted])
        told[~voted] = _information(joint[~voted], LEAST_SILENT)
        worth = np.where(voted, evidence.worth, 1.0)
        return np.where(evidence.settled, self.settled, told * worth)


@dataclass(frozen=True, slots=True, eq=False)
class ContentBeliefs:
    """What the end model says of items that it did not see, in line with what votes say.

    Attributes:
        folded: what the last round's models said.
        scale: the power of their probabilities, at most `MOST_SURE`: content is believed as far as
            models that did not see an item foretell its target.
        factor: what each class's probability is then multiplied by, shape (classes,).
        balance: how frequent each class is, shape (classes,).
        shift: what it is multiplied by besides where no source but people votes, (classes,).
    """

    folded: Folded
    scale: float
    factor: Array
    balance: Array
    shift: Array

    @classmethod
    def anchored(
        cls, folded: Folded, target: Array, evidence: Evidence, silent: Array | None = None
    ) -> ContentBeliefs:
        """Content whose mean over items with votes is about the class balance of these.

        What sources vote on is no fair sample: over the other items the mean is to be another.

        Args:
            folded: what models said that were trained on the target.
            target: shape (items, classes).
            evidence: what votes say of these items.
            silent: how frequent each class is where no source but people votes, if known.
        """
        judged = evidence.covered & folded.readable
        even = np.ones(len(evidence.balance))
        if not judged.any():
            return cls(folded, 1.0, even, evidence.balance, even)
        probability = np.clip(folded.probability[judged], LEAST_CONTENT, 1)
        weight = evidence.worth[judged]
        fitted = ProbabilityCorrection.fit(probability, target[judged], weight, "temperature")
        scale = min(fitted.scale, MOST_SURE)
        tempered = probability**scale
        tempered /= tempered.sum(axis=1, keepdims=True)
        found = evidence.sought[judged]
        among = tempered[found] if found.any() else tempered
        factor = evidence.balance / np.maximum(among.mean(axis=0), TINY)
        made = cls(folded, scale, factor, evidence.balance, even)
        if silent is None:
            return made
        others = folded.readable & ~evidence.sought
        return replace(made, shift=_raked(made.of(folded.probability[others]), silent))

    def of(self, probability: Array, readable: NDArray[np.bool_] | None = None) -> Array:
        """P(class | content) of items, from what models said that did not see them.

        Args:
            probability: what they said, shape (items, classes).
            readable: where it is False, content says nothing: the class balance.
        """
        said = np.clip(probability, LEAST_CONTENT, 1) ** self.scale
        said = said / said.sum(axis=1, keepdims=True) * self.factor
        said /= said.sum(axis=1, keepdims=True)
        if readable is not None:
            said[~readable] = self.balance
        return said


def _information(probability: Array, least: float) -> Array:
    """By how much less uncertain each row is than their mean, as a share of that, (rows,)."""
    if not len(probability):
        return np.zeros(0)
    mean = _entropy(probability.mean(axis=0, keepdims=True))
    told: Array = np.clip(1 - _entropy(probability) / np.maximum(mean, TINY), least, 1)
    return told


def _evened(weight: Array, probability: Array) -> Array:
    """The weights moved towards leaving each class its share, one on the mean, shape (rows,)."""
    if not len(weight):
        return weight
    share = probability.mean(axis=0)
    for _ in range(EVENING):
        found = weight @ probability / weight.sum()
        weight = weight * (probability @ (share / np.maximum(found, TINY)))
    return weight / weight.mean()


def _entropy(probability: Array) -> Array:
    """Of each row, in nats, shape (rows,)."""
    return -np.asarray((probability * np.log(np.maximum(probability, TINY))).sum(axis=1))


def _raked(probability: Array, wanted: Array) -> Array:
    """The factor for each class that brings the mean of the rows to what is wanted, (classes,)."""
    factor = np.ones(len(wanted))
    for _ in range(STEPS if len(probability) else 0):
        moved = probability * factor
        mean = (moved / moved.sum(axis=1, keepdims=True)).mean(axis=0)
        factor *= wanted / np.maximum(mean, TINY)
        factor /= factor.max()
    return np.maximum(factor, TINY)


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check(setting: str, value: object, expected: str, ok: bool) -> None:
    if not ok:
        raise SettingsError(f"joining: {setting} must be {expected}, got {value!r}")
