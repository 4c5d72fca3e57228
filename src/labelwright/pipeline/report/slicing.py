"""The parts of a project's data in which results might be worse than elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.columns import beside
from labelwright.core.errors import DataError, SettingsError
from labelwright.core.items import HASH, ID, SPLIT, user_fields
from labelwright.core.ports import EndModel
from labelwright.core.source import SourceKind
from labelwright.endmodels import clusters, coordinates
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Facet, Slices, facet_by_mark, facet_of, worst_slices

MOST_SOURCES = 100
"""Of more, those with the most votes are looked at."""
MOST_ITEMS = 50_000
"""Of more, a sample is looked at, the same one every time."""
CLUSTERS = 8
ITEMS_A_CLUSTER = 30
"""So many items at least there shall be for each cluster, on the mean."""


def slices_of(
    workspace: Workspace,
    labels: Labels,
    items: NDArray[np.int64],
    wrong: NDArray[np.bool_],
    *,
    most: int = 10,
) -> Slices:
    """Where answers are worst: by field, length, split, source that voted, and cluster.

    Args:
        workspace: the project.
        labels: with the votes in force.
        items: the numbers of the items whose truth is known, shape (judged,); an item may come
            more than once.
        wrong: whether the answer is, shape (judged,).
        most: how many slices are given.
    """
    if not len(items):
        return worst_slices(wrong, [])
    if len(items) > MOST_ITEMS:
        drawn = np.random.default_rng(0).choice(len(items), MOST_ITEMS, replace=False)
        items, wrong = items[np.sort(drawn)], wrong[np.sort(drawn)]
    numbers, place = np.unique(items, return_inverse=True)
    facets = [
        Facet(facet.name, facet.values, facet.code[place])
        for facet in _facets(workspace, labels, numbers)
    ]
    return worst_slices(wrong, facets, most=most)


def _facets(workspace: Workspace, labels: Labels, numbers: NDArray[np.int64]) -> Iterator[Facet]:
    fields = user_fields(workspace.items.schema())
    table = workspace.items.take(numbers, [SPLIT, *fields])
    if np.unique(table.column(SPLIT).to_pylist()).size > 1:
        yield facet_of("split", table.column(SPLIT))
    # Else a field called `split` would be told as if it were the split.
    for name, called in beside(("split", "votes", "cluster"), fields).items():
        yield facet_of(called, table.column(name))
    yield from _by_source(labels, numbers)
    yield from _by_cluster(workspace, numbers)


def _by_source(labels: Labels, numbers: NDArray[np.int64]) -> Iterator[Facet]:
    """For each source the items that it voted on, and those that nobody voted on."""
    votes = labels.votes
    gold = np.array([source.kind is SourceKind.GOLD for source in votes.sources], bool)
    cast = (votes.answer >= 0) & ~gold[votes.source]
    item, source = votes.item[cast], votes.source[cast]
    voted = np.zeros(votes.items, bool)
    voted[item] = True
    yield facet_by_mark("votes", "no source voted", ~voted[numbers])
    count = np.bincount(source, minlength=len(votes.sources))
    for number in np.argsort(-count, kind="stable")[:MOST_SOURCES]:
        if count[number]:
            marked = np.zeros(votes.items, bool)
            marked[item[source == number]] = True
            name = votes.sources[number].name
            yield facet_by_mark("votes", f"{name} voted", marked[numbers])


def _by_cluster(workspace: Workspace, numbers: NDArray[np.int64]) -> Iterator[Facet]:
    """Items that are alike, as the end model sees them, named by the item in the middle."""
    wanted = min(CLUSTERS, len(numbers) // ITEMS_A_CLUSTER)
    model = _model_with_features(workspace)
    if wanted < 2 or model is None:
        return
    items = workspace.items.take(numbers, [*model.fields, HASH])
    try:
        placed = coordinates(items, model)  # type: ignore[arg-type] # it has features
    except DataError:
        return  # contents in which nothing can be seen, such as texts without words
    code, middle = clusters(placed, wanted)
    names: pa.Array = workspace.items.take(numbers[middle], [ID]).column(ID)
    yield Facet("cluster", tuple(f"items like {name!r}" for name in names.to_pylist()), code)


def _model_with_features(workspace: Workspace) -> EndModel | None:
    try:
        model = parts.end_model(workspace)
    except SettingsError:
        return None  # nothing in the items that a model could read
    return model if hasattr(model, "features") else None
