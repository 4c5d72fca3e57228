"""Whose votes count: people's trust, computed from their votes on hidden test questions.

A test question is an item of the training part whose gold is known, shown like any other. Whoever
answers one wrongly is told the answer, so that their first answer stands: whatever they say of the
item afterwards, be it a correction, a withdrawal or an answer to the same question asked again,
proves nothing. A right answer is told to nobody, and one taken back before anything was told is as
if it had never been given. Votes that came from a file were told to nobody either: of these the
last one counts.

The log keeps every row, so that nothing of this is stored. What was contested and forgiven is on
record beside the votes; a forgiven answer changes trust at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from labelwright.core.source import SourceKind
from labelwright.core.votes import Votes, VoteState
from labelwright.pipeline.label.agreement import agree
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Trust, trust
from labelwright.queue import HiddenTests

FROM_A_FILE = "\0"
"""The ids of votes that were imported hold it, and no others do."""


class ExamAnswer(IntEnum):
    """What a person said of a test question. What the last row said counts, but for `FAILED`."""

    GONE = 0
    """Nothing: the answer was taken back."""
    SILENT = 1
    """That they cannot tell."""
    PASSED = 2
    """The right answer."""
    WRONG = 3
    """A wrong answer that nobody was told of."""
    FAILED = 4
    """A wrong answer that was told: no later one counts."""


@dataclass(frozen=True, slots=True, eq=False)
class ExamAnswers:
    """What counts of people's answers to test questions, one row a person and item.

    Attributes:
        source: the person's place among the sources of the votes, shape (answers,).
        item: number of the item, shape (answers,).
        said: an `ExamAnswer`, shape (answers,).
        forgiven: whether it says nothing of its person, shape (answers,).
    """

    source: NDArray[np.int64]
    item: NDArray[np.int64]
    said: NDArray[np.int8]
    forgiven: NDArray[np.bool_]

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Which are answers that count for trust, shape (answers,)."""
        return (self.said >= ExamAnswer.PASSED) & ~self.forgiven

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which of these are right, shape (answers,)."""
        return self.tested & (self.said == ExamAnswer.PASSED)


@dataclass(frozen=True, slots=True, eq=False)
class Trusted:
    """How people stand. All shapes (sources,), of the votes that were asked about.

    Attributes:
        person: whether the source is a person.
        trust: of every source, of those without test questions what is expected of anybody.
        held_back: whether its votes do not count now.
    """

    person: NDArray[np.bool_]
    trust: Trust
    held_back: NDArray[np.bool_]


def trusted(workspace: Workspace, votes: Votes) -> Trusted:
    """How the people among the sources of these votes did on their test questions.

    Args:
        workspace: the project.
        votes: in force, gold's included.
    """
    person = _people(votes)
    found = exam_answers(workspace, votes)
    tested = np.bincount(found.source[found.tested], minlength=len(person))
    right = np.bincount(found.source[found.right], minlength=len(person))
    trust_, held_back = standing_of(workspace.settings.crowd.tests, right, tested)
    return Trusted(person, trust_, held_back & person)


def standing_of(
    rules: HiddenTests, right: ArrayLike, tested: ArrayLike
) -> tuple[Trust, NDArray[np.bool_]]:
    """The trust that so many right answers give, and whether votes are held back. (people,)."""
    found = trust(right, tested)
    return found, rules.held_back(found.value, found.tested)


def exam_answers(workspace: Workspace, votes: Votes) -> ExamAnswers:
    """What people said to test questions, as the whole log has it.

    Args:
        workspace: the project.
        votes: in force, gold's included: they say what the questions are, and who counts.
    """
    truth = truth_of(votes)
    place = _places(workspace, votes)
    people = np.flatnonzero(place >= 0).tolist()
    rows = workspace.log.scan(people, ["item", "source", "state", "answer", "id"])
    item = rows["item"].to_numpy()
    asked = item < votes.items
    asked[asked] = truth[item[asked]] >= 0
    rows, item = rows.filter(asked), item[asked]
    source = place[rows["source"].to_numpy()]
    texts = votes.answers.texts(truth[item])
    right = agree(rows["answer"].combine_chunks(), texts, workspace.settings.task)
    untold = pc.fill_null(pc.match_substring(rows["id"], FROM_A_FILE), True).to_numpy()
    said = _said(rows["state"].to_numpy(), right, untold)
    key, counts = that_counts(source * np.int64(votes.items) + item, said)
    source, item = key // votes.items, key % votes.items
    return ExamAnswers(source, item, counts, _forgiven(workspace, votes, source, item))


def that_counts(
    test: NDArray[np.int64], said: NDArray[np.int8]
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Of all answers to test questions the one of each that counts.

    Args:
        test: which test question was answered, and by whom, shape (answers,), oldest first.
        said: an `ExamAnswer` each, shape (answers,).

    Returns:
        The distinct tests, sorted, and what counts of each: failed if it ever was, else what was
        said last.
    """
    tests, backwards = np.unique(test[::-1], return_index=True)
    counts = said[len(test) - 1 - backwards].astype(np.int8)
    counts[np.isin(tests, test[said == ExamAnswer.FAILED])] = ExamAnswer.FAILED
    return tests, counts


def possible_tests(workspace: Workspace, votes: Votes) -> NDArray[np.int64]:
    """The items that can be test questions: gold knows them, and no protest retired them."""
    known = truth_of(votes) >= 0
    retired = [item for item, person in workspace.forgiven.pairs() if person is None]
    places = workspace.items.find(retired)
    known[places[places >= 0]] = False
    return np.flatnonzero(known)


def truth_of(votes: Votes) -> NDArray[np.int64]:
    """What gold says of each item, as a position in the votes' answers; -1 where nothing."""
    gold = np.array([source.kind is SourceKind.GOLD for source in votes.sources], bool)
    truth = np.full(votes.items, -1, np.int64)
    says = gold[votes.source] & (votes.answer >= 0)
    truth[votes.item[says]] = votes.answer[says]
    return truth


def _said(
    state: NDArray[np.int8], right: NDArray[np.bool_], untold: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """What each row of the log says, from its state, its answer and whether it was told."""
    wrong = np.where(untold, ExamAnswer.WRONG, ExamAnswer.FAILED)
    said = np.where(right, ExamAnswer.PASSED, wrong)
    said[state == VoteState.ABSTAINED] = ExamAnswer.SILENT
    said[(state == VoteState.WITHDRAWN) | (state == VoteState.FAILED)] = ExamAnswer.GONE
    return said.astype(np.int8)


def _people(votes: Votes) -> NDArray[np.bool_]:
    """Which sources are people, shape (sources,)."""
    return np.array([source.kind is SourceKind.PERSON for source in votes.sources], bool)


def _places(workspace: Workspace, votes: Votes) -> NDArray[np.int64]:
    """The place among the votes' sources of every person in the log, -1 of all others."""
    place = {
        (source.name, source.version): number
        for number, source in enumerate(votes.sources)
        if source.kind is SourceKind.PERSON
    }
    found = [
        place.get((source.name, source.version), -1) if source.kind is SourceKind.PERSON else -1
        for source in workspace.log.sources()
    ]
    return np.array(found, np.int64)


def _forgiven(
    workspace: Workspace, votes: Votes, source: NDArray[np.int64], item: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which answers were forgiven, shape (answers,)."""
    pairs = sorted(workspace.forgiven.pairs(), key=str)
    number = {one.name: place for place, one in enumerate(votes.sources)}
    marked = np.zeros(len(item), bool)
    for known, (_, person) in zip(workspace.items.find([i for i, _ in pairs]), pairs, strict=True):
        of_item = item == known
        marked |= of_item if person is None else of_item & (source == number.get(person, -1))
    return marked
