"""What several label models make of the same votes, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError
from labelwright.core.posterior import Posterior
from labelwright.quality.labels.calibration import calibration_error, log_loss
from labelwright.quality.labels.label_quality import label_quality

Array = NDArray[np.float64]

DISPUTED = 10
GAP_THAT_IS_A_TIE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Several label models side by side. M methods, K classes, U units.

    Attributes:
        methods: their names, shape (M,).
        classes: names, shape (K,).
        label: the class that each gives each unit, -1 where nobody voted, shape (M, U).
        confidence: the probability of it, shape (M, U).
        coverage: the share of units with votes, shape (M,).
        undecided: the share of these whose two most probable classes are equally so, (M,).
        balance: the share of every class among the labels, shape (M, K).
        agreement: the share of covered units on which two methods agree, shape (M, M).
        judged: how many units could be held against the truth, shape (M,).
        accuracy: the share of these that is right, NaN without any, shape (M,).
        low: the lower end of its 95 % interval (Wilson), shape (M,).
        high: the upper end, shape (M,).
        f1_macro: the mean F1 of the classes, shape (M,).
        calibration_error: of the same units, shape (M,).
        log_loss: likewise.
        dispute: how far the methods differ on each unit, 0 to 1, shape (U,).
        disputed: the units on which their labels differ, most disputed first.
    """

    methods: tuple[str, ...]
    classes: tuple[str, ...]
    label: NDArray[np.int64]
    confidence: Array
    coverage: Array
    undecided: Array
    balance: Array
    agreement: Array
    judged: NDArray[np.int64]
    accuracy: Array
    low: Array
    high: Array
    f1_macro: Array
    calibration_error: Array
    log_loss: Array
    dispute: Array
    disputed: NDArray[np.int64]

    def rows(self) -> list[dict[str, Any]]:
        """One row a method; what is unknown is None."""
        columns = (
            "coverage", "undecided", "judged", "accuracy", "low", "high", "f1_macro",
            "calibration_error", "log_loss",
        )  # fmt: skip
        return [
            {"method": method}
            | {name: _plain(getattr(self, name)[row]) for name in columns}
            | {"balance": dict(zip(self.classes, self.balance[row].tolist(), strict=True))}
            for row, method in enumerate(self.methods)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Everything but what is per unit, as JSON can hold it."""
        return {
            "methods": self.rows(),
            "agreement": {
                one: dict(zip(self.methods, self.agreement[row].tolist(), strict=True))
                for row, one in enumerate(self.methods)
            },
            "units_that_differ": len(self.disputed),
        }

    def to_frame(self) -> Any:
        """The rows as a Polars data frame, one a method, with a column per class."""
        import polars as pl

        rows = self.rows()
        for row in rows:
            row |= {f"share_{name}": share for name, share in row.pop("balance").items()}
        return pl.DataFrame(rows, infer_schema_length=None)


def compare_labels(
    posteriors: Mapping[str, Posterior],
    *,
    classes: tuple[str, ...],
    truth: ArrayLike | None = None,
    judged: Mapping[str, Posterior] | None = None,
) -> Comparison:
    """What the posteriors of several methods on the same units have in common, and what not.

    Args:
        posteriors: of every method by name, at least one.
        classes: names of the classes.
        truth: class index of every unit, -1 where unknown, shape (units,).
        judged: posteriors to hold against the truth, if other ones: such in which gold had no
            say.

    Raises:
        DataError: no method, or posteriors of different units.
    """
    every = list(posteriors.values())
    if not every or len({each.probability.shape for each in every}) != 1:
        raise DataError("a comparison needs at least one method, all of the same units")
    units, size = every[0].probability.shape
    if size != len(classes):
        raise DataError(f"{size} classes need as many names, got {len(classes)}")
    known = np.full(units, -1) if truth is None else np.asarray(truth, np.int64)
    label = np.stack([np.where(each.covered, each.label, -1) for each in every])
    counts = np.stack([np.bincount(row[row >= 0], minlength=size) for row in label])
    dispute = _dispute(every)
    differ = (label != label[0]).any(axis=0)
    order = np.argsort(-dispute, kind="stable")
    held = [(judged or posteriors)[name] for name in posteriors]
    scores = [_scores(each, known) for each in held]
    covered = np.stack([each.covered for each in every])
    return Comparison(
        methods=tuple(posteriors),
        classes=classes,
        label=label,
        confidence=np.stack([each.confidence for each in every]),
        coverage=covered.mean(axis=1) if units else np.zeros(len(every)),
        undecided=np.array([_undecided(each) for each in every]),
        balance=counts / np.maximum(counts.sum(axis=1, keepdims=True), 1),
        agreement=_agreement(label),
        judged=np.array([score[0] for score in scores], np.int64),
        **{
            name: np.array([score[place] for score in scores], np.float64)
            for place, name in enumerate(
                ("accuracy", "low", "high", "f1_macro", "calibration_error", "log_loss"), 1
            )
        },
        dispute=dispute,
        disputed=order[differ[order]],
    )


def undecided(posterior: Posterior) -> NDArray[np.bool_]:
    """Which covered units have two most probable classes that are equally so, shape (units,)."""
    if posterior.classes < 2:
        return np.zeros(posterior.units, bool)
    top = np.partition(posterior.probability, -2, axis=1)[:, -2:]
    return posterior.covered & (top[:, 1] - top[:, 0] < GAP_THAT_IS_A_TIE)


def _undecided(posterior: Posterior) -> float:
    return float(undecided(posterior).sum() / max(posterior.covered.sum(), 1))


def _dispute(posteriors: list[Posterior]) -> Array:
    """The Jensen-Shannon divergence of the methods, in units of the most it can be; (units,)."""
    mean = np.mean([each.probability for each in posteriors], axis=0)
    spread = Posterior(mean, posteriors[0].covered).entropy
    own = np.mean([each.entropy for each in posteriors], axis=0)
    most = np.log(min(len(posteriors), max(posteriors[0].classes, 2))) or 1.0
    return np.clip((spread - own) / most, 0, 1)


def _agreement(label: NDArray[np.int64]) -> Array:
    found = np.ones((len(label), len(label)))
    for row, one in enumerate(label):
        both = (one >= 0) & (label >= 0)
        same = (both & (label == one)).sum(axis=1)
        found[row] = np.where(both.any(axis=1), same / np.maximum(both.sum(axis=1), 1), np.nan)
    return found


def _scores(posterior: Posterior, truth: NDArray[np.int64]) -> tuple[float, ...]:
    quality = label_quality(posterior, truth, covered=posterior.covered)
    low, high = quality.accuracy_interval()
    known = posterior.covered & (truth >= 0)
    held = posterior.probability[known], truth[known]
    return (
        quality.items, quality.accuracy, low, high, quality.f1_macro,
        calibration_error(*held), log_loss(*held),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """A number as Python has it, None for NaN."""
    plain = value.item()
    return None if plain != plain else plain  # noqa: PLR0124 - only NaN differs from itself
