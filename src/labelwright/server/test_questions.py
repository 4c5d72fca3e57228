"""Hidden test questions at the desk: who gets them, when, and what is told of wrong answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labelwright.core.class_change import schema_number
from labelwright.core.pool import Assignment
from labelwright.pipeline.ask.hidden_tests import Exam, ExamStanding, HeardAnswer, told_wrong
from labelwright.pipeline.live.snapshot import Snapshot
from labelwright.server.state import Office
from labelwright.server.wire.queue import VoteGiven
from labelwright.stores import Account, Asked, Role

FINAL = (
    "this was a test question and its answer was told, so that the first answer stands; "
    "if the question is at fault, flag the item: a reviewer can forgive it"
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What is due to somebody who claims questions.

    Attributes:
        tests: leased to them now, with their places among the questions.
        told: how they stand, as the wire type `Exam` says; None of who is not examined.
        only_tests: whether they get nothing else, being held back.
    """

    tests: tuple[tuple[int, Asked], ...]
    told: dict[str, Any] | None
    only_tests: bool


NO_EXAM = Examined((), None, only_tests=False)


def is_examined(account: Account, snapshot: Snapshot) -> bool:
    """Whether test questions are hidden among this person's: labellers' alone.

    Owner and reviewers make the gold that others are held against.
    """
    tests = snapshot.workspace.settings.crowd.tests
    return tests.used and account.role is Role.LABELLER and snapshot.items > 0


async def examine(office: Office, person: str, count: int) -> Examined:
    """Leases the test questions that are due among the next `count`."""
    exam, standing, numbers = await office.run(_due, office, person, count)
    questions = [Assignment(number, person, 1.0, False, "", 0.0) for number, _ in numbers]
    ids = [office.snapshot.id_of(number) for number, _ in numbers]
    work = office.exams.handing(person, time.time(), questions, ids)
    asked = await asyncio.wrap_future(office.desk.database.submit(work, durable=False))
    place_of = dict(numbers)
    return Examined(
        tests=tuple((place_of[one.assignment.item], one) for one in asked),
        told={
            "tested": standing.tested,
            "right": standing.right,
            "quiz": exam.rules.quiz,
            "held_back": standing.held_back,
        },
        only_tests=standing.held_back,
    )


def woven(asked: Sequence[Asked], tests: Sequence[tuple[int, Asked]]) -> list[Asked]:
    """The questions with the test questions at their places."""
    found = list(asked)
    for place, test in sorted(tests, key=lambda pair: pair[0]):
        found.insert(place, test)
    return found


async def verdicts(office: Office, votes: Sequence[VoteGiven]) -> dict[str, str]:
    """What is told of each wrong answer to a test question, by the vote's id."""
    exam = await office.run(office.exam)
    wrong = [vote for vote in votes if _is_wrong(office, exam, vote)]
    told = [await office.run(told_wrong, office.workspace, vote.item) for vote in wrong]
    return {vote.id: text for vote, text in zip(wrong, told, strict=True)}


async def final(office: Office, person: str, votes: Sequence[VoteGiven]) -> dict[str, str]:
    """Why second answers to test questions whose answer was told are refused, by vote id."""
    tests = (await office.run(office.exam)).answers
    about = [vote for vote in votes if vote.item in tests]
    return await office.run(_final, office, person, about) if about else {}


async def is_final(office: Office, person: str, vote_id: str) -> bool:
    """Whether this vote is about a test question that the person was told they got wrong."""
    told = await office.run(office.exams.vote, person, vote_id)
    if told is None:
        return False
    (number,) = (await office.run(office.workspace.items.find, [told.vote.item])).tolist()
    return number in (await office.run(standing_of, office, person)).failed


def standing_of(office: Office, person: str) -> ExamStanding:
    """How the person stands, answers included that wait to be taken into the log."""
    meaning = office.workspace.classes.meaning
    votes = [one.vote for one in office.exams.said(person)]
    numbers = office.workspace.items.find([vote.item for vote in votes]).tolist()
    lately = [
        HeardAnswer(number, meaning(vote.answer, vote.schema), vote.withdrawn)
        for number, vote in zip(numbers, votes, strict=True)
    ]
    return office.exam().standing(person, lately)


def _final(office: Office, person: str, votes: Sequence[VoteGiven]) -> dict[str, str]:
    failed = standing_of(office, person).failed
    # What was sent before may be sent again: it is known.
    return {
        vote.id: FINAL
        for vote in votes
        if vote.item in failed and office.exams.vote(person, vote.id) is None
    }


def _due(
    office: Office, person: str, count: int
) -> tuple[Exam, ExamStanding, list[tuple[int, int]]]:
    """The exam, how the person stands, and the test questions due with their places."""
    exam, standing = office.exam(), standing_of(office, person)
    rng = np.random.default_rng()
    held = office.exams.held(person, time.time())
    if standing.held_back:
        places = np.arange(max(count - held, 0))
    else:
        places = np.flatnonzero(exam.rules.places(standing.tested + held, count, rng))
    # The order of each person is their own, so that nobody is told the tests by others.
    left = rng.permutation(exam.left(person)).tolist()
    ids = [office.snapshot.id_of(number) for number in left]
    fresh = set(office.exams.unseen(person, ids, len(places)))
    numbers = [number for number, id_ in zip(left, ids, strict=True) if id_ in fresh]
    return exam, standing, list(zip(numbers, places.tolist(), strict=False))


def _is_wrong(office: Office, exam: Exam, vote: VoteGiven) -> bool:
    if vote.answer is None:
        return exam.is_wrong(vote.item, None)
    # It was taken, so that the task allows it, or did before the classes changed.
    classes = office.workspace.classes
    text = classes.meaning(*classes.read(vote.answer, schema_number(vote.schema_version)))
    return exam.is_wrong(vote.item, text)
