"""The default: a source's kind chooses how its votes are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import GOLD_ACCURACY, SourceKind
from labelwright.labelmodels.climbing import covered_part
from labelwright.labelmodels.evidence.claims import claim_scores, prior_claims
from labelwright.labelmodels.evidence.counts import Census, Unjudged, expect_judged, expect_verified
from labelwright.labelmodels.evidence.patterns import condensed
from labelwright.labelmodels.evidence.redundancy import Overlap
from labelwright.labelmodels.evidence.redundancy import discounts as discounts_of
from labelwright.labelmodels.evidence.scoring import (
    Array,
    ScoreSums,
    choosing,
    is_gold,
    posterior_of,
)
from labelwright.labelmodels.evidence.shard_sums import (
    Counting,
    Revising,
    Shards,
    ShardSums,
    Total,
    recorded,
    revising,
)
from labelwright.labelmodels.priors.odds import (
    coins,
    frequency,
    gain,
    inside,
    logit,
    normalised_rows,
    shared_scores,
    spread,
)
from labelwright.labelmodels.priors.priors import stated_balance
from labelwright.labelmodels.priors.strengths import expected_log, learnt_strength
from labelwright.labelmodels.settings import at_least, checked

LEAST_COUNT = 0.1
"""Prior votes for every mistake: an error never seen is unlikely, not impossible."""


@dataclass(frozen=True, slots=True)
class SourceKinds:
    """Functions and people in one posterior, each read as its kind allows; the best default.

    A unit's log score is log pi(c), with pi the class balance of the covered units, plus what its
    votes add. How often a source was right is estimated by a few steps of expectation
    maximisation, q being the posterior of the step before:

    *Sources that choose what to vote on* (functions, rules, knowledge bases) are read by their
    precision, because their votes are few, mostly of one class, and say little about the classes
    that they do not name. A vote for l adds, with d the discount below,

        d_j (log P_j(c | l) - log pi(c)),   P_j(c | l) = (N_j(l, c) + m_j E(c | l)) / (N_j(l) + m_j)

    where N_j(l, c) sums q(c) over the units on which j voted l. The expectation E(. | l) puts on l
    how often votes for l are right, and spreads the rest in proportion to pi. That is what the
    owner said of j, else an estimate from all votes for l of the kind, shrunk to the kind's by
    20 + `label_restraint` x u(l) votes, and never so low that its log-odds are less than those of
    pi(l) plus `least_gain`: no vote speaks against its own class, however frequent that is.
    m_j = 5 + `restraint` x u_j, where u counts unjudged votes: a vote that is alone on its unit
    confirms only itself and counts 1; every other vote there, counted by its discount, leaves a
    third of that. So a source keeps the usual precision where others seldom vote, and has its own
    where they often do. Silence adds `silence` times the like of P(c | j silent). Functions that
    agree more than the truth explains share their weight, d_j = (1 + sum_i excess Jaccard(j, i)) ^
    -`discount` (`labelmodels/evidence/redundancy.py`).

    *Sources that answer what they are given* (people, models, prompts) are read by their
    confusion, P_j(l | c) = exp E[log theta] under a Dirichlet posterior (variational Bayes), but
    for votes never seen, whose E[log theta] is of the order of -1 / prior votes: it is taken as if
    one had been. The prior counts s x the confusion of all sources of the kind, moved in log-odds
    by how far the source's accuracy (shrunk by `skill_strength` votes) is from theirs. How alike
    the sources are says what s is (`labelmodels/priors/strengths.py`), unless `strength` does.

    *Gold* is right 999 times in 1,000 and alone decides. People are held against it in every
    step; functions once at the end, by their verified votes. If n of a function's votes for l
    are verified and r of them are of class c, where P(c | l) n were expected, then

        P'(c | l) ~ P(c | l) + soft(r - P n) / (n + `gold_strength`),

    with soft(x) = sign(x) max(0, |x| - `gold_doubt` sqrt(n P (1 - P))): what chance explains
    changes nothing, so that one gold item does not flip every unit with the same votes.

    Votes on one unit err together: n of them say as much as n / (1 + `correlation` (n - 1)) that
    err apart, with n the mean number of votes per unit that has some, of functions and of people
    apart. The first look and the final scores are divided by this design effect (its mean over
    the votes). What the steps between have learnt so moves no label, only its probability.

    A vote's own confidence counts by what such confidences of its source have been worth
    (`labelmodels/evidence/claims.py`), and a partial vote by the classes that it leaves
    (`labelmodels/evidence/partial.py`).

    Attributes:
        steps: of expectation maximisation; few, since to convergence sources confirm themselves.
        accuracy: of a source of which nothing is known; a lone function keeps it.
        restraint: see above; likewise the others.
        label_restraint: see above.
        least_gain: in log-odds; see above.
        silence: how much a function's silence counts; its votes count 1.
        discount: 0 for no discount, 1 to let copies share one vote.
        strength: s, prior votes per class; learnt if None.
        skill_strength: votes after which a person's own accuracy counts as much as the kind's.
        belief_strength: votes after which it counts as much as what the owner said of the person:
            many, since experts are asked where the other sources are no judges of them.
        gold_strength: verified votes after which they count as much as all unverified ones.
        gold_doubt: how many standard errors verified votes must be off before they correct.
        correlation: between the errors of two votes on one unit.
        class_balance: the share of every class where it is known; "gold" takes it from the gold
            answers, which must then be a random sample; learnt from the votes if None.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        A. P. Dawid, A. M. Skene. Maximum Likelihood Estimation of Observer Error-Rates Using the
        EM Algorithm. Applied Statistics 28(1), 1979. DOI 10.2307/2346806.
        H.-C. Kim, Z. Ghahramani. Bayesian Classifier Combination. AISTATS 2012, PMLR 22:619-627,
        for the confusions.
        L. Kish. Survey Sampling. Wiley 1965, section 5.4, for the design effect.

    Example:
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, -1], [-1, -1, 0]])
        >>> model = SourceKinds()
        >>> model.posterior(model.fit(votes), votes).label
        array([0, 1, 0])
    """

    steps: int = 6
    accuracy: float = 0.8
    restraint: float = 16.0
    label_restraint: float = 8.0
    least_gain: float = 0.6
    silence: float = 0.02
    discount: float = 0.5
    strength: float | None = None
    skill_strength: float = 16.0
    belief_strength: float = 100.0
    gold_strength: float = 20.0
    gold_doubt: float = 1.5
    correlation: float = 0.3
    class_balance: Sequence[float] | str | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.steps, int) and self.steps >= 1
        checked("source_kinds", "steps", self.steps, "a whole number, at least 1", ok=whole)
        for setting in ("silence", "discount", "correlation"):
            value = getattr(self, setting)
            checked("source_kinds", setting, value, "between 0 and 1", ok=0 <= value <= 1)
        inside = 0 < self.accuracy < 1
        checked("source_kinds", "accuracy", self.accuracy, "between 0 and 1", ok=inside)
        for setting in ("restraint", "label_restraint", "least_gain", "gold_doubt"):
            at_least("source_kinds", setting, getattr(self, setting), 0)
        for setting in ("skill_strength", "belief_strength", "gold_strength"):
            at_least("source_kinds", setting, getattr(self, setting), 0.001)
        if self.strength is not None:
            at_least("source_kinds", "strength", self.strength, 0.001)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """How good each source is, judged by the others.

        On very many units all steps but the last read a sample: they only have to come near.
        """
        small = condensed(votes)
        few = covered_part(small)
        fit = self.fit_shards(Shards([few], few.units))
        if small is votes:
            return fit
        return replace(fit, extra={**fit.extra, "patterns": np.array([float(small.units)])})

    def fit_shards(self, shards: Shards) -> LabelModelFit:
        """The same of votes that are not in one place: all it takes are sums over shards.

        Raises:
            VotesError: the shards have different sources or classes.
        """
        return self._learnt(Counting(shards))

    def update(self, fit: LabelModelFit, removed: VoteMatrix, added: VoteMatrix) -> LabelModelFit:
        """The fit with some units changed or new, without reading the others.

        What the others say is taken to be what it was. To follow that too, give units that did
        not change in both, weighted so that they stand for all of these; with all of them the
        update is a new fit.

        Args:
            fit: of this model with these settings.
            removed: the changed units with their votes as they were when fitted.
            added: the changed and the new units with their votes as they are. Sources may be
                new, at the end, if they answer what they are given.

        Raises:
            VotesError: other classes, sources that are gone, new ones that choose what to vote
                on, or a fit that has not kept its sums; then fit again.
        """
        return self._learnt(revising(fit, removed, added, self._learn, self._sums()))

    def _sums(self) -> list[type[Total]]:
        """What `_learn` asks for, in order."""
        return [Census, ScoreSums, Overlap, Unjudged, *[ScoreSums] * self.steps]

    def _learnt(self, sums: Counting | Revising) -> LabelModelFit:
        fit = self._learn(sums)
        return replace(fit, extra={**fit.extra, **recorded(sums.record)})

    def _learn(self, sums: ShardSums) -> LabelModelFit:
        votes = sums.electorate
        census = sums(Census.of)
        known = self._known_balance(census, votes)
        heat = census.design_effect(self.correlation)
        heats = np.where(is_gold(votes), 1.0, heat)
        # Where gold can only judge functions, which are corrected by it at the end, it has no say
        # in the steps: the same answers would count twice.
        gold = is_gold(votes)
        alone = gold.any() and bool(np.all(choosing(votes) | gold | (census.cast == 0)))
        judged = ~gold if alone else np.ones(votes.sources, bool)
        fit = self._start(votes)
        # Undivided, the first look would be so sure that the next steps could only agree.
        fit = replace(fit, vote_score=fit.vote_score / heats[:, None, None], share=1 / heats)
        tally = (sums.roughly if self.steps > 1 else sums)(partial(expect_judged, fit, judged))
        overlap = sums.roughly(Overlap.of)
        discounts = discounts_of(overlap, choosing(votes), tally, self.discount)
        unjudged = sums.roughly(partial(Unjudged.of, np.where(judged, discounts, 0.0))).votes
        claims, prior = None, prior_claims(votes, tally.claims)
        for step in range(1, self.steps + 1):
            fit = self._update(tally, votes, discounts, unjudged, known)
            fit = replace(fit, accuracy=np.where(census.cast > 0, fit.accuracy, np.nan))
            claims = claim_scores(tally.claims, prior)
            fit = replace(fit, share=discounts, claim_score=shared_scores(claims, discounts))
            if step < self.steps:
                ask = sums.roughly if step < self.steps - 1 else sums
                tally = ask(partial(expect_judged, fit, judged))
        checked = sums(partial(expect_verified, fit))
        if checked.classes.any():
            fit = self._corrected(fit, checked, votes, discounts)
        return replace(
            fit,
            class_score=fit.class_score / heat,
            vote_score=fit.vote_score / heats[:, None, None],
            abstain_score=fit.abstain_score / heats[:, None],
            share=discounts / heats,
            claim_score=shared_scores(claims, discounts / heats),
            extra={"discount": discounts, "design_effect": np.array([heat])},
        )

    def _known_balance(self, census: Census, votes: VoteMatrix) -> Array | None:
        if self.class_balance == "gold" and census.gold.any():
            return np.asarray((census.gold + 1) / (census.gold + 1).sum())
        return stated_balance(self.class_balance, votes)

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """The class probabilities of every unit; where nobody voted, the class balance."""
        return posterior_of(fit, votes)

    def _start(self, votes: VoteMatrix) -> LabelModelFit:
        sources, classes = votes.sources, votes.classes
        balance = np.full(classes, 1 / classes)
        accuracy = np.full(sources, max(self.accuracy, (1 + 1 / classes) / 2))
        # Half way between chance and certainty: where nobody judges them it stays at that.
        nearest = [kind is SourceKind.DESCRIPTION for kind in votes.kinds]
        accuracy = np.where(nearest, (1 + 1 / classes) / 2, accuracy)
        accuracy = np.where(is_gold(votes), GOLD_ACCURACY, accuracy)
        confusion = coins(accuracy, classes)
        return LabelModelFit(
            model="source_kinds",
            class_prior=balance,
            confusion=confusion,
            accuracy=accuracy,
            class_score=np.log(balance),
            vote_score=np.log(confusion).transpose(0, 2, 1),
            abstain_score=np.zeros((sources, classes)),
        )

    def _update(
        self,
        tally: ScoreSums,
        votes: VoteMatrix,
        discounts: Array,
        unjudged: Array,
        known: Array | None,
    ) -> LabelModelFit:
        """The M-step: every kind of source by its own likelihood."""
        fit = self._start(votes)
        balance = (tally.classes + 1) / (tally.classes + 1).sum() if known is None else known
        accuracy = fit.accuracy.copy()
        for kind in set(votes.kinds) - {SourceKind.GOLD}:
            of_kind = np.array([each is kind for each in votes.kinds])
            voted, said = tally.voted[of_kind], votes.accuracies[of_kind]
            if kind.chooses:
                precision = self._precision(voted, said, balance, unjudged[of_kind])
                scores = gain(precision, balance, discounts[of_kind])
                if votes.subsets is not None:
                    scores += frequency(voted, balance, discounts[of_kind])
                fit.vote_score[of_kind] = scores
                silent = tally.silent[of_kind] + 5 * balance
                silent /= silent.sum(axis=1, keepdims=True)
                share = self.silence * discounts[of_kind] * voted.any(axis=(1, 2))
                fit.abstain_score[of_kind] = gain(silent, balance, share)
                right = precision * voted.sum(axis=2, keepdims=True)
                fit.confusion[of_kind] = normalised_rows(right.transpose(0, 2, 1) + 1e-9)
                accuracy[of_kind] = self._agreement(voted, said)
            else:
                counts, skill = self._confusion_counts(voted, said)
                fit.confusion[of_kind] = normalised_rows(counts)
                fit.vote_score[of_kind] = expected_log(counts).transpose(0, 2, 1)
                accuracy[of_kind] = np.where(voted.any(axis=(1, 2)), skill, np.nan)
        return replace(fit, class_prior=balance, class_score=np.log(balance), accuracy=accuracy)

    def _precision(self, voted: Array, said: Array, balance: Array, unjudged: Array) -> Array:
        """P(class | function voted l), shape (sources, l, classes)."""
        accuracy = np.where(
            np.isnan(said)[:, None],
            self._label_accuracy(voted, balance, unjudged.sum(axis=0)),
            said[:, None],
        )
        mass = (5 + self.restraint * unjudged.sum(axis=1))[:, None, None]
        prior = spread(inside(accuracy)[:, :, None], np.broadcast_to(balance, voted.shape[1:]))
        precision: Array = (voted + mass * prior) / (voted.sum(axis=2, keepdims=True) + mass)
        return precision

    def _label_accuracy(self, voted: Array, balance: Array, unjudged: Array) -> Array:
        """How often votes for l are right, whichever function of the kind casts them, by l."""
        count, right = voted.sum(axis=(0, 2)), np.trace(voted, axis1=1, axis2=2).sum()
        pooled = (right + 20 * self.accuracy) / (count.sum() + 20)
        mass = 20 + self.label_restraint * unjudged
        by_label = (np.diag(voted.sum(axis=0)) + mass * pooled) / (count + mass)
        least = logit(balance) + self.least_gain
        accuracy: Array = 1 / (1 + np.exp(-np.maximum(logit(by_label), least)))
        return accuracy

    def _agreement(self, voted: Array, said: Array) -> Array:
        """How often each function agrees with the posterior, shape (sources,); NaN if it is mute.

        Restrained less than its precision: this is what people are told, not what votes weigh.
        """
        count, right = voted.sum(axis=(1, 2)), np.trace(voted, axis1=1, axis2=2)
        believed = np.where(np.isnan(said), self.accuracy, said)
        return np.where(count > 0, (right + 5 * believed) / (count + 5), np.nan)

    def _confusion_counts(self, voted: Array, said: Array) -> tuple[Array, Array]:
        """Dirichlet counts of the votes given the class, (sources, classes, voted), and skills."""
        counts = voted.transpose(0, 2, 1)
        profile = normalised_rows(counts.sum(axis=0) + 1 / counts.shape[1])
        right, count = np.trace(counts, axis1=1, axis2=2), counts.sum(axis=(1, 2))
        usual = (right.sum() + self.accuracy) / (count.sum() + 1)
        unknown = np.isnan(said)
        believed = np.where(unknown, usual, said)
        skill_mass = np.where(unknown, self.skill_strength, self.belief_strength)
        skill = (right + skill_mass * believed) / (count + skill_mass)
        shift = logit(skill) - logit(np.array(usual))
        diagonal = 1 / (1 + np.exp(-(logit(np.diag(profile)) + shift[:, None])))
        prior = spread(diagonal[:, :, None], profile)
        strength = self.strength
        if strength is None:
            strength = learnt_strength(counts[unknown], prior[unknown], LEAST_COUNT)
        mass = np.where(unknown, strength, self.belief_strength)[:, None, None]
        return counts + mass * prior + LEAST_COUNT, skill

    def _corrected(
        self, fit: LabelModelFit, checked: ScoreSums, votes: VoteMatrix, discounts: Array
    ) -> LabelModelFit:
        """The fit with functions' precisions moved by the votes that gold has judged.

        People need none of it: their own counts already outweigh a prior of few votes.
        """
        balance = fit.class_prior
        chooses = choosing(votes)
        discount = discounts[chooses]
        scores = fit.vote_score[chooses] / discount[:, None, None]
        assumed = normalised_rows(balance * np.exp(scores))
        counts = checked.voted[chooses]
        number = counts.sum(axis=2, keepdims=True)
        off = counts - number * assumed
        chance = self.gold_doubt * np.sqrt(number * assumed * (1 - assumed))
        surprise = np.sign(off) * np.maximum(np.abs(off) - chance, 0)
        precision = assumed + surprise / (number + self.gold_strength)
        precision = normalised_rows(np.maximum(precision, 1e-6))
        # Added to the score, so that what it holds besides of the label's frequency stays.
        moved = discount[:, None, None] * (np.log(precision) - np.log(assumed))
        vote_score = fit.vote_score.copy()
        vote_score[chooses] += moved
        return replace(fit, vote_score=vote_score)
