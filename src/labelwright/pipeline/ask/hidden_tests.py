"""The hidden test questions of a project, held in memory to examine people while they answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.source import SourceKind
from labelwright.core.task import Task
from labelwright.core.votes import Votes, VoteState
from labelwright.pipeline.label.agreement import agrees
from labelwright.pipeline.label.votes_that_count import votes_on_record
from labelwright.pipeline.label.worker_trust import (
    ExamAnswer,
    exam_answers,
    possible_tests,
    standing_of,
    that_counts,
    truth_of,
)
from labelwright.pipeline.vote.active_sources import Active, active
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.queue import HiddenTests


@dataclass(frozen=True, slots=True)
class ExamStanding:
    """How somebody stands in the exam.

    Attributes:
        tested: how many test questions they answered, forgiven ones not counted.
        right: how many of them rightly.
        trust: posterior accuracy on test questions.
        quiz: how many test questions come before all else.
        held_back: whether their votes do not count now.
        failed: the numbers of the items whose answer they were told: it stands.
    """

    tested: int
    right: int
    trust: float
    quiz: int
    held_back: bool
    failed: frozenset[int]


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """What a person said of a test question that the log may not know yet.

    Attributes:
        item: number of the item.
        answer: canonical, None for none.
        withdrawn: whether it takes back what they said.
    """

    item: int
    answer: str | None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """The test questions and what the vote log knows of people's answers to them.

    Attributes:
        task: what was asked.
        rules: when test questions come and what follows.
        answers: what gold says of each possible test question, by the item's number.
        done: what counts of each person's answers (an `ExamAnswer`), by name and number.
        forgiven: numbers of items with the person who is forgiven, None for everybody.
    """

    task: Task
    rules: HiddenTests
    answers: Mapping[int, str]
    done: Mapping[str, Mapping[int, int]]
    forgiven: frozenset[tuple[int, str | None]]

    def standing(self, person: str, lately: Iterable[HeardAnswer] = ()) -> ExamStanding:
        """How the person stands.

        Args:
            person: their name.
            lately: what they said that the log may not know yet, oldest first.
        """
        told = self.done.get(person, {})
        rows = [(item, said) for item, said in told.items()]
        rows += [(one.item, self._said(one)) for one in lately if one.item in self.answers]
        tests, said = that_counts(*np.array(rows, np.int64).reshape(-1, 2).T)
        counts = (said >= ExamAnswer.PASSED) & ~np.isin(tests, self._forgiven(person))
        tested, right = int(counts.sum()), int((counts & (said == ExamAnswer.PASSED)).sum())
        found, held_back = standing_of(self.rules, [right], [tested])
        return ExamStanding(
            tested=tested,
            right=right,
            trust=float(found.value[0]),
            quiz=self.rules.quiz,
            held_back=bool(held_back[0]),
            failed=frozenset(tests[counts & (said == ExamAnswer.FAILED)].tolist()),
        )

    def left(self, person: str) -> NDArray[np.int64]:
        """The test questions that the person has not seen, sorted; a failed one was seen."""
        done = self.done.get(person, {})
        left = [item for item in self.answers if done.get(item, ExamAnswer.GONE) == ExamAnswer.GONE]
        return np.array(sorted(left), np.int64)

    def is_wrong(self, item: int, answer: str | None) -> bool:
        """Whether this is a wrong answer to a test question."""
        known = self.answers.get(item)
        return answer is not None and known is not None and not agrees(answer, known, self.task)

    def _said(self, heard: HeardAnswer) -> ExamAnswer:
        if heard.withdrawn:
            return ExamAnswer.GONE
        if heard.answer is None:
            return ExamAnswer.SILENT
        return ExamAnswer.FAILED if self.is_wrong(heard.item, heard.answer) else ExamAnswer.PASSED

    def _forgiven(self, person: str) -> list[int]:
        return [item for item, whose in self.forgiven if whose in (None, person)]


def exam_of(workspace: Workspace, votes: Votes | None = None) -> Exam:
    """The exam as the vote log has it.

    Args:
        workspace: the project, with some item.
        votes: those on record, if they are at hand.
    """
    votes = votes_on_record(workspace, active(workspace)) if votes is None else votes
    truth = truth_of(votes)
    tests = possible_tests(workspace, votes)
    known = votes.answers.texts(truth[tests]).to_pylist()
    found = exam_answers(workspace, votes)
    done: dict[str, dict[int, int]] = {}
    for place, item, said in zip(found.source, found.item, found.said, strict=True):
        done.setdefault(votes.sources[place].name, {})[int(item)] = int(said)
    pairs = sorted(workspace.forgiven.pairs(), key=str)
    numbers = workspace.items.find([item for item, _ in pairs]).tolist()
    return Exam(
        task=workspace.settings.task,
        rules=workspace.settings.crowd.tests,
        answers=dict(zip(tests.tolist(), known, strict=True)),
        done=done,
        forgiven=frozenset((n, person) for n, (_, person) in zip(numbers, pairs, strict=True)),
    )


def told_wrong(workspace: Workspace, item: int, sources: Active | None = None) -> str:
    """What somebody is told who answered this test question wrongly: the answer, and why."""
    task = workspace.settings.task
    sources = active(workspace) if sources is None else sources
    rows = workspace.rows_on(item)
    known = dict(zip(sources.numbers.tolist(), sources.sources, strict=True))
    voted = {n: row for n, row in rows.items() if row["state"] == VoteState.VOTED and n in known}
    gold = next(row for n, row in voted.items() if known[n].kind is SourceKind.GOLD)
    agreeing = [
        known[n].description or known[n].name
        for n, row in voted.items()
        if known[n].kind.chooses and agrees(row["answer"], gold["answer"], task)
    ]
    why = gold["reason"] or ", ".join(agreeing)
    told = f"this was a test question; the answer is {gold['answer']}"
    return f"{told} ({why})" if why else told
