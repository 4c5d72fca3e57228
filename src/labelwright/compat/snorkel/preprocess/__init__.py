"""What happens to an item before a labeling function sees it; Snorkel's `preprocess`."""

from __future__ import annotations

from labelwright.compat.snorkel.preprocess.core import (
    BasePreprocessor,
    LambdaPreprocessor,
    Preprocessor,
    preprocessor,
)

__all__ = ["BasePreprocessor", "LambdaPreprocessor", "Preprocessor", "preprocessor"]
