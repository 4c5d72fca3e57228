"""The one pass over the votes that every additive label model shares.

A fit weighs votes by adding scores, so the log score of every unit and class is one sparse
product: a row per unit with a one for every vote, times a table with a row per thing that a
source can do. The pass goes over shards of units, so that it needs little memory beyond the
votes and its result; sums over shards are all that a fit needs to know of the units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.labelmodels.evidence.claims import STEPS, claims_on
from labelwright.labelmodels.evidence.partial import divided, partial_votes, with_subsets
from labelwright.labelmodels.evidence.shard_sums import Total

Array = NDArray[np.float64]

SINGLE_FROM = 1 << 20
"""Posteriors of more numbers are computed and kept in single precision (decision 0013): that
halves their memory and their time, and the rounding of one unit drowns in a sum over so many."""

SHARD_NUMBERS = 1 << 18
"""How many numbers a shard holds (votes, and scores of units), so that it stays in the cache;
more where the table of scores itself is larger, since every shard's sum has its size."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSums(Total):
    """What the units together say about the sources, given a fit: the E-step, summed.

    Attributes:
        voted: how many units of each true class got this vote from this source, in expectation,
            shape (sources, classes voted, classes).
        silent: of how many units of each class it was asked about it said nothing, shape
            (sources, classes).
        classes: how many covered units of each class there are, shape (classes,).
        log_likelihood: of the votes on all covered units.
        claims: how many of its claims at each step of confidence are wrong and right, in
            expectation, shape (sources, steps, 2); None where nobody states a confidence.
    """

    voted: Array
    silent: Array
    classes: Array
    log_likelihood: float
    claims: Array | None = None

    by_source: ClassVar[Mapping[str, int]] = {"voted": 1, "silent": 1, "claims": 1}

    @property
    def count(self) -> Array:
        """How many votes each source cast, shape (sources,)."""
        count: Array = self.voted.sum(axis=(1, 2))
        return count

    @property
    def right(self) -> Array:
        """How many of them were right, in expectation, shape (sources,)."""
        return np.trace(self.voted, axis1=1, axis2=2)


class Split(Protocol):
    """What splits classes into subtypes, such as `ClearAndDivided`."""

    ways: int

    def __call__(self, shard: Shard) -> Array:
        """The probability of every subtype, shape (classes * ways, units in the shard)."""
        ...


def posterior_of(fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
    """The class probabilities of every unit, given an additive fit of the same sources.

    Where nobody voted they are the class prior; where gold voted, gold alone decides.

    Raises:
        VotesError: the votes have other sources or classes than the fit.
    """
    check_same_sources(fit, votes)
    probability = np.empty((votes.units, votes.classes), precision(votes))
    for shard in shards(votes, *score_table(fit, votes), fit.claim_score):
        probability[shard.units] = shard.by_class(votes.classes).T
    cool_down(probability, fit.heat, votes)
    probability[~votes.covered] = fit.class_prior
    return Posterior(probability, votes.covered, fit.id)


def cool_down(probability: Array, heat: float, votes: VoteMatrix) -> None:
    """Divides the log-odds by the heat, in place, but for what gold says."""
    if heat == 1:
        return
    np.power(probability, 1 / heat, out=probability, where=~decided(votes)[:, None])
    probability /= probability.sum(axis=1, keepdims=True)


def decided(votes: VoteMatrix) -> NDArray[np.bool_]:
    """On which units gold voted for a class, shape (units,)."""
    found = np.zeros(votes.units, bool)
    if votes.gold.any():
        whole = votes.voted & (votes.label < votes.classes)
        found[votes.unit[whole & votes.gold[votes.source]]] = True
    return found


def narrowed(probability: Array, fit: LabelModelFit, votes: VoteMatrix) -> Array:
    """Class probabilities from whole votes alone, times what the partial votes say.

    Args:
        probability: shape (units, classes).
        fit: of a method that is not additive; its scores say how good each source is.
        votes: all of them.
    """
    if votes.subsets is None:
        return probability
    nothing = np.zeros_like(fit.abstain_score)
    says = replace(fit, class_score=np.zeros(votes.classes), abstain_score=nothing)
    partial = partial_votes(votes)
    told = np.empty_like(probability)
    for shard in shards(partial, *score_table(says, partial)):
        told[shard.units] = shard.probability.T
    told[votes.unit[votes.gold[votes.source] & (votes.label < votes.classes) & votes.voted]] = 1
    product = probability * told
    return np.asarray(product / product.sum(axis=1, keepdims=True))


def expect(fit: LabelModelFit, votes: VoteMatrix, split: Split | None = None) -> ScoreSums:
    """What the covered units together say about the sources, given an additive fit.

    Args:
        fit: of the same sources.
        votes: whose units.
        split: as of `tally_of`.

    Raises:
        VotesError: the votes have other sources or classes than the fit.
    """
    check_same_sources(fit, votes)
    base, table = score_table(fit, votes)
    return tally_of(votes, base, table, share=fit.share, claim_score=fit.claim_score, split=split)


def tally_of(
    votes: VoteMatrix,
    base: Array,
    table: Array,
    *,
    share: Array | None = None,
    claim_score: Array | None = None,
    split: Split | None = None,
) -> ScoreSums:
    """What the covered units together say about the sources, given the scores of acts.

    Args:
        votes: whose units.
        base: log score of each class before any act, shape (classes,). There may be more
            classes than those that are voted for, as where classes have kinds.
        table: what each act adds, shape (sources * (labels + 1), classes).
        share: how much of a vote each source's votes count, shape (sources,); None for all.
        claim_score: as in the fit; None if confidences are not read.
        split: splits the classes into subtypes, by which the sums then are.
    """
    told = None if votes.confidence is None else np.zeros((votes.sources, STEPS, 2))
    ways = 1 if split is None else split.ways
    acts = np.zeros((len(table), len(base) * ways))
    totals = np.zeros(len(base) * ways)
    log_likelihood = 0.0
    for shard in shards(votes, base, table, claim_score):
        mass = shard.mass(votes)
        if told is not None:
            told += claim_counts(votes, shard, mass)
        expected = (shard.probability if split is None else split(shard)) * mass
        acts += shard.votes.T @ np.ascontiguousarray(expected.T)
        totals += expected.sum(axis=1, dtype=np.float64)
        log_likelihood += float((mass * shard.evidence).sum(dtype=np.float64))
    shape = (votes.sources, votes.labels + 1, len(totals))
    by_act, scores = acts.reshape(shape), np.repeat(table, ways, axis=1).reshape(shape)
    voted, noted = divided(by_act[:, 1:], scores[:, 1:], votes, share), by_act[:, 0]
    # A complete source was silent wherever it did not vote, whether a row says so or not.
    silent = np.where(votes.complete[:, None], totals - voted.sum(axis=1), noted)
    return ScoreSums(voted, np.maximum(silent, 0), totals, log_likelihood, told)


def claim_counts(votes: VoteMatrix, shard: Shard, mass: Array) -> Array:
    """How many claims about the shard's units are wrong and right, (sources, steps, 2)."""
    rows = slice(*votes.start[[shard.units.start, shard.units.stop]].tolist())
    claims = claims_on(votes, shard.units, rows)
    return claims.counts(shard.by_class(votes.classes), mass, votes.sources)


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Some units in a row, with what the votes on them say.

    Attributes:
        units: which ones.
        votes: a sparse row per unit with a one for every act of a source, shape (units in the
            shard, sources * (labels + 1)); column source * (labels + 1) is its silence.
        probability: of every subtype from the votes alone, shape (subtypes, units in the shard).
        evidence: the log likelihood of each unit's votes, shape (units in the shard,).
    """

    units: slice
    votes: Any
    probability: Array
    evidence: Array

    def by_class(self, classes: int) -> Array:
        """The probability of every class, shape (classes, units in the shard)."""
        if len(self.probability) == classes:
            return self.probability
        of_subtypes = self.probability.reshape(classes, -1, self.probability.shape[1])
        summed: Array = of_subtypes.sum(axis=1)
        return summed

    def mass(self, votes: VoteMatrix) -> Array:
        """How many observations each unit stands for: none where nobody voted."""
        mass = votes.covered[self.units].astype(self.probability.dtype)
        return mass if votes.weight is None else mass * votes.weight[self.units]


def shards(
    votes: VoteMatrix, base: Array, table: Array, claim_score: Array | None = None
) -> Iterator[Shard]:
    """The votes and what the scores of acts make of them, some units at a time, in order."""
    gold = is_gold(votes)
    base, table = base.astype(precision(votes)), table.astype(precision(votes))
    for units, acts in act_matrices(votes, table.dtype):
        # One row a class: numpy is slow on many short rows.
        scores = np.ascontiguousarray((acts @ table).T)
        scores += base[:, None]
        if claim_score is not None:
            _add_claims(votes, units, claim_score, scores)
        probability, evidence = normalised(scores)
        if gold.any():
            _let_gold_decide(votes, acts, table, scores, probability, evidence)
        yield Shard(units, acts, probability, evidence)


def check_same_sources(fit: LabelModelFit, votes: VoteMatrix) -> None:
    """Refuses votes of other sources or classes than the fit's.

    Raises:
        VotesError: they are.
    """
    if (fit.sources, fit.classes) != (votes.sources, votes.classes):
        raise VotesError(
            f"the fit knows {fit.sources} sources and {fit.classes} classes, but the votes have "
            f"{votes.sources} and {votes.classes}; fit the label model to these sources"
        )


def precision(votes: VoteMatrix) -> np.dtype[Any]:
    """The type of the numbers in a posterior of these votes."""
    return np.dtype(np.float32 if votes.units * votes.classes > SINGLE_FROM else np.float64)


def act_matrices(
    votes: VoteMatrix, kind: np.dtype[Any] | type = np.float64
) -> Iterator[tuple[slice, Any]]:
    """Some units at a time, and a sparse row for each with a one for every act of a source."""
    from scipy import sparse

    width = votes.labels + 1
    ones = np.ones(0, kind)
    for units, rows in blocks(votes):
        column = votes.source[rows] * np.int32(width)
        column += votes.label[rows]
        column += np.int32(1)
        if len(column) > len(ones):
            ones = np.ones(len(column), kind)
        offsets = (votes.start[units.start : units.stop + 1] - rows.start).astype(np.int32)
        shape = (units.stop - units.start, votes.sources * width)
        yield units, sparse.csr_array((ones[: len(column)], column, offsets), shape=shape)


def blocks(votes: VoteMatrix) -> Iterator[tuple[slice, slice]]:
    """Some units at a time, and the rows of votes that are theirs."""
    # Where there are many units, edges need not be exact, and looking at all of them takes long.
    place = np.arange(0, votes.units, 256 if votes.units > SHARD_NUMBERS else 1)
    place = np.append(place, votes.units)
    size = place * votes.classes + votes.start[place]
    table = votes.sources * (votes.labels + 1) * votes.classes
    step = max(SHARD_NUMBERS, 2 * table)
    steps = np.arange(0, size[-1] + step, step)
    edges = np.unique(place[np.minimum(np.searchsorted(size, steps), len(place) - 1)]).tolist()
    for first, end in pairwise(edges):
        yield slice(first, end), slice(int(votes.start[first]), int(votes.start[end]))


def score_table(fit: LabelModelFit, votes: VoteMatrix) -> tuple[Array, Array]:
    """The log scores of a unit on which every complete source is silent, and what acts add.

    Shapes (subtypes,) and (sources * (labels + 1), subtypes); row source * (labels + 1) is the
    source's silence, the next rows its votes.
    """
    usual = np.where(votes.complete[:, None], fit.abstain_score, 0.0)
    silence = fit.abstain_score - usual
    voted = with_subsets(fit.vote_score, votes, fit.share)
    table = np.concatenate([silence[:, None], voted - usual[:, None]], axis=1)
    return fit.class_score + usual.sum(axis=0), table.reshape(-1, len(fit.class_score))


def is_gold(votes: VoteMatrix) -> NDArray[np.bool_]:
    """Which sources are gold, shape (sources,)."""
    return votes.gold


def choosing(votes: VoteMatrix) -> NDArray[np.bool_]:
    """Which sources choose what to vote on, shape (sources,)."""
    return np.array([kind.chooses for kind in votes.kinds], bool)


def answering(votes: VoteMatrix) -> NDArray[np.bool_]:
    """Which sources answer what they are given: people and models, not gold. Shape (sources,)."""
    return ~choosing(votes) & ~is_gold(votes)


def models(votes: VoteMatrix) -> NDArray[np.bool_]:
    """Which of these are no people, shape (sources,)."""
    people = np.array([kind is SourceKind.PERSON for kind in votes.kinds], bool)
    return answering(votes) & ~people


def normalised(scores: Array) -> tuple[Array, Array]:
    """Probabilities from log scores, and the log of what they were divided by.

    Args:
        scores: shape (classes, units).
    """
    peak = scores.max(axis=0, initial=-np.inf)
    probability = scores - peak
    np.exp(probability, out=probability)
    total = probability.sum(axis=0)
    probability /= total
    return probability, peak + np.log(total)


def _add_claims(votes: VoteMatrix, units: slice, claim_score: Array, scores: Array) -> None:
    """Adds what the votes' confidences say; kinds of a class are neighbours, and alike in it."""
    rows = slice(*votes.start[[units.start, units.stop]].tolist())
    claims = claims_on(votes, units, rows)
    told = claims.scores(claim_score, units.stop - units.start, votes.classes)
    scores += np.repeat(told, len(scores) // votes.classes, axis=0)


def _let_gold_decide(
    votes: VoteMatrix,
    acts: Any,
    table: Array,
    scores: Array,
    probability: Array,
    evidence: Array,
) -> None:
    # Sources that copy each other's mistakes are always more of one mind than they should be,
    # and would outvote any finite weight that gold can have. Gold's partial votes only rule out.
    says = np.zeros((votes.sources, votes.labels + 1), bool)
    says[votes.gold, 1 : votes.classes + 1] = True
    decided = np.flatnonzero(acts @ says.ravel().astype(np.float64))
    if len(decided):
        known, _ = normalised((acts[decided] @ (table * says.reshape(-1, 1))).T)
        probability[:, decided] = known
        evidence[decided] = (known * scores[:, decided]).sum(axis=0)
