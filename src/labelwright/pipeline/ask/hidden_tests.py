"""The hidden test questions of a project, held in memory to examine people while they answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from labelwright.core.source import SourceKind
from labelwright.core.votes import Votes, VoteState
from labelwright.pipeline.label.votes_that_count import votes_on_record
from labelwright.pipeline.label.worker_trust import examined, possible_tests, truth_of
from labelwright.pipeline.vote.active_sources import Active, active
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import trust
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
    """

    tested: int
    right: int
    trust: float
    quiz: int
    held_back: bool


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """The test questions and what the vote log knows of people's answers to them.

    Attributes:
        rules: when test questions come and what follows.
        answers: what gold says of each possible test question, by the item's number.
        done: whether each person answered right, by name and number; forgiven ones left out.
        forgiven: numbers of items with the person who is forgiven, None for everybody.
    """

    rules: HiddenTests
    answers: Mapping[int, str]
    done: Mapping[str, Mapping[int, bool]]
    forgiven: frozenset[tuple[int, str | None]]

    def standing(self, person: str, lately: Iterable[tuple[int, str | None]] = ()) -> ExamStanding:
        """How the person stands.

        Args:
            person: their name.
            lately: numbers of test questions with the answers that the log may not know yet.
        """
        told = dict(self.done.get(person, {}))
        for item, answer in lately:
            known = self.answers.get(item)
            if known is not None and answer is not None and (item, person) not in self.forgiven:
                told[item] = answer == known
        tested, right = len(told), sum(told.values())
        found = trust([right], [tested])
        held = self.rules.held_back(found.value, found.tested)
        return ExamStanding(tested, right, float(found.value[0]), self.rules.quiz, bool(held[0]))

    def is_wrong(self, item: int, answer: str | None) -> bool:
        """Whether this is a wrong answer to a test question."""
        return answer is not None and self.answers.get(item, answer) != answer


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
    tested, right = examined(workspace, votes)
    done: dict[str, dict[int, bool]] = {}
    for place in np.flatnonzero(tested).tolist():
        name = votes.sources[votes.source[place]].name
        done.setdefault(name, {})[int(votes.item[place])] = bool(right[place])
    pairs = sorted(workspace.forgiven.pairs(), key=str)
    numbers = workspace.items.find([item for item, _ in pairs]).tolist()
    return Exam(
        rules=workspace.settings.crowd.tests,
        answers=dict(zip(tests.tolist(), known, strict=True)),
        done=done,
        forgiven=frozenset((n, person) for n, (_, person) in zip(numbers, pairs, strict=True)),
    )


def told_wrong(workspace: Workspace, item: int, sources: Active | None = None) -> str:
    """What somebody is told who answered this test question wrongly: the answer, and why."""
    sources = active(workspace) if sources is None else sources
    rows = workspace.rows_on(item)
    known = dict(zip(sources.numbers.tolist(), sources.sources, strict=True))
    voted = {n: row for n, row in rows.items() if row["state"] == VoteState.VOTED and n in known}
    gold = next(row for n, row in voted.items() if known[n].kind is SourceKind.GOLD)
    agreeing = [
        known[n].description or known[n].name
        for n, row in voted.items()
        if row["answer"] == gold["answer"] and known[n].kind.chooses
    ]
    why = gold["reason"] or ", ".join(agreeing)
    told = f"this was a test question; the answer is {gold['answer']}"
    return f"{told} ({why})" if why else told
