"""Votes from which little or nothing can be learnt give a sensible result."""

import numpy as np
import pytest

from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MODELS, fit_predict
from labelwright.testing import labelmodels as laws

EVERY = pytest.mark.parametrize("model", [MODELS[name]() for name in sorted(MODELS)], ids=repr)


@EVERY
def test_no_units_give_no_labels(model):
    posterior = fit_predict(model, np.empty((0, 3), int))
    assert posterior.probability.shape == (0, 2)


@EVERY
def test_no_sources_give_the_prior(model):
    posterior = fit_predict(model, np.empty((3, 0), int))
    np.testing.assert_allclose(posterior.probability, 0.5)
    assert not posterior.covered.any()


@EVERY
def test_all_abstaining_gives_the_prior(model):
    posterior = fit_predict(model, [[-1, -1], [-1, -1]])
    np.testing.assert_allclose(posterior.probability, 0.5)


@EVERY
def test_a_single_source_is_believed(model):
    posterior = fit_predict(model, [[0], [1], [1], [0], [-1]])
    np.testing.assert_array_equal(posterior.label[:4], [0, 1, 1, 0])
    assert np.all(posterior.confidence[:4] < 1)


@EVERY
def test_one_class_only_is_that_class(model):
    posterior = fit_predict(model, [[1, 1, -1], [1, -1, 1], [1, 1, 1]] * 3)
    np.testing.assert_array_equal(posterior.label, 1)


@EVERY
def test_identical_sources_are_followed(model):
    rng = np.random.default_rng(0)
    column = rng.integers(0, 3, 200)
    posterior = fit_predict(model, np.column_stack([column] * 4))
    np.testing.assert_array_equal(posterior.label, column)


@EVERY
def test_sources_that_never_meet_are_followed(model):
    dense = np.full((60, 3), -1)
    for unit in range(60):
        dense[unit, unit % 3] = (unit // 3) % 2
    posterior = fit_predict(model, dense)
    np.testing.assert_array_equal(posterior.label, dense.max(axis=1))


@EVERY
def test_a_million_units_without_votes_cost_little(model):
    votes = VoteMatrix.build([0, 1], [0, 0], [1, 0], units=1_000_000, classes=2, kinds=["person"])
    posterior = model.posterior(model.fit(votes), votes)
    assert posterior.covered.sum() == 2


@EVERY
def test_it_recovers_the_truth_of_many_fair_sources(model):
    rng = np.random.default_rng(1)
    confusion = np.repeat([0.7 * np.eye(4) + 0.075], 12, axis=0)
    votes, truth = laws.simulated_votes(confusion, np.full(4, 0.25), 1500, rng, coverage=0.7)
    laws.it_recovers_a_known_truth(model, votes, truth, 0.95)


@EVERY
def test_a_fit_of_other_sources_is_refused(model):
    fit = model.fit(VoteMatrix.from_dense([[0, 1]]))
    with pytest.raises(VotesError, match="sources"):
        model.posterior(fit, VoteMatrix.from_dense([[0, 1, 0]]))
