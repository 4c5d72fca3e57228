"""Each law catches a model that breaks it."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.labelmodels import MajorityVote
from labelwright.labelmodels.evidence.scoring import is_gold
from labelwright.testing import labelmodels as laws

VOTES = VoteMatrix.from_dense(
    [[0, 1, 1], [0, 0, -1], [1, -1, 1], [-1, -1, -1], [2, 0, 1]],
    kinds=["function", "person", "rule"],
)
BACKWARDS = np.arange(5)[::-1]
OTHER = np.array([2, 0, 1])


@dataclass(frozen=True)
class Broken:
    """Majority vote, spoiled."""

    how: str = ""

    def fit(self, votes):
        fit = MajorityVote().fit(votes)
        match self.how:
            case "prefers a class":
                fit.class_score[0] += 1
            case "prefers a source":
                fit.vote_score[0] *= 2
            case "learns nothing of gold":
                score = MajorityVote().fit(replace(votes, kinds=("person",) * votes.sources))
                fit = replace(fit, accuracy=score.accuracy)
            case "believes in silence":
                fit.class_score[0] += votes.sources
            case "falls":
                fit = replace(fit, history=(0.0, -1.0))
            case "counts units":
                fit.vote_score[...] *= votes.units
            case "is random":
                fit.vote_score[...] += np.random.default_rng().normal(size=fit.vote_score.shape)
        return fit

    def posterior(self, fit, votes):
        found = MajorityVote().posterior(fit, votes)
        probability = found.probability
        if self.how == "knows the place":
            probability = probability ** (1 + np.arange(len(probability)))[:, None]
        if self.how == "knows the uncovered":
            probability[~votes.covered] = np.eye(votes.classes)[0]
        if self.how == "says all is covered":
            return replace(found, covered=np.ones(len(probability), bool))
        return Posterior(
            probability / probability.sum(axis=1, keepdims=True), found.covered, fit.id
        )


BREAKING = {
    "prefers a class": lambda m: laws.renaming_classes_only_renames(m, VOTES, OTHER),
    "prefers a source": lambda m: laws.permuting_sources_permutes_their_estimates(m, VOTES, OTHER),
    "learns nothing of gold": lambda m: laws.gold_is_believed(m, VOTES),
    "believes in silence": lambda m: laws.an_always_abstaining_source_changes_nothing(m, VOTES),
    "falls": lambda m: laws.the_objective_never_falls(m, VOTES),
    "counts units": lambda m: laws.equal_duplicates_are_a_unit_of_weight_two(m, VOTES),
    "is random": lambda m: laws.one_input_gives_one_output(m, VOTES),
    "knows the place": lambda m: laws.permuting_units_permutes_their_labels(m, VOTES, BACKWARDS),
    "knows the uncovered": lambda m: laws.uncovered_units_get_the_prior(m, VOTES),
    "says all is covered": lambda m: laws.rows_sum_to_one(m, VOTES),
}  # fmt: skip


@pytest.mark.parametrize("how", sorted(BREAKING))
def test_a_law_catches_who_breaks_it(how):
    BREAKING[how](Broken())
    with pytest.raises(AssertionError):
        BREAKING[how](Broken(how))


def test_bayes_rule_and_recovery_catch_who_breaks_them():
    fit = MajorityVote().fit(VOTES)
    laws.the_posterior_is_bayes_rule(Broken(), fit, VOTES)
    with pytest.raises(AssertionError):
        laws.the_posterior_is_bayes_rule(Broken("knows the place"), fit, VOTES)
    clear = VoteMatrix.from_dense([[0, 0], [1, 1], [0, 0], [1, 1]])
    laws.it_recovers_a_known_truth(MajorityVote(), clear, np.array([0, 1, 0, 1]), 1.0)
    with pytest.raises(AssertionError, match=r"0\.750 of the labels are right, not 1"):
        laws.it_recovers_a_known_truth(MajorityVote(), clear, np.array([0, 1, 0, 0]), 1.0)


def test_gold_is_one_of_the_kinds():
    assert is_gold(VoteMatrix.from_dense([[0, 1]], kinds=["gold", "rule"])).tolist() == [
        True,
        False,
    ]
