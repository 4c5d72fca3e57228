"""Accuracies with intervals."""

import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind
from labelwright.labelmodels import SourceKinds
from labelwright.quality import estimates_worth, jeffreys, source_accuracy, source_report


def test_an_estimate_counts_as_so_many_verified_votes():
    found = source_accuracy([0.8, 0.8], right=[0, 30], judged=[0, 50], worth=[5, 5])
    np.testing.assert_allclose(found.value, [0.8, (4 + 30) / 55])
    assert found.high[1] - found.low[1] < found.high[0] - found.low[0]


def test_without_an_estimate_the_interval_is_jeffreys():
    found = source_accuracy([np.nan], right=[7], judged=[10], worth=[50])
    expected = jeffreys(7, 10)
    np.testing.assert_allclose([found.low[0], found.high[0]], [expected.low, expected.high])


def test_nothing_known_is_anything_between_0_and_1():
    found = source_accuracy([np.nan], right=[0], judged=[0], worth=[3])
    assert np.isnan(found.value[0])
    assert (found.low[0], found.high[0]) == (0, 1)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    # Sources whose accuracies scatter around the estimate as its worth says.
    rng = np.random.default_rng(0)
    true = rng.beta(2.4, 0.6, 4_000)
    judged = rng.integers(0, 30, 4_000)
    right = rng.binomial(judged, true)
    found = source_accuracy(np.full(4_000, 0.8), right, judged, np.full(4_000, 3.0))
    inside = (found.low <= true) & (true <= found.high)
    assert inside.mean() == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("kind", ["function", "person"])
@pytest.mark.parametrize("verified", [0, 100])
def test_intervals_of_simulated_sources_hold_their_accuracies(kind, verified):
    inside = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 2, 600)
        accuracy = rng.uniform(0.6, 0.9, 8)
        right = rng.random((600, 8)) < accuracy
        dense = np.where(
            rng.random((600, 8)) < 0.4, np.where(right, truth[:, None], 1 - truth[:, None]), -1
        )
        unit, source = np.nonzero(dense >= 0)
        votes = VoteMatrix.build(
            unit, source, dense[unit, source], units=600, classes=2, kinds=[kind] * 8
        )
        gold = np.where(np.arange(600) < verified, truth, -1)
        found = source_report(votes, fit=SourceKinds().fit(votes), gold=gold)
        inside += ((found.low <= accuracy) & (accuracy <= found.high)).tolist()
    assert np.mean(inside) >= 0.88


def test_of_people_an_estimate_is_worth_their_unverified_votes_but_not_without_others():
    kinds = [SourceKind.PERSON, SourceKind.PERSON, SourceKind.RULE]
    assert estimates_worth(kinds, [10, 400, 400], identified=True).tolist() == [10, 50, 3]
    assert estimates_worth(kinds, [10, 400, 400], identified=False).tolist() == [3, 3, 3]


@pytest.mark.parametrize(
    ("right", "judged", "worth"), [([5], [4], [3]), ([0], [0], [0]), ([0, 0], [0], [3])]
)
def test_counts_that_do_not_fit_are_refused(right, judged, worth):
    with pytest.raises(DataError):
        source_accuracy([0.8], right, judged, worth)


def test_gold_is_known_and_not_estimated():
    votes = VoteMatrix.build(
        [0, 0, 1], [0, 1, 1], [0, 0, 1], units=2, classes=2, kinds=["gold", "rule"]
    )
    found = source_report(votes, fit=SourceKinds().fit(votes), gold=[0, -1])
    assert found.low[0] == found.accuracy[0] == found.high[0] == 0.999


def test_confusions_are_counted_where_gold_knows_and_expected_elsewhere():
    dense = np.array([[0, 0], [0, 1], [1, 1], [-1, 1]])
    votes = VoteMatrix.from_dense(dense)
    model = SourceKinds()
    posterior = model.posterior(model.fit(votes), votes)
    found = source_report(votes, posterior=posterior, gold=[0, 1, -1, -1])
    assert found.verified[0].tolist() == [[1, 0], [1, 0]]
    np.testing.assert_allclose(found.believed[0], [[0, posterior.probability[2, 0]],
                                                   [0, posterior.probability[2, 1]]])  # fmt: skip
    np.testing.assert_allclose(found.confusion().sum(axis=2), 1)
    assert np.isnan(source_report(votes).confusion()).all()


def test_a_class_that_nobody_votes_for_is_named():
    votes = VoteMatrix.from_dense([[0, 0, 1], [0, 1, 1]], classes=3)
    found = source_report(votes, classes=["a", "b", "c"])
    assert found.never == ("c",)
    assert (
        "no source ever votes for 'c': of votes alone no label will ever be that"
        in found.warnings()
    )


def test_too_few_sources_are_told_with_what_is_assumed():
    votes = VoteMatrix.from_dense([[0, 0], [0, 1]])
    told = source_report(votes, assumed=0.8).warnings()[0]
    assert told.startswith("there are 2 independent sources")
    assert "(80% is assumed)" in told
    assert "assumed" not in source_report(votes).warnings()[0]


def test_a_source_that_is_only_estimated_to_be_bad_may_be_bad():
    # The others err each in their own way, or they would be copies.
    right = np.random.default_rng(0).random((400, 4)) < [0.1, 0.85, 0.85, 0.85]
    truth = np.arange(400)[:, None] % 2
    votes = VoteMatrix.from_dense(np.where(right, truth, 1 - truth))
    found = source_report(votes, fit=SourceKinds().fit(votes))
    assert any("'0' may be worse than chance" in told for told in found.warnings())


def test_class_names_must_match():
    with pytest.raises(DataError, match="2 classes need as many names"):
        source_report(VoteMatrix.from_dense([[0, 1]]), classes=["a"])


def test_the_report_is_a_frame_with_a_row_a_source():
    frame = source_report(VoteMatrix.from_dense([[0, 0], [0, 1]]), names=["a", "b"]).to_frame()
    assert frame["name"].to_list() == ["a", "b"]
    assert {"accuracy", "low", "high"} <= set(frame.columns)
