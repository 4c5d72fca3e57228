"""What machines teach a head, and what people's answers correct afterwards."""

from __future__ import annotations

import numpy as np

from labelwright.core.posterior import Posterior
from labelwright.core.units import Units
from labelwright.endmodels import MACHINES_WEIGH, Training, with_pseudo_labels
from labelwright.pipeline.label.described import answered_units, worth_before_answers


def in_turn(units: Units, training: Training, votes: Posterior) -> tuple[Training, Training]:
    """The labels of units that nobody answered, and those of units that people or gold did.

    The two that `CorrectedHead` learns one after the other. All that machines say together weighs
    `MACHINES_WEIGH` at most; what rests on class descriptions alone weighs by itself, as far as
    answers bear it out.

    Args:
        units: with their votes.
        training: the labels of any of these units, in all their weight.
        votes: the posterior of the votes alone.
    """
    answered = np.isin(training.rows, answered_units(units))
    machines, answers = training.only(~answered), training.only(answered)
    worth = worth_before_answers(units, votes)
    if worth is None:
        return machines.at_most(MACHINES_WEIGH), answers
    hinted = units.matrix.described_only[machines.rows]
    voted = machines.only(~hinted).at_most(MACHINES_WEIGH)
    own = worth[machines.rows] * hinted
    rows, target, weight = machines.rows, machines.target, machines.weight * own
    weight[~hinted] = voted.weight
    taught = Training(rows, with_pseudo_labels(target, np.where(hinted, own, 1.0)), weight)
    return taught.only(weight > 0), answers
