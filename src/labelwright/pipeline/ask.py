"""What should a person look at now?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.core.pool import Assignment, Pool
from labelwright.core.ports import QueryStrategy
from labelwright.core.source import SourceKind
from labelwright.pipeline.label import HELD_OUT, Labels
from labelwright.pipeline.marked import with_marked
from labelwright.pipeline.train import Trained
from labelwright.pipeline.workspace import Workspace
from labelwright.queue import describe

QUESTIONS = 20
POOL_ITEMS = 100_000
"""Above this many items the pool is a random sample: the best of 100,000 is good enough."""


def ask(
    workspace: Workspace,
    labels: Labels,
    trained: Trained | None,
    coordinates: NDArray[np.float32] | None,
    strategy: QueryStrategy,
    *,
    count: int = QUESTIONS,
    seed: int = 0,
    taken: Sequence[int] = (),
) -> tuple[Assignment, ...]:
    """Picks the items whose answer is worth most, but for those `taken` already."""
    rng = np.random.default_rng([seed, workspace.round, len(labels.votes.item)])
    pool = make_pool(workspace, labels, trained, coordinates, rng)
    pool.askable[np.isin(pool.item, taken)] = False
    picks = strategy.pick(pool, count, rng)
    picked = tuple(
        Assignment(
            item=int(pool.item[position]),
            person="",
            probability=float(probability),
            random=bool(random),
            reason=describe(reason, labels.units.class_names),
            lease_until=0.0,
        )
        for position, probability, random, reason in zip(
            picks.position, picks.probability, picks.random, picks.reason, strict=True
        )
    )
    return with_marked(workspace, picked, pool)


def make_pool(
    workspace: Workspace,
    labels: Labels,
    trained: Trained | None,
    coordinates: NDArray[np.float32] | None,
    rng: np.random.Generator,
) -> Pool:
    """The candidates: items of the training part that no person and no gold has answered."""
    askable = ~np.isin(workspace.splits(), HELD_OUT) & ~answered(labels)
    askable &= ~workspace.set_aside.mask(len(askable))
    items = np.arange(len(askable))
    if len(items) > POOL_ITEMS:
        items = np.sort(rng.choice(items, POOL_ITEMS, replace=False))
    unit = _most_doubtful_unit(labels)[items]
    prediction = None if trained is None else trained.prediction
    if labels.joint is not None:
        # Of a model that did not see the item, so that it does not only repeat the votes.
        prediction = labels.joint.content
    return Pool(
        item=items,
        askable=askable[items],
        posterior=labels.votes_posterior.probability[unit],
        covered=labels.votes_posterior.covered[unit],
        disagreement=labels.units.matrix.disagreement[unit],
        prediction=None if prediction is None else prediction[items],
        embedding=None if coordinates is None else coordinates[items],
    )


def _most_doubtful_unit(labels: Labels) -> NDArray[np.int64]:
    """The unit of each item on which the label model is least sure, shape (items,)."""
    order = np.lexsort((-labels.posterior.entropy, labels.units.item))
    _, first = np.unique(labels.units.item[order], return_index=True)
    return order[first]


def answered(labels: Labels) -> NDArray[np.bool_]:
    """Which items a person or gold has voted on, shape (items,)."""
    human = np.array(
        [source.kind in (SourceKind.PERSON, SourceKind.GOLD) for source in labels.votes.sources],
        bool,
    )
    done = np.zeros(labels.votes.items, bool)
    done[labels.votes.item[human[labels.votes.source]]] = True
    return done
