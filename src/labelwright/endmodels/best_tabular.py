"""Tables: whichever of boosted trees and the linear model predicts the soft labels better."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.ports import EndModel
from labelwright.endmodels.classifier import LinearPredictor
from labelwright.endmodels.encoders import Encoded, Encoder, check_names
from labelwright.endmodels.tabular import BoostingPredictor, TabularBoosting, TabularLinear

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tabular:
    """Trees or the linear model, whichever has the smaller cross-fitted expected log loss.

    Where there are too few items to tell, the linear one.

    Attributes:
        columns: the fields to read.
        most_classes: with more classes only the linear model is tried: trees are grown for each
            class, which would take minutes.
    """

    columns: tuple[str, ...]
    most_classes: int = 30

    def __post_init__(self) -> None:
        check_names("columns", self.columns)

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.columns

    def fit(
        self,
        items: pa.Table,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        *,
        seed: int,
    ) -> LinearPredictor | BoostingPredictor:
        """The better predictor of the two."""
        linear = TabularLinear(self.columns).fit(items, target, weight, seed=seed)
        if len(linear.head.seen.seen) > self.most_classes:
            return linear
        boosting = TabularBoosting(self.columns).fit(items, target, weight, seed=seed)
        logger.info("log loss: linear %.4f, boosting %.4f", linear.head.loss, boosting.loss)
        return boosting if boosting.loss < linear.head.loss else linear

    def quick(self, classes: int) -> tuple[EndModel, ...]:
        """Both models, for a mixture; the linear one alone where trees would take too long."""
        trees = TabularBoosting(self.columns).quick(classes)
        return (TabularLinear(self.columns), *(trees if classes <= self.most_classes else ()))

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """As the linear model's."""
        return TabularLinear(self.columns).features(items, seed=seed)
