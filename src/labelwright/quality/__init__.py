"""Layer 3: measures of sources, labels and models."""

from __future__ import annotations

from labelwright.quality.data.balance import balance_findings
from labelwright.quality.data.columns import column_findings, outliers
from labelwright.quality.data.copies import copies
from labelwright.quality.data.findings import Finding, Remedy, Severity, share
from labelwright.quality.data.leaks import leaked_answers
from labelwright.quality.data.near_duplicates import alike_pictures, alike_texts
from labelwright.quality.data.personal_data import mask, masked, personal_data
from labelwright.quality.data.pictures import picture_findings, sharpness_of
from labelwright.quality.data.schema import ColumnRules, schema_findings
from labelwright.quality.data.texts import text_findings
from labelwright.quality.drift.drift import (
    Shift,
    categories_shift,
    judged,
    mean_shift,
    numbers_shift,
    psi,
    share_shift,
)
from labelwright.quality.drift.drift_space import Apart, space_shift, words_shift
from labelwright.quality.intervals import (
    Interval,
    bootstrap,
    clopper_pearson,
    jeffreys,
    wilson,
)
from labelwright.quality.labels.average_precision import (
    COCO_OVERLAPS,
    AveragePrecision,
    average_precision,
)
from labelwright.quality.labels.calibration import (
    Calibration,
    Reliability,
    brier_score,
    calibration,
    calibration_error,
    log_loss,
    reliability,
    reliability_of,
)
from labelwright.quality.labels.class_balance import ClassBalance, answers_needed, class_balance
from labelwright.quality.labels.comparison import Comparison, compare_labels, undecided
from labelwright.quality.labels.contradiction import (
    Contradiction,
    HeldLabels,
    Rival,
    chance_right,
    contradictions,
)
from labelwright.quality.labels.estimate import Estimate, accuracy_of_all
from labelwright.quality.labels.gate import MeasureDifference, Verdict, compare_models
from labelwright.quality.labels.label_errors import Suspects, label_errors
from labelwright.quality.labels.label_quality import LabelQuality, label_quality
from labelwright.quality.labels.paired import Paired, paired
from labelwright.quality.labels.piece_quality import (
    PieceQuality,
    piece_quality,
    piece_reliability,
)
from labelwright.quality.labels.set_quality import SetQuality, set_quality
from labelwright.quality.labels.slices import (
    Facet,
    Slice,
    Slices,
    facet_by_mark,
    facet_by_size,
    facet_of,
    worst_slices,
)
from labelwright.quality.labels.stability import Stability, stability
from labelwright.quality.labels.target import (
    certified,
    least_audit,
    most_above,
    promising,
    wrong_allowed,
)
from labelwright.quality.labels.vote_strata import VoteStrata, vote_strata
from labelwright.quality.resampling import some_units
from labelwright.quality.sources.accuracy import Accuracy, estimates_worth, source_accuracy
from labelwright.quality.sources.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from labelwright.quality.sources.cost import Cost, Wage, labelling_cost
from labelwright.quality.sources.dependence import DependentPairs, dependence
from labelwright.quality.sources.model_checks import ModelChecks, model_checks
from labelwright.quality.sources.source_report import (
    FEWEST_SOURCES,
    SourceReport,
    source_report,
)
from labelwright.quality.sources.trust import Trust, trust

__all__ = [
    "COCO_OVERLAPS",
    "FEWEST_SOURCES",
    "Accuracy",
    "Apart",
    "AveragePrecision",
    "Calibration",
    "ClassBalance",
    "ColumnRules",
    "Comparison",
    "Contradiction",
    "Cost",
    "DependentPairs",
    "Estimate",
    "Facet",
    "Finding",
    "HeldLabels",
    "Interval",
    "LabelQuality",
    "MeasureDifference",
    "ModelChecks",
    "Paired",
    "PieceQuality",
    "Reliability",
    "Remedy",
    "Rival",
    "SetQuality",
    "Severity",
    "Shift",
    "Slice",
    "Slices",
    "SourceReport",
    "Stability",
    "Suspects",
    "Trust",
    "Verdict",
    "VoteStrata",
    "Wage",
    "accuracy_of_all",
    "alike_pictures",
    "alike_texts",
    "answers_needed",
    "average_precision",
    "balance_findings",
    "bootstrap",
    "brier_score",
    "calibration",
    "calibration_error",
    "categories_shift",
    "certified",
    "chance_right",
    "class_balance",
    "clopper_pearson",
    "cohen_kappa",
    "column_findings",
    "compare_labels",
    "compare_models",
    "contradictions",
    "copies",
    "dependence",
    "estimates_worth",
    "facet_by_mark",
    "facet_by_size",
    "facet_of",
    "fleiss_kappa",
    "jeffreys",
    "judged",
    "krippendorff_alpha",
    "label_errors",
    "label_quality",
    "labelling_cost",
    "leaked_answers",
    "least_audit",
    "log_loss",
    "mask",
    "masked",
    "mean_shift",
    "model_checks",
    "most_above",
    "numbers_shift",
    "outliers",
    "paired",
    "personal_data",
    "picture_findings",
    "piece_quality",
    "piece_reliability",
    "promising",
    "psi",
    "reliability",
    "reliability_of",
    "schema_findings",
    "set_quality",
    "share",
    "share_shift",
    "sharpness_of",
    "some_units",
    "source_accuracy",
    "source_report",
    "space_shift",
    "stability",
    "text_findings",
    "trust",
    "undecided",
    "vote_strata",
    "wilson",
    "words_shift",
    "worst_slices",
    "wrong_allowed",
]
