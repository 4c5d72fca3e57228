"""The source report."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.quality import dependence, jeffreys, source_report


def rules(items=3_000, accuracies=(0.8, 0.7, 0.75, 0.85), coverage=0.5, seed=0, classes=2):
    """Independent sources of these accuracies, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, items)
    columns = []
    for accuracy in accuracies:
        wrong = (truth + rng.integers(1, classes, items)) % classes
        vote = np.where(rng.random(items) < accuracy, truth, wrong)
        columns.append(np.where(rng.random(items) < coverage, vote, -1))
    return np.stack(columns, axis=1), truth


def fit_of(accuracy, classes=2):
    sources = len(accuracy)
    return LabelModelFit(
        model="test",
        class_prior=np.full(classes, 1 / classes),
        confusion=np.full((sources, classes, classes), 1 / classes),
        accuracy=np.asarray(accuracy, float),
        class_score=np.zeros(classes),
        vote_score=np.zeros((sources, classes, classes)),
        abstain_score=np.zeros((sources, classes)),
    )


def test_coverage_overlap_and_conflict_are_shares_of_all_units():
    # The example of Snorkel's LFAnalysis: coverage, overlaps and conflicts by its definitions.
    dense = [
        [-1, -1, 0, -1, -1, 0], [-1, -1, -1, 0, -1, -1], [0, 2, -1, 1, 0, 1], [0, -1, 0, -1, 0, 0],
        [0, 0, 0, 0, 0, -1], [0, 1, 0, 1, 0, -1],
    ]  # fmt: skip
    found = source_report(VoteMatrix.from_dense(dense))
    np.testing.assert_allclose(found.coverage * 6, [4, 3, 4, 4, 4, 3])
    np.testing.assert_allclose(found.overlap * 6, [4, 3, 4, 3, 4, 3])
    np.testing.assert_allclose(found.conflict * 6, [2, 2, 1, 2, 2, 1])
    np.testing.assert_allclose(found.share[1], [1 / 3, 1 / 3, 1 / 3])
    assert found.abstentions.tolist() == [2, 3, 2, 2, 2, 3]


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 20))
def test_overlap_and_conflict_are_what_counting_gives(seed, sources, units):
    dense = np.random.default_rng(seed).integers(-1, 3, (units, sources))
    found = source_report(VoteMatrix.from_dense(dense, classes=3))
    for j in range(sources):
        rows = [row for row in dense if row[j] >= 0]
        others = [[v for k, v in enumerate(row) if k != j and v >= 0] for row in rows]
        differ = [any(v != row[j] for v in o) for row, o in zip(rows, others, strict=True)]
        assert found.votes[j] == len(rows)
        assert found.overlap[j] * units == pytest.approx(sum(map(bool, others)))
        assert found.conflict[j] * units == pytest.approx(sum(differ))


def test_an_accuracy_against_gold_comes_with_its_number_and_interval():
    dense, truth = rules(200)
    gold = np.where(np.arange(200) < 50, truth, -1)
    found = source_report(VoteMatrix.from_dense(dense), gold=gold)
    voted = dense[:50, 0] >= 0
    right = (dense[:50, 0] == truth[:50]) & voted
    assert found.judged[0] == voted.sum()
    assert found.empirical[0] == right.sum() / voted.sum()
    # Without an estimate the interval is Jeffreys'.
    expected = jeffreys(right.sum(), voted.sum())
    assert found.low[0] == pytest.approx(expected.low)
    assert found.high[0] == pytest.approx(expected.high)


def test_the_estimated_accuracy_is_the_fits_else_the_posteriors():
    dense, truth = rules(100)
    matrix = VoteMatrix.from_dense(dense)
    sure = Posterior(np.eye(2)[truth], matrix.covered)
    assert np.isnan(source_report(matrix).estimated).all()
    by_posterior = source_report(matrix, posterior=sure).estimated
    np.testing.assert_allclose(by_posterior, source_report(matrix, gold=truth).empirical)
    fitted = source_report(matrix, posterior=sure, fit=fit_of([0.6, 0.7, 0.8, 0.9]))
    assert fitted.estimated.tolist() == [0.6, 0.7, 0.8, 0.9]


def test_a_source_worse_than_chance_is_flagged_by_gold_before_the_estimate():
    dense, truth = rules(accuracies=(0.8, 0.3, 0.8))
    matrix = VoteMatrix.from_dense(dense)
    by_estimate = source_report(matrix, fit=fit_of([0.3, 0.8, 0.8]))
    assert by_estimate.worse_than_chance.tolist() == [True, False, False]
    by_gold = source_report(matrix, fit=fit_of([0.3, 0.8, 0.8]), gold=truth)
    assert by_gold.worse_than_chance.tolist() == [False, True, False]
    (told,) = by_gold.warnings()
    assert told == (
        "'1' is worse than chance (right on 30% of its votes, 95% interval 28%-33%; blind guesses "
        "would be on 50%): look at its votes, or turn them round"
    )


def test_chance_knows_that_a_rule_for_a_rare_class_is_right_more_seldom():
    truth = np.repeat([0, 1], [900, 100])
    rare = np.where(np.random.default_rng(0).random(1_000) < 0.3, 1, -1)
    found = source_report(VoteMatrix.from_dense(rare[:, None]), gold=truth)
    assert found.chance[0] == pytest.approx(0.1, abs=0.01)
    assert not found.worse_than_chance[0]


def test_a_copy_is_found_and_counts_as_one_with_its_original():
    dense, truth = rules()
    part = np.where(np.random.default_rng(1).random(3_000) < 0.7, dense[:, 0], -1)
    matrix = VoteMatrix.from_dense(np.column_stack([dense, part]))
    for gold in (None, truth):
        found = source_report(matrix, gold=gold)
        assert found.copies.tolist() == [-1, -1, -1, -1, 0]
        assert found.independent == 4
        assert "'4' votes like '0': they agree on 100% of 1,083 common items" in found.warnings()
        assert not any("votes like" in warning for warning in found.warnings(copies=False))
        closest = found.pairs.alike[found.pairs.suspected]
        np.testing.assert_allclose(closest, 1, atol=0.1)


@pytest.mark.parametrize("kind", ["rule", "person"])
def test_independent_sources_are_not_suspected(kind):
    for seed in range(5):
        dense, truth = rules(seed=seed, accuracies=[0.75] * 8, classes=3)
        matrix = VoteMatrix.from_dense(dense, kinds=[kind] * 8)
        pairs = source_report(matrix, gold=truth).pairs
        assert len(pairs.first) == 28
        assert not pairs.suspected.any()
        assert abs(pairs.z.mean()) < 0.6
        assert 0.6 < pairs.z.std() < 1.4


def people(dense, everyone=()):
    """The votes of people, who were asked only where they voted; some were asked everywhere."""
    unit, source = np.nonzero(dense >= 0)
    return VoteMatrix.build(
        unit,
        source,
        dense[unit, source],
        units=len(dense),
        classes=2,
        kinds=["person"] * dense.shape[1],
        complete=np.isin(np.arange(dense.shape[1]), everyone),
    )


def test_a_person_who_copies_is_found_though_nobody_saw_all_units():
    dense, truth = rules(accuracies=(0.7, 0.7, 0.7, 0.7, 0.7))
    shared = np.random.default_rng(2).random(3_000) < 0.3
    dense[:, 4] = np.where(shared & (dense[:, 0] >= 0), dense[:, 0], dense[:, 4])
    for everyone in ((), (1,)):
        pairs = dependence(people(dense, everyone), truth)
        closest = np.nanargmax(pairs.alike)
        assert {pairs.first[closest], pairs.second[closest]} == {0, 4}
        assert pairs.z[closest] > 4
        assert np.sort(np.abs(pairs.z))[-2] < 4


def test_kappa_is_that_of_two_sources_who_vote_on_everything():
    from sklearn.metrics import cohen_kappa_score

    dense, truth = rules(coverage=2.0)
    pairs = dependence(VoteMatrix.from_dense(dense), truth)
    for one, two, kappa in zip(pairs.first, pairs.second, pairs.kappa, strict=True):
        assert kappa == pytest.approx(cohen_kappa_score(dense[:, one], dense[:, two]))


def test_two_rules_for_one_class_never_contradict_yet_can_be_independent():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 4_000)
    fires = [(truth == 1) & (rng.random(4_000) < 0.4) for _ in range(3)]
    dense = np.where(np.stack([*fires, fires[0]], axis=1), 1, -1)
    pairs = dependence(VoteMatrix.from_dense(dense), truth)
    assert np.isnan(pairs.kappa).all()
    assert [(a, b) for a, b in zip(pairs.first[pairs.suspected], pairs.second[pairs.suspected],
                                   strict=True)] == [(0, 3)]  # fmt: skip


def test_only_the_busiest_sources_are_compared():
    dense, truth = rules()
    dense[:2_000, 1] = -1
    pairs = dependence(VoteMatrix.from_dense(dense), truth, most=3)
    assert set(pairs.first) | set(pairs.second) == {0, 2, 3}


def test_units_of_unknown_class_count_as_shared_but_not_as_evidence():
    dense, _ = rules()
    unknown = np.full(3_000, -1)
    pairs = dependence(VoteMatrix.from_dense(dense), unknown)
    assert np.all(pairs.both > 0)
    assert np.isnan(pairs.z).all()
    assert not pairs.suspected.any()


def test_fewer_than_three_independent_sources_are_warned_about():
    dense, _ = rules(accuracies=(0.8, 0.8))
    text = source_report(VoteMatrix.from_dense(dense)).warnings()
    assert text[0].startswith("there are 2 independent sources")


def test_silent_and_failing_sources_are_reported():
    dense, truth = rules()
    dense[:, 2] = -1
    found = source_report(
        VoteMatrix.from_dense(dense),
        names=["a", "b", "ç", "d"],
        gold=truth,
        failures=[0, 7, 3_000, 0],
    )
    assert found.abstentions[2] == 0
    assert found.warnings() == [
        "'b' failed on 7 items",
        "'ç' never votes",
        "'ç' failed on 3000 items",
    ]
    assert np.isnan(found.empirical[2])


def test_people_abstain_only_where_they_were_asked():
    votes = VoteMatrix.build(
        [0, 1, 2], [0, 0, 0], [0, -1, 1], units=10, classes=2, kinds=["person"]
    )
    assert source_report(votes).abstentions.tolist() == [1]


def test_rows_are_plain_values_ready_for_json():
    dense, _ = rules(300)
    matrix = VoteMatrix.from_dense(np.column_stack([dense, dense[:, 0]]))
    rows = source_report(matrix, names=list("abcde")).rows()
    assert [row["name"] for row in rows] == list("abcde")
    assert rows[0]["copies"] == "e"
    assert rows[0]["empirical"] is None
    assert rows[1]["copies"] is None
    assert rows[0]["classes"] == [0, 1]
    json.dumps(rows, allow_nan=False)


@pytest.mark.parametrize(
    "dense", [np.zeros((0, 3), int), np.full((4, 3), -1), np.zeros((5, 0), int)]
)
def test_without_votes_the_report_is_empty_but_there(dense):
    found = source_report(VoteMatrix.from_dense(dense))
    assert found.votes.tolist() == [0] * dense.shape[1]
    assert found.independent == 0
    assert len(found.pairs.first) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": ["a"]},
        {"failures": [1]},
        {"fit": fit_of([0.5])},
        {"posterior": Posterior(np.full((2, 2), 0.5), np.ones(2, bool))},
        {"gold": [0, 1]},
        {"gold": np.full(3_000, 2)},
    ],
)
def test_what_belongs_to_other_votes_is_refused(wrong):
    with pytest.raises(DataError):
        source_report(VoteMatrix.from_dense(rules()[0]), **wrong)


def test_the_majority_decides_where_nothing_better_is_known_and_permuting_changes_nothing():
    dense, _ = rules(classes=3)
    there = source_report(VoteMatrix.from_dense(dense, classes=3))
    order = np.random.default_rng(0).permutation(3_000)
    back = source_report(VoteMatrix.from_dense(dense[order][:, ::-1], classes=3))
    np.testing.assert_allclose(there.coverage, back.coverage[::-1])
    assert there.pairs.z.sum() == pytest.approx(back.pairs.z.sum())


def test_blind_guesses_are_right_as_often_as_the_class_is_among_all_units():
    """A rule for a class of one percent that is right on a quarter of its hits is a good rule."""
    rng = np.random.default_rng(0)
    dense = np.full((4_000, 2), -1)
    truth = (np.arange(4_000) < 40).astype(int)
    hits = np.r_[np.arange(20), rng.choice(np.arange(40, 4_000), 60, replace=False)]
    dense[hits, 0] = 1
    dense[np.arange(30), 1] = 1
    votes = VoteMatrix.from_dense(dense, classes=2, kinds=["function"] * 2)
    fit = fit_of([0.25, 0.9])
    known = np.full(4_000, -1)
    known[hits[:60]] = truth[hits[:60]]
    told = source_report(votes, fit=fit, gold=known, balance=np.array([0.99, 0.01]))
    assert told.chance[0] == pytest.approx(0.01)
    assert not told.worse_than_chance[0]
    blind = source_report(votes, fit=fit, gold=known)
    assert blind.worse_than_chance[0]
