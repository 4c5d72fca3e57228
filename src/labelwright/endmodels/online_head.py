"""The last layer of a linear end model, moved along with what people answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.endmodels.encoders import Matrix, is_sparse
from labelwright.endmodels.linear import LinearFit, LinearHead
from labelwright.endmodels.targets import Training

TUNING_ROWS = 2_000
FIRST_STEPS = 100
PIECE_ROWS = 8_192
LEAST_ROWS = 2_000


@dataclass(slots=True)
class MovingHead:
    """A linear head on features that stay in memory; each fit starts from the one before.

    The strength of the penalty and the calibration are chosen once, from the first labels.

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

    def refit(self, training: Training) -> NDArray[np.float32]:
        """What the head now says of every item, shape (items, classes).

        Args:
            training: at least one row; where there are too many, a draw of them by weight.
        """
        rows, target, weight = self._drawn(training)
        taught = np.asarray(self.features[rows], np.float64) if self._dense else self.features[rows]
        first = self._fit is None or self._fit.seen.classes != target.shape[1]
        if first:
            head = LinearHead(tuning_rows=TUNING_ROWS, steps=FIRST_STEPS)
            self._fit = head.fit(taught, target, weight)
        else:
            assert self._fit is not None  # noqa: S101 - else it is the first
            head = LinearHead(self._fit.strength, calibration="none", steps=self.steps)
            fit = head.fit(taught, target, weight, start=self._fit)
            same = len(fit.seen.seen) == len(self._fit.seen.seen)
            calibration = self._fit.calibration if same else fit.calibration
            self._fit = replace(fit, calibration=calibration)
        return self._said()

    @property
    def _dense(self) -> bool:
        return not is_sparse(self.features)

    def _said(self) -> NDArray[np.float32]:
        """Predictions in pieces and single precision: ten times as quick as all at once."""
        assert self._fit is not None  # noqa: S101 - it was just made
        single = replace(self._fit, coefficient=self._fit.coefficient.astype(np.float32))
        starts = range(0, self.features.shape[0], PIECE_ROWS)
        pieces = [single.predict(self.features[one : one + PIECE_ROWS]) for one in starts]
        return np.concatenate(pieces).astype(np.float32)

    def _drawn(
        self, training: Training
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        # Two classes share one vector of coefficients; of sparse rows only what is there counts.
        classes = training.target.shape[1]
        items, width = self.features.shape
        held = width if self._dense else max(self.features.nnz // max(items, 1), 1)
        wanted = self.most_work // (held * (classes if classes > 2 else 1))
        most, size = max(LEAST_ROWS, wanted), len(training.rows)
        if size <= most:
            return training.rows, training.target, training.weight
        # Efraimidis and Spirakis: the largest u^(1/w) are a draw by weight without replacement.
        # The same u for an item each time: what a vote does not change stays in the draw.
        lot = np.log(np.random.default_rng(0).random(items)[training.rows]) / training.weight
        chosen = np.sort(np.argpartition(-lot, most)[:most])
        return training.rows[chosen], training.target[chosen], training.weight[chosen]


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

    def __post_init__(self) -> None:
        alone = MovingHead(self.features)
        work = max(alone.most_work // self.heads, 1)
        self._moving = tuple(MovingHead(self.features, work) for _ in range(self.heads))

    def refit(self, training: Training) -> NDArray[np.float32]:
        """What the heads now say of every item, shape (items * heads, classes).

        A head of which nothing is known holds every class for as likely.

        Args:
            training: rows are units, all of the first item, of the second...
        """
        if self.heads == 1:
            return self._moving[0].refit(training)
        items, classes = self.features.shape[0], training.target.shape[1]
        said = np.full((items, self.heads, classes), 1 / classes, np.float32)
        for head, moving in enumerate(self._moving):
            own = training.rows % self.heads == head
            if own.any():
                rows = training.rows[own] // self.heads
                taught = Training(rows, training.target[own], training.weight[own])
                said[:, head] = moving.refit(taught)
        return said.reshape(-1, classes)
