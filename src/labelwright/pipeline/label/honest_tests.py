"""What labels and models are held against: truth on items that nobody chose for their difficulty.

Either gold of the test split, or, where there is none, people's answers on items that were drawn at
random, each with the chance that it had. One function says how much of something is right by them,
so that every screen and command tells the same number. Answers to the sample of a target's audit
are left out: it is drawn from the surest items alone, and speaks of these only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.answers import Partial
from labelwright.core.identity import digest
from labelwright.core.source import SourceKind
from labelwright.core.task import Task
from labelwright.core.votes import Votes
from labelwright.pipeline.label.agreement import agree
from labelwright.pipeline.label.random_answers import FROM_ALL, answer_keys, led_answers
from labelwright.pipeline.label.reduce_votes import gold_votes
from labelwright.pipeline.label.votes_that_count import votes_on_record, without
from labelwright.pipeline.label.worker_trust import trusted, truth_of
from labelwright.pipeline.vote.active_sources import active
from labelwright.pipeline.vote.open_desks import team_desk
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Estimate, accuracy_of_all, wilson
from labelwright.tasks import kind_of

if TYPE_CHECKING:
    from labelwright.stores import SqlDesk

GOLD, RANDOM = "held-out items with gold", "items drawn at random"


@dataclass(frozen=True, slots=True, eq=False)
class HonestTests:
    """Items of known truth, to hold something against. All arrays have shape (tests,).

    Attributes:
        task: what was asked.
        item: their numbers.
        truth: canonical.
        chance: with which each was drawn; 0 where the split was made once for all items alike.
        time: when the truth became known to anything that learns, in seconds since the epoch;
            infinite for what is held out for good.
        what: in words.
    """

    task: Task
    item: NDArray[np.int64]
    truth: NDArray[np.object_]
    chance: NDArray[np.float64]
    time: NDArray[np.float64]
    what: str

    def __len__(self) -> int:
        """How many there are."""
        return len(self.item)

    @property
    def name(self) -> str:
        """Another one whenever any of this is another."""
        return digest((self.item, self.truth.tolist(), self.chance, self.what))

    def after(self, created: str, items: int) -> HonestTests:
        """Those that something made then (ISO 8601), of so many items, cannot have learnt."""
        later = self.time > datetime.fromisoformat(created).timestamp()
        return self.where(later & (self.item < items))

    def of_first(self, items: int) -> HonestTests:
        """Those among the first so many items."""
        return self.where(self.item < items)

    def where(self, rows: NDArray[np.bool_]) -> HonestTests:
        """Those marked, shape (tests,)."""
        return replace(
            self,
            item=self.item[rows],
            truth=self.truth[rows],
            chance=self.chance[rows],
            time=self.time[rows],
        )

    def right(self, said: Sequence[object] | NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which of these canonical answers agree with the truth, shape (tests,)."""
        one, other = (pa.array(list(of), pa.string()) for of in (said, self.truth))
        return agree(one, other, self.task) if len(self) else np.zeros(0, bool)


@dataclass(frozen=True, slots=True)
class RandomAnswer:
    """A person's answer on an item that was drawn at random.

    Attributes:
        item: its number.
        answer: canonical.
        time: when it was given, or asked, in seconds since the epoch.
        chance: with which the item was drawn.
    """

    item: int
    answer: str
    time: float
    chance: float


def share_right(said: Sequence[object] | NDArray[np.object_], tests: HonestTests) -> Estimate:
    """How much of what is said of all items is right, by these tests.

    Each answer on an item drawn at random stands for as many items as its chance says.

    Args:
        said: of the item of each test, canonical; None counts as wrong. Shape (tests,).
        tests: what it is held against.
    """
    right = tests.right(said)
    if len(tests) and not tests.chance.any():
        found = wilson(int(right.sum()), len(right))
        value, answers = float(right.mean()), len(right)
        return Estimate(value, float(found.low), float(found.high), answers, float(answers))
    return accuracy_of_all(right, tests.chance)


@dataclass(frozen=True, slots=True, eq=False)
class LoggedTests:
    """What the vote log knows of honest tests.

    Attributes:
        held_out: gold of the test split.
        answers: to questions that were drawn at random for the terminal.
        held_back: the people whose answers do not count.
    """

    held_out: HonestTests
    answers: tuple[RandomAnswer, ...]
    held_back: frozenset[str]


def logged_tests(workspace: Workspace) -> LoggedTests:
    """What the vote log knows of honest tests."""
    if not workspace.items.count():
        return LoggedTests(_tests(workspace.settings.task, (), GOLD), (), frozenset())
    votes = votes_on_record(workspace, active(workspace))
    people = trusted(workspace, votes)
    held_back = {votes.sources[place].name for place in np.flatnonzero(people.held_back)}
    answers = _at_the_terminal(workspace, without(votes, people.held_back[votes.source]))
    return LoggedTests(_held_out(workspace), tuple(answers), frozenset(held_back))


def honest_tests(
    workspace: Workspace, desk: SqlDesk | None = None, logged: LoggedTests | None = None
) -> HonestTests:
    """Gold of the test split, or else the answers that stand on items drawn from all.

    Args:
        workspace: the project.
        desk: the team's, if it is open already.
        logged: what the log knows, if it is at hand.
    """
    logged = logged_tests(workspace) if logged is None else logged
    return logged.held_out if len(logged.held_out) else random_tests(workspace, desk, logged)


def random_tests(
    workspace: Workspace, desk: SqlDesk | None = None, logged: LoggedTests | None = None
) -> HonestTests:
    """The answers that stand on items drawn from all, whether or not there is gold.

    Args: see `honest_tests`.
    """
    if desk is None:
        with team_desk(workspace) as team:
            if team is not None:
                return random_tests(workspace, team, logged)
            if not len(workspace.drawn.all().item):
                return _tests(workspace.settings.task, (), RANDOM)  # without reading all votes
    logged = logged_tests(workspace) if logged is None else logged
    at_desk = () if desk is None else desk_answers(workspace, desk, FROM_ALL, logged.held_back)
    return _tests(workspace.settings.task, _one_each((*logged.answers, *at_desk)), RANDOM)


def desk_answers(
    workspace: Workspace, desk: SqlDesk, ask: str, held_back: frozenset[str] = frozenset()
) -> list[RandomAnswer]:
    """The answers that stand to questions of one kind whose items were drawn at random.

    Args:
        workspace: the project.
        desk: the team's.
        ask: the kind of questions.
        held_back: people whose answers do not count.
    """
    told = [one for one in desk.standing_drawn(ask) if one.vote.source not in held_back]
    numbers = workspace.items.find([one.vote.item for one in told]).tolist()
    found = []
    for one, number in zip(told, numbers, strict=True):
        answer = workspace.classes.meaning(one.vote.answer, one.vote.schema)
        if number >= 0 and answer is not None and _is_whole(workspace, answer):
            time = 0.0 if one.vote.time is None else one.vote.time.timestamp()
            found.append(RandomAnswer(number, answer, time, one.probability or 1.0))
    return found


def _held_out(workspace: Workspace) -> HonestTests:
    """Gold of the test split."""
    votes = gold_votes(workspace)
    truth = truth_of(votes)
    answers = [*votes.answers]
    whole = np.array([_is_whole(workspace, text) for text in answers] + [False], bool)
    item = np.flatnonzero(whole[truth] & (workspace.splits() == "test"))
    texts = np.array([*answers, None], object)[truth[item]]
    ever = np.full(len(item), np.inf)
    return HonestTests(workspace.settings.task, item, texts, np.zeros(len(item)), ever, GOLD)


def _at_the_terminal(workspace: Workspace, votes: Votes) -> list[RandomAnswer]:
    """What people answered to the questions that were drawn at random for the terminal."""
    draws = workspace.drawn.all()
    if not len(draws.item):
        return []
    people = np.array([source.kind is SourceKind.PERSON for source in votes.sources], bool)
    answers = [*votes.answers]
    whole = np.array([_is_whole(workspace, text) for text in answers] + [False], bool)
    counts = people[votes.source] & whole[votes.answer]
    led = led_answers(workspace, votes, np.unique(draws.item))
    counts &= ~np.isin(answer_keys(votes.item, votes.source, votes), led)
    said = np.full(votes.items, -1, np.int64)
    said[votes.item[counts]] = votes.answer[counts]
    return [
        RandomAnswer(
            int(item), answers[said[item]], datetime.fromisoformat(when).timestamp(), chance
        )
        for item, when, chance in zip(
            draws.item, draws.when.tolist(), draws.probability.tolist(), strict=True
        )
        if said[item] >= 0
    ]


def _is_whole(workspace: Workspace, answer: str) -> bool:
    """Whether the answer leaves nothing open: what says less is no test."""
    task = workspace.settings.task
    return not isinstance(kind_of(task).read(answer, task), Partial | Mapping)


def _one_each(answers: Sequence[RandomAnswer]) -> list[RandomAnswer]:
    """One answer an item, the last, known since the first of them was.

    An item is drawn again whenever questions are listed again before it is answered, and several
    people may answer it: it proves no more for that.
    """
    found: dict[int, RandomAnswer] = {}
    for one in sorted(answers, key=lambda answer: answer.time):
        first = found.get(one.item, one)
        found[one.item] = replace(first, answer=one.answer)
    return list(found.values())


def _tests(task: Task, answers: Sequence[RandomAnswer], what: str) -> HonestTests:
    return HonestTests(
        task,
        np.array([one.item for one in answers], np.int64),
        np.array([one.answer for one in answers], object),
        np.array([one.chance for one in answers], np.float64),
        np.array([one.time for one in answers], np.float64),
        what,
    )
