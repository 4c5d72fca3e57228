"""What every strategy keeps, and what each is for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import SettingsError, UnknownNameError
from labelwright.core.pool import Pool
from labelwright.queue import (
    STRATEGIES,
    ColdStart,
    Disagreement,
    Margin,
    Mixed,
    PosteriorEntropy,
    Uniform,
    by_name,
    describe,
)
from labelwright.testing import queue as laws

LAWS = [getattr(laws, name) for name in laws.__all__]
EVERY = [*STRATEGIES.values(), lambda: Mixed(random=0.5), lambda: Mixed(random=1.0)]


def rng(seed=0):
    return np.random.default_rng(seed)


def pool_of(
    items=40,
    classes=3,
    seed=0,
    *,
    posterior=None,
    prediction=None,
    embedding=None,
    covered=None,
    disagreement=None,
    askable=None,
    lesson=None,
    unit_item=None,
):
    draw = rng(seed)
    units = items if unit_item is None else len(unit_item)
    if posterior is None:
        posterior = draw.dirichlet(np.ones(classes), size=units)
    return Pool(
        item=np.arange(items) + 100,
        askable=np.ones(items, bool) if askable is None else np.asarray(askable, bool),
        posterior=np.asarray(posterior, float),
        covered=np.ones(units, bool) if covered is None else np.asarray(covered, bool),
        disagreement=np.zeros(units) if disagreement is None else np.asarray(disagreement, float),
        prediction=None if prediction is None else np.asarray(prediction, float),
        embedding=None if embedding is None else np.asarray(embedding, np.float32),
        lesson=lesson,
        unit_item=None if unit_item is None else np.asarray(unit_item),
    )


@st.composite
def pools(draw):
    """Any pool: few items or none, one class, several units, holes of NaN, equal rows, copies."""
    items = draw(st.integers(0, 25))
    classes = draw(st.integers(1, 4))
    chance = rng(draw(st.integers(0, 2**32 - 1)))
    single = draw(st.booleans())
    unit_item = None if single else np.repeat(np.arange(items), chance.integers(1, 5, items))
    units = items if single else len(unit_item)
    odd = draw(st.sampled_from(["plain", "nan", "equal", "copies"]))

    def probabilities():
        rows = chance.dirichlet(np.ones(classes), size=units).reshape(units, classes)
        if odd == "equal":
            rows[:] = 1 / classes
        return rows

    posterior, prediction = probabilities(), probabilities()
    embedding = chance.normal(size=(items, 3))
    if odd == "nan":
        prediction[chance.random(units) < 0.5] = np.nan
        posterior[chance.random(units) < 0.3] = np.nan
        embedding[chance.random(items) < 0.3] = np.nan
        embedding[chance.random((items, 3)) < 0.1] = np.inf
    if odd == "copies":
        embedding[:] = embedding[:1]
    return pool_of(
        items,
        classes,
        posterior=posterior,
        prediction=prediction if draw(st.booleans()) else None,
        embedding=embedding if draw(st.booleans()) else None,
        covered=chance.random(units) < draw(st.sampled_from([0, 0.5, 1])),
        disagreement=np.where(chance.random(units) < 0.5, 0, chance.random(units)),
        askable=chance.random(items) < draw(st.sampled_from([0, 0.5, 1])),
        lesson=chance.random(units) / 10 if draw(st.booleans()) else None,
        unit_item=unit_item,
    )


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("make", EVERY)
@settings(max_examples=20, deadline=None)
@given(pool=pools(), count=st.integers(0, 30), seed=st.integers(0, 9))
def test_every_strategy_keeps_the_laws(law, make, pool, count, seed):
    law(make(), pool, count, seed)


class Careless:
    """Breaks every law at once."""

    def pick(self, pool, count, rng):
        pool.posterior[:] = np.random.default_rng().random()
        picks = Uniform().pick(pool, count, np.random.default_rng())
        object.__setattr__(picks, "position", np.zeros(count + 1, np.int64))
        object.__setattr__(picks, "probability", np.random.default_rng().random(count) + 1)
        return picks


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_law_can_be_broken(law):
    with pytest.raises(AssertionError):
        law(Careless(), pool_of(askable=np.arange(40) > 0), 5, 0)


@pytest.mark.parametrize("make", STRATEGIES.values())
def test_equals_are_chosen_by_chance(make):
    flat = pool_of(6, 2, posterior=np.full((6, 2), 0.5), prediction=np.full((6, 2), 0.5))
    first = {int(make().pick(flat, 1, rng(seed)).position[0]) for seed in range(60)}
    assert first == set(range(6))


def test_a_strategy_is_found_by_its_name_with_settings():
    assert by_name("mixed", random=0.2) == Mixed(random=0.2)
    assert by_name("uniform") == Uniform()


def test_an_unknown_strategy_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'margin'"):
        by_name("margins")


def test_an_unknown_setting_is_answered_with_the_known_ones():
    with pytest.raises(SettingsError, match="did you mean 'random'"):
        by_name("mixed", randon=0.2)


def test_uniform_tells_the_probability_of_each_item():
    picks = Uniform().pick(pool_of(40, askable=np.arange(40) < 20), 5, rng())
    assert np.all(picks.probability == 0.25)
    assert picks.random.all()


def test_margin_picks_the_closest_call_first():
    prediction = [[0.9, 0.1, 0], [0.4, 0.35, 0.25], [0.5, 0.48, 0.02], [0.6, 0.2, 0.2]]
    picks = Margin().pick(pool_of(4, prediction=prediction), 3, rng())
    assert picks.position.tolist() == [2, 1, 3]
    assert picks.reason[0] == "the model cannot tell {0} (50 %) from {1} (48 %)"


def test_margin_asks_the_label_model_where_the_end_model_has_no_number():
    pool = pool_of(2, 2, posterior=[[0.5, 0.5], [0.9, 0.1]], prediction=[[np.nan, 0.1], [0.8, 0.2]])
    picks = Margin().pick(pool, 2, rng())
    assert picks.position.tolist() == [0, 1]
    assert picks.reason[0].startswith("the sources cannot tell")
    assert picks.reason[1] == "the model leans to {0} (80 %) over {1} (20 %)"


def test_with_one_class_there_is_nothing_to_tell_apart():
    picks = Margin().pick(pool_of(1, 1, posterior=[[1.0]]), 1, rng())
    assert picks.reason == ("the sources say {0} (100 %)",)


def test_posterior_entropy_picks_the_most_doubtful():
    pool = pool_of(
        3, 2, posterior=[[0.9, 0.1], [0.5, 0.5], [0.7, 0.3]], covered=[True, False, True]
    )
    picks = PosteriorEntropy().pick(pool, 2, rng())
    assert picks.position.tolist() == [1, 2]
    assert picks.reason == (
        "no source votes on it",
        "the sources cannot tell {0} (70 %) from {1} (30 %)",
    )


def test_disagreement_picks_the_most_divided():
    picks = Disagreement().pick(pool_of(3, disagreement=[0, 0.2, 1]), 3, rng())
    assert picks.position.tolist() == [2, 1, 0]
    assert picks.reason[0] == "the sources disagree about it"
    assert picks.reason[2] == "nothing speaks for one item over another"


def test_cold_start_without_embedding_goes_from_divided_to_uncovered_to_the_rest():
    pool = pool_of(4, covered=[True, False, True, True], disagreement=[0, 0, 0.1, 0.9])
    picks = ColdStart().pick(pool, 4, rng())
    assert picks.position.tolist() == [3, 2, 1, 0]


def groups(sizes, seed=0):
    """Points in far groups of these sizes, and the group of each."""
    member = np.repeat(np.arange(len(sizes)), sizes)
    centre = 100 * np.eye(len(sizes))
    return centre[member] + rng(seed).normal(size=(len(member), len(sizes))), member


def test_cold_start_picks_one_central_item_of_every_group_the_largest_first():
    points, member = groups([60, 30, 20, 10])
    picks = ColdStart().pick(pool_of(120, embedding=points), 4, rng(1))
    assert member[picks.position].tolist() == [0, 1, 2, 3]
    assert picks.reason[0] == "typical of a group of 60 similar items that nobody has labelled"
    centre = points[member == 0].mean(axis=0)
    apart = np.linalg.norm(points[member == 0] - centre, axis=1)
    assert np.linalg.norm(points[picks.position[0]] - centre) <= np.quantile(apart, 0.1)


def test_cold_start_leaves_groups_that_were_answered_to_the_end():
    points, member = groups([60, 30, 20, 10])
    askable = np.ones(120, bool)
    askable[0] = False
    picks = ColdStart().pick(pool_of(120, embedding=points, askable=askable), 3, rng(1))
    assert member[picks.position].tolist() == [1, 2, 3]


def test_cold_start_does_not_call_an_answered_group_new():
    points = np.repeat([[0.0], [9.0]], [20, 10], axis=0)
    picks = ColdStart().pick(pool_of(30, embedding=points, askable=np.arange(30) > 0), 2, rng())
    assert picks.position[0] >= 20
    assert picks.reason[1] == "typical of a group of 19 similar items"


def test_cold_start_asks_about_outliers_last():
    points, member = groups([30, 20, 1])
    picks = ColdStart().pick(pool_of(51, embedding=points), 3, rng(1))
    assert 2 not in member[picks.position]


def test_cold_start_ignores_what_is_held_back_when_that_is_much():
    points, member = groups([600, 30])
    askable = np.ones(630, bool)
    askable[:300] = False
    picks = ColdStart().pick(pool_of(630, embedding=points, askable=askable), 2, rng(1))
    assert member[picks.position].tolist() == [0, 1]


def test_reasons_get_the_names_of_classes_even_odd_ones():
    text = "the model cannot tell {0} (51 %) from {1} (49 %)"
    assert describe(text, ["a {1}", "b"]) == "the model cannot tell a {1} (51 %) from b (49 %)"
    assert describe("about {7}", ["a", "b"]) == "about {7}"
