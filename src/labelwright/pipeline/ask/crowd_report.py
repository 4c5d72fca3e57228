"""Several people on one project: test questions, trust, agreement, and how many answers are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.matrix import VoteMatrix
from labelwright.core.pool import Assignment
from labelwright.core.source import SourceKind
from labelwright.core.units import Answers
from labelwright.core.votes import Votes
from labelwright.pipeline.ask.hidden_tests import exam_of, told_wrong
from labelwright.pipeline.ask.pick_questions import believed, checked, people_on
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.reduce_votes import reduced
from labelwright.pipeline.label.votes_that_count import votes_on_record
from labelwright.pipeline.label.worker_trust import Trusted, possible_tests, trusted
from labelwright.pipeline.vote.active_sources import active
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.environment import author
from labelwright.pipeline.workspace.workspace import Workspace, number_of
from labelwright.quality import krippendorff_alpha
from labelwright.queue import RANDOM
from labelwright.tasks import kind_of

COUNTS, QUIZ, HELD_BACK = "counts", "at the quiz", "held back"


@dataclass(frozen=True, slots=True)
class Person:
    """How one person stands.

    Attributes:
        name: of the person.
        answers: how many votes are in force, abstentions included.
        tested: how many test questions were answered, forgiven ones not counted.
        right: how many of them rightly.
        trust: posterior accuracy on test questions.
        low: the lower end of its 95 % interval.
        high: the upper end.
        agreement: how probable the labels make their answers, on items on which others voted
            too; NaN where there are none. Only to look at: it does not decide whose votes count,
            since experts dissent where the others err together.
        state: whether the votes count.
    """

    name: str
    answers: int
    tested: int
    right: int
    trust: float
    low: float
    high: float
    agreement: float
    state: str


@dataclass(frozen=True, slots=True)
class CrowdReport:
    """How several people work together.

    Attributes:
        people: everybody who answered.
        alpha: Krippendorff's, of the votes that count; NaN where nobody answered the same item.
        tests: how many items can be test questions.
        answered: how many items somebody has answered, other than that they cannot tell.
        unsure: how many that somebody was asked about want more answers.
        wanted: how many answers that are now.
        exhausted: how many have as many answers as an item may get, and are still in doubt.
    """

    people: tuple[Person, ...]
    alpha: float
    tests: int
    answered: int
    unsure: int
    wanted: int
    exhausted: int


def crowd_report(workspace: Workspace, labels: Labels) -> CrowdReport:
    """How people stand, how far they agree, and how many more answers are wanted."""
    votes = votes_on_record(workspace, labels.active)
    standing = trusted(workspace, votes)
    cast = np.bincount(votes.source, minlength=len(votes.sources))
    answers = people_on(labels)
    belief, unit_item = believed(labels)
    plan = workspace.settings.crowd.redundancy
    wanted = np.where(answers > 0, plan.wanted(belief, answers, unit_item), 0)
    doubtful = (answers >= plan.most) & plan.unsure(belief, unit_item)
    agree = _agreement(workspace, labels, votes, standing)
    return CrowdReport(
        people=tuple(
            _person(
                workspace,
                standing,
                place,
                name=votes.sources[place].name,
                answers=int(cast[place]),
                agreement=float(agree[place]),
            )
            for place in np.flatnonzero(standing.person).tolist()
        ),
        alpha=krippendorff_alpha(_of_people(labels)),
        tests=len(possible_tests(workspace, votes)),
        answered=int(checked(labels).sum()),
        unsure=int((wanted > 0).sum()),
        wanted=int(wanted.sum()),
        exhausted=int(doubtful.sum()),
    )


def with_tests(
    workspace: Workspace,
    picked: Sequence[Assignment],
    person: str,
    count: int,
    rng: np.random.Generator,
) -> list[Assignment]:
    """`count` questions for a person, with test questions hidden among them.

    As many as are due take the places of the least valuable questions. Whoever is held back gets
    nothing else.
    """
    tests = workspace.settings.crowd.tests
    if not tests.used:
        return list(picked)
    votes = votes_on_record(workspace, active(workspace))
    exam = exam_of(workspace, votes)
    standing = exam.standing(person)
    due = tests.places(standing.tested, count, rng)
    held_back = standing.held_back
    chosen = rng.permutation(exam.left(person))[: count if held_back else int(due.sum())]
    hidden = [Assignment(int(n), person, 1.0, False, RANDOM, 0.0) for n in chosen]
    if held_back:
        return hidden
    others = iter(picked)
    mixed = [hidden.pop() if test and hidden else next(others, None) for test in due]
    return [assignment for assignment in mixed if assignment is not None]


def verdict(workspace: Workspace, item: str, answer: str | None) -> str:
    """What to tell somebody who answered a test question wrongly; empty otherwise.

    The reason is the one that came with the gold, else the sources that see what gold sees.
    """
    if not workspace.settings.crowd.tests.used or answer is None:
        return ""
    number = number_of(workspace, item)
    exam = exam_of(workspace)
    return told_wrong(workspace, number) if exam.is_wrong(number, answer) else ""


def forgive(
    workspace: Workspace,
    item: str,
    person: str | None = None,
    *,
    note: str = "",
    who: str | None = None,
) -> bool:
    """Takes an answer to a test question out of its person's trust; gives whether that is new.

    Args:
        workspace: the project.
        item: its id.
        person: whose answer; None means everybody's: the item is no test question any more.
        note: why.
        who: forgives; None for the user of this machine.

    Raises:
        UnknownNameError: there is no such item.
    """
    number_of(workspace, item)
    when = now()
    return workspace.forgiven.add(item, person, note, who=who or author(), when=when)


def _person(
    workspace: Workspace,
    standing: Trusted,
    place: int,
    *,
    name: str,
    answers: int,
    agreement: float,
) -> Person:
    found = standing.trust
    tests = workspace.settings.crowd.tests
    state = HELD_BACK if standing.held_back[place] else COUNTS
    if found.tested[place] < tests.quiz:
        state = QUIZ
    return Person(
        name=name,
        answers=answers,
        tested=int(found.tested[place]),
        right=int(found.right[place]),
        trust=float(found.value[place]),
        low=float(found.low[place]),
        high=float(found.high[place]),
        agreement=agreement,
        state=state,
    )


def _agreement(
    workspace: Workspace, labels: Labels, votes: Votes, standing: Trusted
) -> NDArray[np.float64]:
    """How probable labels make each source's votes where others voted too, shape (sources,).

    The votes of whoever is held back have no say in the labels; others' own vote has. Where units
    are found in the votes, theirs are no units of the labels: it is told how alike answers are.
    """
    if not labels.units.heads:
        return _likeness(workspace, labels, votes, standing)
    matrix = reduced(workspace, votes).matrix
    counted = labels.units.matrix
    others = np.bincount(counted.unit[counted.voted], minlength=matrix.units)
    own = ~standing.held_back[matrix.source]
    there = matrix.voted & (matrix.label < matrix.classes) & (others[matrix.unit] - own > 0)
    source, unit = matrix.source[there], matrix.unit[there]
    return _means(source, labels.posterior.probability[unit, matrix.label[there]], matrix.sources)


def _likeness(
    workspace: Workspace, labels: Labels, votes: Votes, standing: Trusted
) -> NDArray[np.float64]:
    """How alike each source's answers and the labels are where others voted too, (sources,)."""
    counted = labels.votes
    others = np.bincount(counted.item[counted.answer >= 0], minlength=counted.items)
    own = ~standing.held_back[votes.source]
    there = (votes.answer >= 0) & (others[votes.item] - own > 0)
    item = votes.item[there]
    said = Answers(votes.answers.texts(votes.answer[there]), np.ones(len(item)))
    label = Answers(labels.answers.answer.take(pa.array(item)), labels.answers.confidence[item])
    task = workspace.settings.task
    alike = kind_of(task).alike(said, label, task)
    known = ~np.isnan(alike)
    return _means(votes.source[there][known], alike[known], len(votes.sources))


def _means(
    source: NDArray[np.integer], value: NDArray[np.float64], sources: int
) -> NDArray[np.float64]:
    """The mean value of each source, NaN where it has none. Shape (sources,)."""
    number = np.bincount(source, minlength=sources)
    total = np.bincount(source, value, minlength=sources)
    return np.divide(total, number, out=np.full(sources, np.nan), where=number > 0)


def _of_people(labels: Labels) -> VoteMatrix:
    """The votes of people alone."""
    matrix = labels.units.matrix
    # Of the votes: the matrix says gold of people who are taken at their word.
    kinds = [source.kind for source in labels.votes.sources]
    people = np.array([kind is SourceKind.PERSON for kind in kinds], bool)
    rows = people[matrix.source]
    return VoteMatrix.build(
        matrix.unit[rows],
        matrix.source[rows],
        matrix.label[rows],
        units=matrix.units,
        classes=matrix.classes,
        kinds=matrix.kinds,
    )
