"""Classes named in answers, and what the owners believe of those who name them."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError, SettingsError, nearest, shown
from labelwright.core.task import Task
from labelwright.core.votes import Votes


def at_least(task: Task, classes: int, why: str) -> None:
    """Returns if the task has so many classes.

    Raises:
        SettingsError: it has fewer; `why` says what to do.
    """
    if len(task.classes) < classes:
        few = {1: "one class", 2: "two classes"}[classes]
        raise SettingsError(
            f"a {task.kind} task needs at least {few}, got {shown(task.classes)}; {why}"
        )


def no_parents(task: Task) -> None:
    """Returns if no class lies under an inner one.

    Raises:
        SettingsError: some do, which the kind cannot read.
    """
    if task.parents:
        raise SettingsError(f"{task.kind} tasks have no inner classes; remove parents")


def class_name(answer: Any, task: Task) -> str:
    """The class that an answer names, by its name or its index.

    Raises:
        AnswerError: the task has no such class.
    """
    if isinstance(answer, str) and task.index(answer) >= 0:
        return answer
    if isinstance(answer, int | np.integer) and not isinstance(answer, bool):
        if 0 <= answer < len(task.classes):
            return task.classes[answer]
    elif isinstance(answer, str):
        clean = unicodedata.normalize("NFC", answer).strip()  # as the task keeps its classes
        if task.index(clean) >= 0:
            return clean
    near = nearest(answer, task.classes) if isinstance(answer, str) else None
    hint = f"Did you mean {near!r}? " if near is not None else ""
    raise AnswerError(
        f"{shown(answer)} is no class of this task; it has {shown(list(task.classes))}. "
        f"{hint}Return None to abstain."
    )


def unknown_class(text: str, task: Task) -> AnswerError:
    """The error that votes name what the task does not have, with the ways out."""
    return AnswerError(
        f"votes name the class {shown(text)}, which the task does not have; it has "
        f"{shown(list(task.classes))}. Say what became of it, and no vote is lost: labelwright "
        f"classes merge OLD --into CLASS, or: labelwright classes remove OLD"
    )


def prior_accuracies(votes: Votes) -> NDArray[np.float64]:
    """What the owners believe of their sources, NaN where they said nothing."""
    return np.array([_number(source.accuracy) for source in votes.sources], np.float64)


def _number(accuracy: float | None) -> float:
    return np.nan if accuracy is None else accuracy
