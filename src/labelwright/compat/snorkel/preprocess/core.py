"""What happens to an item before a labeling function sees it; Snorkel's `preprocess.core`."""

from __future__ import annotations

from labelwright.compat.snorkel.map.core import BaseMapper, LambdaMapper, Mapper, lambda_mapper

__all__ = ["BasePreprocessor", "LambdaPreprocessor", "Preprocessor", "preprocessor"]

BasePreprocessor = BaseMapper


class Preprocessor(Mapper):
    """A preprocessor whose `run` takes fields by name; see `Mapper`."""


class LambdaPreprocessor(LambdaMapper):
    """A preprocessor made of a function of the whole item; see `LambdaMapper`."""


class preprocessor(lambda_mapper):  # noqa: N801 - Snorkel's name
    """Decorator that makes a preprocessor of a function; see `lambda_mapper`."""

    makes = LambdaPreprocessor
