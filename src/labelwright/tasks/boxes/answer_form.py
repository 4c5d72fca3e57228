"""The canonical text of the boxes in an item.

A JSON list of objects such as ``{"label":"car","box":[1,2,30.5,40]}``, sorted by class name, then
place, each once. A box is x0, y0, x1, y1 in pixels, in steps of 0.01, which single precision holds
exactly up to 100,000.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from labelwright.core.errors import AnswerError, shown
from labelwright.core.task import Task
from labelwright.tasks.class_names import class_name

STEPS = 100
"""So many steps of the grid make a pixel."""

LARGEST = 100_000
"""The largest coordinate, in pixels."""

GridBox = tuple[int, int, int, int]
"""A box in steps of the grid."""


def canonical(answer: Any, task: Task) -> str:
    """The canonical text of a list of boxes, given as objects, tuples or JSON.

    Raises:
        AnswerError: it is no list of boxes of the task's classes.
    """
    return text_of(_box(piece, task) for piece in _pieces(answer))


def text_of(boxes: Iterable[tuple[str, GridBox]]) -> str:
    """The canonical text of boxes whose classes are known, in any order."""
    parts = []
    for name, box in sorted(set(boxes)):
        numbers = ",".join(_number(step) for step in box)
        parts.append(f'{{"label":{json.dumps(name, ensure_ascii=False)},"box":[{numbers}]}}')
    return f"[{','.join(parts)}]"


def schema(task: Task) -> Mapping[str, Any]:
    """The JSON Schema of an answer."""
    number = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
    return {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "label": {"enum": list(task.classes)},
                "box": {
                    "type": "array",
                    "items": number,
                    "minItems": 4,
                    "maxItems": 4,
                    "description": "x0, y0, x1, y1 in pixels, x1 > x0 and y1 > y0",
                },
            },
            "required": ["label", "box"],
            "additionalProperties": False,
        },
    }


def _pieces(answer: Any) -> Iterable[Any]:
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except json.JSONDecodeError as error:
            raise AnswerError(f"{shown(answer)} is no JSON list of boxes ({error})") from error
    if isinstance(answer, str | Mapping) or not isinstance(answer, Iterable):
        raise AnswerError(
            f"{shown(answer)} is no list of boxes; [] says that there are none, "
            "return None to abstain"
        )
    return answer


def _box(piece: Any, task: Task) -> tuple[str, GridBox]:
    if isinstance(piece, Mapping):
        if set(piece) != {"label", "box"}:
            raise AnswerError(
                f'a box is an object with "label" and "box", got {shown(sorted(map(str, piece)))}'
            )
        name, numbers = piece["label"], piece["box"]
    elif isinstance(piece, tuple | list) and len(piece) == 5:
        name, *numbers = piece
    else:
        raise AnswerError(
            f'{shown(piece)} is no box; give {{"label": NAME, "box": [x0, y0, x1, y1]}} '
            "or (NAME, x0, y0, x1, y1)"
        )
    return class_name(name, task), _steps(numbers)


def _steps(numbers: Any) -> GridBox:
    """The place on the grid."""
    if not isinstance(numbers, tuple | list | np.ndarray) or len(numbers) != 4:
        raise AnswerError(f"a place is four numbers x0, y0, x1, y1, got {shown(numbers)}")
    x0, y0, x1, y1 = (_step(number) for number in numbers)
    if x1 <= x0 or y1 <= y0:
        raise AnswerError(
            f"a box must have x1 > x0 and y1 > y0 by at least {1 / STEPS} pixels, "
            f"got {shown(list(numbers))}"
        )
    return x0, y0, x1, y1


def _step(number: Any) -> int:
    real = isinstance(number, int | float | np.integer | np.floating)
    if not real or isinstance(number, bool) or not math.isfinite(number):
        raise AnswerError(f"a coordinate must be a number, got {shown(number)}")
    if abs(number) > LARGEST:
        raise AnswerError(f"a coordinate must lie within ±{LARGEST:,} pixels, got {number}")
    return round(float(number) * STEPS)


def _number(step: int) -> str:
    whole, rest = divmod(step, STEPS)
    return str(step / STEPS) if rest else str(whole)
