"""The training set as a file: hard and soft labels, confidence, who voted what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.columns import renamed
from labelwright.core.items import ID, NUMBER, SPLIT
from labelwright.core.units import Answers
from labelwright.formats import write
from labelwright.pipeline.label.basis import ORDER
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.reduce_votes import answers_of
from labelwright.pipeline.train.answer_columns import pieces, share_columns, shown_shares
from labelwright.pipeline.train.contradicted_labels import check_uncontradicted
from labelwright.pipeline.train.train import Trained, one_class, only_class
from labelwright.pipeline.train.what_stands import Standing, basis_of_items, standing
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import masked
from labelwright.sources import beliefs_of_items
from labelwright.tasks import kind_of


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        path: the file.
        rows: how many items it holds.
        labelled: how many of them have a label.
        content: whether the labels are of votes and content; otherwise of votes alone.
        standing: how many labels there are, on what basis, and how right.
        renamed: fields of the items that have a name of ours -> what they are called in the file.
        one_class: what to know where every label is of one class and nobody knows how frequent the
            others are, in words; else empty.
    """

    path: Path
    rows: int
    labelled: int
    content: bool
    standing: Standing
    renamed: dict[str, str] = field(default_factory=dict)
    one_class: str = ""


def export(
    workspace: Workspace,
    labels: Labels,
    trained: Trained | None,
    path: Path,
    *,
    only_labelled: bool = False,
    mask_personal_data: bool = False,
    anyway: bool = False,
) -> ExportReport:
    """Writes every item that is not set aside with its label; the file's ending says the format.

    Columns: ``id``, ``split``, ``label`` (null where nothing is known), ``confidence``, ``basis``
    (what the label rests on: ``gold``, ``votes``, ``content``, ``votes and content``, ``tied
    votes`` that leave classes equally probable, or ``class balance``, which says nothing about the
    item), one ``p_CLASS`` per class (that it is the class, or that it belongs; where an answer is
    made of pieces one column ``pieces``, each with its probability), ``sources`` (who voted
    what); where content was joined in ``votes_label`` and ``votes_confidence`` (what votes alone
    say, null where nobody voted); ``model_label`` and ``model_confidence`` once an end model is
    trained; then the item's own fields. One that has a name of ours gets another one, the same in
    every export: ``label`` is ``label_of_item``.

    Args:
        workspace: the project.
        labels: what votes, or votes and content, say.
        trained: what the end model says, if there is one.
        path: the file.
        only_labelled: whether to leave out items without a label.
        mask_personal_data: whether texts get such as ``[e-mail]`` for what is found there.
        anyway: whether to write labels that known truth contradicts.

    Raises:
        ContradictedError: known truth contradicts the labels.
    """
    stands = standing(workspace, labels)
    check_uncontradicted(stands.contradicted, anyway=anyway)
    # Also beside columns that this export may lack: names do not change when a model is trained.
    called = workspace.called()
    labelled = np.asarray(labels.answers.answer.is_valid())
    keep = ~workspace.set_aside.mask(len(labelled))
    if only_labelled:
        keep &= labelled
    rows = _Rows.made(workspace, labels, trained, called, mask=mask_personal_data)
    count = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal count
        for batch in workspace.items.scan([*called, ID, SPLIT]):
            numbers = batch.column(NUMBER).to_numpy()
            made = rows.of(batch).filter(pa.array(keep[numbers]))
            count += made.num_rows
            yield made

    write(path, batches())
    done = int((labelled & keep).sum())
    content = labels.joint is not None
    only = only_class(labels)
    told = one_class(only) if only else ""
    return ExportReport(path, count, done, content, stands, renamed(called), told)


def _told(by: str, answers: Answers, numbers: np.ndarray) -> dict[str, pa.Array]:
    """A label and its confidence, null where there is none."""
    label = answers.answer.take(pa.array(numbers))
    return {
        f"{by}_label": label,
        f"{by}_confidence": pa.array(answers.confidence[numbers], mask=np.asarray(label.is_null())),
    }


@dataclass(frozen=True)
class _Rows:
    """Makes the rows of the export from batches of items.

    Attributes:
        workspace: the project.
        labels: of its items.
        votes: what votes alone say; None where the labels are of votes alone.
        model: what the end model says; None without one.
        believed: columns of probabilities, of all items.
        called: what each of the user's columns is called beside ours.
        basis: what the label of each item rests on.
        mask_personal_data: whether to mask texts.
    """

    workspace: Workspace
    labels: Labels
    votes: Answers | None
    model: Answers | None
    believed: dict[str, pa.Array]
    called: dict[str, str]
    basis: NDArray[np.int8]
    mask_personal_data: bool

    @classmethod
    def made(
        cls,
        workspace: Workspace,
        labels: Labels,
        trained: Trained | None,
        called: dict[str, str],
        *,
        mask: bool,
    ) -> _Rows:
        """The rows of these labels."""
        task, units, posterior = workspace.settings.task, labels.units, labels.posterior
        votes = model = None
        if labels.joint is not None:
            votes = answers_of(units, labels.votes_posterior, labels.fit, task)
        if trained is not None:
            beliefs = beliefs_of_items(trained.prediction, task)
            model = kind_of(task).recompose(beliefs, task)
        shares = shown_shares(units, posterior.probability, task.classes)
        if shares is None:
            beliefs = units.beliefs(posterior.probability, posterior.covered, labels.fit.accuracy)
            believed = {"pieces": pieces(beliefs, labels.answers, task, ordered=units.ordered)}
        else:
            believed = share_columns(shares, task.classes)
        basis = basis_of_items(labels)
        return cls(workspace, labels, votes, model, believed, called, basis, mask)

    def of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        numbers = batch.column(NUMBER).to_numpy()
        columns = {
            "id": batch.column(ID),
            "split": batch.column(SPLIT),
            "label": self.labels.answers.answer.take(pa.array(numbers)),
            "confidence": pa.array(self.labels.answers.confidence[numbers]),
            "basis": pa.array(np.array([basis.value for basis in ORDER])[self.basis[numbers]]),
            **self._probabilities(numbers),
            "sources": self._who_voted_what(numbers),
            **self._votes_alone(numbers),
            **self._predictions(numbers),
        }
        own = {new: self._shown(batch.column(name)) for name, new in self.called.items()}
        return pa.RecordBatch.from_pydict({**columns, **own})

    def _shown(self, column: pa.Array) -> pa.Array:
        if not self.mask_personal_data or not pa.types.is_string(column.type):
            return column
        return masked(column)[0]

    def _probabilities(self, numbers: np.ndarray) -> dict[str, pa.Array]:
        return {name: column.take(pa.array(numbers)) for name, column in self.believed.items()}

    def _votes_alone(self, numbers: np.ndarray) -> dict[str, pa.Array]:
        """What votes alone say, where content was joined in."""
        return {} if self.votes is None else _told("votes", self.votes, numbers)

    def _predictions(self, numbers: np.ndarray) -> dict[str, pa.Array]:
        return {} if self.model is None else _told("model", self.model, numbers)

    def _who_voted_what(self, numbers: np.ndarray) -> pa.Array:
        """Per item, a list such as ``["free_money=spam", "anna=ham"]``."""
        votes = self.labels.votes
        first, last = int(numbers[0]), int(numbers[-1])
        inside = slice(
            int(np.searchsorted(votes.item, first)), int(np.searchsorted(votes.item, last + 1))
        )
        voted = votes.answer[inside] >= 0
        item = votes.item[inside][voted] - first
        source = votes.source[inside][voted]
        answer = votes.answer[inside][voted]
        names = [source.name for source in votes.sources]
        pairs, place = np.unique(
            source.astype(np.int64) * max(len(votes.answers), 1) + answer, return_inverse=True
        )
        of, number = np.divmod(pairs, max(len(votes.answers), 1))
        said = votes.answers.texts(number).to_pylist()
        texts = [f"{names[place]}={text}" for place, text in zip(of, said, strict=True)]
        offsets = np.searchsorted(item, np.arange(len(numbers) + 1)).astype(np.int32)
        values = pa.array(texts, pa.string()).take(pa.array(place))
        return pa.ListArray.from_arrays(pa.array(offsets), values)
