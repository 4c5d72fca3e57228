"""The prior of people is learnt from how much they differ."""

import numpy as np
import pytest

from labelwright.labelmodels.priors import strengths
from labelwright.labelmodels.priors.strengths import STRENGTHS, USUAL_STRENGTH, learnt_strength


def drawn(strength, sources=200, votes=50, classes=3):
    rng = np.random.default_rng(0)
    shape = np.full((classes, classes), 0.1) + np.eye(classes) * (1 - classes * 0.1)
    own = np.array([[rng.dirichlet(strength * row) for row in shape] for _ in range(sources)])
    counts = np.array([[rng.multinomial(votes, row) for row in each] for each in own], float)
    return counts, np.broadcast_to(shape, counts.shape)


@pytest.mark.parametrize("strength", [2, 8, 32])
def test_the_strength_that_votes_were_drawn_with_is_found(strength):
    assert learnt_strength(*drawn(strength), least=0.0) == pytest.approx(strength, rel=0.15)


def test_without_votes_it_is_the_usual_one():
    nothing = np.zeros((3, 2, 2))
    found = learnt_strength(nothing, nothing + 0.5, least=0.1)
    assert found == pytest.approx(USUAL_STRENGTH, rel=0.5)
    assert learnt_strength(nothing[:0], nothing[:0], least=0.1) == found


def test_one_person_says_little_about_how_people_differ():
    one = learnt_strength(*drawn(32, sources=1, votes=6), least=0.1)
    many = learnt_strength(*drawn(32), least=0.1)
    assert abs(np.log(one / USUAL_STRENGTH)) < abs(np.log(many / USUAL_STRENGTH))


def test_it_stays_between_the_strengths_that_are_weighed():
    counts, shape = drawn(1e6)
    assert learnt_strength(counts, shape, least=0.0) <= STRENGTHS[-1]


def test_the_sources_with_most_votes_are_enough(monkeypatch):
    counts, shape = drawn(8)
    whole = learnt_strength(counts, shape, least=0.0)
    monkeypatch.setattr(strengths, "LEARNT_FROM", 100 * 9)
    assert learnt_strength(counts, shape, least=0.0) == pytest.approx(whole, rel=0.25)
