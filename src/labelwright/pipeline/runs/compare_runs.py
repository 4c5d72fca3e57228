"""Two runs side by side: what differs in what went in, and in what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import UnknownNameError
from labelwright.core.record import Run
from labelwright.pipeline.train.evaluation import held_out, whole_items
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Paired, paired
from labelwright.tasks import grid_of

SHOWN_ID = 12


@dataclass(frozen=True, slots=True)
class RunDifference:
    """Something that two runs do not share; None where one does not have it."""

    name: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure of two runs, and how much the second has more; NaN where unknown."""

    name: str
    first: float
    second: float

    @property
    def change(self) -> float:
        """How much more the second has."""
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs side by side.

    Attributes:
        first: the id of one.
        second: the id of the other.
        inputs: what they read that differs.
        settings: settings that differ, the seed among them.
        environment: code, libraries and machine that differ.
        measures: every measure that both or one of them has.
        differ: on how many items of both they say something else; None if that is not kept.
        paired: how they did on the test items whose truth is known today; None without any.
    """

    first: str
    second: str
    inputs: tuple[RunDifference, ...]
    settings: tuple[RunDifference, ...]
    environment: tuple[RunDifference, ...]
    measures: tuple[Measured, ...]
    differ: int | None
    paired: Paired | None


def compared(workspace: Workspace, first: Run, second: Run) -> RunComparison:
    """What differs between two runs."""
    differ, on_test = None, None
    said = [_prediction(workspace, run) for run in (first, second)]
    if said[0] is not None and said[1] is not None:
        one, two = (chances.argmax(axis=1) for chances in said if chances is not None)
        common = min(len(one), len(two))
        heads = grid_of(workspace.settings.task, 0).heads
        differ = len(np.unique(np.flatnonzero(one[:common] != two[:common]) // heads))
        units, truth = held_out(workspace)
        units, truth = units[units < common], truth[units < common]
        if len(units):
            on_test = paired(
                *(whole_items(each[units] == truth, units // heads) for each in (one, two))
            )
    settings = [{**run.settings, "seed": run.seed} for run in (first, second)]
    return RunComparison(
        first=first.id,
        second=second.id,
        inputs=differences(first.inputs, second.inputs),
        settings=differences(settings[0], settings[1]),
        environment=differences(first.environment, second.environment),
        measures=measures(first, second),
        differ=differ,
        paired=on_test,
    )


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[RunDifference, ...]:
    """The values that differ, those inside others by a name such as ``head.steps``."""
    one, two = _flat(first), _flat(second)
    return tuple(
        RunDifference(name, one.get(name), two.get(name))
        for name in sorted(one.keys() | two.keys())
        if one.get(name) != two.get(name)
    )


def measures(first: Run, second: Run) -> tuple[Measured, ...]:
    """Every measure of either run, time and cost among them."""
    one, two = (
        {**run.metrics, "seconds": run.seconds, "cost_usd": run.cost_usd} for run in (first, second)
    )
    unknown = float("nan")
    names = dict.fromkeys([*one, *two])
    return tuple(Measured(name, one.get(name, unknown), two.get(name, unknown)) for name in names)


def find_run(workspace: Workspace, name: str) -> Run:
    """The run whose id starts so, or the latest of a step such as ``train``.

    Raises:
        UnknownNameError: there is none, or several.
    """
    latest = workspace.runs.latest(name)
    if latest is not None:
        return latest
    whole = workspace.runs.find(name) if len(name) == len(_AN_ID) and name.isalnum() else None
    if whole is not None:
        return whole
    found = [run for run in workspace.runs.list() if run.id.startswith(name)] if name else []
    if len(found) == 1:
        return found[0]
    what = "there is no run" if not found else f"{len(found)} runs start with"
    raise UnknownNameError(f"{what} {name!r}; see them with: labelwright runs")


def _prediction(workspace: Workspace, run: Run) -> NDArray[np.float64] | None:
    """What the run said of every item; None if it said nothing for the classes of now."""
    classes = list(workspace.settings.task.classes)
    if "prediction" not in run.outputs or run.inputs.get("classes", classes) != classes:
        return None
    try:
        return workspace.objects.get_arrays(run.outputs["prediction"])["probability"]
    except UnknownNameError:
        return None


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


_AN_ID = "0" * 32
