"""Several label models on the same votes, side by side; the project's labels stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from labelwright.core.errors import VotesError
from labelwright.core.items import ID
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.source import SourceKind
from labelwright.pipeline.label.reduce_votes import reduced
from labelwright.pipeline.label.votes_that_count import check_votes, votes_for_labels
from labelwright.pipeline.vote.active_sources import active
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Comparison, compare_labels, some_units

METHODS = ("majority_vote", "dawid_skene", "data_programming", "metal", "source_kinds")
UNITS = 100_000
DISPUTED = 10


@dataclass(frozen=True, slots=True)
class DisputedItem:
    """An item on which methods differ.

    Attributes:
        item: its id.
        unit: which unit of the item, 0 where the item is the unit.
        labels: by method, the class and how sure the method is of it; None without votes.
        dispute: how far the methods differ, 0 to 1.
        alike: how many units the methods see just so, this one included.
    """

    item: str
    unit: int
    labels: dict[str, tuple[str, float] | None]
    dispute: float
    alike: int


@dataclass(frozen=True, slots=True, eq=False)
class MethodsReport:
    """What several label models make of the votes.

    Attributes:
        comparison: coverage, class balance, agreement, scores: arrays over methods.
        seconds: what each method took.
        failed: the methods that cannot read these votes, and why.
        disputed: the items on which the methods differ most.
        units: how many units were looked at, a random sample if that is fewer than there are.
        all_units: how many there are.
    """

    comparison: Comparison
    seconds: dict[str, float]
    failed: dict[str, str]
    disputed: tuple[DisputedItem, ...]
    units: int
    all_units: int

    def to_dict(self) -> dict[str, Any]:
        """Everything but what is per unit, as JSON can hold it."""
        made = self.comparison.to_dict()
        for row in made["methods"]:
            row["seconds"] = self.seconds[row["method"]]
        return made | {
            "units": self.units,
            "all_units": self.all_units,
            "failed": self.failed,
            "disputed": [asdict(one) for one in self.disputed],
        }

    def to_frame(self) -> Any:
        """One row a method, as a Polars data frame."""
        return self.comparison.to_frame()


def compare(
    workspace: Workspace, methods: Sequence[str] = (), *, units: int = UNITS, show: int = DISPUTED
) -> MethodsReport:
    """What these label models make of the votes in force; nothing is recorded.

    Args:
        workspace: the project.
        methods: names of label models; by default a usual few and the project's own.
        units: look at a random sample of so many, if there are more.
        show: how many disputed items to name.

    Raises:
        NothingToDoError: there are no items, or nobody has voted.
        SettingsError: there is no such label model.
        VotesError: no method can read the votes.
    """
    votes = votes_for_labels(workspace, active(workspace))
    check_votes(workspace, votes)
    every = reduced(workspace, votes)
    part, chosen = some_units(every.matrix, units, np.random.default_rng(0))
    open_part = _without_gold(part)
    labels: dict[str, Posterior] = {}
    judged: dict[str, Posterior] = {}
    seconds: dict[str, float] = {}
    failed: dict[str, str] = {}
    own = workspace.settings.label_model.name
    for name in methods or dict.fromkeys([*METHODS, own]):
        model = parts.label_model(workspace, None if name == own else name)
        clock = perf_counter()
        try:
            fit = model.fit(part)
            labels[name] = model.posterior(fit, part)
            seconds[name] = perf_counter() - clock
            judged[name] = model.posterior(fit, open_part)
        except VotesError as error:
            failed[name] = str(error)
    if not labels:
        raise VotesError("; ".join(f"{name}: {why}" for name, why in failed.items()))
    found = compare_labels(
        labels,
        classes=every.class_names,
        truth=every.truth[chosen],
        judged=judged,
    )
    return MethodsReport(
        comparison=found,
        seconds=seconds,
        failed=failed,
        disputed=_items(workspace, found, every.item, chosen, show),
        units=part.units,
        all_units=every.matrix.units,
    )


def _items(
    workspace: Workspace,
    found: Comparison,
    item_of: np.ndarray,
    chosen: np.ndarray,
    show: int,
) -> tuple[DisputedItem, ...]:
    """The most disputed units, one of every pattern of labels and confidences."""
    seen = np.concatenate([found.label, found.confidence.round(6)])[:, found.disputed]
    _, first, count = np.unique(seen, axis=1, return_index=True, return_counts=True)
    ranked = np.argsort(first)[:show]
    top, alike = found.disputed[first[ranked]], count[ranked]
    units = chosen[top]
    items = item_of[units]
    ids = workspace.items.take(items, [ID]).column(ID).to_pylist()
    starts = np.searchsorted(item_of, items)
    return tuple(
        DisputedItem(
            item=id_,
            unit=int(unit - start),
            labels={
                method: None
                if found.label[row, place] < 0
                else (found.classes[found.label[row, place]], float(found.confidence[row, place]))
                for row, method in enumerate(found.methods)
            },
            dispute=float(found.dispute[place]),
            alike=number,
        )
        for id_, unit, start, place, number in zip(
            ids, units, starts, top.tolist(), alike.tolist(), strict=True
        )
    )


def _without_gold(votes: VoteMatrix) -> VoteMatrix:
    """The votes without gold's, so that a method is not judged by what it was told."""
    gold = np.array([kind is SourceKind.GOLD for kind in votes.kinds], bool)
    keep = ~gold[votes.source]
    return replace(
        votes,
        unit=votes.unit[keep],
        source=votes.source[keep],
        label=votes.label[keep],
        confidence=None if votes.confidence is None else votes.confidence[keep],
    )
