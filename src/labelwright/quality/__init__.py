"""Layer 3: measures of sources, labels and models."""

from __future__ import annotations

from labelwright.quality.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from labelwright.quality.calibration import (
    Reliability,
    brier_score,
    calibration_error,
    log_loss,
    reliability,
)
from labelwright.quality.cost import Cost, Wage, labelling_cost
from labelwright.quality.dependence import Pairs, dependence
from labelwright.quality.estimate import Estimate, accuracy_of_all
from labelwright.quality.intervals import (
    Interval,
    bootstrap,
    clopper_pearson,
    jeffreys,
    wilson,
)
from labelwright.quality.labels import LabelQuality, label_quality
from labelwright.quality.sources import SourceReport, source_report
from labelwright.quality.target import certified, most_above, wrong_allowed

__all__ = [
    "Cost",
    "Estimate",
    "Interval",
    "LabelQuality",
    "Pairs",
    "Reliability",
    "SourceReport",
    "Wage",
    "accuracy_of_all",
    "bootstrap",
    "brier_score",
    "calibration_error",
    "certified",
    "clopper_pearson",
    "cohen_kappa",
    "dependence",
    "fleiss_kappa",
    "jeffreys",
    "krippendorff_alpha",
    "label_quality",
    "labelling_cost",
    "log_loss",
    "most_above",
    "reliability",
    "source_report",
    "wilson",
    "wrong_allowed",
]
