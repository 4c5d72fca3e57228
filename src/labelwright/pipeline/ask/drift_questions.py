"""Items that drifted are asked about: what the last test marked comes into the questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Assignment, Pool
from labelwright.pipeline.workspace.workspace import Workspace

DRIFT = "drift"
"""The step under which a test for drift and the items that it marks are on record."""
REASON = "drift: unlike the items before"
MARKS = 2_000
"""So many are remembered, the latest first."""
SHARE = 0.5
"""So much of a batch of questions at most is about items that drifted."""


def marked(workspace: Workspace) -> NDArray[np.int64]:
    """The items that tests for drift marked: the latest first, then most unlike those before."""
    run = workspace.runs.latest(DRIFT)
    if run is None:
        return np.zeros(0, np.int64)
    return workspace.objects.get_arrays(run.outputs["marked"])["item"]


def with_marked(
    workspace: Workspace, picked: Sequence[Assignment], pool: Pool, wanted: NDArray[np.int64]
) -> tuple[Assignment, ...]:
    """The questions, up to half of them about marked items that may be asked about.

    They take the places of the least valuable questions of the strategy; the random share stays
    as it was drawn, so that it remains an honest sample of all items. `wanted` says how many people
    shall be asked about each item, shape (items,).
    """
    drifted = marked(workspace).tolist()
    if not drifted:
        return tuple(picked)
    asked = {each.item for each in picked}
    open_ = set(pool.item[pool.askable].tolist()) - asked
    waiting = [item for item in drifted if item in open_]
    already = len(asked & set(drifted))
    places = [place for place, each in enumerate(picked) if not each.random]
    room = max(0, int(SHARE * len(picked)) - already)
    chosen = waiting[: min(room, len(places))]
    questions = list(picked)
    for place, item in zip(places[len(places) - len(chosen) :], chosen, strict=True):
        questions[place] = replace(
            picked[place], item=item, probability=1.0, reason=REASON, people=int(wanted[item])
        )
    return tuple(questions)
