"""Votes become a fit: read from the record, followed, or learnt; this page alone knows which."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from labelwright.core.identity import digest
from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.units import Units
from labelwright.core.votes import Votes
from labelwright.pipeline.label.class_balance import (
    Unbiased,
    balance_of_votes,
    believed,
    picked_units,
    unbiased,
    votes_to_fit,
    with_balance,
)
from labelwright.pipeline.label.experts import VOUCHED, as_stated
from labelwright.pipeline.label.fit_record import read_fit, read_made, write_fit
from labelwright.pipeline.label.incremental import (
    Followed,
    Labelled,
    before_of,
    done_before,
    followed,
    how,
    keep,
    kept,
    state_key,
)
from labelwright.pipeline.label.reduce_votes import units_of
from labelwright.pipeline.label.votes_that_count import votes_for_labels
from labelwright.pipeline.vote.active_sources import Active, active
from labelwright.pipeline.workspace.gold_settings import CHOSEN, RANDOM
from labelwright.pipeline.workspace.parts import described
from labelwright.pipeline.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class CountedVotes:
    """The votes that count now.

    Attributes:
        active: the sources that count.
        votes: what stands of theirs.
        key: names the state of the project in which they were read.
        digest: names the votes.
        known: what was labelled of them last, if these are still the same votes.
    """

    active: Active
    votes: Votes
    key: str
    digest: str
    known: Labelled | None


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What a label model made of the votes.

    Attributes:
        run: in which it was made.
        fit: how good each source is.
        posterior: of the units.
        cached: whether it was read from the record rather than computed.
    """

    run: Run
    fit: LabelModelFit
    posterior: Posterior
    cached: bool


def counted_votes(workspace: Workspace) -> CountedVotes:
    """The votes that count, not read again where nothing changed since they were labelled.

    Raises:
        NothingToDoError: there are no items.
    """
    sources = active(workspace)
    key = state_key(workspace, sources)
    known = kept(workspace, sources, key)
    votes = votes_for_labels(workspace, sources) if known is None else known.votes
    named = _digest_of(votes) if known is None else known.digest
    return CountedVotes(sources, votes, key, named, known)


def fit_votes(
    workspace: Workspace,
    model: LabelModel,
    counted: CountedVotes,
    units: Units,
    *,
    write: bool = True,
    full: bool = False,
) -> Fitted:
    """What the model makes of the units; computed once for the same votes and settings.

    Args:
        workspace: the project.
        model: what weighs the votes.
        counted: the votes that count.
        units: what they reduce to.
        write: False leaves no trace of it in the project.
        full: whether to learn from all votes in any case.

    Raises:
        VotesError: no label model can make sense of the votes.
    """
    known = unbiased(workspace, model, counted.votes)
    run = _run(workspace, model, counted, known)
    done = done_before(workspace, run, counted.known, full=full)
    if done is not None:
        fit, posterior = read_made(workspace, done, model, units)
        run = workspace.mark_used(done) if write else done
    else:
        with workspace.timed(run) as finished:
            balance = balance_of_votes(units, counted.votes, known)
            matrix = votes_to_fit(units, counted.votes, known, balance)
            anew = full or not units.heads or matrix.balance is not None
            moved = None if anew else _followed(workspace, model, counted, known, run)
            learnt = model.fit(matrix) if moved is None else moved.fit
            fit = with_balance(as_stated(learnt, counted.votes), balance)
            posterior = believed(model, fit, units)
            outputs = write_fit(workspace, fit, posterior) if write else {}
            run = finished(outputs=outputs, **how(run, moved, units, posterior))
        if write:
            workspace.runs.record(run)
    if write and (counted.known is None or counted.known.run != run.id):
        keep(workspace, Labelled(counted.key, counted.digest, run.id, counted.votes))
    return Fitted(run, fit, posterior, done is not None)


def _run(workspace: Workspace, model: LabelModel, counted: CountedVotes, known: Unbiased) -> Run:
    return Run(
        step="label",
        inputs={
            "votes": counted.digest,
            "task": digest(workspace.settings.task),
            "sources": counted.active.numbers.tolist(),
            "vouched": VOUCHED,
            "balance": known.name,
            "gold": RANDOM if known.gold else CHOSEN,
            **workspace.set_aside_record(),
        },
        settings=described(model),
    )


def _followed(
    workspace: Workspace, model: LabelModel, counted: CountedVotes, known: Unbiased, run: Run
) -> Followed | None:
    """The latest fit with what changed since; None if there is nothing to gain by it."""
    before = before_of(workspace, counted.active, counted.votes, run)
    if before is None:
        return None
    units = partial(units_of, task=workspace.settings.task)
    # Sources at most join: those of the votes before have the same numbers.
    picked = partial(picked_units, votes=counted.votes, known=known)
    fit = read_fit(workspace, before.run)
    return followed(model, counted.votes, (units, picked), before, fit)


def _digest_of(votes: Votes) -> str:
    """Names the votes by all that a label model reads of them."""
    return digest(
        (votes.item, votes.source, votes.answer, votes.answers.names(), votes.sources, votes.items,
         votes.complete, votes.confidence)
    )  # fmt: skip
