"""Fits as sums: over shards, elsewhere, and over what changed."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from labelmodels.drawing import vote_matrices
from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind
from labelwright.labelmodels.evidence import sampling, shard_sums
from labelwright.labelmodels.evidence.sampling import joined, stretches
from labelwright.labelmodels.evidence.shard_sums import Shards
from labelwright.labelmodels.majority_vote import every_vote_alike
from labelwright.labelmodels.source_kinds import SourceKinds
from labelwright.testing import labelmodels as laws

MODEL = SourceKinds()


def drawn(units=3000, sources=10, classes=3, kind=SourceKind.PERSON, coverage=0.4, seed=0):
    rng = np.random.default_rng(seed)
    confusion = 0.5 * rng.dirichlet(np.ones(classes), size=(sources, classes))
    confusion += 0.5 * np.eye(classes)
    balance = np.ones(classes) / classes
    votes, _ = laws.simulated_votes(confusion, balance, units, rng, coverage=coverage, kind=kind)
    return replace(votes, complete=np.full(sources, kind.chooses))


def cut(votes, pieces=3):
    edges = np.linspace(0, votes.units, pieces + 1).astype(int).tolist()
    return [votes.between(first, end) for first, end in pairwise(edges)]


@settings(max_examples=20, deadline=None)
@given(votes=vote_matrices(), pieces=st.integers(1, 4))
def test_shards_give_the_same_fit_on_any_votes(votes, pieces):
    fit = MODEL.fit_shards(Shards(cut(votes, pieces), votes.units))
    laws.shards_give_the_same_fit(MODEL, fit, votes)


def test_shards_may_be_asked_in_other_workers_and_are_sampled_like_one(monkeypatch):
    monkeypatch.setattr(sampling, "SAMPLE_UNITS", 600)
    monkeypatch.setattr(sampling, "BLOCK_UNITS", 10)
    votes = drawn()
    with ThreadPoolExecutor(2) as pool:
        fit = MODEL.fit_shards(Shards(cut(votes, 7), votes.units, pool.map))
    laws.shards_give_the_same_fit(MODEL, fit, votes)


def test_votes_with_weights_confidences_and_opinions_can_be_cut_and_joined():
    rng = np.random.default_rng(0)
    votes = drawn(units=50)
    size = len(votes.unit)
    rich = replace(
        votes,
        weight=rng.random(50) + 1,
        confidence=rng.random(size).astype(np.float32),
        opinion=rng.integers(-1, 2, size).astype(np.int32),
        opinions=np.array([[0.2, 0.3, 0.5], [0.6, 0.2, 0.2]], np.float32),
    )
    whole = joined(cut(rich, 4))
    for name in ("unit", "source", "label", "weight", "confidence", "opinion"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(rich, name))
    plain = replace(votes, opinions=rich.opinions)
    mixed = joined([rich, plain])
    assert np.isnan(mixed.confidence[size:]).all()
    assert (mixed.opinion[size:] == -1).all()
    np.testing.assert_array_equal(mixed.weight[50:], 1)


def test_shards_of_other_sources_or_too_few_units_are_refused():
    votes = drawn(units=60)
    with pytest.raises(VotesError, match="same sources"):
        MODEL.fit_shards(Shards([votes, drawn(units=60, classes=2)], 120))
    with pytest.raises(VotesError, match="60 units together, not 70"):
        MODEL.fit_shards(Shards([votes], 70))
    with pytest.raises(VotesError, match="0 units together"):
        MODEL.fit_shards(Shards([], 0))


@settings(max_examples=20, deadline=None)
@given(votes=vote_matrices(), share=st.floats(0, 1))
def test_an_update_by_all_units_is_a_new_fit_on_any_votes(votes, share):
    if votes.confidence is None and votes.subsets is None:
        before = votes.between(0, int(share * votes.units))
        # Where the first answers come, classes get subtypes: that is no update.
        assume(MODEL.fit(before).subtypes == MODEL.fit(votes).subtypes)
        laws.an_update_by_all_units_is_a_new_fit(MODEL, before, votes)


@pytest.mark.parametrize("kind", [SourceKind.FUNCTION, SourceKind.PERSON])
def test_many_small_updates_in_any_order_end_near_a_new_fit(kind):
    votes = drawn(units=6000, kind=kind)
    order = np.random.default_rng(1).permutation(np.arange(5700, 6000))
    shuffled = stretches(votes, order, order + 1)
    start = votes.between(0, 5700)
    fit = MODEL.fit(start)
    witness = replace(
        stretches(start, np.arange(0, 5700, 4), np.arange(1, 5701, 4)), weight=np.full(1425, 4.0)
    )
    for first in range(0, 300, 20):
        new = shuffled.between(first, first + 20)
        fit = MODEL.update(fit, witness, joined([witness, new]))
    laws.an_update_is_near_a_new_fit(MODEL, fit, joined([start, shuffled]))
    blind = MODEL.update(MODEL.fit(start), start.between(0, 0), shuffled)
    laws.an_update_is_near_a_new_fit(MODEL, blind, joined([start, shuffled]))


def test_a_new_person_and_gold_join_by_an_update():
    votes = drawn(units=2000, kind=SourceKind.FUNCTION)
    kinds = (*votes.kinds[:-1], SourceKind.PERSON)
    votes = replace(votes, kinds=kinds, complete=np.append(votes.complete[:-1], False))
    unit = np.arange(0, 2000, 40)
    kinds = (*votes.kinds, SourceKind.PERSON, SourceKind.GOLD)
    both = np.concatenate([unit, unit[:20]])
    after = VoteMatrix.build(
        np.concatenate([votes.unit, both]),
        np.concatenate([votes.source, np.repeat([10, 11], [50, 20])]),
        np.concatenate([votes.label, both % 3]),
        units=2000,
        classes=3,
        kinds=kinds,
        complete=[*votes.complete, False, False],
    )
    fit = MODEL.update(
        MODEL.fit(votes), stretches(votes, unit, unit + 1), stretches(after, unit, unit + 1)
    )
    assert fit.sources == 12
    laws.an_update_is_near_a_new_fit(MODEL, fit, after, most=0.1, mean=0.025)
    laws.an_update_by_all_units_is_a_new_fit(MODEL, votes, after)


def test_a_fit_whose_votes_are_counted_is_followed_as_any_other():
    """It has no subtypes, but what it was made of has."""
    votes = drawn(units=600)
    fit = MODEL.fit(votes)
    counted = every_vote_alike(fit, votes)
    assert (fit.subtypes, counted.subtypes) == (2, 1)
    again = MODEL.update(counted, votes.between(0, 30), votes.between(0, 30))
    np.testing.assert_allclose(again.vote_score, fit.vote_score, atol=1e-6)


def test_what_cannot_be_followed_is_refused(monkeypatch):
    votes = drawn(units=60)
    fit, none = MODEL.fit(votes), votes.between(0, 0)
    with pytest.raises(VotesError, match="new class"):
        MODEL.update(fit, none, drawn(units=60, classes=4))
    with pytest.raises(VotesError, match="not of the fit's sources"):
        MODEL.update(fit, none, drawn(units=60, kind=SourceKind.MODEL))
    with pytest.raises(VotesError, match="asked about all units"):
        MODEL.update(fit, none, replace(votes, complete=~votes.complete))
    functions = drawn(units=60, kind=SourceKind.FUNCTION)
    kinds = (*functions.kinds[:-1], SourceKind.PERSON)
    mixed = replace(functions, kinds=kinds, complete=np.append(functions.complete[:-1], False))
    mute = mixed.only(mixed.source < 9)
    with pytest.raises(VotesError, match="give classes subtypes"):
        MODEL.update(MODEL.fit(mute), mute.between(0, 30), mixed.between(0, 30))
    function = replace(
        votes,
        kinds=(*votes.kinds, SourceKind.FUNCTION),
        complete=np.append(votes.complete, True),
        accuracies=np.append(votes.accuracies, np.nan),
    )
    with pytest.raises(VotesError, match="concerns all units"):
        MODEL.update(fit, none, function)
    sure = replace(votes, confidence=np.ones(len(votes.unit), np.float32))
    with pytest.raises(VotesError, match="confidences"):
        MODEL.update(fit, none, sure)
    monkeypatch.setattr(shard_sums, "RECORDED_NUMBERS", 10)
    with pytest.raises(VotesError, match="not kept the sums"):
        MODEL.update(MODEL.fit(votes), none, votes)


@pytest.mark.data
@pytest.mark.parametrize("name", ["youtube", "trec", "rte", "D_PosSent"])
def test_updates_on_real_sets_end_near_a_new_fit(real_data, name):
    raw = np.load(real_data / name / "votes.npz")
    is_crowd = json.loads((real_data / name / "meta.json").read_text())["kind"] != "lf"
    pair = raw["item"].astype(np.int64) * int(raw["m"]) + raw["source"]
    first = np.unique(pair, return_index=True)[1]
    votes = VoteMatrix.build(
        raw["item"][first],
        raw["source"][first],
        raw["label"][first],
        units=int(raw["n"]),
        classes=int(raw["k"]),
        kinds=["person" if is_crowd else "function"] * int(raw["m"]),
    )
    order = np.random.default_rng(0).permutation(votes.units)
    shuffled, end = stretches(votes, order, order + 1), int(0.95 * votes.units)
    start = shuffled.between(0, end)
    few = stretches(start, np.arange(0, end, 2), np.arange(0, end, 2) + 1)
    few = replace(few, weight=np.full(few.units, end / few.units))
    update = joined([few, shuffled.between(end, votes.units)])
    fit = MODEL.update(MODEL.fit(start), few, update)
    laws.an_update_is_near_a_new_fit(MODEL, fit, shuffled, most=0.15)
