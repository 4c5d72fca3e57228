"""Between rounds: predictions and questions follow what people answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.pool import Assignment
from labelwright.core.record import Run
from labelwright.core.votes import Vote
from labelwright.endmodels import MovingHeads, Training
from labelwright.pipeline.ask.pick_questions import ask
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.reduce_votes import classes_of
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.live.snapshot import Snapshot, take_snapshot
from labelwright.pipeline.train.item_coordinates import MAX_ITEMS, item_coordinates
from labelwright.pipeline.train.train import taught_in_turn
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.tasks import grid_of

LEAST_ROWS = 20
"""With fewer items to learn from nothing is said."""
FLOOR = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class HeadRefit:
    """What the head says after it was fitted anew.

    Attributes:
        prediction: of every unit, all of the first item, of the second..., shape (units, classes).
        questions: what to ask next.
        answers: how many answers it learnt that no label knows yet.
        seconds: what the fit took, without picking questions.
    """

    prediction: NDArray[np.float32]
    questions: tuple[Assignment, ...]
    answers: int
    seconds: float


@dataclass(slots=True)
class HeadKeeper:
    """Keeps the features of all items in memory and fits the end model's last layer on them.

    The head learns from few items, so that it is quick, and may know less than the end model of the
    latest round. Where there is one, only how far the head moved since is added to what that says.

    What machines say it learns once, from the labels as they stand; the answers among these and
    those that the vote log does not have yet correct it (`CorrectedHead`). It writes nothing.
    """

    _state: tuple[object, ...] = field(default=(), init=False)
    _of: tuple[object, ...] = field(default=(), init=False)
    _snapshot: Snapshot | None = field(default=None, init=False)
    _head: MovingHeads | None = field(default=None, init=False)
    _standing: tuple[Training, Training] | None = field(default=None, init=False)
    _base: NDArray[np.float32] | None = field(default=None, init=False)
    _base_of: str = field(default="", init=False)

    def move(
        self,
        workspace: Workspace,
        waiting: Sequence[Vote],
        taken: Sequence[int],
        *,
        count: int,
        seed: int,
    ) -> HeadRefit | None:
        """The head fitted to what stands and what waits; None where there is nothing to fit.

        Args:
            workspace: the project.
            waiting: answers that the vote log may not have yet, oldest first.
            taken: items that shall not be asked about.
            count: how many questions to pick.
            seed: of every random number.
        """
        snapshot, head = self._ready(workspace)
        labels = snapshot.labels
        if head is None or labels is None:
            return None
        answers = _answers(snapshot, waiting)
        heads = labels.units.heads
        if self._standing is None:
            self._standing = _standing(workspace, labels)
        machines, standing = self._standing
        told = _with(standing, _learnt(workspace, labels, answers))
        if len(np.unique(np.concatenate([machines.rows, told.rows]) // heads)) < LEAST_ROWS:
            return None
        self._stand(snapshot, head, machines, standing)
        began = time.perf_counter()
        prediction = head.refit(machines, told)
        if self._base is not None and snapshot.trained is not None:
            prediction = _shifted(snapshot.trained.prediction, self._base, prediction)
        seconds = time.perf_counter() - began
        done = {unit // heads for unit in answers}
        where = item_coordinates(workspace, parts.end_model(workspace))
        questions = ask(
            workspace,
            replace(labels, joint=None),
            None,
            where,
            parts.strategy(workspace),
            count=count,
            seed=seed,
            taken=[*taken, *done],
            prediction=prediction,
        )
        return HeadRefit(prediction, questions, len(done), seconds)

    def _stand(
        self, snapshot: Snapshot, head: MovingHeads, machines: Training, answers: Training
    ) -> None:
        """Notes what the head says where the end model was trained: only its moves count then."""
        trained = "" if snapshot.trained is None else snapshot.trained.run.id
        if trained == self._base_of:
            return
        known = bool(trained) and len(machines.rows) + len(answers.rows) >= LEAST_ROWS
        self._base, self._base_of = (head.refit(machines, answers) if known else None), trained

    def _ready(self, workspace: Workspace) -> tuple[Snapshot, MovingHeads | None]:
        """The snapshot and the head, read anew only where the project changed."""
        latest = tuple(_id(workspace.runs.latest(step)) for step in ("label", "join", "import"))
        state = (*latest, workspace.items.count(), workspace.settings)
        if self._snapshot is None or state != self._state:
            self._snapshot, self._state = take_snapshot(workspace), state
            self._standing = None
        of = (workspace.items.count(), workspace.settings.end_model, workspace.settings.text)
        if self._head is None or of != self._of:
            self._head, self._of = _head_of(self._snapshot), of
            self._base, self._base_of = None, ""
        return self._snapshot, self._head


def _shifted(
    trained: NDArray[np.float64], before: NDArray[np.float32], after: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What the end model says, its odds multiplied by how the head's odds changed."""
    moved = np.maximum(trained, FLOOR) * np.maximum(after, FLOOR) / np.maximum(before, FLOOR)
    shares: NDArray[np.float32] = (moved / moved.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _head_of(snapshot: Snapshot) -> MovingHeads | None:
    """Heads on the features of all items; None for end models without features.

    None too where no end model learns tasks of this kind.
    """
    labels, workspace = snapshot.labels, snapshot.workspace
    if labels is None or not labels.units.heads or not 0 < snapshot.items <= MAX_ITEMS:
        return None
    model = parts.end_model(workspace)
    if not hasattr(model, "features"):
        return None
    items = workspace.items.take(np.arange(snapshot.items), model.fields)
    return MovingHeads(model.features(items, seed=0)[1].matrix, labels.units.heads)


def _answers(snapshot: Snapshot, waiting: Sequence[Vote]) -> dict[int, NDArray[np.float64]]:
    """What people say of units, as shares of the classes; answers of less than a class say nothing.

    The last word of each person on each item counts.
    """
    workspace = snapshot.workspace
    units = grid_of(workspace.settings.task, 0)
    numbers = workspace.items.find([vote.item for vote in waiting]).tolist()
    last: dict[tuple[int, str], str | None] = {}
    for vote, number in zip(waiting, numbers, strict=True):
        last[number, vote.source] = workspace.classes.meaning(vote.answer, vote.schema)
    texts = pa.array([*last.values()], pa.string())
    told = classes_of(texts, workspace.settings.task).reshape(len(last), units.heads)
    said: dict[int, NDArray[np.float64]] = {}
    for (number, _), row in zip(last, told.tolist(), strict=True):
        for head, place in enumerate(row):
            if place >= 0 and 0 <= number < snapshot.items:
                unit = number * units.heads + head
                said.setdefault(unit, np.zeros(len(units.class_names)))[place] += 1
    return {unit: share / share.sum() for unit, share in said.items()}


def _standing(workspace: Workspace, labels: Labels) -> tuple[Training, Training]:
    """What machines say and what people answered, as far as the labels know it."""
    made = parts.targets(workspace).of(labels.posterior)
    machines, answers = taught_in_turn(labels, _teaching(workspace, labels, made))
    return machines, replace(answers, weight=np.ones(len(answers.rows)))


def _learnt(
    workspace: Workspace, labels: Labels, answers: dict[int, NDArray[np.float64]]
) -> Training:
    """Answers by unit as something to learn."""
    rows = np.array(sorted(answers), np.int64)
    target = np.array([answers[row] for row in rows.tolist()]).reshape(-1, labels.posterior.classes)
    return _teaching(workspace, labels, Training(rows, target, np.ones(len(rows))))


def _teaching(workspace: Workspace, labels: Labels, training: Training) -> Training:
    """The labels without those of items that are held out or set aside."""
    item, items = labels.units.item, labels.units.items
    gone = np.isin(workspace.splits()[:items], HELD_OUT) | workspace.set_aside.mask(items)
    return training.only(~gone[item[training.rows]])


def _with(standing: Training, new: Training) -> Training:
    """Both, the new ones in the place of what stood."""
    old = standing.only(~np.isin(standing.rows, new.rows))
    return Training(
        np.concatenate([old.rows, new.rows]),
        np.concatenate([old.target, new.target]),
        np.concatenate([old.weight, new.weight]),
    )


def _id(run: Run | None) -> str:
    return "" if run is None else f"{run.id}{run.started}"
