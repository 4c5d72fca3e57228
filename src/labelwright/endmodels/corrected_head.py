"""A linear head that machines' labels teach, and people's answers correct."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from labelwright.endmodels.calibration import ProbabilityCorrection
from labelwright.endmodels.encoders import Matrix, is_sparse
from labelwright.endmodels.linear import LinearFit, LinearHead
from labelwright.endmodels.targets import Training

MACHINES_WEIGH = 100.0
"""All labels of machines together weigh like so many answers at most."""


@dataclass(slots=True)
class CorrectedHead:
    """A head that is fitted twice: to what machines say, then to what people answer.

    Labels of machines are many and err together, answers are few and right. Weighed in one sum the
    many drown the few, and made light they say no more than a few answers themselves. So machines
    teach a head of its own, as if there were no answers; they are to weigh little
    (`MACHINES_WEIGH`), since what they err in together is not averaged away. How sharp it is, is
    calibrated on the answers, none of which it has seen. Then answers alone teach how far to move
    from there: the penalty is on the distance from what machines taught (`LinearHead.fit`,
    `toward`). Where machines are right nothing has to move; where they are wrong answers move the
    head as they would without them, from another place.

    Each fit starts from the one before, and what machines say is learnt once while it is the very
    same value.

    Attributes:
        head: how both are fitted, with a strength.

    Example:
        >>> features = np.array([[-2.0], [-1.0], [1.0], [2.0]])
        >>> machines = Training(np.array([0, 3]), np.array([[0.9, 0.1], [0.1, 0.9]]), np.ones(2))
        >>> nobody = Training(np.arange(0), np.zeros((0, 2)), np.zeros(0))
        >>> head = CorrectedHead(LinearHead(strength=10.0, calibration="none"))
        >>> head.fit(features, machines, nobody).predict(features).argmax(axis=1)
        array([0, 0, 1, 1])

    Reference:
        C. Chelba, A. Acero: Adaptation of Maximum Entropy Capitalizer: Little Data Can Help a Lot.
        EMNLP 2004, section 3. https://aclanthology.org/W04-3237. A model of much data as the mean
        of the prior for one of little.
    """

    head: LinearHead
    _machines: Training | None = field(default=None, init=False)
    _by_machines: LinearFit | None = field(default=None, init=False)
    _fit: LinearFit | None = field(default=None, init=False)

    def fit(self, features: Matrix, machines: Training, answers: Training) -> LinearFit:
        """The head; one of both may be empty, and then the other teaches alone.

        Args:
            features: of all items, shape (items, features).
            machines: what they say of items that nobody answered.
            answers: what people say of others.
        """
        if not len(machines.rows):
            self._by_machines = None
        elif machines is not self._machines:
            self._by_machines = _fitted(self.head, features, machines, self._by_machines)
        self._machines = machines
        if not len(answers.rows) and self._by_machines is not None:
            return self._by_machines
        known = self._by_machines
        toward = None if known is None else _calibrated(known, features, answers)
        self._fit = _fitted(self.head, features, answers, self._fit, toward)
        return self._fit


def _calibrated(fit: LinearFit, features: Matrix, answers: Training) -> LinearFit:
    """The fit as sharp as answers that it has not seen bear out; as it is if it knows one class."""
    seen = fit.seen.seen
    target = answers.target[:, seen]
    among = target.sum(axis=1)
    rows = np.flatnonzero(among > 0)
    if len(seen) < 2 or not len(rows):
        return fit
    said = fit.predict(features[answers.rows[rows]])[:, seen]
    weight = answers.weight[rows] * among[rows]
    target = target[rows] / among[rows, None]
    said /= said.sum(axis=1, keepdims=True)
    return replace(fit, calibration=ProbabilityCorrection.fit(said, target, weight, "temperature"))


def _fitted(
    head: LinearHead,
    features: Matrix,
    training: Training,
    start: LinearFit | None,
    toward: LinearFit | None = None,
) -> LinearFit:
    taught = features[training.rows]
    if not is_sparse(taught):
        taught = np.asarray(taught, np.float64)
    return head.fit(taught, training.target, training.weight, start=start, toward=toward)
