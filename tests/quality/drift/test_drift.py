"""Drift: what moved is found, what did not is left alone, and how sure that is."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from labelwright.core.errors import DataError
from labelwright.quality import (
    Shift,
    categories_shift,
    judged,
    mean_shift,
    numbers_shift,
    psi,
    share_shift,
    space_shift,
    words_shift,
)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_numbers_are_compared_as_kolmogorov_and_smirnov_did():
    before, after = rng(1).normal(size=300), rng(2).normal(0.3, size=200)
    shift = numbers_shift("age", [*before, np.nan], after)
    peer = stats.ks_2samp(before, after, method="asymp")
    assert shift.effect == pytest.approx(peer.statistic)
    assert shift.p == pytest.approx(peer.pvalue, rel=0.3)
    assert (shift.before, shift.after) == (300, 200)
    assert shift.told.startswith("age: median ")


def test_categories_are_compared_as_pearson_did():
    before = pa.array(["a"] * 60 + ["b"] * 40 + [None])
    after = pa.array(["a"] * 30 + ["b"] * 70)
    shift = categories_shift("kind", before, after)
    peer = stats.chi2_contingency([[60, 40], [30, 70]], correction=False)
    assert shift.p == pytest.approx(peer.pvalue)
    assert shift.effect == pytest.approx(0.3)
    assert shift.told == "kind: 'b' 40.0% before, 70.0% now, 'a' 60.0% before, 30.0% now"


def test_rare_values_are_counted_together_so_that_they_raise_no_alarm():
    before = pa.array([f"v{n}" for n in range(200)])
    after = pa.array([f"w{n}" for n in range(200)])
    assert categories_shift("", before, after, "labels").p == 1.0
    few = pa.array(["a"] * 100 + ["rare"])
    assert categories_shift("x", few, pa.array(["a"] * 100)).p > 0.2


def test_shares_are_compared_as_fisher_did():
    shift = share_shift("hit rate", "rule", (8, 20), (1, 25))
    assert shift.p == pytest.approx(stats.fisher_exact([[8, 12], [1, 24]]).pvalue)
    assert shift.told == "rule: 40.0% before, 4.0% now"
    assert share_shift("x", "", (0, 5), (0, 7)).p == 1.0
    with pytest.raises(DataError):
        share_shift("x", "", (1, 0), (0, 1))
    with pytest.raises(DataError):
        share_shift("x", "", (2, 1), (0, 1))


def test_means_are_compared_as_welch_did():
    before, after = rng(1).random(50), rng(2).random(70) ** 2
    peer = stats.ttest_ind(before, after, equal_var=False)
    assert mean_shift("accuracy", "rule", before, after).p == pytest.approx(peer.pvalue)
    assert mean_shift("accuracy", "rule", [1, 1], [1, 1]).p == 1.0
    assert mean_shift("accuracy", "rule", [1, 1], [0, 0]).p == 0.0
    with pytest.raises(DataError):
        mean_shift("accuracy", "rule", [1], [0, 0])


def test_sides_without_values_are_refused():
    with pytest.raises(DataError):
        numbers_shift("x", [np.nan], [1.0])
    with pytest.raises(DataError):
        categories_shift("x", pa.array([], pa.string()), pa.array(["a"]))


def test_the_stability_index_is_zero_for_equal_shares_and_grows():
    assert psi([10, 10], [10, 10]) == 0
    assert psi([100, 100], [150, 50]) > psi([100, 100], [110, 90]) > 0


def shift(p, effect, aspect="values"):
    return Shift(aspect, "x", 100, 100, effect, p, "")


def test_a_verdict_needs_a_rare_difference_that_matters():
    found = judged(
        [shift(0.9, 0.5), shift(1e-9, 0.01), shift(1e-6, 0.2), shift(1e-5, 0.0, "space")],
        alpha=0.01,
        least=0.05,
    )
    assert [each.drifted for each in found] == [True, True, False, False]
    assert [each.aspect for each in found[:2]] == ["values", "space"]
    # Each of three columns has a sixth of the rate; the surest of them has left its own already.
    assert found[0].p_adjusted == pytest.approx(1e-6 * 6 * 5 / 6)
    assert judged([], alpha=0.01, least=0) == []


BEFORE = ["hello there friend", "see you tomorrow friend", "hello again", "lunch tomorrow"] * 30
AFTER = ["refund my order friend", "where is the refund", "hello refund", "order tomorrow"] * 30


def test_words_that_come_and_go_are_named():
    found = words_shift("text", BEFORE, AFTER, rng(), permutations=1000)
    assert found.p == pytest.approx(1 / 1001)
    assert "'refund' 0.0% -> 75.0%" in found.told
    assert found.effect == 0.75


def test_the_same_kind_of_texts_has_no_drift_of_words():
    found = words_shift("text", BEFORE, BEFORE[::-1], rng(), permutations=1000)
    assert found.p > 0.5


def test_texts_without_a_common_word_show_nothing():
    assert words_shift("text", ["a", "b"], ["c"], rng(), permutations=100).p == 1.0


def test_items_that_lie_elsewhere_are_found_and_named():
    before = rng(1).normal(size=(200, 5)).astype(np.float32)
    after = rng(2).normal(size=(100, 5)).astype(np.float32)
    after[:30] += 3
    found = space_shift(before, after, rng(3), permutations=2000)
    assert found.shift.p < 0.001
    assert set(found.unlike[:20].tolist()) <= set(range(30))
    assert 20 <= len(found.unlike) < 50
    assert 0 < found.shift.effect < 1


def test_items_of_one_place_do_not_drift():
    same = np.ones((30, 3), np.float32)
    found = space_shift(same, same[:10], rng(), permutations=200)
    assert found.shift.p > 0.05
    assert len(found.unlike) == 0


def test_the_test_of_the_space_keeps_its_level():
    alarms = 0
    for seed in range(60):
        points = rng(seed).normal(size=(80, 4)).astype(np.float32)
        p = space_shift(points[:50], points[50:], rng(seed), permutations=99).shift.p
        alarms += p <= 0.1
    assert alarms <= 14  # 6 expected; more than 14 has a chance of 1 in 1,000


def test_a_hundred_sources_do_not_hide_that_the_items_lie_elsewhere():
    sources = [shift(0.5, 0.0, "hit rate")] * 100
    (first, *_) = judged([*sources, shift(0.003, 0.3, "space")], alpha=0.01, least=0.05)
    assert (first.aspect, first.drifted) == ("space", True)


def test_of_many_aspects_without_drift_one_in_a_hundred_reports_alarms():
    draws, alarms = rng(5), 0
    for _ in range(600):
        found = [shift(float(draws.random()), 0.5, a) for a in ["values", "space", "hit rate"] * 9]
        alarms += any(each.drifted for each in judged(found, alpha=0.05, least=0))
    assert 12 <= alarms <= 50  # 29 expected
