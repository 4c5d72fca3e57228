"""Functions held against the votes that gold has judged."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.odds import by_class, normalised_rows
from labelwright.labelmodels.evidence.scoring import Array, ScoreSums, choosing


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """Precisions moved by verified votes.

    Attributes:
        chooses: which sources are functions, shape (sources,).
        counts: their verified votes by what they were for and by class, shape (functions, labels,
            classes).
        assumed: P(class | the function voted l) by what was learnt, same shape.
        discounts: what a vote of each function counts, shape (functions,).
        doubt: how many standard errors verified votes must be off before they correct.
    """

    chooses: NDArray[np.bool_]
    counts: Array
    assumed: Array
    discounts: Array
    doubt: float

    @classmethod
    def of(
        cls, fit: LabelModelFit, verified: ScoreSums, votes: VoteMatrix, *, balance: Array,
        doubt: float,
    ) -> Correction:  # fmt: skip
        """What the verified votes say of the fit's functions.

        People need none of it: their own counts already outweigh a prior of few votes.

        Args:
            fit: of a method whose scores of functions' votes are log-odds against the balance.
            verified: what the units say that gold knows.
            votes: whose sources they are.
            balance: the share of every class that was learnt, shape (classes,).
            doubt: as the attribute.
        """
        chooses = choosing(votes)
        discounts = np.ones(fit.sources) if fit.share is None else fit.share
        discounts = discounts[chooses]
        scores = fit.vote_score[chooses, :, :: fit.subtypes] / discounts[:, None, None]
        assumed = normalised_rows(balance * np.exp(scores))
        counts = np.maximum(by_class(verified.voted[chooses], fit.classes), 0)
        return cls(chooses, counts, assumed, discounts, doubt)

    def applied(self, fit: LabelModelFit) -> LabelModelFit:
        """The fit with its functions corrected."""
        moved = self.discounts[:, None, None] * self._moved(self.assumed, self.counts)
        # Added to the score, so that what it holds besides of the label's frequency stays.
        vote_score = fit.vote_score.copy()
        vote_score[self.chooses] += np.repeat(moved, fit.subtypes, axis=2)
        return replace(fit, vote_score=vote_score)

    def left_out(self, votes: VoteMatrix, truth: NDArray[np.int64]) -> Array:
        """What corrections made without the unit itself would add to it, shape (units, classes).

        Args:
            votes: on units that gold knows.
            truth: their classes, shape (units,).
        """
        classes = self.assumed.shape[2]
        heard = votes.voted & self.chooses[votes.source] & (votes.label < classes)
        unit, label = votes.unit[heard], votes.label[heard]
        function = (np.cumsum(self.chooses) - 1)[votes.source[heard]]
        others = self.counts[function, label]
        itself = np.arange(len(unit)), truth[unit]
        others[itself] = np.maximum(others[itself] - votes.weights()[unit], 0)
        moved = self._moved(self.assumed[function, label][:, None], others[:, None])[:, 0]
        moved *= self.discounts[function][:, None]
        added = [np.bincount(unit, moved[:, c], votes.units) for c in range(classes)]
        return np.stack(added, axis=1)

    def _moved(self, assumed: Array, counts: Array) -> Array:
        """By how much the log precisions move."""
        after = corrected(assumed, counts, doubt=self.doubt)
        return np.log(after) - np.log(assumed)


def corrected(assumed: Array, counts: Array, *, doubt: float) -> Array:
    """Precisions moved by the votes that gold has judged, same shape.

    Args:
        assumed: P(class | the source voted l), shape (sources, l, classes).
        counts: verified votes by what they were for and by class, same shape.
        doubt: how many standard errors they must be off before they correct.
    """
    number = counts.sum(axis=2, keepdims=True)
    off = counts - number * assumed
    # One answer more or less decides nothing: of a class that was thought impossible it would else
    # make a likely one, since its standard error is next to nothing.
    chance = doubt * np.sqrt(number * assumed * (1 - assumed)) + 1
    surprise = np.sign(off) * np.maximum(np.abs(off) - chance, 0)
    return normalised_rows(np.maximum(assumed + surprise / np.maximum(number, 1), 1e-6))
