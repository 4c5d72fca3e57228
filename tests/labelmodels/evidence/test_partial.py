"""Votes that name several classes."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import VotesError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.core.source import SourceKind
from labelwright.labelmodels import MODELS, fit_predict, source_contributions
from labelwright.labelmodels.evidence.scoring import expect, posterior_of
from labelwright.testing import labelmodels as laws

EVERY = pytest.mark.parametrize("name", sorted(MODELS))
NOT_A, A_OR_B = [False, True, True], [True, True, False]


def matrix(unit, source, label, **changes):
    given_ = {"units": 4, "classes": 3, "kinds": ["person"] * 3, "subsets": [NOT_A, A_OR_B]}
    return VoteMatrix.build(unit, source, label, **{**given_, **changes})


@st.composite
def tiny_votes(draw):
    """A few sources, partial votes among them, and any additive fit of them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sources = draw(st.integers(1, 3))
    unit, source = np.nonzero(rng.random((4, sources)) < 0.8)
    votes = matrix(
        unit,
        source,
        rng.integers(-1, 5, len(unit)),
        kinds=["person"] * sources,
        complete=rng.random(sources) < 0.5,
    )
    confusion = rng.dirichlet(np.ones(3), (sources, 3))
    balance = rng.dirichlet(np.ones(3))
    fit = LabelModelFit(
        "any", balance, confusion, np.full(sources, 0.5), np.log(balance),
        np.log(confusion).transpose(0, 2, 1), rng.normal(size=(sources, 3)),
    )  # fmt: skip
    return votes, fit


@settings(max_examples=60, deadline=None)
@given(tiny_votes())
def test_the_posterior_is_that_of_all_ways_to_complete_the_partial_votes(drawn):
    votes, fit = drawn
    found = posterior_of(fit, votes).probability
    tally = expect(fit, votes)
    expected = np.zeros((votes.sources, 3, 3))
    for unit in np.flatnonzero(votes.covered):
        rows = slice(votes.start[unit], votes.start[unit + 1])
        acts = dict(zip(votes.source[rows].tolist(), votes.label[rows].tolist(), strict=True))
        silent = [s for s in range(votes.sources)
                  if acts.get(s, -1 if votes.complete[s] else None) == -1]  # fmt: skip
        voted = {s: label for s, label in acts.items() if label >= 0}
        ways = product(*(np.flatnonzero(votes.members[label]) for label in voted.values()))
        joint = []
        for way in ways:
            score = fit.class_score + fit.abstain_score[silent].sum(axis=0)
            for source, label in zip(voted, way, strict=True):
                score = score + fit.vote_score[source, label]
            joint.append((way, np.exp(score)))
        total = sum(mass for _, mass in joint)
        np.testing.assert_allclose(found[unit], total / total.sum(), atol=1e-9)
        for way, mass in joint:
            for source, label in zip(voted, way, strict=True):
                expected[source, label] += mass / total.sum()
    np.testing.assert_allclose(tally.voted, expected, atol=1e-9)


@EVERY
def test_a_vote_against_a_class_is_evidence_for_the_others(name):
    rng = np.random.default_rng(0)
    votes, truth = laws.simulated_votes(
        np.repeat([0.7 * np.eye(3) + 0.1], 5, axis=0), np.full(3, 1 / 3), 300, rng
    )
    # Source 0 says only what it is not, rightly; elsewhere units have that vote alone.
    label = votes.label.astype(int)
    label[votes.source == 0] = np.where(truth == 0, 4, 3)[votes.unit[votes.source == 0]]
    keep = (votes.unit >= 20) | (votes.source == 0)
    made = VoteMatrix.build(
        votes.unit[keep], votes.source[keep], label[keep], units=300, classes=3,
        kinds=votes.kinds, subsets=[NOT_A, A_OR_B],
    )  # fmt: skip
    model = MODELS[name]()
    laws.rows_sum_to_one(model, made)
    laws.one_input_gives_one_output(model, made)
    probability = fit_predict(model, made).probability[:20]
    against = truth[:20] != 0
    assert np.all(probability[against, 0] < probability[against, 1:].min(axis=1))
    assert np.all(probability[~against, 2] < probability[~against, :2].min(axis=1))
    right = fit_predict(model, made).label[20:] == truth[20:]
    assert right.mean() > 0.85


@EVERY
def test_subsets_that_nobody_votes_for_change_nothing(name):
    rng = np.random.default_rng(1)
    votes, _ = laws.simulated_votes(
        np.repeat([0.7 * np.eye(3) + 0.1], 4, axis=0), np.full(3, 1 / 3), 60, rng,
        kind=SourceKind.FUNCTION, coverage=0.6,
    )  # fmt: skip
    idle = replace(votes, subsets=np.array([NOT_A, A_OR_B]))
    before, after = (fit_predict(MODELS[name](), each).probability for each in (votes, idle))
    atol = 1 if name == "ebcc" else 1e-6  # its start is drawn at random, vote by vote
    np.testing.assert_allclose(before, after, atol=atol)


@EVERY
def test_golds_partial_vote_rules_out_whatever_the_others_say(name):
    kinds = [*["person"] * 30, "gold"]
    unit, source = np.divmod(np.arange(31 * 4), 31)
    label = np.where(source < 30, np.repeat([0, 0, 1, 2], 31), 3)
    keep = (source < 30) | (unit < 2)
    votes = matrix(unit[keep], source[keep], label[keep], kinds=kinds)
    probability = fit_predict(MODELS[name](), votes).probability
    assert np.all(probability[:2, 0] < 1e-3)


def test_the_effects_of_partial_votes_add_up_to_the_label():
    votes = matrix([0, 0, 0, 1, 2], [0, 1, 2, 0, 1], [0, 3, 4, 1, 3])
    fit = MODELS["dawid_skene"]().fit(votes)
    told = source_contributions(fit, votes, 0)
    assert told.label.tolist() == [0, 3, 4]
    score = np.log(posterior_of(fit, votes).probability[0])
    others = (score.sum() - score) / 2
    np.testing.assert_allclose(told.total, score - others)


def test_a_partial_vote_is_no_disagreement():
    votes = matrix([0, 0, 1, 1], [0, 1, 0, 1], [1, 3, 0, 1])
    np.testing.assert_allclose(votes.disagreement, [0, 0.75, 0, 0])


@pytest.mark.parametrize("subset", [[True, False, False], [True, True, True], [False] * 3])
def test_a_subset_of_one_or_of_all_classes_is_refused(subset):
    with pytest.raises(VotesError, match="at least two classes and not all"):
        matrix([0], [0], [0], subsets=[subset])


def test_no_subsets_are_none():
    assert matrix([0], [0], [0], subsets=np.empty((0, 3), bool)).subsets is None
