"""What stands now, held in memory for many quick readers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.class_change import schema_name
from labelwright.core.columns import renamed
from labelwright.core.errors import NothingToDoError, UnknownNameError
from labelwright.core.identity import digest
from labelwright.core.items import ID, MEDIA_URI, user_fields
from labelwright.pipeline.analysis.source_accuracies import accuracies
from labelwright.pipeline.ask.pick_questions import answered, checked
from labelwright.pipeline.ask.suggestion import Guess, suggestion
from labelwright.pipeline.label.class_balance import told_at_random
from labelwright.pipeline.label.label import Labels, label
from labelwright.pipeline.train.joint_labels import with_content
from labelwright.pipeline.train.train import Trained, latest_trained
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.sources import beliefs_of_items
from labelwright.tasks import kind_of

SAMPLE_ROWS = 200


@dataclass(frozen=True, slots=True)
class ItemContent:
    """What an item holds.

    Attributes:
        number: of the item.
        id: of the item.
        fields: its content by name.
        media: whether it has an image.
    """

    number: int
    id: str
    fields: dict[str, Any]
    media: bool


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Items, labels and predictions as they stood at one moment. Nothing in it changes.

    Attributes:
        workspace: the project with the settings of that moment.
        ids: of the items, by number.
        labels: None while there are no items.
        trained: the end model; None before there is one.
    """

    workspace: Workspace
    ids: pa.StringArray
    labels: Labels | None
    trained: Trained | None

    @property
    def items(self) -> int:
        """How many items there are."""
        return len(self.ids)

    @cached_property
    def schema_version(self) -> str:
        """Names the task: another one whenever classes or guidelines change."""
        settings = self.workspace.settings
        return schema_name(settings.schema, digest(settings.task)[:16])

    @cached_property
    def fields(self) -> list[str]:
        """The names of the user's fields, the main text first."""
        names = user_fields(self.workspace.items.schema())
        text = self.text
        return [text, *(name for name in names if name != text)] if text else names

    @cached_property
    def asked(self) -> frozenset[str]:
        """The names of the fields that people see who are asked about an item."""
        return frozenset(self.workspace.asked_fields())

    @cached_property
    def called(self) -> dict[str, str]:
        """Fields that have a name of ours -> what they are called beside what we say."""
        return renamed(self.workspace.called())

    @cached_property
    def text(self) -> str | None:
        """The field with the main text: as the project says, else the longest; None without."""
        schema = self.workspace.items.schema()
        named = self.workspace.text_field()
        if named in user_fields(schema):
            return named
        texts = [
            name for name in user_fields(schema) if pa.types.is_string(schema.field(name).type)
        ]
        if not texts or not self.items:
            return None
        sample = self.workspace.sample(SAMPLE_ROWS).select(texts)
        return max(texts, key=lambda name: pc.sum(pc.utf8_length(sample[name])).as_py() or 0)

    @cached_property
    def splits(self) -> NDArray[np.str_]:
        """The split of every item."""
        return self.workspace.splits()[: self.items]

    @cached_property
    def answered(self) -> NDArray[np.bool_]:
        """Which items a person or gold has answered, as far as the log knows."""
        return np.zeros(0, bool) if self.labels is None else answered(self.labels)

    @cached_property
    def checked(self) -> NDArray[np.bool_]:
        """Which items a person has answered, other than that they cannot tell."""
        return np.zeros(0, bool) if self.labels is None else checked(self.labels)

    @cached_property
    def accuracies(self) -> NDArray[np.float64]:
        """How good each source is, as the report of the sources has it, shape (sources,)."""
        labels = self.labels
        if labels is None:
            return np.zeros(0)
        told = told_at_random(self.workspace, labels.votes, labels.units)
        return accuracies(labels.active, labels.units, labels.fit, labels.posterior, told)

    @cached_property
    def has_media(self) -> bool:
        """Whether any item is an image."""
        return self.workspace.items.has_media()

    def id_of(self, number: int) -> str:
        """The id of the item with this number.

        Raises:
            UnknownNameError: there is none.
        """
        if not 0 <= number < self.items:
            raise UnknownNameError(f"there is no item number {number}; there are {self.items}")
        id_: str = self.ids[number].as_py()
        return id_

    def read(self, text: str) -> Any:
        """A canonical answer as people give it: a class name, or a list of them."""
        task = self.workspace.settings.task
        answer = kind_of(task).read(text, task)
        return list(answer) if isinstance(answer, tuple) else answer

    def label_of(self, number: int) -> tuple[Any, float]:
        """What the label model says of an item, None if nothing, and how sure it is."""
        if self.labels is None or number >= self.labels.votes.items:
            return None, 0.0
        text = self.labels.answers.answer[number].as_py()
        confidence = float(self.labels.answers.confidence[number])
        return (None if text is None else self.read(text)), confidence

    def prediction_of(self, number: int) -> tuple[Any, float]:
        """What the end model says of an item, None if nothing, and how sure it is."""
        if self.trained is None or number >= self.trained.items:
            return None, 0.0
        task = self.workspace.settings.task
        heads = len(self.trained.prediction) // self.trained.items
        chances = self.trained.prediction[number * heads : (number + 1) * heads]
        said = kind_of(task).recompose(beliefs_of_items(chances, task), task)
        return self.read(said.answer[0].as_py()), float(said.confidence[0])

    def guess(self, number: int, moved: NDArray[np.floating[Any]] | None = None) -> Guess | None:
        """What to suggest to a person, as they would give it.

        `moved` is what the end model says since it was fitted to the latest answers, if it was.
        """
        task = self.workspace.settings.task
        found = suggestion(self.labels, self.trained, number, task, moved)
        return None if found is None else replace(found, answer=self.read(found.answer))

    def contents(self, numbers: Sequence[int]) -> list[ItemContent]:
        """What these items hold, read from the store.

        Raises:
            UnknownNameError: there is no such item.
        """
        fields = self.fields
        rows = self.workspace.items.take(np.array(numbers, np.int64), [ID, MEDIA_URI, *fields])
        return [
            ItemContent(number, row[ID], {name: row[name] for name in fields}, bool(row[MEDIA_URI]))
            for number, row in zip(numbers, rows.to_pylist(), strict=True)
        ]


def take_snapshot(workspace: Workspace) -> Snapshot:
    """What stands now. Reads, and computes labels if need be, but writes nothing."""
    parts_of_ids = [batch.column(ID) for batch in workspace.items.scan([ID])]
    ids = pa.chunked_array(parts_of_ids, pa.string()).combine_chunks()
    try:
        model = parts.label_model(workspace)
        labels = label(workspace, model, even_without_votes=True, write=False)
        labels = with_content(workspace, labels)
    except NothingToDoError:
        return Snapshot(workspace, ids, None, None)
    trained = latest_trained(workspace, labels.votes.items)
    return Snapshot(workspace, ids, labels, trained)


def answer_text(workspace: Workspace, answer: Any) -> str | None:
    """The canonical form of an answer, None for an abstention.

    Raises:
        AnswerError: the task does not allow it.
    """
    task = workspace.settings.task
    return None if answer is None else kind_of(task).canonical(answer, task)


def spoken(text: str | None) -> Any:
    """A canonical answer of any task there ever was: a class name, or what JSON it spells."""
    if text is not None and text.startswith(("[", "{")):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text
