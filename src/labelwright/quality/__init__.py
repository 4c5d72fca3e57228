"""Layer 3: measures of sources, labels and models."""

from __future__ import annotations

from labelwright.quality.accuracy import Accuracy, estimates_worth, source_accuracy
from labelwright.quality.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from labelwright.quality.balance import balance_findings
from labelwright.quality.calibration import (
    Calibration,
    Reliability,
    brier_score,
    calibration,
    calibration_error,
    log_loss,
    reliability,
)
from labelwright.quality.checks import ModelChecks, model_checks
from labelwright.quality.columns import column_findings, outliers
from labelwright.quality.comparison import Comparison, compare_labels, undecided
from labelwright.quality.copies import copies
from labelwright.quality.cost import Cost, Wage, labelling_cost
from labelwright.quality.dependence import Pairs, dependence
from labelwright.quality.drift import (
    Shift,
    categories_shift,
    judged,
    mean_shift,
    numbers_shift,
    psi,
    share_shift,
)
from labelwright.quality.drift_space import Apart, space_shift, words_shift
from labelwright.quality.estimate import Estimate, accuracy_of_all
from labelwright.quality.findings import Finding, Remedy, Severity, share
from labelwright.quality.gate import Difference, Verdict, compare_models
from labelwright.quality.intervals import (
    Interval,
    bootstrap,
    clopper_pearson,
    jeffreys,
    wilson,
)
from labelwright.quality.label_errors import Suspects, label_errors
from labelwright.quality.labels import LabelQuality, label_quality
from labelwright.quality.leaks import leaked_answers
from labelwright.quality.near_duplicates import alike_pictures, alike_texts
from labelwright.quality.paired import Paired, paired
from labelwright.quality.personal_data import mask, masked, personal_data
from labelwright.quality.pictures import picture_findings, sharpness_of
from labelwright.quality.resampling import some_units
from labelwright.quality.schema import ColumnRules, schema_findings
from labelwright.quality.slices import (
    Facet,
    Slice,
    Slices,
    facet_by_mark,
    facet_by_size,
    facet_of,
    worst_slices,
)
from labelwright.quality.sources import SourceReport, source_report
from labelwright.quality.stability import Stability, stability
from labelwright.quality.target import (
    certified,
    least_audit,
    most_above,
    promising,
    wrong_allowed,
)
from labelwright.quality.texts import text_findings
from labelwright.quality.trust import Trust, trust

__all__ = [
    "Accuracy",
    "Apart",
    "Calibration",
    "ColumnRules",
    "Comparison",
    "Cost",
    "Difference",
    "Estimate",
    "Facet",
    "Finding",
    "Interval",
    "LabelQuality",
    "ModelChecks",
    "Paired",
    "Pairs",
    "Reliability",
    "Remedy",
    "Severity",
    "Shift",
    "Slice",
    "Slices",
    "SourceReport",
    "Stability",
    "Suspects",
    "Trust",
    "Verdict",
    "Wage",
    "accuracy_of_all",
    "alike_pictures",
    "alike_texts",
    "balance_findings",
    "bootstrap",
    "brier_score",
    "calibration",
    "calibration_error",
    "categories_shift",
    "certified",
    "clopper_pearson",
    "cohen_kappa",
    "column_findings",
    "compare_labels",
    "compare_models",
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
    "promising",
    "psi",
    "reliability",
    "schema_findings",
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
    "wilson",
    "words_shift",
    "worst_slices",
    "wrong_allowed",
]
