"""Is this rule useful? Questions about random hits of rules and functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.core.errors import UnknownNameError, did_you_mean, shown
from labelwright.core.pool import Assignment
from labelwright.pipeline.ask.pick_questions import people_on, worth_of_checking
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.queue import JUDGEMENT


def rule_questions(
    workspace: Workspace,
    labels: Labels,
    rule: str,
    count: int,
    rng: np.random.Generator,
    taken: Sequence[int] = (),
) -> list[Assignment]:
    """Random items that a rule or function voted on and nobody has answered: is it useful?

    Raises:
        UnknownNameError: no source of this name votes.
    """
    names = [source.name for source in labels.votes.sources]
    if rule not in names:
        raise UnknownNameError(f"no source {shown(rule)} votes{did_you_mean(rule, names)}")
    votes = labels.votes
    hits = votes.item[(votes.source == names.index(rule)) & (votes.answer >= 0)]
    answers = people_on(labels)
    hits = hits[(answers[hits] == 0) & ~np.isin(workspace.splits(), HELD_OUT)[hits]]
    hits = hits[~np.isin(hits, taken) & ~workspace.set_aside.mask(votes.items)[hits]]
    chosen = rng.permutation(hits)[:count]
    chance = len(chosen) / max(len(hits), 1)
    people = workspace.settings.crowd.redundancy.least
    return [
        Assignment(int(number), "", chance, False, f"is {rule} right here?", 0.0, people)
        for number in chosen
    ]


def with_rules(
    workspace: Workspace,
    labels: Labels,
    picked: Sequence[Assignment],
    rng: np.random.Generator,
    taken: Sequence[int] = (),
) -> list[Assignment]:
    """The questions, of which a share, as the settings say, judges the rules worth most to judge.

    These take the places of the least valuable questions. Of a rule five random hits are asked
    about, then of the next one: so many tell whether it is useful.
    """
    wanted = int(rng.binomial(len(picked), workspace.settings.crowd.rule_rate))
    if not wanted:
        return list(picked)
    kept = len(picked) - wanted
    used = [*taken, *(one.item for one in picked[:kept])]
    asked: list[Assignment] = []
    for name in _worth_judging(labels):
        many = min(JUDGEMENT, wanted - len(asked))
        asked += rule_questions(workspace, labels, name, many, rng, used)
        used += [one.item for one in asked]
        if len(asked) == wanted:
            break
    return [*picked[: len(picked) - len(asked)], *asked]


def _worth_judging(labels: Labels) -> list[str]:
    """The functions and rules by what judging them is worth, the most first."""
    answers = people_on(labels)
    worth = worth_of_checking(labels, answers > 0, answers=JUDGEMENT)
    order = np.argsort(-np.nan_to_num(worth), kind="stable").tolist()
    sources = labels.votes.sources
    return [sources[place].name for place in order if sources[place].kind.chooses]
