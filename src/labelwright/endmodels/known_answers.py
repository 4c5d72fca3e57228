"""Known answers as judges of content: what learnt from all labels, or from answers alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.endmodels.classifier import Reader
from labelwright.endmodels.cross_fit import Folds
from labelwright.endmodels.joint_inference import ContentBeliefs, Evidence, shifted

Array = NDArray[np.float64]

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the say of content, what goes to models taught by answers alone."""
DOUBT = 1.0
"""Against giving them all of it, in nats: as much evidence has to speak for it."""
LEAST_ANSWERS = 5
"""With fewer answers drawn at random nothing is judged."""
SUREST = 1e-3
"""No answer tells more against a mixture than one that it gave this probability."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownAnswers:
    """What is known of some units, and what all other sources say of them.

    Attributes:
        label: the class of each unit, -1 where it is not known, shape (units,).
        fair: whether it is known of a unit that was drawn at random, shape (units,).
        votes: the posterior of all votes but those that know, shape (units, classes).
        covered: whether there is any of these votes, shape (units,).
    """

    label: NDArray[np.int64]
    fair: NDArray[np.bool_]
    votes: Array
    covered: NDArray[np.bool_]

    def only(self, rows: NDArray[np.int64]) -> KnownAnswers:
        """What is known of these units alone."""
        return KnownAnswers(self.label[rows], self.fair[rows], self.votes[rows], self.covered[rows])

    def without(self, hidden: NDArray[np.bool_]) -> KnownAnswers:
        """The same with nothing known of the marked units, shape (units,)."""
        return replace(self, label=np.where(hidden, -1, self.label), fair=self.fair & ~hidden)


@dataclass(frozen=True, slots=True, eq=False)
class ContentReading:
    """What content says of every item, of models that did not see it.

    Models that learnt from the joint labels of all items speak, and models that learnt from the
    known answers alone, each as far as answers to items drawn at random bear them out. Where votes
    are good the former know far more; where votes mislead, what they teach misleads, too, and a
    hundred answers are the better teacher.

    Attributes:
        beliefs: what the former say.
        answered: what the latter say, shape (items, classes); None if there are too few answers to
            judge by.
        share: of the latter in what content says, 0 to 1.
        answered_by: the latter.
    """

    beliefs: ContentBeliefs
    answered: Array | None = None
    share: float = 0.0
    answered_by: tuple[Reader, ...] = ()

    @classmethod
    def judged(
        cls, beliefs: ContentBeliefs, evidence: Evidence, known: KnownAnswers, folds: Folds
    ) -> ContentReading:
        """The mixture that known answers bear out, on average over all mixtures.

        Every share s of `SHARES` weighs exp(sum log q_s(answer) - `DOUBT` s), where q_s joins the
        votes of all others to content mixed with that share, and the sum is over the answers to
        units that were drawn at random: those that were chosen were chosen for being hard. No
        model that speaks of a unit has learnt from its answer.

        Args:
            beliefs: what models say that learnt from joint labels.
            evidence: of the same units.
            known: likewise.
            folds: trains the end model on these units.
        """
        judges = np.flatnonzero(known.fair & beliefs.folded.readable)
        taught = np.unique(known.label[known.label >= 0])
        if len(judges) < LEAST_ANSWERS or len(taught) < 2:
            return cls(beliefs)
        target = np.eye(len(evidence.balance))[np.maximum(known.label, 0)]
        folded = folds(target, (known.label >= 0).astype(np.float64))
        joint = beliefs.of(beliefs.folded.probability, beliefs.folded.readable)
        answered = np.where(folded.readable[:, None], folded.probability, joint)
        others = replace(
            evidence.only(judges),
            votes=known.votes[judges],
            covered=known.covered[judges],
            settled=np.zeros(len(judges), bool),
        )
        shift, silent = beliefs.shift, ~others.sought
        weight = np.zeros(len(SHARES))
        for place, share in enumerate(SHARES):
            said = mixed(joint[judges], answered[judges], share, shift, silent)
            found = others.with_content(said)[np.arange(len(judges)), known.label[judges]]
            weight[place] = np.log(np.maximum(found, SUREST)).sum() - DOUBT * share
        weight = np.exp(weight - weight.max())
        mean = float(weight @ np.array(SHARES) / weight.sum())
        return cls(beliefs, answered, mean, folded.predictors)

    @property
    def joint(self) -> Array:
        """What models say that learnt from joint labels, shape (items, classes)."""
        return self.beliefs.of(self.beliefs.folded.probability, self.beliefs.folded.readable)


def mixed(
    joint: Array,
    answered: Array | None,
    share: float | Array,
    shift: Array,
    silent: NDArray[np.bool_],
) -> Array:
    """P(class | content), of what both sorts of models say. Shape (units, classes).

    Args:
        joint: what models say that learnt from joint labels.
        answered: what models say that learnt from known answers alone; None if nobody asked them.
        share: of the latter, one for all units or a column of one for each.
        shift: what the former is multiplied by where no source but people votes, (classes,) or
            (units, classes).
        silent: where that is, shape (units,).
    """
    said = shifted(joint, shift, silent)
    return said if answered is None else (1 - share) * said + share * answered
