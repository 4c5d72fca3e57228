"""Whether a label model reproduces what the votes show."""

import json

import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import DawidSkene, MajorityVote, SourceKinds
from labelwright.quality import model_checks
from labelwright.quality.sources.accord import expected_accord
from labelwright.quality.sources.replicas import Replicator
from labelwright.quality.sources.shares import Aspect


def independent(seed, kind="rule", units=800, sources=6, classes=2, share=0.5):
    """The dense votes of independent sources, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, units)
    columns = []
    for accuracy in rng.uniform(0.65, 0.9, sources):
        wrong = (truth + rng.integers(1, classes, units)) % classes
        vote = np.where(rng.random(units) < accuracy, truth, wrong)
        columns.append(np.where(rng.random(units) < share, vote, -1))
    return np.stack(columns, axis=1), truth


def matrix(dense, kind="rule", **how):
    unit, source = np.nonzero(dense >= 0)
    return VoteMatrix.build(
        unit, source, dense[unit, source], units=len(dense), classes=how.pop("classes", 2),
        kinds=[kind] * dense.shape[1], **how,
    )  # fmt: skip


def checked(votes, model=None, **how):
    return model_checks(model or SourceKinds(), votes, np.random.default_rng(0), **how)


@pytest.mark.parametrize("model", [SourceKinds(), DawidSkene()])
@pytest.mark.parametrize("kind", ["rule", "person"])
def test_independent_sources_raise_no_alarm(model, kind):
    alarms = [checked(matrix(independent(seed)[0], kind), model).found.any() for seed in range(2)]
    assert sum(alarms) == 0


@pytest.mark.parametrize("kind", ["rule", "person"])
def test_a_copy_is_named_with_numbers_and_nobody_else_is(kind):
    dense, _ = independent(0, classes=3, sources=8)
    rng = np.random.default_rng(1)
    dense[:, 1] = np.where(rng.random(len(dense)) < 0.8, dense[:, 0], dense[:, 1])
    found = checked(matrix(dense, kind, classes=3), names=[f"f{n}" for n in range(8)])
    told = found.warnings()
    both = int(((dense[:, 0] >= 0) & (dense[:, 1] >= 0)).sum())
    assert told[0].startswith("'f0' and 'f1' copy each other: agree on 9")
    assert f"of {both:,} common items" in told[0]
    pairs = {(row["sources"][0], row["sources"][1]) for row in found.rows() if row["sources"]}
    assert pairs == {("f0", "f1")}
    json.dumps(found.rows(only_found=False), allow_nan=False)


def test_rules_that_fire_on_the_same_items_are_named():
    dense, truth = independent(0)
    rng = np.random.default_rng(2)
    moved = rng.random(len(dense)) < 0.4
    quiet = moved & (rng.random(len(dense)) < 0.5)
    dense[:, :3] = np.where(quiet[:, None], -1, dense[:, :3])
    loud = moved & ~quiet
    votes = np.where(rng.random((len(dense), 3)) < 0.75, truth[:, None], 1 - truth[:, None])
    dense[:, :3] = np.where(loud[:, None], votes, dense[:, :3])
    told = " / ".join(checked(matrix(dense)).warnings())
    assert "'0' and '1' vote on the same items: on " in told
    assert "expected" in told


def test_rules_that_exclude_each_other_are_named():
    dense, _ = independent(0)
    left = np.random.default_rng(3).random(len(dense)) < 0.5
    dense[:, 0] = np.where(left, dense[:, 0], -1)
    dense[:, 1] = np.where(left, -1, dense[:, 1])
    told = checked(matrix(dense)).warnings()
    assert any("'0' and '1' avoid each other's items: on 0% of" in one for one in told)


def test_sources_that_fall_silent_together_are_told():
    dense, _ = independent(0, share=0.8)
    dense[np.random.default_rng(4).random(len(dense)) < 0.3] = -1
    told = checked(matrix(dense)).warnings()
    assert any(one.startswith("sources fall silent together: ") for one in told)


def test_sources_that_contradict_each_other_are_told():
    dense, truth = independent(0, sources=5, share=1.0)
    rng = np.random.default_rng(5)
    odd = rng.random(len(dense)) < 0.4
    other = np.where(rng.random(len(dense)) < 0.95, 1 - truth, truth)
    dense[:, 0] = np.where(odd, truth, dense[:, 0])
    dense[:, 1] = np.where(odd, other, dense[:, 1])
    found = checked(matrix(dense, "person"))
    assert any("'0' and '1' contradict each other: agree on" in one for one in found.warnings())


def test_a_fit_whose_confusions_do_not_match_the_votes_is_told():
    rng = np.random.default_rng(0)
    truth = (rng.random(800) < 0.1).astype(int)
    dense = np.where(rng.random((800, 5)) < 0.55, truth[:, None], 0)
    dense[:, 0] = np.where(rng.random(800) < 0.6, 1, dense[:, 0])
    found = checked(matrix(dense, "person"), MajorityVote(), classes=["no", "yes"])
    told = [one for one in found.warnings() if one.startswith("the model does not fit '0'")]
    assert told
    assert "of its 800 votes are 'no'" in told[0]
    assert {row["class"] for row in found.rows() if row["aspect"] == "vote_share"} == {"no"}


def test_every_finding_can_be_said():
    dense, _ = independent(0)
    found = checked(matrix(dense), replicas=3)
    rows = len(found.aspect)
    from dataclasses import replace

    for more in (True, False):
        forced = replace(
            found,
            found=np.ones(rows, bool),
            observed=np.full(rows, 0.6 if more else 0.4),
            expected=np.full(rows, 0.5),
            second=found.second,
        )
        told = forced.warnings()
        # Pairs are told once, by their agreement.
        assert len(told) == len(
            {(a, b) for a, b in zip(found.first, found.second, strict=True) if b >= 0}
        ) + sum(found.second < 0)
        assert not any("vote on the same items" in one for one in told)
        assert any("err together" in one for one in told) is more
        assert any("fill each other's gaps" in one for one in told) is not more
        assert any("less often" in one for one in told) is not more


def test_only_a_sample_of_many_units_is_looked_at():
    votes = matrix(independent(0)[0])
    assert checked(votes, units=300, replicas=3).units == 300


def test_nothing_is_asked_of_votes_that_are_too_few():
    found = checked(VoteMatrix.from_dense([[0, 1], [1, 1]]), replicas=3)
    assert found.warnings() == []
    assert len(found.aspect) == 0
    nobody = VoteMatrix.from_dense(np.full((4, 2), -1))
    assert checked(nobody, replicas=3).rows(only_found=False) == []


def test_gold_is_above_checks():
    dense, truth = independent(0, units=400, sources=4)
    dense = np.column_stack([dense, truth])
    unit, source = np.nonzero(dense >= 0)
    votes = VoteMatrix.build(
        unit, source, dense[unit, source], units=400, classes=2, kinds=["rule"] * 4 + ["gold"]
    )
    found = checked(votes, replicas=5)
    assert 4 not in found.first
    assert 4 not in found.second


def test_three_sources_are_compared_without_the_help_of_others():
    dense, _ = independent(0, sources=3)
    found = checked(matrix(dense, "person"))
    assert Aspect.AGREEMENT in found.aspect
    assert not found.found.any()


def test_names_and_replicas_are_checked():
    votes = matrix(independent(0, units=50)[0])
    for how in ({"replicas": 2}, {"names": ["one"]}, {"classes": ["one"]}):
        with pytest.raises(DataError):
            checked(votes, **how)


def test_expected_agreement_is_the_product_of_what_each_has_beyond_chance():
    factor = np.array([0.9, 0.8, 0.5, 0.7, 0.6])
    one, two = np.triu_indices(5, 1)
    chance = np.full(len(one), 0.5)
    agreement = chance + 0.5 * factor[one] * factor[two]
    np.testing.assert_allclose(expected_accord(agreement, chance, (one, two)), agreement, atol=0.01)
    copied = agreement.copy()
    copied[0] = 1.0
    found = expected_accord(copied, chance, (one, two))
    np.testing.assert_allclose(found, agreement, atol=0.05)


def test_expected_agreement_knows_pairs_that_never_met():
    one, two = np.array([0, 1]), np.array([1, 3])
    found = expected_accord(np.array([0.8, np.nan]), np.array([0.5, 0.5]), (one, two))
    assert np.isfinite(found).all()
    assert len(expected_accord(np.zeros(0), np.zeros(0), (np.zeros(0, int), np.zeros(0, int)))) == 0


def test_replicas_vote_as_often_and_as_well_as_the_sources():
    dense, truth = independent(0, units=4_000)
    dense[:, 5] = np.where(np.arange(4_000) < 400, dense[:, 5], -1)
    unit, source = np.nonzero(dense >= 0)
    kinds = ["rule"] * 5 + ["person"]
    votes = VoteMatrix.build(
        unit, source, dense[unit, source], units=4_000, classes=2, kinds=kinds,
        weight=np.full(4_000, 2.0),
    )  # fmt: skip
    model = DawidSkene()
    fit = model.fit(votes)
    world = Replicator.of(fit, model.posterior(fit, votes), votes)
    again = world.draw(np.random.default_rng(0))
    np.testing.assert_allclose(again.vote_count / votes.vote_count, 1, atol=0.06)
    asked = np.bincount(again.source, minlength=6)
    assert asked[5] == votes.vote_count[5]
    accuracy = np.diagonal(world.confusion, axis1=1, axis2=2).mean(axis=1)
    true = [(dense[:, s] == truth)[dense[:, s] >= 0].mean() for s in range(6)]
    np.testing.assert_allclose(accuracy[:5], true[:5], atol=0.06)
    # It is a proper vote matrix.
    VoteMatrix.build(again.unit, again.source, again.label, units=4_000, classes=2, kinds=kinds)
