"""What machines teach a head, and what people's answers correct afterwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from labelwright.core.posterior import Posterior
from labelwright.core.units import Units
from labelwright.endmodels import Training, with_pseudo_labels
from labelwright.pipeline.label.described import answered_units, worth_before_answers


def in_turn(units: Units, training: Training, votes: Posterior) -> tuple[Training, Training]:
    """The labels of units that nobody answered, and those of units that people or gold did.

    The two that `CorrectedHead` learns one after the other. What rests on class descriptions alone
    counts as far as answers bear them out.

    Args:
        units: with their votes.
        training: the labels of any of these units, in all their weight.
        votes: the posterior of the votes alone.
    """
    answered = np.isin(training.rows, answered_units(units))
    machines, answers = training.only(~answered), training.only(answered)
    worth = worth_before_answers(units, votes)
    if worth is None:
        return machines, answers
    own = worth[machines.rows]
    weighed = replace(
        machines,
        target=with_pseudo_labels(machines.target, own),
        weight=machines.weight * own,
    )
    return weighed.only(own > 0), answers
