"""One pass: the posterior is Bayes' rule, whatever the shards."""

import numpy as np
import pytest
from hypothesis import given, settings

from labelmodels.drawing import vote_matrices
from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import DawidSkene, MajorityVote
from labelwright.labelmodels.evidence import scoring
from labelwright.labelmodels.priors.coins import coin_fit
from labelwright.testing import labelmodels as laws


@settings(max_examples=40, deadline=None)
@given(votes=vote_matrices())
def test_the_posterior_is_bayes_rule_enumerated(votes):
    model = DawidSkene(steps=2)
    laws.the_posterior_is_bayes_rule(model, model.fit(votes), votes)


@settings(max_examples=20, deadline=None)
@given(votes=vote_matrices())
def test_the_tally_is_the_posterior_summed_by_act(votes):
    model = DawidSkene(steps=1)
    fit = model.fit(votes)
    probability = model.posterior(fit, votes).probability * votes.weights()[:, None]
    tally = scoring.expect(fit, votes)
    dense = votes.to_dense()
    asked = np.zeros(dense.shape, bool)
    asked[votes.unit, votes.source] = True
    for source in range(votes.sources):
        for label in range(votes.classes):
            expected = probability[dense[:, source] == label].sum(axis=0)
            np.testing.assert_allclose(tally.voted[source, label], expected, atol=1e-9)
        silent = (dense[:, source] < 0) & votes.covered
        silent &= votes.complete[source] | asked[:, source]
        expected = probability[silent].sum(axis=0)
        np.testing.assert_allclose(tally.silent[source], expected, atol=1e-9)
    np.testing.assert_allclose(tally.classes, probability[votes.covered].sum(axis=0))


@settings(max_examples=20, deadline=None)
@given(votes=vote_matrices())
def test_the_log_likelihood_is_that_of_the_votes_on_covered_units(votes):
    uniform = np.full(votes.classes, 1 / votes.classes)
    accuracy = np.full(votes.sources, 0.8)
    fit = coin_fit("any", votes, accuracy, uniform, np.log(uniform))
    wrong = 0.2 / (votes.classes - 1)
    expected = 0.0
    for unit in np.flatnonzero(votes.covered):
        labels = votes.label[votes.start[unit] : votes.start[unit + 1]]
        labels = labels[labels >= 0]
        joint = [
            np.prod(np.where(labels == cls, 0.8, wrong)) / votes.classes
            for cls in range(votes.classes)
        ]
        expected += votes.weights()[unit] * np.log(sum(joint))
    assert scoring.expect(fit, votes).log_likelihood == pytest.approx(expected)


@pytest.mark.parametrize(("numbers", "shards"), [(7, 2), (500, 6)])
def test_the_size_of_the_shards_changes_nothing(monkeypatch, numbers, shards):
    rng = np.random.default_rng(0)
    confusion = rng.dirichlet(np.ones(3), size=(5, 3)) * 0.5 + 0.5 * np.eye(3)
    votes, _ = laws.simulated_votes(confusion, [0.2, 0.3, 0.5], 500, rng, coverage=0.5)
    whole = DawidSkene().fit(votes)
    monkeypatch.setattr(scoring, "SHARD_NUMBERS", numbers)
    assert len(list(scoring.act_matrices(votes))) == shards
    parts = DawidSkene().fit(votes)
    np.testing.assert_allclose(parts.confusion, whole.confusion, atol=1e-9)
    np.testing.assert_allclose(
        DawidSkene().posterior(parts, votes).probability,
        DawidSkene().posterior(whole, votes).probability,
        atol=1e-9,
    )


def test_a_thousand_agreeing_votes_do_not_overflow():
    votes = VoteMatrix.from_dense(np.zeros((2, 5000), int), classes=3)
    model = MajorityVote()
    probability = model.posterior(model.fit(votes), votes).probability
    np.testing.assert_allclose(probability, [[1, 0, 0]] * 2, atol=1e-12)


def test_a_fit_of_other_sources_is_refused():
    model = MajorityVote()
    fit = model.fit(VoteMatrix.from_dense([[0, 1]]))
    with pytest.raises(VotesError, match="knows 2 sources and 2 classes, but the votes have 3 and"):
        model.posterior(fit, VoteMatrix.from_dense([[0, 1, 1]]))


def test_gold_sources_that_contradict_each_other_are_weighed():
    votes = VoteMatrix.from_dense(
        [[0, 1, 1, 0], [0, 0, 1, 1]], kinds=["gold", "gold", "person", "person"]
    )
    model = MajorityVote()
    probability = model.posterior(model.fit(votes), votes).probability
    np.testing.assert_allclose(probability[0], 0.5)
    assert probability[1, 0] > 0.99999
