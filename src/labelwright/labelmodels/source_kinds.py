"""The default: a source's kind chooses how its votes are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.labelmodels.climbing import covered_part
from labelwright.labelmodels.evidence.claims import claim_scores, prior_claims
from labelwright.labelmodels.evidence.counts import Census, Unjudged, expect_judged, expect_verified
from labelwright.labelmodels.evidence.evening import evened
from labelwright.labelmodels.evidence.odds import (
    by_class,
    class_scores,
    coins,
    frequency,
    gain,
    normalised_rows,
    shared_scores,
)
from labelwright.labelmodels.evidence.patterns import condensed
from labelwright.labelmodels.evidence.redundancy import Overlap
from labelwright.labelmodels.evidence.redundancy import discounts as discounts_of
from labelwright.labelmodels.evidence.referee import CORRECTED, COUNTED, Hits
from labelwright.labelmodels.evidence.scoring import (
    Array,
    ScoreSums,
    answering,
    choosing,
    is_gold,
    models,
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
from labelwright.labelmodels.evidence.subtypes import ClearAndDivided
from labelwright.labelmodels.evidence.sureness import Sureness
from labelwright.labelmodels.evidence.verified import Correction
from labelwright.labelmodels.majority_vote import every_vote_alike
from labelwright.labelmodels.priors.confusions import coin_scores, confusion_scores, skills
from labelwright.labelmodels.priors.precisions import agreements, precisions
from labelwright.labelmodels.priors.priors import first_accuracy, stated_balance
from labelwright.labelmodels.settings import at_least, checked

ANSWERS = 20.0
"""Unbiased answers after which the class balance that they show counts half."""


@dataclass(frozen=True, slots=True)
class SourceKinds:
    """Functions, people and models in one posterior, each read as its kind allows; the default.

    A unit's log score is the sum of what its votes add, and what is known of how frequent
    classes are. How often a source was right is estimated by a few steps of expectation
    maximisation, q being the posterior of the step before, pi its class balance.

    *Sources that choose what to vote on* (functions, rules, knowledge bases) are read by their
    precision, because their votes are few, mostly of one class, and say little about the classes
    that they do not name. A vote for l adds, with d the discount below,

        d_j (log P_j(c | l) - log pi(c)),
        P_j(c | l) = (N_j(l, c) + m_jl E(c | l)) / (N_j(l) + m_jl)

    where N_j(l, c) sums q(c) over the units on which j voted l. The expectation E(. | l) puts on l
    what the owner said of j, else how often sources of the kind are right, and never so little
    that a vote would speak against its own class; the rest is in proportion to pi. m_jl = 5 +
    `restraint` x u_jl, where u counts unjudged votes: a vote that is alone on its unit confirms
    only itself and counts 1; every other vote there, counted by its discount, leaves a third of
    that. So a source keeps the usual precision where others seldom vote, and has its own where
    they often do. Their silence says nothing: it says as much about all functions at once as
    about one, and would overrule the votes of a unit where there are hundreds of them.

    *How frequent a class is, is not what functions cover.* log pi is added in the measure in
    which votes are of sources that do not choose; not at all where all do. Where the balance of
    all units is known, its logarithm is added instead, in the measure in which units have votes
    and, if it was learnt from n answers, n / (n + 20).

    *Sources that answer what they are given* are read by P_j(l | c, z), z being whether the unit
    is clear or divided (`evidence/subtypes.py`). People have a whole confusion, whose
    prior is that of all people moved in log-odds by how far the person's accuracy (shrunk by
    eight votes) is from theirs; how alike people are says how strong it is
    (`priors/confusions.py`). Models, prompts and class descriptions, which vote on everything,
    have one accuracy on clear units and one on divided ones.

    Functions, and models, that agree more than the truth explains share one vote, d_j = 1 / (1 +
    sum_i excess Jaccard(j, i)) (`evidence/redundancy.py`).

    Of *two* classes votes alone hardly tell how frequent they are from how precise the labels are:
    what one label's votes are worth more than the other's is halved (`evidence/evening.py`).

    *Gold* is right 999 times in 1,000 and alone decides. People are held against it in every
    step; functions once at the end, by their verified votes. If n of a function's votes for l
    are verified and r of them are of class c, where P(c | l) n were expected, then

        P'(c | l) ~ P(c | l) + soft(r - P n) / n,

    with soft(x) = sign(x) max(0, |x| - `gold_doubt` sqrt(n P (1 - P)) - 1): what chance or one
    answer explains changes nothing, and flips no unit with the same votes.

    *Only what gold knows of a random sample judges* functions, fits, and how sure labels are. Units
    that were picked out for it (`VoteMatrix.picked`), where labels were in doubt say, would say
    that everything is mostly wrong. They have their answers and judge nothing but people.

    *Known answers are the referee.* From twenty on, corrections stay where they have no fewer of
    gold's units right, each judged by those made without it; and where counting has more right
    than what was learnt, votes are counted (`evidence/referee.py`).

    *How sure labels are* is one number, by which log-odds are divided and no label moves. Votes
    on one unit err together, so that n of them say as much as n / (1 + `correlation` (n - 1))
    that err apart. From there the mean confidence is moved to what is believed of the accuracy,
    half way to `accuracy` where functions vote, and to known answers (`evidence/sureness.py`).

    A vote's confidence counts by what such confidences of its source have been worth
    (`evidence/claims.py`), a partial vote by the classes that it leaves (`evidence/partial.py`).

    The settings were chosen on simulated worlds, not on real votes (decision 0027).

    Attributes:
        steps: of expectation maximisation; few, since to convergence sources confirm themselves.
        accuracy: of a source of which nothing is known.
        restraint: see above; likewise the others.
        belief_strength: votes after which it counts as much as what the owner said of it: many,
            since experts are asked where the other sources are no judges of them.
        gold_doubt: how many standard errors verified votes must be off before they correct.
        correlation: between the errors of two votes on one unit.
        class_balance: the share of every class where it is known; "gold" takes it from the gold
            answers, which must then be a random sample; see above if None.

    Raises:
        SettingsError: a setting out of range.

    Reference:
        A. P. Dawid, A. M. Skene. Maximum Likelihood Estimation of Observer Error-Rates Using the
        EM Algorithm. Applied Statistics 28(1), 1979. DOI 10.2307/2346806.
        H.-C. Kim, Z. Ghahramani. Bayesian Classifier Combination. AISTATS 2012, PMLR 22:619-627,
        for the confusions.
        Y. Li, B. Rubinstein, T. Cohn. Exploiting Worker Correlation for Label Aggregation in
        Crowdsourcing. ICML, PMLR 97, 2019, for subtypes of a class.
        L. Kish. Survey Sampling. Wiley 1965, section 5.4, for the design effect.

    Example:
        >>> votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, -1], [-1, -1, 0]])
        >>> model = SourceKinds()
        >>> model.posterior(model.fit(votes), votes).label
        array([0, 1, 0])
    """

    steps: int = 4
    accuracy: float = 0.8
    restraint: float = 16.0
    belief_strength: float = 100.0
    gold_doubt: float = 1.5
    correlation: float = 0.2
    class_balance: Sequence[float] | str | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.steps, int) and self.steps >= 1
        checked("source_kinds", "steps", self.steps, "a whole number, at least 1", ok=whole)
        some = 0 <= self.correlation <= 1
        checked("source_kinds", "correlation", self.correlation, "between 0 and 1", ok=some)
        inside = 0 < self.accuracy < 1
        checked("source_kinds", "accuracy", self.accuracy, "between 0 and 1", ok=inside)
        for setting in ("restraint", "gold_doubt"):
            at_least("source_kinds", setting, getattr(self, setting), 0)
        at_least("source_kinds", "belief_strength", self.belief_strength, 0.001)

    def fit(self, votes: VoteMatrix) -> LabelModelFit:
        """How good each source is, judged by the others.

        On very many units all steps but the last read a sample: they only have to come near.
        """
        small = condensed(votes)
        few = covered_part(small)
        covered = few.weights().sum() / max(votes.weights().sum(), 1e-9)
        fit = self._learnt(Counting(Shards([few], few.units)), float(covered))
        if small is votes:
            return fit
        return replace(fit, extra={**fit.extra, "patterns": np.array([float(small.units)])})

    def fit_shards(self, shards: Shards) -> LabelModelFit:
        """The same of votes that are not in one place: all it takes are sums over shards.

        Raises:
            VotesError: the shards have different sources or classes.
        """
        return self._learnt(Counting(shards), 1.0)

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
        covered, split = float(fit.extra["covered"][0]), bool(fit.extra["split"][0])
        if not split and answering(added)[added.source[added.voted]].any():
            raise VotesError(
                "the first votes of a source that answers what it is given give classes subtypes; "
                "fit again"
            )
        learn = partial(self._learn, covered=covered, split=split)
        return self._learnt(revising(fit, removed, added, learn, self._sums()), covered, split)

    def _sums(self) -> list[type[Total]]:
        """What `_learn` asks for, in order."""
        first: list[type[Total]] = [Census, ScoreSums, Overlap, ScoreSums, Unjudged]
        return [*first, *[ScoreSums] * self.steps, Hits, Sureness]

    def _learnt(
        self, sums: Counting | Revising, covered: float, split: bool | None = None
    ) -> LabelModelFit:
        fit = self._learn(sums, covered, split)
        return replace(fit, extra={**fit.extra, **recorded(sums.record)})

    def _learn(self, sums: ShardSums, covered: float, split: bool | None = None) -> LabelModelFit:
        votes = sums.electorate
        census = sums(Census.of)
        # Where gold can only judge functions, which are corrected by it at the end, it has no say
        # in the steps: the same answers would count twice.
        gold = is_gold(votes)
        alone = gold.any() and bool(np.all(choosing(votes) | gold | (census.cast == 0)))
        judged = ~gold if alone else np.ones(votes.sources, bool)
        fit = self._start(votes)
        if split is None:
            split = bool((answering(votes) & (census.cast > 0)).any())
        look = sums.roughly if self.steps > 1 else sums
        halves = ClearAndDivided(votes) if split else None
        tally = look(partial(expect_judged, fit, judged, split=halves))
        automatic = choosing(votes) | models(votes)
        overlap = sums.roughly(Overlap.of)
        discounts = discounts_of(overlap, automatic, tally)
        # Once more, now that copies share.
        shared = replace(fit, vote_score=fit.vote_score * discounts[:, None, None])
        tally = look(partial(expect_judged, shared, judged, split=halves))
        discounts = discounts_of(overlap, automatic, tally)
        unjudged = sums.roughly(partial(Unjudged.of, np.where(judged, discounts, 0.0))).votes
        known = self._known_balance(census, votes, covered)
        claims, prior = None, prior_claims(votes, tally.claims)
        for step in range(1, self.steps + 1):
            # An update takes off what changed units are thought to have said: perhaps too much.
            tally = replace(tally, voted=np.maximum(tally.voted, 0))
            fit = self._update(tally, votes, census, discounts, unjudged, known)
            claims = claim_scores(tally.claims, prior)
            fit = replace(fit, share=discounts, claim_score=shared_scores(claims, discounts))
            if step < self.steps:
                ask = sums.roughly if step < self.steps - 1 else sums
                tally = ask(partial(expect_judged, fit, judged))
        fit = evened(fit, tally, votes, known=known is not None)
        kept = {"discount": discounts, "covered": np.array([covered])}
        return self._settled(fit, sums, census, {**kept, "split": np.array([float(split)])})

    def _settled(
        self, fit: LabelModelFit, sums: ShardSums, census: Census, extra: dict[str, Array]
    ) -> LabelModelFit:
        """What known answers make of the fit: counting, corrections or nothing; and its heat."""
        votes = sums.electorate
        verified = sums(partial(expect_verified, fit))
        correction = Correction.of(
            fit, verified, votes, balance=fit.extra["balance"],
            doubt=self.gold_doubt,
        )  # fmt: skip
        counting = every_vote_alike(fit, votes)
        hits = sums(partial(Hits.of, counting, fit, correction))
        if hits.best == COUNTED:
            fit = counting
        elif hits.best == CORRECTED and verified.classes.any():
            fit = correction.applied(fit)
        fit = replace(fit, heat=census.design_effect(self.correlation))
        sureness = sums(partial(Sureness.of, fit))
        chosen = float(census.votes[0] / max(census.votes.sum(), 1e-9))
        right = float(hits.right[hits.best])
        heat = fit.heat * sureness.heat_for(chosen, self.accuracy, right, hits.known)
        extra = {**extra, "counted": np.array([float(hits.best == COUNTED)])}
        return replace(fit, heat=heat, extra=extra)

    def _known_balance(
        self, census: Census, votes: VoteMatrix, covered: float
    ) -> tuple[Array, float] | None:
        """What is known of the class balance, and how much it counts where few units have votes."""
        if self.class_balance == "gold" and census.gold.any():
            return np.asarray((census.gold + 1) / (census.gold + 1).sum()), covered
        stated = stated_balance(self.class_balance, votes)
        if stated is not None:
            return stated, covered
        if votes.balance is None:
            return None
        return votes.balance, covered * votes.balance_answers / (votes.balance_answers + ANSWERS)

    def posterior(self, fit: LabelModelFit, votes: VoteMatrix) -> Posterior:
        """The class probabilities of every unit; where nobody voted, the class balance."""
        return posterior_of(fit, votes)

    def _start(self, votes: VoteMatrix) -> LabelModelFit:
        """Everybody is as good as a source of which nothing is known."""
        sources, classes = votes.sources, votes.classes
        balance = np.full(classes, 1 / classes)
        accuracy = np.array([first_accuracy(kind, self.accuracy, classes) for kind in votes.kinds])
        confusion = coins(accuracy, classes)
        return LabelModelFit(
            model="source_kinds",
            class_prior=balance,
            confusion=confusion,
            accuracy=accuracy,
            class_score=np.zeros(classes),
            vote_score=np.log(confusion).transpose(0, 2, 1),
            abstain_score=np.zeros((sources, classes)),
        )

    def _update(
        self,
        tally: ScoreSums,
        votes: VoteMatrix,
        census: Census,
        discounts: Array,
        unjudged: Array,
        known: tuple[Array, float] | None,
    ) -> LabelModelFit:
        """The M-step: every kind of source by its own likelihood."""
        fit = self._start(votes)
        kinds = len(tally.classes) // votes.classes
        counts = by_class(tally.voted, votes.classes)
        frequent = by_class(tally.classes, votes.classes) + 1
        asked = census.votes[1] / max(census.votes.sum(), 1e-9)
        balance = frequent / frequent.sum()
        before = (balance, asked) if known is None else known
        accuracy, confusion = fit.accuracy.copy(), fit.confusion.copy()
        scores = np.repeat(fit.vote_score, kinds, axis=2)
        for kind in set(votes.kinds) - {SourceKind.GOLD}:
            of_kind = np.array([each is kind for each in votes.kinds])
            voted, said = counts[of_kind], votes.accuracies[of_kind]
            if kind.chooses:
                precision = precisions(
                    voted, said, balance, unjudged[of_kind],
                    usual=self.accuracy, restraint=self.restraint, belief=self.belief_strength,
                )  # fmt: skip
                learnt = gain(precision, balance, discounts[of_kind])
                if votes.subsets is not None:
                    learnt += frequency(voted, balance, discounts[of_kind])
                learnt = np.repeat(learnt, kinds, axis=2)
                said_of = (precision * voted.sum(axis=2, keepdims=True)).transpose(0, 2, 1) + 1e-9
                skill = agreements(voted, said, self.accuracy)
            else:
                by_subtype = tally.voted[of_kind].transpose(0, 2, 1)
                said_of = voted.transpose(0, 2, 1)
                skill, learnt = self._answer_scores(kind, said_of, by_subtype, said)
                # People count in full; models share with their copies.
                learnt = learnt * discounts[of_kind, None, None]
                said_of = said_of + coins(skill, votes.classes)
            scores[of_kind], accuracy[of_kind] = learnt, skill
            confusion[of_kind] = normalised_rows(said_of)
        return replace(
            fit,
            class_prior=balance if known is None or known[0] is votes.balance else known[0],
            confusion=confusion,
            accuracy=np.where(census.cast > 0, accuracy, np.nan),
            class_score=class_scores(tally.classes, *before),
            extra={"balance": balance},
            vote_score=scores,
            abstain_score=np.zeros(scores.shape[::2]),
        )

    def _answer_scores(
        self, kind: SourceKind, counts: Array, by_subtype: Array, said: Array
    ) -> tuple[Array, Array]:
        """How good sources are that answer what they are given, and the scores of their votes."""
        usual = min(self.accuracy, first_accuracy(kind, self.accuracy, counts.shape[1]))
        belief = self.belief_strength
        skill = skills(counts, said, usual=usual, belief=belief)
        if kind is SourceKind.PERSON:
            return skill[:-1], confusion_scores(by_subtype, said, skill, usual=usual, belief=belief)
        untried = kind is SourceKind.DESCRIPTION
        return skill[:-1], coin_scores(by_subtype, skill, usual=usual, untried=untried)
