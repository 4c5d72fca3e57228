"""What every vote on a unit did to its label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import VotesError
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels.evidence.claims import claims_on
from labelwright.labelmodels.evidence.partial import with_subsets
from labelwright.labelmodels.evidence.scoring import check_same_sources, decided, is_gold

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """A unit's label as a sum. All effects are log-odds of a class against the mean of the others.

    Attributes:
        before: of every class before any vote, shape (classes,).
        source: who had a say by voting or by silence, shape (says,).
        label: what it voted, -1 for silence, shape (says,); see `VoteMatrix.label`.
        effect: what that added to each class, shape (says, classes); zero for a vote that was
            overruled by gold.
    """

    before: Array
    source: NDArray[np.int64]
    label: NDArray[np.int64]
    effect: Array

    @property
    def total(self) -> Array:
        """The log-odds of every class in the end, shape (classes,)."""
        total: Array = self.before + self.effect.sum(axis=0)
        return total


def source_contributions(fit: LabelModelFit, votes: VoteMatrix, unit: int) -> Contributions:
    """What each source's vote or silence did to the label of the unit, given an additive fit.

    Where nobody voted, and for other votes where gold voted, the effects are zero: such units
    take the class prior, or what gold says.

    Raises:
        VotesError: there is no such unit, or the fit knows other sources.
    """
    if not 0 <= unit < votes.units:
        raise VotesError(f"there is no unit {unit}; there are {votes.units}, counted from 0")
    check_same_sources(fit, votes)
    label = np.where(votes.complete, ABSTAINED, ABSTAINED - 1)
    rows = np.arange(votes.start[unit], votes.start[unit + 1])
    label[votes.source[rows]] = votes.label[rows]
    claimed = np.zeros((votes.sources, fit.classes))
    if fit.claim_score is not None:
        for row in rows:
            claims = claims_on(votes, slice(unit, unit + 1), slice(row, row + 1))
            claimed[votes.source[row]] = claims.scores(fit.claim_score, 1, fit.classes)[:, 0]
    source = np.flatnonzero(label >= ABSTAINED)
    label = label[source]
    voted = label >= 0
    effect = fit.abstain_score[source]
    scores = with_subsets(fit.vote_score, votes, fit.share)
    effect[voted] = scores[source[voted], label[voted]]
    effect += np.repeat(claimed[source], fit.subtypes, axis=1)
    decisive = is_gold(votes)[source] & voted & (label < votes.classes)
    if decisive.any():
        known = _of_classes(fit, np.zeros_like(fit.class_score), effect * decisive[:, None])
        before, effect = np.zeros(fit.classes), known[1] * fit.heat
    elif voted.any():
        before, effect = _of_classes(fit, fit.class_score, effect)
    else:
        before, effect = np.log(fit.class_prior), np.zeros((len(source), fit.classes))
    return Contributions(_against_the_others(before), source, label, _against_the_others(effect))


def all_contributions(fit: LabelModelFit, votes: VoteMatrix) -> tuple[Array, Array]:
    """What `source_contributions` says of every unit at once, as log scores of the classes.

    Returns:
        Before any vote, shape (units, classes); and what each source's vote or silence added,
        zero where it had no say, shape (units, sources, classes).

    Raises:
        VotesError: the fit knows other sources.
    """
    check_same_sources(fit, votes)
    effect = np.zeros((votes.units, votes.sources, len(fit.class_score)))
    effect[:, votes.complete] = fit.abstain_score[votes.complete]
    spoke = votes.label >= 0
    silent = ~spoke
    effect[votes.unit[silent], votes.source[silent]] = fit.abstain_score[votes.source[silent]]
    unit, source, label = votes.unit[spoke], votes.source[spoke], votes.label[spoke]
    effect[unit, source] = with_subsets(fit.vote_score, votes, fit.share)[source, label]
    if fit.claim_score is not None:
        for row in np.flatnonzero(spoke):
            at = int(votes.unit[row])
            claims = claims_on(votes, slice(at, at + 1), slice(row, row + 1))
            claimed = claims.scores(fit.claim_score, 1, fit.classes)[:, 0]
            effect[at, votes.source[row]] += np.repeat(claimed, fit.subtypes)
    decisive = np.zeros((votes.units, votes.sources), np.bool_)
    decisive[unit, source] = is_gold(votes)[source] & (label < votes.classes)
    settled = decided(votes)
    effect[settled] *= decisive[settled][:, :, None]
    before, told = _of_classes(fit, np.where(settled[:, None], 0.0, fit.class_score), effect)
    before[settled] = 0.0
    told[settled] *= fit.heat
    mute = np.bincount(unit, minlength=votes.units) == 0
    before[mute], told[mute] = np.log(fit.class_prior), 0.0
    return before, told


def _of_classes(fit: LabelModelFit, before: Array, effect: Array) -> tuple[Array, Array]:
    """Scores of subtypes as scores of classes that add up to the same.

    With r(z | c) the probability of subtype z given class c and all that was said,

        log sum_z exp(s_cz) = sum_z r(z | c) s_cz - sum_z r(z | c) log r(z | c),

    in which s_cz is a sum over the sources, so that each has its part; the last term, how open
    the subtype is, belongs to no source.

    Args:
        fit: whose scores these are.
        before: any vote, shape (..., subtypes).
        effect: of every source, shape (..., sources, subtypes).
    """
    if fit.subtypes == 1:
        return before / fit.heat, effect / fit.heat
    shape = (*before.shape[:-1], fit.classes, fit.subtypes)
    total = (before + effect.sum(axis=-2)).reshape(shape)
    share = np.exp(total - total.max(axis=-1, keepdims=True))
    share /= share.sum(axis=-1, keepdims=True)
    openness = -(share * np.log(np.maximum(share, 1e-300))).sum(axis=-1)
    first = (share * before.reshape(shape)).sum(axis=-1) + openness
    by_source = effect.reshape(*effect.shape[:-1], fit.classes, fit.subtypes)
    added = (share[..., None, :, :] * by_source).sum(axis=-1)
    return first / fit.heat, added / fit.heat


def _against_the_others(score: Array) -> Array:
    """Each class's log score less the mean of the other classes' scores."""
    classes = score.shape[-1]
    others = (score.sum(axis=-1, keepdims=True) - score) / (classes - 1)
    return score - others
