"""A training set read in a stream: shuffled, in shards, and taken up again where it stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.columns import beside, probabilities, renamed
from labelwright.core.errors import SettingsError, UnknownNameError, did_you_mean, shown
from labelwright.core.items import ID, RESERVED, SPLIT, user_fields
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.train.answer_columns import share_columns, shown_shares
from labelwright.pipeline.train.contradicted_labels import check_uncontradicted, contradicted
from labelwright.pipeline.workspace.workspace import Workspace

TRAIN = "train"


@dataclass(frozen=True, eq=False)
class TrainingStream:
    """Labelled items for training, read from the project as they are needed.

    Two streams with the same settings give the same batches in the same order, on any machine and
    after any stop; the shards of one epoch together give every item once.

    Attributes:
        workspace: the project that holds the items.
        items: the number of every item of the stream, sorted.
        answer: the label of each, canonical.
        confidence: how sure it is, shape (items,).
        probability: that each is the item's class, or belongs to it, shape (items, classes); None
            where an answer is made of pieces.
        classes: their names, in the order of `probability`.
        fields: what of the items is read besides; see `batches`.
        batch_rows: so many items to a batch; the last may have fewer.
        shuffle: whether every epoch has an order of its own; otherwise that of the items.
        seed: of the orders.
        shard: which part of every epoch this is, and of how many, such as (0, 4).
    """

    workspace: Workspace
    items: NDArray[np.int64]
    answer: pa.Array
    confidence: NDArray[np.float64]
    probability: NDArray[np.float64] | None
    classes: tuple[str, ...]
    fields: tuple[str, ...]
    batch_rows: int = 1024
    shuffle: bool = True
    seed: int = 0
    shard: tuple[int, int] = (0, 1)

    def __post_init__(self) -> None:
        if self.batch_rows < 1:
            raise SettingsError(f"a batch has at least 1 row, got batch_rows={self.batch_rows}")
        part, parts = self.shard
        if not 0 <= part < parts:
            raise SettingsError(f"shard must be (part, parts), part from 0 on, got {self.shard}")

    def __len__(self) -> int:
        """How many batches an epoch of this shard has."""
        part, parts = self.shard
        mine = len(range(part, len(self.items), parts))
        return len(range(0, mine, self.batch_rows))

    def batches(self, epoch: int = 0, start: int = 0) -> Iterator[pa.RecordBatch]:
        """The batches of an epoch from number `start` on: how many were read before.

        Columns: ``id``, ``split``, ``label``, ``confidence``, one ``p_CLASS`` for each class
        (but where an answer is made of pieces), and the items' own fields; ``_media`` holds the
        bytes of images. A field that has a name of ours gets another one, see `renamed`.
        """
        mine = self._order(epoch)
        for first in range(start * self.batch_rows, len(mine), self.batch_rows):
            yield self._batch(mine[first : first + self.batch_rows])

    @property
    def renamed(self) -> dict[str, str]:
        """Fields that have a name of ours -> what they are called in the batches."""
        return renamed(self._called)

    @property
    def _called(self) -> dict[str, str]:
        ours = ("id", "split", "label", "confidence", *probabilities(self.classes))
        return beside(ours, self.fields)

    def rows(self, epoch: int = 0, start: int = 0) -> Iterator[dict[str, Any]]:
        """The same, one item at a time as a dictionary."""
        for batch in self.batches(epoch, start):
            yield from batch.to_pylist()

    def _order(self, epoch: int) -> NDArray[np.int64]:
        """The places, in this shard's order, of the items that it gives in an epoch."""
        part, parts = self.shard
        count = len(self.items)
        if self.shuffle:
            return np.random.default_rng([self.seed, epoch]).permutation(count)[part::parts]
        return np.arange(part, count, parts)

    def _batch(self, place: NDArray[np.int64]) -> pa.RecordBatch:
        read = self.workspace.items.take(self.items[place], [ID, SPLIT, *self.fields])
        columns = {
            "id": read[ID],
            "split": read[SPLIT],
            "label": self.answer.take(pa.array(place)),
            "confidence": pa.array(self.confidence[place]),
        }
        if self.probability is not None:
            columns |= share_columns(self.probability[place], self.classes)
        columns |= {new: read[name] for name, new in self._called.items()}
        (batch,) = pa.table(columns).combine_chunks().to_batches()
        return batch


def training_stream(
    workspace: Workspace,
    labels: Labels,
    *,
    part: str = TRAIN,
    fields: Sequence[str] | None = None,
    at: Workspace | None = None,
    anyway: bool = False,
    **settings: Any,
) -> TrainingStream:
    """The stream of the labelled items of a part of the data that are not set aside.

    Args:
        workspace: holds the items.
        labels: of the items of `at`.
        part: ``train`` for everything that is not held out, else the name of a split.
        fields: of the items; all of the user's by default, without media.
        at: the project as it stood when the labels were made; by default as it is.
        anyway: whether to read labels that known truth contradicts.
        settings: the other attributes of `TrainingStream`.

    Raises:
        ContradictedError: known truth contradicts the labels.
        UnknownNameError: there is no such field, or no item of the part.
    """
    at = workspace if at is None else at
    check_uncontradicted(contradicted(at, labels), anyway=anyway)
    names = user_fields(workspace.items.schema())
    known = [*names, *(name for name in workspace.items.schema().names if name in RESERVED)]
    for name in () if fields is None else fields:
        if name not in known:
            raise UnknownNameError(f"there is no field {shown(name)}{did_you_mean(name, known)}")
    splits = at.splits()
    chosen = ~np.isin(splits, HELD_OUT) if part == TRAIN else splits == part
    if not chosen.any():
        raise UnknownNameError(
            f"no item is of the part {shown(part)}; there are: "
            + ", ".join(sorted({TRAIN, *splits.tolist()} - {""}))
        )
    chosen &= np.asarray(labels.answers.answer.is_valid()) & ~at.set_aside.mask(len(chosen))
    place = np.flatnonzero(chosen)
    classes = at.settings.task.classes
    shares = shown_shares(labels.units, labels.posterior.probability, classes)
    items, order = place, np.arange(len(place))
    if at is not workspace:
        ids = at.items.take(place, [ID])[ID].to_pylist()
        found = workspace.items.find(ids)
        order = np.argsort(found)
        items = found[order]
    place = place[order]
    return TrainingStream(
        workspace,
        items,
        labels.answers.answer.take(pa.array(place)),
        labels.answers.confidence[place],
        None if shares is None else shares[place],
        classes,
        tuple(names if fields is None else fields),
        **settings,
    )
