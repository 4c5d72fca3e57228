"""A trained model as a source: automatic labelling is voting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from labelwright.core.errors import SettingsError, SourceError
from labelwright.core.ports import Ballot, Predictor
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.sources.from_beliefs import ballot_of, beliefs_of_items
from labelwright.tasks import grid_of


@dataclass(frozen=True, eq=False)
class ModelVoter:
    """A predictor that votes where it is sure enough.

    Attributes:
        predictor: the trained model.
        name: of the source.
        version: what names the trained weights.
        task: of a kind whose items all have the same units, for which the predictor answers.
        threshold: the least confidence with which it votes; below, it abstains.
        reads: the columns that it needs; None means all.

    Raises:
        SettingsError: a threshold outside 0..1.
    """

    predictor: Predictor
    name: str
    version: str
    task: Task
    threshold: float = 0.0
    reads: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise SettingsError(f"threshold must lie in 0..1, got {self.threshold}")

    @property
    def source(self) -> Source:
        """The model as a source; the threshold is part of its version."""
        return Source(self.name, SourceKind.MODEL, f"{self.version}@{self.threshold:g}")

    @property
    def fields(self) -> tuple[str, ...] | None:
        """The columns that it needs."""
        return self.reads

    @property
    def isolated(self) -> bool:
        """Never: the weights are data, not its owner's code."""
        return False

    def vote(self, batch: pa.RecordBatch) -> Ballot:
        """The most probable answer, with its confidence.

        Raises:
            SourceError: the predictor's output does not fit the task.
        """
        if not batch.num_rows:
            return Ballot(pa.array([], pa.string()), np.empty(0, np.float32))
        probability = np.asarray(self.predictor.predict(pa.Table.from_batches([batch])))
        units = grid_of(self.task, batch.num_rows)
        if probability.shape != (len(units.item), len(units.class_names)):
            raise SourceError(
                f"the model {self.name!r} gave probabilities of shape {probability.shape} for "
                f"{len(units.item)} questions and {len(units.class_names)} classes"
            )
        beliefs = beliefs_of_items(probability, self.task)
        return ballot_of(beliefs, self.task, self.threshold)
