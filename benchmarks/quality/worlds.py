"""Label models on simulated worlds that none of their settings were chosen on.

    python benchmarks/quality/worlds.py [--fast] [--worlds 200] [--first 1000]
        [--models source_kinds dawid_skene] [--families functions crowd]

Worlds are those of `labelwright.testing.worlds`; settings were chosen on seeds below 200, so that
it starts at --first. Told are, over majority vote on the same world, the mean of the accuracy on
units with votes, in how many worlds it is more than a point under, and the worst world; and ECE
with 15 bins, beside that of the shares of votes. `30 known` knows the class of 30 units drawn at
random among those with votes, which are then left out of the judgement; `20 random` has the
class balance of 20 units drawn at random among all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind
from labelwright.labelmodels import MODELS, fit_predict
from labelwright.testing.worlds import FAMILIES, SimulatedVotes, world
from recording import record

BINS = 15
MODELS_TOLD = ("source_kinds", "dawid_skene", "wawa")
KNOWN, RANDOM = 30, 20
Judged = tuple[np.ndarray, np.ndarray]
"""Probabilities of the units, and which of them are judged."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fast", action="store_true", help="few worlds")
    parser.add_argument("--worlds", type=int, default=200, help="of each family")
    parser.add_argument("--first", type=int, default=1000, help="seed of the first world")
    parser.add_argument("--models", nargs="*", default=list(MODELS_TOLD))
    parser.add_argument("--families", nargs="*", default=list(FAMILIES))
    options = parser.parse_args()
    count = 24 if options.fast else options.worlds
    methods: dict[str, Callable[[SimulatedVotes, np.random.Generator], Judged]] = {
        "votes counted": counted,
        **{name: plain(name) for name in options.models},
        "source_kinds, 30 known": with_known,
        "source_kinds, 20 random": with_random,
    }
    for family in options.families:
        rows = table(family, methods, range(options.first, options.first + count))
        record(
            f"quality/worlds_{family}",
            title=f"Simulated worlds, family {family}: label models over majority vote",
            columns=["method", "mean", "% of worlds a point under", "worst", "ECE, %"],
            rows=rows,
            digits={"": 1, "mean": 2},
            measures=[
                "src/labelwright/labelmodels",
                "src/labelwright/testing/worlds.py",
                "benchmarks/quality/worlds.py",
            ],
            settings={"worlds": count, "first seed": options.first},
            plays=count,
        )


def table(family: str, methods: dict, seeds: range) -> list[list[object]]:
    """A row for each method, printed as it is made."""
    gains = {name: [] for name in methods}
    errors = {name: [] for name in methods}
    for seed in seeds:
        drawn = world(family, seed)
        for place, (name, method) in enumerate(methods.items()):
            given, judged = method(drawn, np.random.default_rng([seed, place]))
            right, error = judge(given, drawn.truth, judged)
            majority, _ = judge(majority_of(drawn.votes), drawn.truth, judged)
            gains[name].append(right - majority)
            errors[name].append(error)
    rows: list[list[object]] = []
    print(f"\n{family}, {len(seeds)} worlds{'':14}mean   under   worst     ECE")
    for name in methods:
        gain = np.array(gains[name])
        row = [gain.mean(), 100 * (gain < -1).mean(), gain.min(), np.mean(errors[name])]
        print(f"{name:28}{row[0]:+8.2f}{row[1]:7.1f}%{row[2]:+8.1f}{row[3]:8.1f}")
        rows.append([name, *row])
    return rows


def plain(name: str) -> Callable[[SimulatedVotes, np.random.Generator], Judged]:
    """The method of this name, which sees the votes alone."""
    return lambda drawn, _: (fit_predict(MODELS[name](), drawn.votes).probability,
                             drawn.votes.covered)  # fmt: skip


def counted(drawn: SimulatedVotes, _: np.random.Generator) -> Judged:
    """The share of the votes that each class got."""
    votes = drawn.votes
    share = np.zeros((votes.units, votes.classes))
    np.add.at(share, (votes.unit, votes.label), 1)
    return share / np.maximum(share.sum(axis=1, keepdims=True), 1), votes.covered


def with_known(drawn: SimulatedVotes, rng: np.random.Generator) -> Judged:
    """The default, with gold on some units, which are then not judged."""
    gilded, judged = known_of(drawn, rng)
    return fit_predict(MODELS["source_kinds"](), gilded).probability, judged


def known_of(drawn: SimulatedVotes, rng: np.random.Generator) -> tuple[VoteMatrix, np.ndarray]:
    """The votes with gold on some units, and which units are judged: those with votes, not gold."""
    votes = drawn.votes
    covered = np.flatnonzero(votes.covered)
    known = rng.choice(covered, min(KNOWN, len(covered) // 2), replace=False)
    gilded = VoteMatrix.build(
        np.concatenate([votes.unit, known]),
        np.concatenate([votes.source, np.full(len(known), votes.sources)]),
        np.concatenate([votes.label, drawn.truth[known]]),
        units=votes.units,
        classes=votes.classes,
        kinds=[*votes.kinds, SourceKind.GOLD],
        accuracies=[*votes.accuracies, np.nan],
        confidence=None
        if votes.confidence is None
        else np.concatenate([votes.confidence, np.full(len(known), np.nan, np.float32)]),
    )
    judged = votes.covered.copy()
    judged[known] = False
    return gilded, judged


def with_random(drawn: SimulatedVotes, rng: np.random.Generator) -> Judged:
    """The default, with the class balance of some units drawn from all."""
    votes = drawn.votes
    truth = drawn.truth[rng.choice(votes.units, RANDOM, replace=False)]
    share = np.bincount(truth, minlength=votes.classes) + 1 / votes.classes
    known = replace(votes, balance=share / share.sum(), balance_answers=float(RANDOM))
    return fit_predict(MODELS["source_kinds"](), known).probability, votes.covered


def majority_of(votes: VoteMatrix) -> np.ndarray:
    return fit_predict(MODELS["majority_vote"](confidences=False), votes).probability


def judge(given: np.ndarray, truth: np.ndarray, judged: np.ndarray) -> tuple[float, float]:
    """Accuracy, of equally probable classes each its share, and ECE, in percent."""
    given, truth = given[judged], truth[judged]
    best = given >= given.max(axis=1, keepdims=True) - 1e-9
    picked = (best / best.sum(axis=1, keepdims=True))[np.arange(len(truth)), truth]
    sure = given.max(axis=1)
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    gap = np.abs(np.bincount(place, sure - picked, minlength=BINS)).sum() / len(truth)
    return 100 * float(picked.mean()), 100 * float(gap)


if __name__ == "__main__":
    main()
