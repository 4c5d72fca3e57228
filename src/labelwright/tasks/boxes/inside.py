"""Whether boxes lie inside their image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labelwright.core.errors import shown

BOUNDS = ("width", "height")
"""The columns of an item with an image that say how large it is, in pixels."""
SLACK = 1
"""By so many pixels a box may reach beyond its image: some tools count from 1."""


def beyond(text: str, bounds: Mapping[str, Any]) -> str:
    """Why these boxes do not lie inside an image of this size; empty where they do.

    Args:
        text: the canonical answer.
        bounds: the values of the columns `BOUNDS`; what is no number bounds nothing.
    """
    size = [bounds.get(name) for name in BOUNDS]
    if not all(isinstance(side, int | float) and side > 0 for side in size):
        return ""
    # A photograph may say that it is to be turned: whoever looks at it sees the sides exchanged.
    for box in json.loads(text):
        if not any(_inside(box["box"], turned) for turned in (size, size[::-1])):
            return (
                f"the box {shown(box['box'])} reaches beyond the image, which is {size[0]} x "
                f"{size[1]} pixels; give x0, y0, x1, y1 in pixels of the image, cut at its edges"
            )
    return ""


def _inside(box: list[float], size: list[Any]) -> bool:
    x0, y0, x1, y1 = box
    width, height = size
    low, right, lower = -SLACK, width + SLACK, height + SLACK
    return low <= x0 and low <= y0 and x1 <= right and y1 <= lower
