"""Further items made of items; Snorkel's `augmentation`."""

from __future__ import annotations

from labelwright.compat.snorkel.augmentation.apply import PandasTFApplier, TFApplier
from labelwright.compat.snorkel.augmentation.policy import (
    ApplyAllPolicy,
    ApplyEachPolicy,
    ApplyOnePolicy,
    MeanFieldPolicy,
    RandomPolicy,
)
from labelwright.compat.snorkel.augmentation.tf import (
    TransformationFunction,
    transformation_function,
)

__all__ = [
    "ApplyAllPolicy",
    "ApplyEachPolicy",
    "ApplyOnePolicy",
    "MeanFieldPolicy",
    "PandasTFApplier",
    "RandomPolicy",
    "TFApplier",
    "TransformationFunction",
    "transformation_function",
]
