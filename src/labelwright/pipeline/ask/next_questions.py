"""What should people look at now? Labels, end model and strategy put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.core.pool import Assignment
from labelwright.pipeline.ask.crowd_report import with_tests
from labelwright.pipeline.ask.pick_questions import ask, seen_by
from labelwright.pipeline.ask.record_answer import Question, questions_of
from labelwright.pipeline.ask.rule_questions import rule_questions, with_rules
from labelwright.pipeline.label.label import Labels, label
from labelwright.pipeline.train.cold_start import self_trained
from labelwright.pipeline.train.item_coordinates import item_coordinates
from labelwright.pipeline.train.joint_labels import with_content
from labelwright.pipeline.train.train import Trained, latest_trained
from labelwright.pipeline.vote.collect_answers import collect_answers
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.workspace import Workspace


def next_questions(
    workspace: Workspace, count: int, *, person: str, rule: str | None, seed: int
) -> list[Question]:
    """Questions for a person, test questions among them; which were drawn at random is logged."""
    labels, trained, picked = pick(workspace, count, person=person, seed=seed)
    rng = np.random.default_rng([seed, 1, len(labels.votes.item)])
    if rule is not None:
        picked = rule_questions(workspace, labels, rule, count, rng)
    elif person:
        picked = with_tests(workspace, picked, person, count, rng)
    workspace.drawn.add(picked, now(), workspace.items.count())
    return questions_of(workspace, labels, trained, picked)


def pick(
    workspace: Workspace, count: int, *, person: str = "", seed: int, taken: Sequence[int] = ()
) -> tuple[Labels, Trained | None, Sequence[Assignment]]:
    """The items worth most, without those `taken`, and what was known when they were chosen."""
    labels = with_content(workspace, labels_or_guesses(workspace))
    picked: Sequence[Assignment]
    trained = latest_trained(workspace, len(labels.answers.answer))
    with workspace.writing():
        where = item_coordinates(workspace, parts.end_model(workspace))
        picked = ask(
            workspace,
            labels,
            trained,
            where,
            parts.strategy(workspace),
            count=count,
            seed=seed,
            taken=taken,
            person=person,
            prediction=None if trained else self_trained(workspace, labels, where),
        )
    if workspace.settings.crowd.rule_rate:
        rng = np.random.default_rng([seed, 2, len(labels.votes.item)])
        seen = np.flatnonzero(seen_by(workspace, person)).tolist()
        picked = with_rules(workspace, labels, picked, rng, [*taken, *seen])
    return labels, trained, picked


def labels_or_guesses(workspace: Workspace) -> Labels:
    """The labels that stand now, or the class balance where nobody voted."""
    with workspace.writing():
        collect_answers(workspace)
        return label(workspace, parts.label_model(workspace), even_without_votes=True)
