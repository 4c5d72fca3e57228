"""On many units the first steps see a sample; the result is nearly the same."""

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import DawidSkene, climbing
from labelwright.labelmodels.evidence import sampling
from labelwright.testing import labelmodels as laws


def many_votes(units=6000):
    rng = np.random.default_rng(0)
    confusion = 0.5 * rng.dirichlet(np.ones(3), size=(8, 3)) + 0.5 * np.eye(3)
    return laws.simulated_votes(confusion, [0.2, 0.3, 0.5], units, rng, coverage=0.5)


def test_a_sample_holds_its_units_votes_and_weights(monkeypatch):
    votes, _ = many_votes()
    weighted = VoteMatrix.build(
        votes.unit, votes.source, votes.label, units=votes.units, classes=3, kinds=votes.kinds,
        weight=np.arange(votes.units) + 1.0,
    )  # fmt: skip
    monkeypatch.setattr(sampling, "SAMPLE_UNITS", 1000)
    monkeypatch.setattr(sampling, "BLOCK_UNITS", 10)
    sample = sampling.thinned(weighted)
    assert 900 <= sample.units <= 1100
    unit = (sample.weight - 1).astype(int)
    np.testing.assert_array_equal(sample.to_dense(), votes.to_dense()[unit])
    assert len(np.unique(unit)) == sample.units


def test_few_units_are_all_taken():
    votes, _ = many_votes(50)
    assert sampling.thinned(votes) is votes


def test_climbing_on_a_sample_first_ends_near(monkeypatch):
    votes, truth = many_votes()
    model = DawidSkene()
    whole = model.fit(votes)
    monkeypatch.setattr(sampling, "SAMPLE_UNITS", 1500)
    monkeypatch.setattr(sampling, "BLOCK_UNITS", 10)
    quick = model.fit(votes)
    assert len(quick.history) == climbing.FULL_STEPS < len(whole.history)
    np.testing.assert_allclose(quick.confusion, whole.confusion, atol=0.04)
    right = (model.posterior(whole, votes).label == truth)[votes.covered].mean()
    laws.it_recovers_a_known_truth(model, votes, truth, right - 0.005)


def test_covered_units_are_fitted_alone_where_they_are_few():
    votes, _ = many_votes(200)
    dense = np.full((1000, votes.sources), -1)
    dense[::5] = votes.to_dense()
    sparse = VoteMatrix.from_dense(dense, classes=3, kinds=votes.kinds)
    weighted = VoteMatrix.build(
        sparse.unit, sparse.source, sparse.label, units=1000, classes=3, kinds=votes.kinds,
        complete=sparse.complete, weight=np.ones(1000),
    )  # fmt: skip
    part = climbing.covered_part(weighted)
    assert part.units == votes.covered.sum() == part.weight.sum()
    fits = [DawidSkene().fit(v) for v in (votes, sparse, weighted)]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.confusion, fits[0].confusion)
