"""Functions that make further items of items; Snorkel's `augmentation.tf`."""

from __future__ import annotations

from labelwright.compat.snorkel.map.core import BaseMapper, LambdaMapper, Mapper, lambda_mapper

__all__ = [
    "BaseTransformationFunction",
    "LambdaTransformationFunction",
    "TransformationFunction",
    "transformation_function",
]

BaseTransformationFunction = BaseMapper


class TransformationFunction(Mapper):
    """A transformation whose `run` takes fields by name; see `Mapper`."""


class LambdaTransformationFunction(LambdaMapper):
    """A transformation made of a function of the whole item; see `LambdaMapper`."""


class transformation_function(lambda_mapper):  # noqa: N801 - Snorkel's name
    """Decorator that makes a transformation of a function; see `lambda_mapper`."""

    makes = LambdaTransformationFunction
