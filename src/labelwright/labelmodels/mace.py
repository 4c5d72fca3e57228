"""MACE: every annotator either knows the answer or spams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import GOLD_ACCURACY
from labelwright.labelmodels.climbing import Improve, climb
from labelwright.labelmodels.evidence.scoring import ScoreSums, is_gold, posterior_of
from labelwright.labelmodels.priors.coins import coin_confusion, where_it_voted, with_gold
from labelwright.labelmodels.priors.priors import believed, choosers, usual_accuracy
from labelwright.labelmodels.settings import at_least, whole

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mace:
    """Multi-annotator competence estimation.

    Model: for each of its votes, annotator s knows the true class t with probability theta_s
    and then says it; otherwise it spams, drawing from a habit xi_s of its own:

        P(s votes l | t) = theta_s [l = t] + (1 - theta_s) xi_s(l),     t uniform.

    A spammer who always says the same is told from an expert by xi. With Beta and Dirichlet
    priors, expectation maximisation over t and over who knew: of a vote that hits the class t,
    the share

        r_s(t) = theta_s / (theta_s + (1 - theta_s) xi_s(t))

    was known. The objective never falls. The original restarts at random many times; here the
    one start is majority vote, so that the result is the same every time.

    Attributes:
        steps: of expectation maximisation.
        strength: how many votes the prior of every competence, and of every habit, is worth.
        own: how many the former is worth besides for every vote that a function cast itself.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy. Learning Whom to Trust with MACE.
        NAACL-HLT, 2013, https://aclanthology.org/N13-1132. Model in figure 1, priors in 3.2.
        Related: S. Paun et al. Comparing Bayesian Models of Annotation. TACL 6, 2018.
        DOI 10.1162/tacl_a_00040.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 0], [1, 1, 0], [0, 0, 0], [1, 1, 0]] * 5)
        >>> fit = Mace().fit(votes)
        >>> fit.extra["competence"].argmin()
        np.int64(2)
        >>> Mace().posterior(fit, votes).label[:4].tolist()
        [0, 1, 0, 1]
    """

    steps: int = 20
    strength: float = 2.0
    own: float = 1.0

    def __post_init__(self) -> None:
        whole("mace", "steps", self.steps, 1)
        at_least("mace", "strength", self.strength, 0)
        at_least("mace", "own", self.own, 0)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The competence and the habit of every annotator."""
        estimated = ~is_gold(votes)

        def prepare(first: ScoreSums) -> Improve:
            knew, spammed = self._prior(votes, first)
            habits = np.full((votes.sources, votes.classes), self.strength / votes.classes + 0.01)
            state = [knew / (knew + spammed), np.full(habits.shape, 1 / votes.classes)]

            def improve(tally: ScoreSums) -> tuple[LabelModelFit, float]:
                theta, xi = state
                hits = np.diagonal(tally.voted, axis1=1, axis2=2)
                known = hits * theta[:, None] / (theta[:, None] + (1 - theta[:, None]) * xi)
                habit = habits + tally.voted.sum(axis=2) - known
                right, wrong = knew + known.sum(axis=1), spammed + tally.count - known.sum(axis=1)
                state[:] = theta, xi = right / (right + wrong), habit / habit.sum(axis=1)[:, None]
                log_prior = knew * np.log(theta) + spammed * np.log(1 - theta)
                log_prior += (habits * np.log(xi)).sum(axis=1)
                return _fit(votes, tally, theta, xi), float(log_prior[estimated].sum())

            return improve

        return climb(votes, self.steps, prepare)

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """Bayes' rule with the fitted competences and habits."""
        return posterior_of(fit, votes)

    def _prior(self, votes: VoteMatrix, first: ScoreSums) -> tuple[Array, Array]:
        """How many known and spammed votes each source is given before its own are counted."""
        guess = 1 / votes.classes
        usual = ((usual_accuracy(votes, first) - guess) / (1 - guess)).clip(0.05, 0.95)
        mass = self.strength + believed(votes)
        mass = mass + np.where(choosers(votes), self.own * first.count, 0.0)
        return mass * usual + 0.01, mass * (1 - usual) + 0.01


def _fit(votes: VoteMatrix, tally: ScoreSums, theta: Array, xi: Array) -> LabelModelFit:
    classes = votes.classes
    knows = theta[:, None, None] * np.eye(classes)
    confusion = knows + ((1 - theta)[:, None] * xi)[:, None, :]
    confusion[is_gold(votes)] = coin_confusion(np.array([GOLD_ACCURACY]), classes)
    uniform = np.full(classes, 1 / classes)
    share = (tally.classes + 1) / (tally.classes + 1).sum()
    right = np.einsum("skk,k->s", confusion, share)
    return LabelModelFit(
        model="mace",
        class_prior=uniform,
        confusion=confusion,
        accuracy=where_it_voted(votes, with_gold(votes, right)),
        class_score=np.log(uniform),
        vote_score=np.log(confusion).transpose(0, 2, 1),
        abstain_score=np.zeros((votes.sources, classes)),
        extra={"competence": np.where(is_gold(votes), 1.0, theta), "habit": xi},
    )
