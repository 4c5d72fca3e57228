"""Weighted majority: every source is right with its own probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.labelmodels.climbing import Improve, climb
from labelwright.labelmodels.evidence.scoring import ScoreSums, is_gold, posterior_of
from labelwright.labelmodels.priors.coins import coin_fit
from labelwright.labelmodels.priors.priors import believed, choosers, usual_accuracy
from labelwright.labelmodels.settings import at_least, whole

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeightedMajority:
    """Votes weighted by the log-odds of their source's accuracy, estimated in turn with the labels.

    Model: the one-coin model. Source s is right with probability a_s whatever the class, and
    wrong with (1 - a_s) / (K - 1) for each other of the K classes, all equally frequent, so

        score(c) = sum over the votes for c of log(a_s (K - 1) / (1 - a_s)),

    which are the weights under which the vote is most often right (theorem 1 of the first
    paper). Iterated as in the second paper, but softly: the accuracies are those under the
    current posterior q plus a Beta prior, which is expectation maximisation,

        a_s = (m_s g_s + sum_u w_u q_u(vote of s on u)) / (m_s + sum_u w_u [s voted on u]),

    with g_s the accuracy that its owner states, or that majority vote gives all of its sort
    together. The objective, log likelihood plus log prior, never falls. The class balance and
    silence play no part.

    Attributes:
        steps: of expectation maximisation.
        strength: how many votes the prior of every source is worth.
        own: how many it is worth besides, for every vote that a function cast itself.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        S. Nitzan, J. Paroush. Optimal Decision Rules in Uncertain Dichotomous Choice
        Situations. International Economic Review 23(2), 1982. DOI 10.2307/2526438.
        H. Li, B. Yu. Error Rate Bounds and Iterative Weighted Majority Voting for
        Crowdsourcing. 2014. DOI 10.48550/arXiv.1411.4086.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 0], [0, 0, 1], [0, -1, 1]])
        >>> model = WeightedMajority()
        >>> model.posterior(model.fit(votes), votes).label.tolist()
        [0, 1, 0, 0]
    """

    steps: int = 10
    strength: float = 4.0
    own: float = 1.0

    def __post_init__(self) -> None:
        whole("weighted_majority", "steps", self.steps, 1)
        at_least("weighted_majority", "strength", self.strength, 0)
        at_least("weighted_majority", "own", self.own, 0)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The accuracy of every source, most probable a posteriori."""
        balance = np.full(votes.classes, 1 / votes.classes)
        estimated = ~is_gold(votes)

        def prepare(first: ScoreSums) -> Improve:
            right, wrong = self._prior(votes, usual_accuracy(votes, first), first.count)

            def improve(tally: ScoreSums) -> tuple[LabelModelFit, float]:
                accuracy = (right + tally.right) / (right + wrong + tally.count)
                fit = coin_fit("weighted_majority", votes, accuracy, balance, np.log(balance))
                log_prior = right * np.log(accuracy) + wrong * np.log(1 - accuracy)
                return fit, float(log_prior[estimated].sum())

            return improve

        return climb(votes, self.steps, prepare)

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """Softmax of the weighted votes."""
        return posterior_of(fit, votes)

    def _prior(self, votes: VoteMatrix, usual: Array, count: Array) -> tuple[Array, Array]:
        """How many right and wrong votes each source is given before its own are counted."""
        mass = self.strength + believed(votes) + np.where(choosers(votes), self.own * count, 0.0)
        # One more of each keeps every accuracy inside 0..1 when the strength is 0.
        return mass * usual + 0.01, mass * (1 - usual) + 0.01
