"""Worker agreement with aggregate: weigh each source by how often it sides with the majority."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.labelmodels.evidence.scoring import expect, posterior_of
from labelwright.labelmodels.majority_vote import MajorityVote
from labelwright.labelmodels.priors.coins import coin_fit, where_it_voted, with_gold

CERTAIN = 1 - 1e-9
"""With this accuracy majority vote is sure of its label, and shares it where votes tie."""
LEAST_SKILL, MOST_SKILL = 1e-3, 1 - 1e-3
"""A skill outside would make one vote worth more than any others together."""


@dataclass(frozen=True, slots=True)
class Wawa:
    """Votes weighted by skill, skill being agreement with majority vote. No iteration.

    1. Labels by majority vote, shared among the classes that tie.
    2. skill_s = (votes of s that agree with these labels) / (votes of s).
    3. Score of a class: the sum of the skills of those who voted for it, times the log-odds of
       a vote of mean skill m, log(m (K - 1) / (1 - m)).

    The label is that of the original, the class of the highest sum of skills; the factor in
    step 3 makes a probability of it. A source that always contradicts the majority has no say,
    rather than a say against. Class balance and silence play no part; gold decides.

    A vote's own confidence is not read.

    Reference:
        Appen Limited. Calculating Worker Agreement with Aggregate (Wawa), 2021, as described
        with a formula in: D. Ustalov, N. Pavlichenko, B. Tseitlin. Learning from Crowds with
        Crowd-Kit. Journal of Open Source Software 9(96), 2024. DOI 10.21105/joss.06227.

    Example:
        >>> from labelwright.core.matrix import VoteMatrix
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 1], [1, -1, 0]])
        >>> fit = Wawa().fit(votes)
        >>> fit.accuracy.round(2).tolist()
        [0.83, 1.0, 0.5]
        >>> Wawa().posterior(fit, votes).label.tolist()
        [0, 1, 1]
    """

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """The skill of every source, as its accuracy."""
        tally = expect(MajorityVote(accuracy=CERTAIN, confidences=False).fit(votes), votes)
        skill = np.divide(tally.right, tally.count, out=np.zeros(votes.sources),
                          where=tally.count > 0).clip(LEAST_SKILL, MOST_SKILL)  # fmt: skip
        mean = np.average(skill, weights=tally.count) if tally.count.any() else 0.5
        mean = max(mean, 1 / votes.classes + LEAST_SKILL)
        weight = skill * np.log(mean * (votes.classes - 1) / (1 - mean))
        # The accuracy that, as the one coin of a source, gives its votes this weight.
        odds = np.exp(weight)
        uniform = np.full(votes.classes, 1 / votes.classes)
        coins = coin_fit("wawa", votes, odds / (odds + votes.classes - 1), uniform, np.log(uniform))
        accuracy = where_it_voted(votes, with_gold(votes, skill))
        return replace(coins, accuracy=accuracy)

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """Softmax of the weighted skills of those who voted for each class."""
        return posterior_of(fit, votes)
