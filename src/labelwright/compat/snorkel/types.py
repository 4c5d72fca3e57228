"""Words for types that Snorkel's users annotate with; Snorkel's `types`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Config", "DataPoint", "DataPoints", "Field", "FieldMap", "HashingFunction"]

DataPoint = Any
"""An item, whatever the functions take: a row of a frame, an object with attributes, an array."""
DataPoints = Sequence[DataPoint]
Field = Any
FieldMap = Mapping[str, Field]
HashingFunction = Callable[[Any], Hashable]
Config = NamedTuple
"""Settings; extend it with fields and their defaults."""
