"""The ports: what a part must offer. `pipeline` hands one part to another through these.

Every port has at most five methods. The laws that an implementation must keep are functions in
`labelwright.testing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.beliefs import Beliefs
from labelwright.core.class_change import ClassChange
from labelwright.core.items import Arrival
from labelwright.core.judgement import Judgement
from labelwright.core.matrix import VoteMatrix
from labelwright.core.pool import Assignment, Picks, Pool
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.source import Source
from labelwright.core.task import Task
from labelwright.core.tracking import TrackedModel
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Vote, Votes


class AnswerForm(Protocol):
    """What an answer of one kind looks like."""

    def check(self, task: Task) -> None:
        """Returns if the kind can ask this.

        Raises:
            SettingsError: too few classes, or settings that it does not know.
        """
        ...

    def schema(self, task: Task) -> Mapping[str, Any]:
        """The JSON Schema of an answer, as it travels."""
        ...

    def canonical(self, answer: Any, task: Task) -> str:
        """The one text that stands for this answer in the vote log.

        Raises:
            AnswerError: the task does not allow it.
        """
        ...

    def read(self, text: str, task: Task) -> Any:
        """The answer that a canonical text stands for, as a user's code would return it."""
        ...

    def choices(self, task: Task) -> tuple[Any, ...]:
        """The answers that one key each can give; empty where it takes an editor."""
        ...


class Reduction(Protocol):
    """How answers of one kind reduce to units, and come back."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of items that bound the units, such as width; never content."""
        ...

    def decompose(
        self, votes: Votes, guests: Votes | None, extent: pa.Table | None, task: Task
    ) -> Units:
        """The votes on items as votes on units.

        Args:
            votes: those that count.
            guests: votes that join the units of the others, and never shape them.
            extent: the columns of `reads`, a row an item; None where nothing is read or known.
            task: what was asked.
        """
        ...

    def recompose(self, beliefs: Beliefs, task: Task) -> Answers:
        """The answer of every item, from what is believed of its units."""
        ...

    def align(self, beliefs: Beliefs, units: Units, task: Task) -> NDArray[np.float64]:
        """What an end model's beliefs say at these units, shape (units, classes)."""
        ...


class Judge(Protocol):
    """How answers of one kind are held against each other."""

    def judge(self, said: Answers, truth: Answers, task: Task) -> Judgement:
        """The matched pieces of the items of which both are known."""
        ...

    def alike(self, one: Answers, other: Answers, task: Task) -> NDArray[np.float64]:
        """How alike two answers on each item are, 0..1; NaN where one is unknown. (items,)."""
        ...


class TaskKind(AnswerForm, Reduction, Judge, Protocol):
    """A kind of task: one class, a frozen dataclass of its settings, that keeps three ports."""


@runtime_checkable
class TranslatingTaskKind(AnswerForm, Protocol):
    """What a kind keeps whose answers can be read after the classes changed."""

    def translated(self, text: str, change: ClassChange) -> str | None:
        """The canonical text of what an answer of before means now; None if it says nothing more.

        Raises:
            AnswerError: the task before the change did not allow it.
        """
        ...


@runtime_checkable
class CellTaskKind(Protocol):
    """A task kind that tables may spell more plainly than its canonical texts."""

    def of_cell(self, text: str, task: Task) -> Any:
        """The answer in a cell of a table; what is not spelled plainly stays as it is.

        Raises:
            AnswerError: it could mean two things.
        """
        ...


@runtime_checkable
class BoundedTaskKind(Protocol):
    """A task kind whose answers name places, which must lie inside their item."""

    @property
    def bounds(self) -> tuple[str, ...]:
        """The columns of an item with an image that say how far places reach."""
        ...

    def beyond(self, text: str, bounds: Mapping[str, Any]) -> str:
        """Why a canonical answer reaches beyond an item of these bounds; empty if it does not."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Ballot:
    """One source's votes on one batch of items.

    Attributes:
        answer: canonical answers, null where the source abstained or failed, shape (items,).
        confidence: the source's own, NaN where it gave none; None if it gave none at all.
        failures: for items on which the source failed, position in the batch -> reason.
        asked: which items it was asked about, shape (items,); None means all. An item that was
            not asked is no abstention: it has no row in the log and is asked next time.
        stopped: why the engine stopped asking it for the rest of the run; empty while it runs.
        printed: what its code printed, the first lines of it; empty if it printed nothing.
    """

    answer: pa.StringArray
    confidence: NDArray[np.float32] | None = None
    failures: Mapping[int, str] = field(default_factory=dict)
    asked: NDArray[np.bool_] | None = None
    stopped: str = ""
    printed: str = ""


class OvertimeError(BaseException):
    """Raised by an engine's clock inside a voter's code that takes too long.

    No `Exception`, so that the owner's ``except Exception`` does not swallow it. A voter that
    knows which item it was at fails that item and leaves the items after it unasked; a voter
    that does not know lets it pass, and the engine fails what it handed in.
    """


class Voter(Protocol):
    """A source that votes when it is run on items."""

    @property
    def source(self) -> Source:
        """Who votes; its version is the hash of what it does."""
        ...

    @property
    def fields(self) -> tuple[str, ...] | None:
        """The columns it reads; None means all of the user's fields."""
        ...

    @property
    def isolated(self) -> bool:
        """Whether it runs its owner's code and so belongs into a worker with a time limit."""
        ...

    def vote(self, batch: pa.RecordBatch) -> Ballot:
        """Its votes on the batch. An item on which it fails is a failure, not an exception."""
        ...


@runtime_checkable
class JointVoter(Protocol):
    """A voter that votes quicker together with others of its type."""

    def vote_together(self, team: Sequence[Voter], batch: pa.RecordBatch) -> Sequence[Ballot]:
        """One ballot per member of the team, all of this voter's type, as each would vote alone."""
        ...


class Engine(Protocol):
    """Where voters run."""

    def run(
        self, voters: Sequence[Voter], batches: Iterable[pa.RecordBatch]
    ) -> Iterator[tuple[pa.RecordBatch, Sequence[Ballot]]]:
        """Every batch with one ballot per voter, in order, holding few batches at a time.

        Raises:
            SourceError: a voter cannot run at all.
        """
        ...


class LabelModel(Protocol):
    """Votes -> how good each source is -> posterior. A frozen dataclass of its settings."""

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """What the votes say about their sources."""
        ...

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """What the votes say about the units, given a fit of the same sources."""
        ...


@runtime_checkable
class UpdatingLabelModel(LabelModel, Protocol):
    """A label model whose fit can follow changes without reading all votes again."""

    def update(self, fit: LabelModelFit, removed: VoteMatrix, added: VoteMatrix) -> LabelModelFit:
        """The fit of the same votes with some units changed or new, nearly.

        Args:
            fit: of this model.
            removed: the changed units, with their votes as they were when fitted.
            added: the changed and the new units, with their votes as they are.

        Raises:
            VotesError: the change cannot be followed; fit all votes again.
        """
        ...


class QueryStrategy(Protocol):
    """Which items a person shall look at next. A frozen dataclass of its settings."""

    def pick(self, pool: Pool, count: int, rng: np.random.Generator) -> Picks:
        """At most `count` askable items, most valuable first."""
        ...


class Predictor(Protocol):
    """A trained end model."""

    def predict(self, items: pa.Table) -> NDArray[np.float64]:
        """Class probabilities, shape (items, classes)."""
        ...

    def save(self, folder: Path) -> None:
        """Writes it without pickle; `endmodels.load(folder)` reads it back."""
        ...


class EndModel(Protocol):
    """Learns from posteriors. A frozen dataclass of its settings."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        ...

    def fit(
        self,
        items: pa.Table,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        *,
        seed: int,
    ) -> Predictor:
        """A predictor trained on soft labels.

        Args:
            items: the training items.
            target: class probabilities, shape (items, classes).
            weight: how much each item counts, shape (items,).
            seed: of every random number it draws.
        """
        ...


class ItemStore(Protocol):
    """Where items rest. Items are only ever added."""

    def count(self) -> int:
        """How many items there are."""
        ...

    def schema(self) -> pa.Schema:
        """The reserved columns and the user's fields."""
        ...

    def append(self, items: Iterable[pa.RecordBatch]) -> Arrival:
        """Adds the items whose id is new, numbers them, and tells what became of the others."""
        ...

    def scan(
        self, fields: Sequence[str] | None = None, start: int = 0, batch_rows: int = 32_768
    ) -> Iterator[pa.RecordBatch]:
        """The items from number `start` on, in order, with `_number` and the named columns."""
        ...

    def take(self, numbers: NDArray[np.int64], fields: Sequence[str] | None = None) -> pa.Table:
        """The items with these numbers, in this order."""
        ...


class VoteLog(Protocol):
    """The append-only log of votes. Its sources are numbered in order of arrival."""

    def sources(self) -> tuple[Source, ...]:
        """Every source version that ever voted or was registered; its number is its place."""
        ...

    def register(self, sources: Sequence[Source]) -> NDArray[np.int32]:
        """The numbers of these sources; new ones are added."""
        ...

    def append(self, votes: pa.Table) -> None:
        """Adds rows of `VOTE_SCHEMA` in one commit."""
        ...

    def scan(
        self, sources: Sequence[int] | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """The rows of these sources, in the order in which they were added."""
        ...


class Tracker(Protocol):
    """Where people look at runs, beside the record that the project keeps."""

    @property
    def address(self) -> str:
        """Where that is."""
        ...

    def log(
        self, experiment: str, run: Run, evaluation: Mapping[str, Any], model: TrackedModel | None
    ) -> str:
        """The tracker's id of the run; one that is there already is not written again."""
        ...


class Desk(Protocol):
    """Where people's answers come in: acknowledged means safe."""

    def claim(self, person: str, now: float, count: int = 1) -> list[Assignment]:
        """The next questions for this person, leased to them."""
        ...

    def answer(self, vote: Vote) -> None:
        """Takes one vote, once, however often it is sent."""
        ...

    def drain(self) -> Iterator[Vote]:
        """The votes that the log does not have yet, oldest first."""
        ...
