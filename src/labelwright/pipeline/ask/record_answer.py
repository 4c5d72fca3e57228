"""A person answers: questions with what a person needs to see, answers into the desk."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from labelwright.core.items import ID, MEDIA, MEDIA_URI
from labelwright.core.pool import Assignment
from labelwright.core.votes import Vote
from labelwright.pipeline.ask.suggestion import suggestion
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.train import Trained
from labelwright.pipeline.workspace.inside_items import check_inside
from labelwright.pipeline.workspace.workspace import Workspace, number_of
from labelwright.tasks import kind_of


@dataclass(frozen=True, slots=True)
class Question:
    """One item for a person to look at.

    Attributes:
        item: its id.
        fields: what it holds, as far as people see it who are asked.
        media: its image, if it is one.
        suggestion: its label, or else the end model's word; None if nobody knows.
        confidence: how sure that is, 0..1.
        reason: why this item.
        random: whether it belongs to the random share, the honest test set.
    """

    item: str
    fields: dict[str, Any]
    media: bytes | None
    suggestion: str | None
    confidence: float
    reason: str
    random: bool


def questions_of(
    workspace: Workspace,
    labels: Labels,
    trained: Trained | None,
    picked: Sequence[Assignment],
) -> list[Question]:
    """The picked items with their content and a suggestion.

    There is no suggestion on items drawn at random, nor where test questions are hidden among the
    others: it would give their answer away, or its absence would give them away.
    """
    task = workspace.settings.task
    blind = workspace.settings.crowd.tests.used
    numbers = np.array([assignment.item for assignment in picked], np.int64)
    rows = workspace.items.take(numbers).to_pylist()
    asked = workspace.asked_fields()
    made = []
    for assignment, row in zip(picked, rows, strict=True):
        # Nobody's hand is led where the answer shall be an honest test of what the machine thinks.
        unseen = blind or assignment.random
        guess = None if unseen else suggestion(labels, trained, assignment.item, task)
        fields = {name: row[name] for name in asked}
        if row.get(MEDIA_URI):
            fields = {"file": row[MEDIA_URI], **fields}
        made.append(
            Question(
                item=row[ID],
                fields=fields,
                media=row.get(MEDIA),
                suggestion=None if guess is None else guess.answer,
                confidence=0.0 if guess is None else guess.confidence,
                reason=assignment.reason,
                random=assignment.random,
            )
        )
    return made


def answer(
    workspace: Workspace,
    item: str,
    given: Any,
    *,
    person: str,
    seconds: float | None = None,
    supersedes: str | None = None,
) -> Vote:
    """Takes one answer at the desk; it is safe on disk when this returns.

    Raises:
        UnknownNameError: there is no such item.
        AnswerError: the task does not allow the answer, or it reaches beyond the item.
    """
    workspace.layout.check_changeable()
    number = number_of(workspace, item)
    task = workspace.settings.task
    text = None if given is None else kind_of(task).canonical(given, task)
    check_inside(workspace, number, text)
    vote = Vote(
        item=item,
        source=person,
        answer=text,
        seconds=seconds,
        time=datetime.now(UTC),
        id=uuid.uuid4().hex,
        supersedes=supersedes,
        schema=workspace.settings.schema,
    )
    workspace.desk.answer(vote)
    return vote


def withdraw(workspace: Workspace, vote: Vote) -> None:
    """Takes back an answer: a new vote that says so; the old one stays on record."""
    workspace.layout.check_changeable()
    now = datetime.now(UTC)
    back = replace(
        vote, answer=None, withdrawn=True, id=uuid.uuid4().hex, supersedes=vote.id, time=now
    )
    workspace.desk.answer(back)
