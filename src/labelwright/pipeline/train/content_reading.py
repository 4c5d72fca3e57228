"""What content says of every item, and what it would say if known truth had not taught it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.items import HASH
from labelwright.core.matrix import VoteMatrix
from labelwright.core.ports import EndModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.core.units import Units
from labelwright.endmodels import (
    ContentReading,
    Evidence,
    Joining,
    KnownAnswers,
    folds_of,
    mean_predictions,
    mixed,
)
from labelwright.endmodels.cross_fit import Folds, Read
from labelwright.endmodels.folds import assign_folds
from labelwright.pipeline.label.class_balance import believed
from labelwright.pipeline.label.described import worth_in_training
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.random_answers import drawn_items
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.workspace.gold_settings import CHOSEN
from labelwright.pipeline.workspace.parts import label_model_of
from labelwright.pipeline.workspace.progress import Progress
from labelwright.pipeline.workspace.workspace import Workspace

Array = NDArray[np.float64]

FORMAT = 2
"""Of what is read and how: with another, content is read anew."""
MOST_ITEMS = 100_000
"""So many items teach in the rounds, drawn at random; the models then read all the others."""
PARTS = 5
"""What is known is hidden in so many parts, each from models of its own."""
MOST_BESIDE = 10_000
"""So many items teach these models at most, beside those whose truth is known."""


def read_content_of(
    workspace: Workspace,
    labels: Labels,
    model: EndModel,
    joining: Joining,
    seed: int,
    progress: Progress,
) -> dict[str, NDArray[np.generic]] | None:
    """P(class | content) of every unit, by models that did not see it, and what shifts it.

    Each head is joined by itself: how frequent a class is, is another thing for each. None if
    nothing is said, as where votes name one class and nobody knows how frequent the others are:
    a model would learn that all is of that class.

    An item is read by models that did not see its label. Yet the label of an item of known truth
    teaches models that label others, and these teach the models that read it. So whatever is held
    against that truth is read again by models from which a fifth of it was hidden altogether.

    Returns:
        `probability` (units, classes), of models taught by joint labels, and their `shift` (heads,
        classes); where known answers have a say, `answered`, of models taught by these, and their
        `share` (heads,); `judged`, the units of known truth, and `judged_probability`, what
        content would say of them in all if nobody had known.
    """
    progress("reading content", 0, 0)
    rows = _teaching(workspace, labels, seed)
    if not len(rows):
        return None
    drawn = np.zeros(labels.units.items, bool)
    drawn[drawn_items(workspace, labels.votes).item] = True
    known = _known(workspace, labels, drawn)
    items = workspace.items.take(rows, [*model.fields, HASH])
    reader = _Reader(labels, model, joining, seed, rows, items)
    evidence = evidence_of(labels)
    found = reader.readings(evidence, known)
    if not any(found):
        return None
    heads, classes = labels.units.heads, labels.posterior.classes
    joint = np.empty((workspace.items.count(), heads, classes))
    joint[:] = evidence.prior
    answered = joint.copy()
    for head, one in enumerate(found):
        if one is not None:
            joint[rows, head] = one.joint
            answered[rows, head] = one.joint if one.answered is None else one.answered
    rest = np.ones(len(joint), np.bool_)
    rest[rows] = False
    _read_the_rest(workspace, model.fields, found, rest, (joint, answered))
    shift = np.ones((heads, classes))
    share = np.zeros(heads)
    for head, one in enumerate(found):
        if one is not None:
            shift[head], share[head] = one.beliefs.shift, one.share
    judged, said = _judged(reader, known, drawn, progress)
    return {
        "probability": joint.reshape(-1, classes),
        "shift": shift,
        **({"answered": answered.reshape(-1, classes), "share": share} if share.any() else {}),
        "judged": judged,
        "judged_probability": said,
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """Teaches models what is known of some items, and reads these.

    Attributes:
        labels: of votes alone.
        model: the end model.
        joining: how votes and content inform each other.
        seed: of all that is drawn.
        rows: which items these are.
        items: they.
        read: by model, the features of the items.
    """

    labels: Labels
    model: EndModel
    joining: Joining
    seed: int
    rows: NDArray[np.int64]
    items: pa.Table
    read: Read = field(default_factory=dict)

    def readings(self, evidence: Evidence, known: KnownAnswers) -> list[ContentReading | None]:
        """What content says, by head; None where there is nothing to learn from."""
        return [self._reading(head, evidence, known) for head in range(self.labels.units.heads)]

    def _reading(self, head: int, evidence: Evidence, known: KnownAnswers) -> ContentReading | None:
        heads, balance = self.labels.units.heads, self.labels.balance
        sure = balance is None or bool(balance.known[head])
        if not sure and balance is not None and balance.voted[head].sum() < 2:
            return None
        own = evidence.of_head(head, heads).only(self.rows)
        folds = self._folds(own)
        silent = balance.silent[head] if balance is not None and sure else None
        beliefs = self.joining.content(own, folds, silent, all_teach=sure)
        if beliefs is None:
            return None
        answers = known.only(self.rows * heads + head)
        if not sure:
            answers = replace(answers, fair=np.zeros_like(answers.fair))
        return ContentReading.judged(beliefs, own, answers, folds)

    def _folds(self, evidence: Evidence) -> Folds:
        # What teaches nothing has no label here: what does teach is dealt evenly over the folds.
        teaches = evidence.covered & (evidence.worth > 0)
        return folds_of(
            self.model,
            self.items,
            np.where(teaches, evidence.votes.argmax(axis=1), -1),
            folds=self.joining.folds,
            strength=self.joining.strength,
            seed=self.seed,
            read=self.read,
        )


def evidence_of(labels: Labels) -> Evidence:
    """What the votes say, and how much that may teach."""
    return _weighed(labels.units, labels.fit, labels.posterior)


def _weighed(units: Units, fit: LabelModelFit, posterior: Posterior) -> Evidence:
    return Evidence.of(units.matrix, fit, posterior, worth_in_training(units, posterior))


def _human(matrix: VoteMatrix, kinds: tuple[SourceKind, ...]) -> NDArray[np.bool_]:
    """Which votes are of sources of these kinds, shape (votes,)."""
    return np.array([kind in kinds for kind in matrix.kinds], bool)[matrix.source]


def _known(workspace: Workspace, labels: Labels, drawn: NDArray[np.bool_]) -> KnownAnswers:
    """What those who are taken at their word say of the units, and what all others say.

    Args:
        workspace: the project.
        labels: of votes alone.
        drawn: which items were drawn at random for people and answered, shape (items,).
    """
    units, fit = labels.units, labels.fit
    matrix = units.matrix
    knows = _human(matrix, (SourceKind.GOLD,))
    settled = np.zeros(matrix.units, bool)
    settled[matrix.unit[matrix.voted & knows]] = True
    others = replace(units, matrix=matrix.only(~knows))
    votes = believed(label_model_of(labels.run.settings), fit, others)
    fair = drawn[units.item]
    if workspace.settings.gold_sample != CHOSEN:
        fair |= units.truth >= 0
    label = np.where(settled, labels.posterior.label, -1)
    return KnownAnswers(label, settled & fair, votes.probability, votes.covered)


def _judged(
    reader: _Reader, known: KnownAnswers, drawn: NDArray[np.bool_], progress: Progress
) -> tuple[NDArray[np.int64], Array]:
    """The units of known truth, and what content says of them by models that never knew it.

    In each of `PARTS` turns the votes of people and gold on a part of these items are gone, from
    those that teach as well as from those that say how much to believe what.
    """
    units, classes = reader.labels.units, reader.labels.posterior.classes
    has_truth = drawn.copy()
    has_truth[units.item[units.truth >= 0]] = True
    mine = has_truth[reader.rows]
    if not mine.any():
        return np.zeros(0, np.int64), np.zeros((0, classes))
    reader = _narrowed(reader, mine)
    mine = has_truth[reader.rows]
    part = np.full(len(reader.rows), -1)
    label = reader.labels.posterior.label[reader.rows * units.heads]
    part[mine] = assign_folds(_names(reader.items)[mine], label[mine], PARTS, reader.seed)
    judged, said = [], []
    turns = np.unique(part[mine]).tolist()
    for turn in turns:
        progress("reading known items by models that never knew them", turn, len(turns))
        places = np.flatnonzero(part == turn)
        rows, content = _read_hidden(reader, known, places)
        judged.append(rows)
        said.append(content)
    return np.concatenate(judged), np.concatenate(said)


def _read_hidden(
    reader: _Reader, known: KnownAnswers, places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Array]:
    """The units of the items at these places, and what content says while nobody knows them."""
    labels = reader.labels
    units, heads = labels.units, labels.units.heads
    hidden = np.zeros(units.items, bool)
    hidden[reader.rows[places]] = True
    hidden = hidden[units.item]
    matrix = units.matrix
    gone = _human(matrix, (SourceKind.PERSON, SourceKind.GOLD)) & hidden[matrix.unit]
    fewer = replace(units, matrix=matrix.only(~gone))
    posterior = believed(label_model_of(labels.run.settings), labels.fit, fewer)
    evidence = _weighed(fewer, labels.fit, posterior)
    found = reader.readings(evidence, known.without(hidden))
    content = np.empty((len(places), heads, posterior.classes))
    content[:] = evidence.prior
    rows = (reader.rows[places][:, None] * heads + np.arange(heads)).ravel()
    silent = ~evidence.sought[rows].reshape(-1, heads)
    for head, one in enumerate(found):
        if one is not None:
            answered = None if one.answered is None else one.answered[places]
            shift, where = one.beliefs.shift, silent[:, head]
            content[:, head] = mixed(one.joint[places], answered, one.share, shift, where)
    return rows, content.reshape(len(rows), -1)


def _narrowed(reader: _Reader, mine: NDArray[np.bool_]) -> _Reader:
    """The same of the marked items and not too many others, shape (items,)."""
    beside = np.flatnonzero(~mine)
    if len(beside) <= MOST_BESIDE:
        return reader
    rng = np.random.default_rng([reader.seed, len(beside)])
    taken = np.sort(np.r_[np.flatnonzero(mine), rng.choice(beside, MOST_BESIDE, replace=False)])
    return replace(reader, rows=reader.rows[taken], items=reader.items.take(taken), read={})


def _names(items: pa.Table) -> NDArray[np.generic]:
    return np.asarray(items.column(HASH).to_pylist(), dtype=np.str_)


def _teaching(workspace: Workspace, labels: Labels, seed: int) -> NDArray[np.int64]:
    """The items that take part in the rounds: none held out or set aside, and not too many."""
    held_out = np.isin(workspace.splits(), HELD_OUT)
    rows = np.flatnonzero(~(held_out | workspace.set_aside.mask(len(held_out))))
    if len(rows) <= MOST_ITEMS:
        return rows
    rng = np.random.default_rng([seed, len(rows)])
    voted = labels.units.to_items(labels.posterior.covered, "most")[rows]
    # Items with votes teach most: they come first, and the others fill up what is left.
    order = np.argsort(np.where(voted, 0.0, 1.0) + rng.random(len(rows)) / 2)
    return np.sort(rows[order[:MOST_ITEMS]])


def _read_the_rest(
    workspace: Workspace,
    fields: tuple[str, ...],
    found: Sequence[ContentReading | None],
    rest: NDArray[np.bool_],
    content: tuple[Array, Array],
) -> None:
    """Fills in the rows of both parts of `content` that `rest` marks, reading items in batches.

    Args:
        workspace: holds the items.
        fields: what the models read.
        found: what each head has learnt; None where it has not.
        rest: shape (items,).
        content: of models taught by joint labels, and by known answers alone, each of shape
            (items, heads, classes).
    """
    if not rest.any():
        return
    joint, answered = content
    predictors = [() if one is None else one.beliefs.folded.predictors for one in found]
    predictors += [() if one is None else one.answered_by for one in found]
    for batch in workspace.items.scan(fields, start=int(rest.argmax())):
        numbers = batch.column("_number").to_numpy()
        wanted = rest[numbers]
        if not wanted.any():
            continue
        items = pa.Table.from_batches([batch]).filter(pa.array(wanted))
        said = mean_predictions(predictors, items, joint.shape[2])
        for head, one in enumerate(found):
            if one is not None:
                joint[numbers[wanted], head] = one.beliefs.of(said[:, head])
                answered[numbers[wanted], head] = said[:, len(found) + head]
