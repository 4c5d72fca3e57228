"""What changes when the items are resampled."""

import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MODELS, MajorityVote, SourceKinds
from labelwright.quality import some_units, stability


def votes_of(units=300, sources=6, share=0.6, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, units)
    right = rng.random((units, sources)) < rng.uniform(0.6, 0.9, sources)
    dense = np.where(right, truth[:, None], 1 - truth[:, None])
    return VoteMatrix.from_dense(np.where(rng.random(dense.shape) < share, dense, -1))


def test_majority_vote_does_not_depend_on_the_other_items():
    found = stability(MajorityVote(), votes_of(), np.random.default_rng(0))
    assert found.share_changed == 0
    assert found.share_unsettled == 0
    assert (found.same == 1).all()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_method_can_be_resampled(name):
    votes = votes_of(units=120)
    found = stability(MODELS[name](), votes, np.random.default_rng(0), resamples=2)
    assert found.accuracy.shape == (2, votes.sources)
    assert ((found.changed >= 0) & (found.changed <= 1)).all()


def test_fewer_items_make_accuracies_less_stable():
    few = stability(SourceKinds(), votes_of(60), np.random.default_rng(0)).accuracy_spread
    many = stability(SourceKinds(), votes_of(6_000), np.random.default_rng(0)).accuracy_spread
    assert many.mean() < few.mean() / 3


def test_an_unsettled_label_is_one_that_some_resample_changes():
    found = stability(SourceKinds(), votes_of(80, sources=4), np.random.default_rng(1))
    assert found.share_unsettled == (found.same[found.covered] < 1).mean()
    assert found.share_changed <= found.share_unsettled


def test_the_same_seed_gives_the_same_figures():
    one, two = (stability(SourceKinds(), votes_of(80), np.random.default_rng(7)) for _ in "ab")
    np.testing.assert_array_equal(one.accuracy, two.accuracy)


def test_the_cost_is_bounded_by_a_sample():
    found = stability(SourceKinds(), votes_of(500), np.random.default_rng(0), resamples=2, units=90)
    assert len(found.units) == len(found.same) == 90
    assert (np.diff(found.units) > 0).all()


def test_nobody_voted():
    nobody = VoteMatrix.from_dense(np.full((5, 2), -1))
    found = stability(SourceKinds(), nobody, np.random.default_rng(0), resamples=2)
    assert found.share_changed == found.share_unsettled == 0


def test_one_resample_says_nothing():
    with pytest.raises(DataError, match="at least 2"):
        stability(SourceKinds(), votes_of(), np.random.default_rng(0), resamples=1)


def test_a_sample_of_units_keeps_their_votes_weights_and_confidences():
    votes = VoteMatrix.build(
        [0, 0, 1, 2, 3], [0, 1, 0, 1, 1], [0, 1, 1, 0, 1], units=5, classes=2,
        kinds=["person"] * 2, weight=[1, 2, 3, 4, 5], confidence=[0.1, 0.2, 0.3, 0.4, 0.5],
    )  # fmt: skip
    part, chosen = some_units(votes, 3, np.random.default_rng(0))
    assert part.units == 3
    np.testing.assert_array_equal(part.weight, votes.weight[chosen])
    np.testing.assert_array_equal(part.to_dense(), votes.to_dense()[chosen])
    for unit, source, confidence in zip(part.unit, part.source, part.confidence, strict=True):
        row = (votes.unit == chosen[unit]) & (votes.source == source)
        assert votes.confidence[row] == confidence
