"""The laws of the port `TaskKind`: what every kind of task must keep.

Each law is a plain function that raises AssertionError. A third party calls them with its own
kind, a task, and answers as its users would give them; `check_task_kind` calls all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.answer_book import TextBook
from labelwright.core.errors import AnswerError
from labelwright.core.judgement import NOTHING
from labelwright.core.matrix import VoteMatrix
from labelwright.core.pieces import pieces_of, texts_of
from labelwright.core.ports import TaskKind
from labelwright.core.posterior import Posterior
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.core.units import Answers, Units
from labelwright.core.votes import Votes
from labelwright.tasks import piece_columns

__all__ = [
    "canonical_text_is_a_fixed_point",
    "check_task_kind",
    "every_answer_agrees_with_itself",
    "guests_shape_no_unit",
    "judging_is_symmetric_but_for_names",
    "leaving_sources_out_keeps_the_units",
    "pieces_hold_the_whole_answer",
    "renaming_items_moves_their_answers",
    "renaming_sources_changes_no_answer",
    "unanimous_answers_come_back",
    "units_are_counted",
    "units_of_an_item_depend_on_no_other",
    "unknown_answers_are_refused",
    "vote_shares",
    "votes_of",
]


def check_task_kind(
    kind: TaskKind,
    task: Task,
    ballots: Sequence[Sequence[Any]],
    nonsense: Sequence[Any],
    rng: np.random.Generator,
) -> None:
    """All laws.

    Args:
        kind: to be checked.
        task: a task of this kind.
        ballots: per source, its answer to every item, None to abstain.
        nonsense: what no user may answer.
        rng: where the new order of items and sources comes from.
    """
    votes = votes_of(kind, task, ballots)
    for ballot in ballots:
        canonical_text_is_a_fixed_point(kind, task, ballot)
        pieces_hold_the_whole_answer(kind, task, ballot)
        unanimous_answers_come_back(kind, task, ballot)
    units_are_counted(kind, task, votes)
    leaving_sources_out_keeps_the_units(kind, task, votes)
    units_of_an_item_depend_on_no_other(kind, task, votes)
    guests_shape_no_unit(kind, task, votes)
    every_answer_agrees_with_itself(kind, task, votes)
    judging_is_symmetric_but_for_names(kind, task, votes)
    renaming_items_moves_their_answers(kind, task, votes, rng.permutation(votes.items))
    renaming_sources_changes_no_answer(kind, task, votes, rng.permutation(len(votes.sources)))
    unknown_answers_are_refused(kind, task, nonsense)


def canonical_text_is_a_fixed_point(kind: TaskKind, task: Task, answers: Sequence[Any]) -> None:
    """Reading the canonical text and writing it again changes nothing; nor does writing it."""
    for answer in answers:
        if answer is not None:
            text = kind.canonical(answer, task)
            assert kind.canonical(kind.read(text, task), task) == text
            assert kind.canonical(text, task) == text


def pieces_hold_the_whole_answer(kind: TaskKind, task: Task, answers: Sequence[Any]) -> None:
    """Of a kind with pieces: written again from its columns, no text has changed."""
    columns = piece_columns(kind)
    if columns:
        texts = pa.array([kind.canonical(a, task) for a in answers if a is not None], pa.string())
        pieces = pieces_of(texts)
        assert texts_of(pieces.select(["answer", *columns]), len(texts)).equals(texts)


def unanimous_answers_come_back(kind: TaskKind, task: Task, answers: Sequence[Any]) -> None:
    """What all say is the answer, surely; where all abstain nothing is known."""
    votes = votes_of(kind, task, [answers] * 3)
    found = _answers(kind, task, votes)
    expected = [None if a is None else kind.canonical(a, task) for a in answers]
    assert found.answer.to_pylist() == expected
    known = np.array([answer is not None for answer in answers], bool)
    np.testing.assert_allclose(found.confidence, known)


def units_are_counted(kind: TaskKind, task: Task, votes: Votes) -> None:
    """Each unit belongs to an item; the sources are those of the votes, as is what they saw."""
    units = kind.decompose(votes, None, None, task)
    matrix = units.matrix
    assert units.items == votes.items
    assert units.item.shape == (matrix.units,)
    assert units.key is None or len(units.key) == matrix.units
    assert np.all((units.item >= 0) & (units.item < votes.items))
    assert len(units.class_names) == matrix.classes
    assert matrix.kinds == tuple(source.kind for source in votes.sources)
    np.testing.assert_array_equal(matrix.complete, votes.complete)
    voted = np.unique(votes.item[votes.answer >= 0])
    np.testing.assert_array_equal(np.unique(units.item[matrix.covered]), voted)


def leaving_sources_out_keeps_the_units(kind: TaskKind, task: Task, votes: Votes) -> None:
    """Without a source the units are the same, and every item still has one."""
    units = kind.decompose(votes, None, None, task)
    np.testing.assert_array_equal(np.unique(units.item), np.arange(votes.items))
    assert np.all(np.diff(units.item) >= 0)
    first = np.arange(len(votes.sources)) == 0
    fewer = units.without(first)
    assert fewer.matrix.units == units.matrix.units
    assert not np.any(fewer.matrix.source[fewer.matrix.voted] == 0)


def units_of_an_item_depend_on_no_other(kind: TaskKind, task: Task, votes: Votes) -> None:
    """The units of an item alone are those that it has among others."""
    units = kind.decompose(votes, None, None, task)
    for item in range(votes.items):
        mine = votes.item == item
        alone = kind.decompose(_rows(votes, mine, votes.item[mine] * 0, 1), None, None, task)
        among = units.of_items(item, item + 1)
        np.testing.assert_array_equal(alone.matrix.to_dense(), among.matrix.to_dense())
        assert alone.key is None or alone.key.equals(among.key)


def guests_shape_no_unit(kind: TaskKind, task: Task, votes: Votes) -> None:
    """Guests join units and add their own; of what the others said nothing changes."""
    first = votes.source == 0
    others = _rows(votes, ~first, votes.item[~first], votes.items)
    guests = _rows(votes, first, votes.item[first], votes.items)
    before = kind.decompose(others, None, None, task)
    after = kind.decompose(others, guests, None, task)
    np.testing.assert_array_equal(after.to_fit().to_dense(), before.to_fit().to_dense())
    assert after.guests is not None
    assert after.guests.units == after.matrix.units


def every_answer_agrees_with_itself(kind: TaskKind, task: Task, votes: Votes) -> None:
    """Held against itself an answer is all right, and as alike as can be."""
    for source in range(len(votes.sources)):
        said = _said_by(votes, source)
        known = np.flatnonzero(said.answer.is_valid().to_numpy(zero_copy_only=False))
        found = kind.judge(said, said, task)
        assert found.right.all()
        assert found.right_items(known).all()
        alike = kind.alike(said, said, task)
        np.testing.assert_allclose(alike[known], 1)
        assert np.isnan(np.delete(alike, known)).all()


def judging_is_symmetric_but_for_names(kind: TaskKind, task: Task, votes: Votes) -> None:
    """With the sides changed the same pieces match: what was missed is what was made up.

    Answers of less than a class, which only one side can hold against the other, are left out.
    """
    ones, others = _said_by(votes, 0), _said_by(votes, len(votes.sources) - 1)
    there, back = kind.judge(ones, others, task), kind.judge(others, ones, task)
    whole = kind.judge(ones, ones, task), kind.judge(others, others, task)
    if any(np.any(of.said == NOTHING) for of in whole) or len(there.item) != len(back.item):
        return
    np.testing.assert_allclose(kind.alike(ones, others, task), kind.alike(others, ones, task))
    pairs = zip(there.item.tolist(), there.said.tolist(), there.truth.tolist(), strict=True)
    turned = zip(back.item.tolist(), back.truth.tolist(), back.said.tolist(), strict=True)
    assert sorted(pairs) == sorted(turned)


def renaming_items_moves_their_answers(
    kind: TaskKind, task: Task, votes: Votes, order: NDArray[np.int64]
) -> None:
    """If item i stands at place order[i], so does its answer, and no answer changes."""
    before = _answers(kind, task, votes)
    after = _answers(kind, task, replace(votes, item=order[votes.item]))
    assert after.answer.take(order).equals(before.answer)
    np.testing.assert_allclose(after.confidence[order], before.confidence)


def renaming_sources_changes_no_answer(
    kind: TaskKind, task: Task, votes: Votes, order: NDArray[np.int64]
) -> None:
    """If source s stands at place order[s], no answer changes."""
    back = np.argsort(order)
    moved = replace(
        votes,
        source=order[votes.source].astype(np.int32),
        sources=tuple(votes.sources[place] for place in back),
        complete=votes.complete[back],
    )
    before, after = _answers(kind, task, votes), _answers(kind, task, moved)
    assert after.answer.equals(before.answer)
    np.testing.assert_allclose(after.confidence, before.confidence)


def unknown_answers_are_refused(kind: TaskKind, task: Task, nonsense: Sequence[Any]) -> None:
    """What the task does not allow raises AnswerError, whoever says it."""
    for answer in nonsense:
        try:
            text = kind.canonical(answer, task)
        except AnswerError:
            continue
        raise AssertionError(f"{answer!r} was taken for the answer {text!r}")


def votes_of(kind: TaskKind, task: Task, ballots: Sequence[Sequence[Any]]) -> Votes:
    """The votes of people who all saw every item.

    Args:
        kind: of the task.
        task: what was asked.
        ballots: per source, its answer to every item, None to abstain.
    """
    items = len(ballots[0]) if ballots else 0
    texts = [None if a is None else kind.canonical(a, task) for b in ballots for a in b]
    answers = tuple(sorted({text for text in texts if text is not None}))
    code = {text: place for place, text in enumerate(answers)}
    return Votes(
        item=np.tile(np.arange(items), len(ballots)),
        source=np.repeat(np.arange(len(ballots), dtype=np.int32), items),
        answer=np.array([-1 if text is None else code[text] for text in texts], np.int32),
        answers=TextBook(answers),
        sources=tuple(Source(f"s{n}", SourceKind.PERSON) for n in range(len(ballots))),
        items=items,
        complete=np.zeros(len(ballots), bool),
    )


def vote_shares(matrix: VoteMatrix) -> Posterior:
    """The posterior of one who only counts: of every unit, each class's share of its votes."""
    cell = matrix.unit[matrix.voted] * np.int64(matrix.classes) + matrix.label[matrix.voted]
    count = np.bincount(cell, minlength=matrix.units * matrix.classes)
    count = count.reshape(matrix.units, matrix.classes).astype(np.float64)
    count[~matrix.covered] = 1
    return Posterior(count / count.sum(axis=1, keepdims=True), matrix.covered)


def _rows(votes: Votes, rows: NDArray[np.bool_], item: NDArray[np.int64], items: int) -> Votes:
    """Some of the votes, on the items that `item` says."""
    return replace(
        votes, item=item, source=votes.source[rows], answer=votes.answer[rows], items=items
    )


def _said_by(votes: Votes, source: int) -> Answers:
    """What one source said of each item, null where it abstained."""
    said = np.full(votes.items, -1)
    mine = votes.source == source
    said[votes.item[mine]] = votes.answer[mine]
    texts = pa.array([*votes.answers], pa.string())
    return Answers(texts.take(pa.array(said, mask=said < 0)), np.ones(votes.items))


def _answers(kind: TaskKind, task: Task, votes: Votes) -> Answers:
    units: Units = kind.decompose(votes, None, None, task)
    shares = vote_shares(units.matrix)
    return kind.recompose(units.beliefs(shares.probability, shares.covered), task)
