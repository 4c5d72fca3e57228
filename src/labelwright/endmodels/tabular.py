"""Tables: boosted trees, a linear model, or whichever predicts the soft labels better."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError, SourceError
from labelwright.core.ports import EndModel
from labelwright.endmodels.calibration import (
    Calibrating,
    ProbabilityCorrection,
    log_loss,
    log_softmax,
)
from labelwright.endmodels.classifier import LinearModel
from labelwright.endmodels.columns import (
    Column,
    ColumnEncoder,
    learn_columns,
    pack_columns,
    raw_matrix,
    unpack_columns,
)
from labelwright.endmodels.encoders import CHUNK_ROWS, Encoded, Encoder, check_names
from labelwright.endmodels.folds import assign_folds, usable_folds
from labelwright.endmodels.linear import LinearHead, content_key, drawn_rows
from labelwright.endmodels.saved import Packed, nested, part_of, write
from labelwright.endmodels.targets import SeenClasses, checked_training
from labelwright.endmodels.threads import threads_for
from labelwright.endmodels.trees import Trees

MOST_CATEGORIES = 250
"""scikit-learn's trees tell at most 255 values apart."""


BINS = 255
"""How many values of a number the boosted trees tell apart."""
QUICK_STEPS = 30
"""Trees a class where nothing is to be chosen: about what is best for a few hundred items."""


@dataclass(frozen=True, slots=True)
class TabularLinear(LinearModel):
    """Standardised numbers and one feature a category, with a linear head.

    Attributes:
        columns: the fields to read: numbers, booleans, dates and times, text as categories.
        max_categories: so many of a column's most frequent values get a feature.
        head: the classifier on top.
    """

    columns: tuple[str, ...]
    max_categories: int = 100
    head: LinearHead = field(default_factory=LinearHead)

    def __post_init__(self) -> None:
        _check_columns(self.columns, self.max_categories)

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.columns

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """The encoder that these items teach, and their vectors."""
        encoder = ColumnEncoder(learn_columns(items, self.columns, self.max_categories))
        return encoder, encoder.encode(items)


@dataclass(frozen=True, slots=True)
class TabularBoosting:
    """Gradient-boosted trees on numbers and categories; gaps need no filling.

    An item with a soft label counts once for each class, by its probability: that makes the
    trees minimise the expected log loss.

    Attributes:
        columns: the fields to read.
        max_categories: so many of a column's most frequent values are told apart, at most 250.
        steps: so many trees a class; None chooses by cross-validated expected log loss.
        most_steps: at most so many are tried.
        learning_rate: how much a tree adds.
        leaves: of a tree, at most.
        min_leaf: so many rows in a leaf at least.
        calibration: as of `LinearHead`.
        folds: of the cross-validation.
        tuning_rows: at most so many items take part in it.
        least_probability: classes less probable than this share of the item's best are dropped.

    Reference:
        J. H. Friedman: Greedy Function Approximation: A Gradient Boosting Machine. Annals of
        Statistics 29(5), 2001. DOI 10.1214/aos/1013203451
    """

    columns: tuple[str, ...]
    max_categories: int = 100
    steps: int | None = None
    most_steps: int = 100
    learning_rate: float = 0.1
    leaves: int = 31
    min_leaf: int = 20
    calibration: Calibrating = "temperature"
    folds: int = 3
    tuning_rows: int = 20_000
    least_probability: float = 0.01

    def __post_init__(self) -> None:
        _check_columns(self.columns, self.max_categories)
        if self.steps is not None and self.steps < 1:
            raise SettingsError(f"steps must be at least 1, got {self.steps}")

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return self.columns

    def quick(self, classes: int) -> tuple[EndModel, ...]:
        """Trees whose number is not chosen anew for every fit."""
        return (replace(self, steps=self.steps or QUICK_STEPS, calibration="none"),)

    def fit(
        self,
        items: pa.Table,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        *,
        seed: int,
    ) -> BoostingPredictor:
        """The predictor that these soft labels teach."""
        items, target, weight = checked_training(items, target, weight)
        columns = learn_columns(items, self.columns, self.max_categories)
        features = _snapped(raw_matrix(items, columns))
        # A value is looked at once for each level of a tree, and there are about five.
        with threads_for(features.size * target.shape[1] * 5):
            return self._fitted(features, target, weight, columns, seed)

    def _fitted(
        self,
        features: NDArray[np.float64],
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        columns: tuple[Column, ...],
        seed: int,
    ) -> BoostingPredictor:
        seen = SeenClasses.of(target, weight)
        calibration = ProbabilityCorrection.none(len(seen.seen))
        if len(seen.seen) == 1:
            return BoostingPredictor(columns, None, seen, calibration)
        narrow = seen.narrow(target)
        steps, loss = self.steps or 0, float("nan")
        if not steps or self.calibration != "none":
            steps, loss, calibration = self._tuned(features, narrow, weight, columns, seed)
        grown = self._grown(features, narrow, weight, columns, steps, seed)
        trees = Trees.copied(grown)
        _check_copy(trees, grown, features)
        return BoostingPredictor(columns, trees, seen, calibration, loss)

    def _tuned(
        self,
        features: NDArray[np.float64],
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        columns: tuple[Column, ...],
        seed: int,
    ) -> tuple[int, float, ProbabilityCorrection]:
        """How many steps are best, their cross-fitted loss, and the calibration."""
        classes, most = target.shape[1], self.steps or self.most_steps
        key = content_key(_ranked(features), seed)
        rows = drawn_rows(key, self.tuning_rows)
        features, key, target, weight = features[rows], key[rows], target[rows], weight[rows]
        folds = usable_folds(key, self.folds)
        if not folds:
            return most, float("nan"), ProbabilityCorrection.none(classes)
        fold = assign_folds(key, target.argmax(axis=1), folds, seed)
        staged = np.empty((most, *target.shape), np.float32)
        for held_out in range(folds):
            held, learn = fold == held_out, fold != held_out
            seen = SeenClasses.of(target[learn], weight[learn])
            if len(seen.seen) == 1:
                staged[:, held] = seen.prior
                continue
            grown = self._grown(
                features[learn], seen.narrow(target[learn]), weight[learn], columns, most, seed,
            )  # fmt: skip
            for step, probability in enumerate(grown.staged_predict_proba(features[held])):
                staged[step, held] = seen.widen(probability)
        losses = [log_loss(stage.astype(np.float64), target, weight) for stage in staged]
        best = most - 1 if self.steps else int(np.argmin(losses))
        predicted = staged[best].astype(np.float64)
        calibration = ProbabilityCorrection.fit(predicted, target, weight, self.calibration)
        return best + 1, losses[best], calibration

    def _grown(
        self,
        features: NDArray[np.float64],
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        columns: tuple[Column, ...],
        steps: int,
        seed: int,
    ) -> Any:
        """scikit-learn's trees on every item once for each class that it may have."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        # Binning needs a value in every column; one without any is constant, so never split on.
        features = np.where(np.isnan(features).all(axis=0), 0.0, features)
        floor = self.least_probability * target.max(axis=1, keepdims=True)
        row, label = np.nonzero(target > floor)
        model = HistGradientBoostingClassifier(
            learning_rate=self.learning_rate,
            max_iter=steps,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=min(self.min_leaf, max(1, len(features) // 10)),
            categorical_features=[not one.number for one in columns],
            early_stopping=False,
            random_state=seed,
        )
        each = weight[row] * target[row, label]
        return model.fit(features[row], label, sample_weight=each)


def _snapped(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """The features with at most `BINS` different values a column, each the mean of its bin.

    Trees see no more anyway, and scikit-learn's own binning of weighted rows takes seconds.
    """
    snapped = features.copy()
    for column in range(features.shape[1]):
        known = ~np.isnan(features[:, column])
        values = features[known, column]
        if len(np.unique(values)) > BINS:
            edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
            code = np.searchsorted(edges, values)
            mean = np.bincount(code, values) / np.maximum(np.bincount(code), 1)
            snapped[known, column] = mean[code]
    return snapped


@dataclass(frozen=True, slots=True, eq=False)
class BoostingPredictor:
    """Trained trees.

    Attributes:
        columns: what was learnt about the columns, in the order of the features.
        trees: None where training showed one class only.
        seen: the classes that training showed.
        calibration: of their probabilities.
        loss: the cross-fitted expected log loss before calibration; NaN if not measured.
    """

    kind: ClassVar[str] = "boosting"
    columns: tuple[Column, ...]
    trees: Trees | None
    seen: SeenClasses
    calibration: ProbabilityCorrection
    loss: float = float("nan")

    def predict(self, items: pa.Table) -> NDArray[np.float64]:
        """Class probabilities, shape (items, classes); memory stays bounded."""
        if self.trees is None:
            return np.tile(self.seen.prior, (items.num_rows, 1))
        pieces = [np.empty((0, self.seen.classes))]
        for start in range(0, items.num_rows, CHUNK_ROWS):
            features = raw_matrix(items.slice(start, CHUNK_ROWS), self.columns)
            probability = probabilities(self.trees.scores(features))
            pieces.append(self.seen.widen(self.calibration.apply(probability)))
        return np.concatenate(pieces)

    def save(self, folder: Path) -> None:
        """Writes a JSON header and arrays; `endmodels.load` reads them back."""
        header = {
            "classes": self.seen.classes,
            "floor": self.seen.floor,
            "scale": self.calibration.scale,
            "loss": None if np.isnan(self.loss) else self.loss,
            "grown": self.trees is not None,
        }
        arrays = {
            "seen": self.seen.seen,
            "share": self.seen.share,
            "shift": self.calibration.shift,
        }
        trees = Packed() if self.trees is None else self.trees.pack()
        packed = nested(
            head=Packed(header, arrays), columns=pack_columns(self.columns), trees=trees
        )
        write(folder, self.kind, packed)

    @classmethod
    def unpack(cls, packed: Packed) -> BoostingPredictor:
        """The predictor that was saved."""
        head = part_of(packed, "head")
        header, arrays = head.header, head.arrays
        return cls(
            unpack_columns(part_of(packed, "columns")),
            Trees.unpack(part_of(packed, "trees")) if header["grown"] else None,
            SeenClasses(arrays["seen"], arrays["share"], header["classes"], header["floor"]),
            ProbabilityCorrection(header["scale"], arrays["shift"]),
            float("nan") if header["loss"] is None else header["loss"],
        )


def probabilities(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probabilities that raw scores stand for; one column is the second of two classes."""
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    return np.exp(log_softmax(scores))


def _ranked(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features of comparable size without gaps, to tell rows apart by."""
    size = np.nanmax(np.abs(features), axis=0, initial=0.0)
    return np.nan_to_num(features / np.where(size > 0, size, 1.0), nan=-2.0)


def _check_copy(trees: Trees, grown: Any, features: NDArray[np.float64]) -> None:
    """Refuses trees that do not predict as scikit-learn does, in case it changes its insides."""
    sample = features[:200]
    if not np.allclose(probabilities(trees.scores(sample)), grown.predict_proba(sample)):
        from sklearn import __version__

        raise SourceError(
            f"the trees of scikit-learn {__version__} cannot be read by this release of "
            "Labelwright; use the linear model, or another version of scikit-learn"
        )


def _check_columns(columns: tuple[str, ...], max_categories: int) -> None:
    check_names("columns", columns)
    if not 1 <= max_categories <= MOST_CATEGORIES:
        raise SettingsError(
            f"max_categories must be between 1 and {MOST_CATEGORIES}, got {max_categories}"
        )
