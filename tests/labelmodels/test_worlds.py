"""Simulated worlds are what their documentation says, and no label model is lost on them."""

import numpy as np
import pytest

from labelwright.labelmodels import MajorityVote, SourceKinds, fit_predict
from labelwright.testing.worlds import FAMILIES, world


@pytest.mark.parametrize("family", FAMILIES)
def test_one_seed_gives_one_world_and_others_give_others(family):
    one, again, other = world(family, 3), world(family, 3), world(family, 4)
    np.testing.assert_array_equal(one.truth, again.truth)
    np.testing.assert_array_equal(one.votes.label, again.votes.label)
    assert one.drawn != other.drawn
    assert len(one.truth) == one.votes.units == len(one.content)
    assert one.truth.max() < one.votes.classes


@pytest.mark.parametrize("family", FAMILIES)
def test_worlds_lie_within_their_ranges(family):
    drawn = [world(family, seed, most_units=2_000) for seed in range(12)]
    assert all(400 <= each.votes.units <= 2_000 for each in drawn)
    assert all(2 <= each.votes.classes <= 150 for each in drawn)
    assert len({each.votes.classes for each in drawn}) > 2
    assert len({each.votes.sources for each in drawn}) > 6
    if family.startswith("beside"):
        assert all("model" in each.votes.kinds for each in drawn)


def test_in_some_worlds_owners_state_accuracies_and_models_confidences():
    drawn = [world("beside_functions", seed, most_units=2_000) for seed in range(24)]
    stated = [np.isfinite(each.votes.accuracies).any() for each in drawn]
    assert 0 < sum(stated) < 24
    assert all(np.isfinite(each.votes.confidence).any() for each in drawn)


def test_content_tells_classes_apart():
    drawn = world("crowd", 5)
    centres = np.stack([drawn.content[drawn.truth == c].mean(axis=0)
                        for c in range(drawn.votes.classes)])  # fmt: skip
    nearest = ((drawn.content[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == drawn.truth).mean() > 1.5 / drawn.votes.classes


@pytest.mark.parametrize("family", FAMILIES)
def test_on_the_mean_of_some_worlds_the_default_is_no_worse_than_counting(family):
    gains = []
    for seed in range(300, 312):
        drawn = world(family, seed, most_units=2_000)
        right = [
            np.mean(fit_predict(model, drawn.votes).label[drawn.votes.covered]
                    == drawn.truth[drawn.votes.covered])
            for model in (SourceKinds(), MajorityVote())
        ]  # fmt: skip
        gains.append(right[0] - right[1])
    assert np.mean(gains) > 0
