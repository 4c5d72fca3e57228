"""Picks of pools with one unit an item, as they were when every unit was an item: to the bit.

The record was made by the last code that knew items only. To record anew, after a change that is
meant to move picks: `python tests/queue/test_recorded_picks.py`.
"""

import hashlib
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.core.pool import Pool
from labelwright.labelmodels import MajorityVote
from labelwright.queue import (
    STRATEGIES,
    Belief,
    Machine,
    Mixed,
    Redundancy,
    ValuePerCost,
    World,
    replay,
    replay_crowd,
    simulated,
)

RECORD = Path(__file__).with_name("recorded_picks.json")
ITEMS, CLASSES, QUESTIONS = 60, 3, 8
MAKERS = {
    **STRATEGIES,
    "half at random": lambda: Mixed(random=0.5),
    "value, nothing at random": lambda: ValuePerCost(random=0.0),
}
CASES = list(
    itertools.product(
        MAKERS,
        ("no model", "model", "model with holes"),
        ("no embedding", "embedding"),
        ("nobody", "people"),
        ("votes on half", "votes on none"),
    )
)


def pool_of(model, embedding, people, votes):
    draw = np.random.default_rng(7)
    posterior = draw.dirichlet(np.ones(CLASSES), ITEMS)
    prediction = draw.dirichlet(np.ones(CLASSES), ITEMS)
    place = 10 * draw.integers(0, 3, (ITEMS, 4)) + draw.normal(size=(ITEMS, 4))
    answers = np.where(draw.random(ITEMS) < 0.4, draw.integers(1, 4, ITEMS), 0)
    divided = (answers > 1) & (draw.random(ITEMS) < 0.5)
    lesson = draw.random(ITEMS) / 10
    disagreement = np.where(draw.random(ITEMS) < 0.5, 0, draw.random(ITEMS))
    covered = (np.arange(ITEMS) % 2 == 0) & (votes == "votes on half")
    if model == "model with holes":
        prediction[::3] = np.nan
    return Pool(
        item=np.arange(ITEMS) + 100,
        askable=draw.random(ITEMS) < 0.8,
        posterior=posterior,
        covered=covered,
        disagreement=np.where(covered, disagreement, 0.0),
        prediction=None if model == "no model" else prediction,
        embedding=place.astype(np.float32) if embedding == "embedding" else None,
        answers=answers if people == "people" else None,
        divided=divided if people == "people" else None,
        lesson=lesson if people == "people" else None,
    )


def picked(name, *known):
    """What is picked, and the next random number: as many were drawn as before."""
    rng = np.random.default_rng(3)
    picks = MAKERS[name]().pick(pool_of(*known), QUESTIONS, rng)
    words = "\n".join([*picks.reason, picks.probability.tobytes().hex()])
    return {
        "position": picks.position.tolist(),
        "random": picks.random.astype(int).tolist(),
        "reasons and probabilities": hashlib.sha256(words.encode()).hexdigest()[:16],
        "next": float(rng.random()).hex(),
    }


def replayed(name):
    """The course of a replay under this policy, and the next random number."""
    draw, rng = np.random.default_rng(5), np.random.default_rng(4)
    truth = draw.integers(0, CLASSES, ITEMS)
    dense = np.where(draw.random((ITEMS, 2)) < 0.4, truth[:, None], -1)
    dense[:, 1] = np.where(draw.random(ITEMS) < 0.3, draw.integers(0, CLASSES, ITEMS), -1)
    places = (10 * np.eye(CLASSES)[truth] + draw.normal(size=(ITEMS, CLASSES))).astype(np.float32)
    model = MajorityVote()

    def label(votes):
        fit = model.fit(votes)
        return fit, model.posterior(fit, votes)

    def learn(posterior, answered):
        rows = np.flatnonzero(posterior.covered)
        near = np.abs(places[:, None, 0] - places[rows, 0]).argmin(axis=1)
        return posterior.probability[rows][near]

    def score(believed):
        return float((believed.posterior.label == truth).mean())

    votes = VoteMatrix.from_dense(dense, classes=CLASSES)
    world = World(truth, votes, np.arange(ITEMS) < 50, places)
    steps = replay(
        world,
        Machine(label, learn, score),
        MAKERS[name](),
        confusion(4),
        rng,
        budget=60,
        batch=15,
        plan=Redundancy(1, 3),
    )
    course = [[step.answers, step.score.hex()] for step in steps]
    return {"course": course, "next": float(rng.random()).hex()}


def crowd_replayed():
    """The course of a replay of a crowd, and the next random number."""
    rng = np.random.default_rng(6)
    truth = rng.integers(0, CLASSES, ITEMS)
    truth[::9] = -1
    waiting = simulated(np.maximum(truth, 0), confusion(9), np.arange(9) + 1.0, 6, rng)

    def believe(votes):
        count = np.ones((votes.units, votes.classes))
        np.add.at(count, (votes.unit, votes.label), 2.0)
        probability = count / count.sum(axis=1, keepdims=True)
        right = np.bincount(
            votes.source,
            probability.argmax(axis=1)[votes.unit] == votes.label,
            minlength=votes.sources,
        )
        cast = np.bincount(votes.source, minlength=votes.sources)
        return Belief(probability, right / np.maximum(cast, 1))

    steps = replay_crowd(truth, waiting, Redundancy(2, 6, 0.8), believe, rounds=5, bar=0.7)
    course = [[step.answers, step.accuracy.hex()] for step in steps]
    return {"course": course, "next": float(rng.random()).hex()}


def confusion(people):
    right = np.linspace(0.6, 0.95, people)[:, None, None]
    return np.where(np.eye(CLASSES, dtype=bool), right, (1 - right) / (CLASSES - 1))


@pytest.fixture(scope="module")
def record():
    return json.loads(RECORD.read_text())


@pytest.mark.parametrize("case", CASES, ids="; ".join)
def test_one_unit_an_item_gives_the_picks_of_before_units(record, case):
    assert picked(*case) == record["; ".join(case)]


@pytest.mark.parametrize("name", MAKERS)
def test_one_unit_an_item_gives_the_replays_of_before_units(record, name):
    assert replayed(name) == record[f"replay; {name}"]


def test_one_unit_an_item_gives_the_crowds_of_before_units(record):
    assert crowd_replayed() == record["crowd"]


if __name__ == "__main__":
    told = {"; ".join(case): picked(*case) for case in CASES}
    told |= {f"replay; {name}": replayed(name) for name in MAKERS}
    told["crowd"] = crowd_replayed()
    lines = [f"{json.dumps(name)}: {json.dumps(one)}" for name, one in told.items()]
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n")
