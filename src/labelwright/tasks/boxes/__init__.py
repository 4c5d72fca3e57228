"""Boxes around objects. The unit is a group of matched boxes, and the ground of every item."""

from __future__ import annotations

from labelwright.tasks.boxes.kind import Boxes

__all__ = ["Boxes"]
