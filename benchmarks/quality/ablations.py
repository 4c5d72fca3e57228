"""Every setting of the default label model, turned off or moved both ways, on simulated worlds.

    python benchmarks/quality/ablations.py [--fast] [--worlds 40] [--first 2000]
        [--settings steps restraint]

Worlds of all four families of `labelwright.testing.worlds`, of seeds that chose nothing. A row is
one setting at another value, against the default on the same worlds with the same known answers:
the accuracy in points, by family and on the mean with its standard error; how many more worlds are
a point under majority vote, in percent; and by how much ECE rises. A setting is tried where it can
do something: with nothing known, with 30 known answers, or where an owner states how good every
source is (give or take .05). A class balance is tried where it is stated as it is, and as it is
among gold.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from worlds import judge, known_of, majority_of

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import SourceKinds, fit_predict
from labelwright.testing.worlds import FAMILIES, SimulatedVotes, world
from recording import record

NOTHING, KNOWN, STATED = "nothing known", "30 known", "accuracies stated"
TRUE_BALANCE = "as it is"
TRIED: dict[str, tuple[tuple[Any, ...], tuple[str, ...]]] = {
    "steps": ((1, 2, 8), (NOTHING, KNOWN)),
    "accuracy": ((0.7, 0.9), (NOTHING, KNOWN)),
    "restraint": ((0.0, 4.0, 64.0), (NOTHING, KNOWN)),
    "belief_strength": ((1.0, 25.0, 400.0), (STATED,)),
    "gold_doubt": ((0.0, 3.0, 1e6), (KNOWN,)),
    "correlation": ((0.0, 0.5), (NOTHING, KNOWN)),
    "class_balance": ((TRUE_BALANCE, "gold"), (KNOWN,)),
}
"""For each setting the values that are tried beside its default, and where."""


@dataclass(frozen=True)
class Play:
    """A world as a label model sees it, with what it is judged by."""

    family: str
    votes: VoteMatrix
    truth: np.ndarray
    judged: np.ndarray
    majority: float
    balance: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fast", action="store_true", help="few worlds")
    parser.add_argument("--worlds", type=int, default=40, help="of each family")
    parser.add_argument("--first", type=int, default=2000, help="seed of the first world")
    parser.add_argument("--settings", nargs="*", default=list(TRIED))
    options = parser.parse_args()
    count = 6 if options.fast else options.worlds
    seeds = range(options.first, options.first + count)
    drawn = [(seed, world(family, seed, most_units=3_000)) for family in FAMILIES for seed in seeds]
    rows = []
    print(f"{'':36}accuracy {' '.join(FAMILIES):40} mean  +-    under   ECE", flush=True)
    for where in (NOTHING, KNOWN, STATED):
        plays = [seen(where, seed, each) for seed, each in drawn]
        usual = results(plays, SourceKinds())
        for name in options.settings:
            values, places = TRIED[name]
            rows += [
                row(f"{name} {value}", where, plays, usual, {name: value})
                for value in values
                if where in places
            ]
    rows.sort(key=lambda one: options.settings.index(one[0].split()[0]))
    record(
        "quality/ablations",
        title="The default label model with one setting changed, against the default: accuracy in "
        "points by family and on the mean, with its standard error; worlds a point under majority "
        "vote; ECE",
        columns=["setting", "with", ", ".join(FAMILIES), "mean", "+-", "% more under", "ECE"],
        rows=rows,
        digits={"": 2, "% more under": 1},
        measures=[
            "src/labelwright/labelmodels",
            "src/labelwright/testing/worlds.py",
            "src/labelwright/testing/world_sources.py",
            "benchmarks/quality/ablations.py",
        ],
        settings={"worlds of each family": count, "first seed": options.first},
        plays=len(drawn),
    )


def seen(where: str, seed: int, drawn: SimulatedVotes) -> Play:
    """The world with what is known of it."""
    rng = np.random.default_rng([seed, 17])
    votes, judged = drawn.votes, drawn.votes.covered
    if where == KNOWN:
        votes, judged = known_of(drawn, rng)
    if where == STATED:
        right = drawn.truth[votes.unit] == votes.label
        often = np.bincount(votes.source, right, votes.sources) / np.maximum(votes.vote_count, 1)
        stated = np.clip(often + rng.normal(0, 0.05, votes.sources), 0.02, 0.98)
        votes = replace(votes, accuracies=stated)
    majority, _ = judge(majority_of(drawn.votes), drawn.truth, judged)
    balance = np.bincount(drawn.truth, minlength=votes.classes) + 1 / votes.classes
    balance /= balance.sum()
    return Play(drawn.family, votes, drawn.truth, judged, majority, balance)


def results(plays: list[Play], model: SourceKinds) -> np.ndarray:
    """Accuracy over majority vote and ECE of every play, shape (2, plays)."""
    found = []
    for play in plays:
        used = model
        if model.class_balance == TRUE_BALANCE:
            used = replace(model, class_balance=tuple(play.balance.tolist()))
        given = fit_predict(used, play.votes).probability
        right, error = judge(given, play.truth, play.judged)
        found.append((right - play.majority, error))
    return np.array(found).T


def row(
    name: str, where: str, plays: list[Play], usual: np.ndarray, changed: dict[str, Any]
) -> list[Any]:
    """What the change does, printed as it is found."""
    found = results(plays, replace(SourceKinds(), **changed))
    more = found - usual
    family = np.array([play.family for play in plays])
    apart = [float(more[0, family == one].mean()) for one in FAMILIES]
    spread = float(more[0].std(ddof=1) / np.sqrt(len(plays)))
    under = 100 * float((found[0] < -1).mean() - (usual[0] < -1).mean())
    told = [float(np.mean(apart)), spread, under, float(more[1].mean())]
    shown = " ".join(f"{one:+.2f}" for one in apart)
    figures = f"{told[0]:+.2f} {told[1]:.2f} {told[2]:+5.1f} {told[3]:+.2f}"
    print(f"{name:24}{where:20} {shown:32} {figures}", flush=True)
    return [name, where, apart, *told]


if __name__ == "__main__":
    main()
