"""The last layer of a linear end model, moved along with what people answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.endmodels.corrected_head import CorrectedHead
from labelwright.endmodels.encoders import Matrix, is_sparse
from labelwright.endmodels.linear import LinearFit, LinearHead
from labelwright.endmodels.targets import Training

TUNING_ROWS = 2_000
FIRST_STEPS = 100
PIECE_ROWS = 8_192
LEAST_ROWS = 2_000
CORRECTING = 10.0
"""The strength with which machines teach and answers correct, for features of mean square length 1.
Chosen by how well machines' labels are foretold it would be small where content does not foretell
them, and nothing could be corrected, and large where it repeats them."""


@dataclass(slots=True)
class MovingHead:
    """A linear head on features that stay in memory; each fit starts from the one before.

    Where all labels are learnt in one sum, the strength of the penalty and the calibration are
    chosen once, from the first ones.

    Attributes:
        features: of all items, shape (items, features).
        most_work: so many items times features times classes are learnt from at most: it bounds
            the time of a fit. Items that count more come first, and mostly the same ones each
            time, so that a fit starts near its end.
        steps: of the optimiser, at most, for each fit after the first.
    """

    features: Matrix
    most_work: int = 12_000_000
    steps: int = 15
    _fit: LinearFit | None = field(default=None, init=False)
    _in_turn: CorrectedHead | None = field(default=None, init=False)
    _machines: tuple[Training, Training] | None = field(default=None, init=False)

    def refit(self, training: Training, answers: Training | None = None) -> NDArray[np.float32]:
        """What the head now says of every item, shape (items, classes).

        Args:
            training: what machines say, or all labels; where there are too many, a draw of them by
                weight. The very value of the time before is not learnt again.
            answers: what people say of other items, which corrects what machines say
                (`CorrectedHead`); one of both has a row at least.
        """
        if answers is None or not len(training.rows):
            return self._said(self._alone(training if answers is None else answers))
        if self._machines is None or training is not self._machines[0]:
            self._machines = training, self._drawn(training)
        if self._in_turn is None:
            strength = _strength_for(self.features[self._machines[1].rows])
            head = LinearHead(strength, calibration="none", steps=FIRST_STEPS)
            self._in_turn = CorrectedHead(head)
        return self._said(self._in_turn.fit(self.features, self._machines[1], self._drawn(answers)))

    def _alone(self, training: Training) -> LinearFit:
        """The head taught by these labels, all in one sum."""
        drawn = self._drawn(training)
        taught = self.features[drawn.rows]
        taught = taught if is_sparse(taught) else np.asarray(taught, np.float64)
        if self._fit is None or self._fit.seen.classes != training.target.shape[1]:
            head = LinearHead(tuning_rows=TUNING_ROWS, steps=FIRST_STEPS)
            self._fit = head.fit(taught, drawn.target, drawn.weight)
            return self._fit
        head = LinearHead(self._fit.strength, calibration="none", steps=self.steps)
        fit = head.fit(taught, drawn.target, drawn.weight, start=self._fit)
        same = len(fit.seen.seen) == len(self._fit.seen.seen)
        calibration = self._fit.calibration if same else fit.calibration
        self._fit = replace(fit, calibration=calibration)
        return self._fit

    def _said(self, fit: LinearFit) -> NDArray[np.float32]:
        """Predictions in pieces and single precision: ten times as quick as all at once."""
        single = replace(fit, coefficient=fit.coefficient.astype(np.float32))
        starts = range(0, self.features.shape[0], PIECE_ROWS)
        pieces = [single.predict(self.features[one : one + PIECE_ROWS]) for one in starts]
        return np.concatenate(pieces).astype(np.float32)

    def _drawn(self, training: Training) -> Training:
        # Two classes share one vector of coefficients; of sparse rows only what is there counts.
        classes = training.target.shape[1]
        items, width = self.features.shape
        held = max(self.features.nnz // max(items, 1), 1) if is_sparse(self.features) else width
        wanted = self.most_work // (held * (classes if classes > 2 else 1))
        most, size = max(LEAST_ROWS, wanted), len(training.rows)
        if size <= most:
            return training
        # Efraimidis and Spirakis: the largest u^(1/w) are a draw by weight without replacement.
        # The same u for an item each time: what a vote does not change stays in the draw.
        lot = np.log(np.random.default_rng(0).random(items)[training.rows]) / training.weight
        chosen = np.sort(np.argpartition(-lot, most)[:most])
        return Training(training.rows[chosen], training.target[chosen], training.weight[chosen])


def _strength_for(features: Matrix) -> float:
    """The strength of corrections by these items."""
    values = features.data if is_sparse(features) else features
    squares = float(np.square(values, dtype=np.float64).sum()) / features.shape[0]
    return CORRECTING / squares if squares > 0 else CORRECTING


@dataclass(slots=True)
class MovingHeads:
    """A `MovingHead` for each of the units that every item has, on the same features.

    Attributes:
        features: of all items, shape (items, features).
        heads: how many units every item has; they share the time of a fit.
    """

    features: Matrix
    heads: int = 1
    _moving: tuple[MovingHead, ...] = field(default=(), init=False)
    _taught: Training | None = field(default=None, init=False)
    _by_head: tuple[Training, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        alone = MovingHead(self.features)
        work = max(alone.most_work // self.heads, 1)
        self._moving = tuple(MovingHead(self.features, work) for _ in range(self.heads))

    def refit(self, training: Training, answers: Training | None = None) -> NDArray[np.float32]:
        """What the heads now say of every item, shape (items * heads, classes).

        A head of which nothing is known holds every class for as likely.

        Args:
            training: as for `MovingHead`; rows are units, all of the first item, of the second...
            answers: likewise.
        """
        if self.heads == 1:
            return self._moving[0].refit(training, answers)
        if training is not self._taught:
            self._taught, self._by_head = training, self._split(training)
        corrections = (None,) * self.heads if answers is None else self._split(answers)
        items, classes = self.features.shape[0], training.target.shape[1]
        said = np.full((items, self.heads, classes), 1 / classes, np.float32)
        each = zip(self._moving, self._by_head, corrections, strict=True)
        for head, (moving, own, correcting) in enumerate(each):
            if len(own.rows) or (correcting is not None and len(correcting.rows)):
                said[:, head] = moving.refit(own, correcting)
        return said.reshape(-1, classes)

    def _split(self, training: Training) -> tuple[Training, ...]:
        """The labels of each head, of items."""
        of_items = replace(training, rows=training.rows // self.heads)
        return tuple(
            of_items.only(training.rows % self.heads == head) for head in range(self.heads)
        )
