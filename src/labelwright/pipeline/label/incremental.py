"""The latest labels' votes, kept, so that labels can follow what changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import VotesError
from labelwright.core.identity import digest
from labelwright.core.matrix import VoteMatrix
from labelwright.core.ports import LabelModel, UpdatingLabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.units import Units
from labelwright.core.votes import Votes
from labelwright.pipeline.vote.active_sources import Active
from labelwright.pipeline.workspace.workspace import Workspace

MANY_ITEMS = 1 << 18
"""With fewer items a new fit takes well under a second, and nothing is kept."""
WITNESSES = 1 << 16
"""By so many items that did not change it is judged what the others say to a fit that moved."""
MOST_CHANGED = 0.05
"""When more than this share of the items changed since all votes were fitted, they are again."""

FOLLOWS = "follows"
"""The input of a run that started from the fit of another: that run's id."""
CHANGED = "changed_items"
"""The metric of a run: how many items changed since all votes were fitted."""

_NAME = "labelled"

Reading = tuple[Callable[[Votes], Units], Callable[[Units], NDArray[np.bool_] | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Votes that were made into labels.

    Attributes:
        key: names the state of the project in which they were read.
        digest: names the votes.
        run: the id of the run that labelled them.
        votes: they.
    """

    key: str
    digest: str
    run: str
    votes: Votes


def state_key(workspace: Workspace, sources: Active) -> str:
    """Names all that decides which votes count, without reading them."""
    rows = workspace.log.count()
    return digest(
        (rows, workspace.log.mark(rows), workspace.items.count(), sources.numbers,
         sources.sources, workspace.set_aside_record(), workspace.settings.crowd.tests,
         sorted(map(str, workspace.forgiven.pairs())), workspace.log.schema)
    )  # fmt: skip


def keep(workspace: Workspace, labelled: Labelled) -> None:
    """Keeps the votes, where there are so many items that it pays."""
    votes = labelled.votes
    if votes.items < MANY_ITEMS or votes.confidence is not None:
        return
    about = {
        "key": labelled.key,
        "digest": labelled.digest,
        "run": labelled.run,
        "who": digest(votes.sources),
        "answers": list(votes.answers.names()),
        "items": votes.items,
    }
    arrays = {
        "item": votes.item.astype(np.int32),
        "source": votes.source,
        "answer": votes.answer,
        "complete": votes.complete,
    }
    workspace.cache.put(_NAME, about, arrays)


def kept(workspace: Workspace, sources: Active, key: str | None = None) -> Labelled | None:
    """The votes of the latest labels, None if they were not kept.

    Args:
        workspace: the project.
        sources: those that count now; those of the votes must be the first of them.
        key: only the votes of this state.
    """
    about = workspace.cache.about(_NAME)
    if about is None or key not in (None, about["key"]):
        return None
    found = workspace.cache.get(_NAME)
    if found is None:
        return None
    arrays = found.arrays
    known = sources.sources[: len(arrays["complete"])]
    if digest(known) != about["who"]:
        return None
    votes = Votes(
        item=arrays["item"].astype(np.int64),
        source=arrays["source"],
        answer=arrays["answer"],
        answers=workspace.log.book(about["answers"]),
        sources=known,
        items=about["items"],
        complete=arrays["complete"],
    )
    return Labelled(about["key"], about["digest"], about["run"], votes)


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """Labels that stood before, and may be followed.

    Attributes:
        run: that made them.
        votes: what it made them of.
    """

    run: Run
    votes: Votes


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A fit that followed a change.

    Attributes:
        fit: it.
        run: the id of the run whose fit it was.
        changed: how many items changed since all votes were fitted.
    """

    fit: LabelModelFit
    run: str
    changed: int


def done_before(
    workspace: Workspace, run: Run, known: Labelled | None, *, full: bool
) -> Run | None:
    """The run on record that read these votes: of all of them, or one that followed a change.

    Args:
        workspace: the project.
        run: what would be done now.
        known: the votes of the latest labels, if they are those of now.
        full: whether only a run that read all votes will do.
    """
    found = workspace.done(run.id)
    if found is not None or known is None or full:
        return found
    latest = workspace.done(known.run)
    return latest if latest is not None and _essence(latest) == _essence(run) else None


def before_of(workspace: Workspace, sources: Active, votes: Votes, run: Run) -> Before | None:
    """The labels that stood before, None if those of now cannot follow them.

    They can where model, settings and task are the same and sources at most joined.
    """
    labelled = None if votes.items < MANY_ITEMS else kept(workspace, sources)
    latest = None if labelled is None else workspace.done(labelled.run)
    if labelled is None or latest is None:
        return None
    numbers = latest.inputs["sources"]
    same = (
        digest(latest.settings) == digest(run.settings)
        and latest.inputs["task"] == run.inputs["task"]
        and latest.inputs.get("gold") == run.inputs["gold"]
        and numbers == run.inputs["sources"][: len(numbers)]
    )
    return Before(latest, labelled.votes) if same else None


def followed(
    model: LabelModel,
    votes: Votes,
    read: Reading,
    before: Before,
    fit: LabelModelFit,
) -> Followed | None:
    """The fit with what changed since, None if too much did.

    Args:
        model: what made the fit, with the settings that it had.
        votes: those that count now; their first sources are those of the votes before.
        read: gives votes on items as votes on units, and which of these were picked for gold.
        before: what the fit was made of.
        fit: it.
    """
    old = before.votes
    if not isinstance(model, UpdatingLabelModel) or votes.confidence is not None:
        return None
    # A fit of few patterns of votes is quicker than looking for what changed.
    if "patterns" in fit.extra:
        return None
    changed = changed_items(old, votes)
    count = int(before.run.metrics.get(CHANGED, 0)) + int(changed.sum())
    if votes.items < old.items or count > MOST_CHANGED * votes.items:
        return None
    same = np.flatnonzero(~changed)
    witness = same[np.linspace(0, len(same) - 1, min(WITNESSES, len(same))).astype(np.int64)]
    stands_for = len(same) / max(len(witness), 1)
    chosen = np.concatenate([witness, np.flatnonzero(changed)])
    weight = np.where(np.arange(len(chosen)) < len(witness), stands_for, 1.0)
    there = chosen < old.items
    try:
        moved = model.update(
            fit,
            _matrix_of(old, chosen[there], weight[there], read),
            _matrix_of(votes, chosen, weight, read),
        )
    except VotesError:
        return None
    return Followed(moved, before.run.id, count)


def how(run: Run, moved: Followed | None, units: Units, posterior: Posterior) -> dict[str, Any]:
    """What the record says of how a fit came about, and of how many units and items it speaks."""
    covered = float(np.count_nonzero(posterior.covered))
    labelled = units.to_items(posterior.covered, "most")
    metrics = {
        CHANGED: 0.0,
        "units": float(posterior.units),
        "covered": covered,
        "items": float(units.items),
        "labelled": float(np.count_nonzero(labelled)),
    }
    if moved is None:
        return {"metrics": metrics}
    return {
        "inputs": {**run.inputs, FOLLOWS: moved.run},
        "metrics": {**metrics, CHANGED: float(moved.changed)},
    }


def _essence(run: Run) -> str:
    """Names what a run read and was set to, whatever run it followed."""
    return digest([run.settings, {**run.inputs, FOLLOWS: ""}])


def changed_items(before: Votes, votes: Votes) -> NDArray[np.bool_]:
    """Which items are new or have other votes than before, shape (items,)."""
    names = sorted({*before.answers.names(), *votes.answers.names()})
    place = {name: number for number, name in enumerate(names)}
    ends, rng = (-(1 << 63), (1 << 63) - 1), np.random.default_rng(0)
    words = rng.integers(*ends, len(votes.sources)), rng.integers(*ends, len(names) + 1)
    changed = np.ones(votes.items, bool)
    same = min(before.items, votes.items)
    changed[:same] = _sums(before, place, words)[:same] != _sums(votes, place, words)[:same]
    return changed


def _sums(
    votes: Votes, place: Mapping[str, int], words: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.int64]:
    """A number for every item that is the same for the same votes; others have others.

    That they have not has a chance of about 2^-58.
    """
    code = np.array([*(place[name] for name in votes.answers.names()), -1], np.int64)
    said = words[0][votes.source] * words[1][code][votes.answer]
    sums = np.zeros(votes.items, np.int64)
    start = np.flatnonzero(np.diff(votes.item, prepend=-1))
    if len(start):
        sums[votes.item[start]] = np.add.reduceat(said, start)
    return sums


def _matrix_of(
    votes: Votes,
    items: NDArray[np.int64],
    weight: NDArray[np.float64],
    read: Reading,
) -> VoteMatrix:
    """The votes on these items alone, as a matrix with their weights."""
    units_of, picked_of = read
    place = np.full(votes.items, -1, np.int64)
    place[items] = np.arange(len(items))
    row = np.flatnonzero(place[votes.item] >= 0)
    item = place[votes.item[row]]
    order = np.lexsort((votes.source[row], item))
    row = row[order]
    few = replace(
        votes, item=item[order], source=votes.source[row], answer=votes.answer[row],
        items=len(items),
    )  # fmt: skip
    units = units_of(few)
    picked = picked_of(replace(units, item=items[units.item], items=votes.items))
    return replace(units.matrix, weight=weight[units.item], picked=picked)
