"""Boxes as a kind of task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.beliefs import Beliefs
from labelwright.core.class_change import ClassChange
from labelwright.core.errors import SettingsError, shown
from labelwright.core.judgement import Judgement
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.tasks.boxes.answer_form import canonical, schema
from labelwright.tasks.boxes.box_judge import judged, likeness
from labelwright.tasks.boxes.inside import BOUNDS, beyond
from labelwright.tasks.boxes.merging import aligned, recomposed
from labelwright.tasks.boxes.reduction import NOTHING_NAME, reduced
from labelwright.tasks.class_names import at_least, no_parents


@dataclass(frozen=True, slots=True)
class Boxes:
    """Answers are lists of boxes with a class each; an empty list says that nothing is there.

    The unit is a group of boxes of several sources that overlap, and the ground of every item.
    The merged box is the mean of a group's places, weighed by how often each source is right.

    Attributes:
        iou: boxes that overlap by at least this (intersection over union) may mean the same
            object: when sources are grouped, and when answers are judged.

    Raises:
        SettingsError: an overlap that is not above 0 and at most 1.

    Example:
        >>> Boxes().canonical([("car", 1, 2, 30.5, 40)], Task("boxes", ("car",)))
        '[{"label":"car","box":[1,2,30.5,40]}]'
    """

    iou: float = 0.5

    def __post_init__(self) -> None:
        number = isinstance(self.iou, int | float) and not isinstance(self.iou, bool)
        if not number or not 0 < self.iou <= 1:
            raise SettingsError(
                f"iou is an overlap above 0 and at most 1, such as 0.5; got {shown(self.iou)}"
            )

    @property
    def pieces(self) -> tuple[str, ...]:
        """What a box is made of: the columns of `PIECE_SCHEMA` that it has."""
        return ("label", "box")

    @property
    def bounds(self) -> tuple[str, ...]:
        """The size of an image."""
        return BOUNDS

    def beyond(self, text: str, bounds: Mapping[str, Any]) -> str:
        """Why boxes reach beyond an image of this size, by more than a pixel."""
        return beyond(text, bounds)

    def check(self, task: Task) -> None:
        """Returns if the task has a class, none of them inner, and none is called "nothing".

        Raises:
            SettingsError: it is otherwise.
        """
        at_least(task, 1, "name what is to be found, such as: --classes car,bicycle")
        no_parents(task)
        if NOTHING_NAME in task.classes:
            raise SettingsError(
                f'no class of a boxes task may be called "{NOTHING_NAME}": that is what is said '
                "where no object is; [] says that an item has none"
            )

    def schema(self, task: Task) -> Mapping[str, Any]:
        """The JSON Schema of a list of boxes."""
        return schema(task)

    def canonical(self, answer: Any, task: Task) -> str:
        """The JSON list of the boxes, sorted, each once, in steps of 0.01 pixels."""
        return canonical(answer, task)

    def read(self, text: str, task: Task) -> list[dict[str, Any]]:
        """The boxes as objects with `label` and `box`."""
        boxes: list[dict[str, Any]] = json.loads(self.canonical(text, task))
        return boxes

    def choices(self, task: Task) -> tuple[Any, ...]:
        """Nothing: boxes are drawn in an editor."""
        return ()

    def translated(self, text: str, change: ClassChange) -> str | None:
        """What boxes of before a change of classes mean now.

        A box of a class that was removed goes. Where a class became one of several, nobody knows
        which the box is, and the answer says nothing more.
        """
        boxes = [(change.image(box["label"]), box["box"]) for box in self.read(text, change.before)]
        if any(len(images) > 1 for images, _ in boxes):
            return None
        return self.canonical(
            [{"label": name, "box": box} for images, box in boxes for name in images], change.after
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """Nothing: boxes bound themselves."""
        return ()

    def decompose(
        self, votes: Votes, guests: Votes | None, extent: pa.Table | None, task: Task
    ) -> Units:
        """Votes on groups of boxes that overlap, and on the ground of every item."""
        return reduced(votes, guests, task, self.iou)

    def recompose(self, beliefs: Beliefs, task: Task) -> Answers:
        """The boxes of the units that more likely hold a class than nothing."""
        return recomposed(beliefs, task)

    def align(self, beliefs: Beliefs, units: Units, task: Task) -> NDArray[np.float64]:
        """The beliefs about the boxes that lie upon these units, else "nothing"."""
        return aligned(beliefs, units, self.iou)

    def judge(self, said: Answers, truth: Answers, task: Task) -> Judgement:
        """The boxes of both sides, matched whatever their class."""
        return judged(said, truth, task, self.iou)

    def alike(self, one: Answers, other: Answers, task: Task) -> NDArray[np.float64]:
        """The F1 of the boxes that both drew, 1 where neither drew any."""
        return likeness(one, other, task, self.iou)
