"""From items to changed items: what preprocessors and transformations are made of."""

from __future__ import annotations

from labelwright.compat.snorkel.map.core import BaseMapper, LambdaMapper, Mapper, lambda_mapper

__all__ = ["BaseMapper", "LambdaMapper", "Mapper", "lambda_mapper"]
