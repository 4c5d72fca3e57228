"""What good labels cost from a noisy crowd: as many answers as an item needs, against 3 or 5 each.

Two replays of the crowd sets of LABELWRIGHT_DATA (default `../shared/data`): *simulated* people
err by the confusion that the real ones show, and are asked in proportion to how much these
answered, as often as it takes; *recorded* answers are drawn from those that the real people gave
(so that hard items stay hard), until there are no more. One label model weighs all plans' votes.
The cost of a plan is the number of its answers when the share of right labels reaches 95 % to
stay, or what fixed plans of 3 and 5 answers reach.

Run: `python benchmarks/quality/noisy_crowd.py [--full] [--sets NAME ...] [--seeds N]`.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np

from labelwright.labelmodels import SourceKinds
from labelwright.queue import Redundancy
from labelwright.queue.crowd_replay import Belief, Waiting, answers_to, replay_crowd, simulated

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data"))
SETS = ("bluebird", "rte", "dog", "weather", "web", "MS", "SP_amt", "D_PosSent", "SP", "D_Product")
QUICK = ("bluebird", "rte", "dog", "MS")
TARGET = 0.95
# Who is less accurate than this, as far as the votes tell, is asked last.
BAR = 0.75
MOST = 15
ADAPTIVE = Redundancy(least=2, most=MOST, confidence=0.99)
FIXED = Redundancy(MOST, MOST, 0)
FITS = 10
SHOWN = []
"""Adaptive answers are weighed in every round, and people judged anew every so many rounds."""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="all sets, ten seeds")
    parser.add_argument("--sets", nargs="*", help="such as rte")
    parser.add_argument("--seeds", type=int)
    chosen = parser.parse_args()
    seeds = chosen.seeds or (10 if chosen.full else 2)
    print("answers an item; 'to 95 %' = fewest fixed answers that reach it, and adaptive ones")
    print(
        f"{'set':11}{'replay':11}{'fixed 3':>8}{'same':>6}{'fixed 5':>8}{'same':>6}"
        f"{'to 95 %: fixed':>15}{'adaptive':>9}{'ratio':>7}{'spread':>13}"
        f"{'stops at':>10}{'right':>7}{'s':>5}"
    )
    ratios = {}
    for name in chosen.sets or (SETS if chosen.full else QUICK):
        for kind in ("simulated", "recorded"):
            started = time.perf_counter()
            found = [one(name, kind, seed) for seed in range(seeds)]
            if found[0] is not None:
                ratios.setdefault(kind, []).append(show(name, kind, found, started))
    for kind, rows in ratios.items():
        for column, title in enumerate(("fixed 3", "fixed 5", "95 %")):
            values = [row[column] for row in rows if np.isfinite(row[column])]
            if values:
                few = sum(value <= 0.6 for value in values)
                print(
                    f"{kind}: cost of the same accuracy as {title}: mean {np.mean(values):.0%} "
                    f"of fixed, {few} of {len(values)} sets <= 60 %"
                )
    record(
        "quality/noisy_crowd",
        title="Noisy crowds: accuracy of fixed plans of 3 and 5 answers, and the share of their "
        "answers (cost) after which adaptive redundancy has the same accuracy to stay; answers an "
        "item to 95 %, where it stops left to itself, and how right it is then",
        columns=["", "replay", "fixed 3", "cost of 3", "fixed 5", "cost of 5", "to 95 %: fixed",
                 "adaptive", "ratio", "stops at", "right"],
        rows=SHOWN,
        digits={"": 2, "fixed 3": 1, "fixed 5": 1, "right": 1},
        measures=["src/labelwright/queue", "src/labelwright/labelmodels"],
        settings={"least answers": 2, "most answers": MOST, "confidence": 0.99},
        plays=seeds,
    )  # fmt: skip


def one(name, kind, seed):
    """Answers an item of both ways, by goal; None if the set has too few answers."""
    truth, votes = load(name)
    rng = np.random.default_rng(seed)
    waiting = people(truth, votes, rng) if kind == "simulated" else recorded(truth, votes, rng)
    if kind == "simulated":
        truth = np.where(truth >= 0, truth, 0)
    elif np.median(waiting.available) < 8:
        return None
    adaptive = replay_crowd(truth, waiting, ADAPTIVE, Weighing(FITS), bar=BAR)
    # One round asks one more answer of every item: the n-th step is the fixed plan of n answers.
    steps = replay_crowd(truth, waiting, FIXED, Weighing(1), rounds=1)
    fixed = {count + 1: step for count, step in enumerate(steps)}
    items = len(truth)
    enough = [step.answers for step in steps if step.accuracy >= TARGET]
    return {
        "3": (fixed[3].accuracy, answers_to(adaptive, fixed[3].accuracy) / fixed[3].answers),
        "5": (fixed[5].accuracy, answers_to(adaptive, fixed[5].accuracy) / fixed[5].answers),
        "95": (min(enough, default=np.inf) / items, answers_to(adaptive, TARGET) / items),
        "stop": (adaptive[-1].answers / items, adaptive[-1].accuracy),
    }


def show(name, kind, found, started):
    middle = {goal: np.median([one[goal] for one in found], axis=0) for goal in found[0]}
    with np.errstate(invalid="ignore"):
        each = [one["95"][1] / one["95"][0] for one in found]
        ratio = middle["95"][1] / middle["95"][0]
    reached = f"{min(each):.2f}..{max(each):.2f}" if np.all(np.isfinite(each)) else "-"
    print(f"{name:11}{kind:11}{middle['3'][0]:8.1%}{middle['3'][1]:6.2f}{middle['5'][0]:8.1%}"
          f"{middle['5'][1]:6.2f}{middle['95'][0]:15.2f}{middle['95'][1]:9.2f}{ratio:7.2f}"
          f"{reached:>13}{middle['stop'][0]:10.2f}{middle['stop'][1]:7.1%}"
          f"{time.perf_counter() - started:5.0f}", flush=True)  # fmt: skip
    kept = [100 * middle["3"][0], middle["3"][1], 100 * middle["5"][0], middle["5"][1]]
    kept += [*middle["95"], ratio, middle["stop"][0], 100 * middle["stop"][1]]
    SHOWN.append([name, kind, *(each if np.isfinite(each) else None for each in kept)])
    return middle["3"][1], middle["5"][1], ratio


class Weighing:
    """The label model, which judges people anew every so many times that it weighs their votes."""

    def __init__(self, every):
        self.model, self.every, self.times, self.fit = SourceKinds(), every, 0, None

    def __call__(self, votes):
        if self.times % self.every == 0:
            self.fit = self.model.fit(votes)
        self.times += 1
        return Belief(self.model.posterior(self.fit, votes).probability, self.fit.accuracy)


def load(name):
    stored = np.load(DATA / name / "votes.npz")
    pair = stored["item"].astype(np.int64) * int(stored["m"]) + stored["source"]
    first = np.unique(pair, return_index=True)[1]
    columns = [stored[column][first].astype(np.int64) for column in ("item", "source", "label")]
    truth = stored["y"].astype(np.int64)
    keep = np.isin(columns[0], np.flatnonzero(truth >= 0))
    place = np.cumsum(truth >= 0) - 1
    item, source, label = (column[keep] for column in columns)
    return truth[truth >= 0], (place[item], source, label, int(stored["m"]), int(stored["k"]))


def people(truth, votes, rng):
    """Simulated people: a real one's confusion, shrunk towards everybody's by four answers."""
    item, source, label, count, classes = votes
    confusion = np.zeros((count, classes, classes))
    np.add.at(confusion, (source, truth[item], label), 1)
    pooled = confusion.sum(axis=0) + 0.5
    pooled /= pooled.sum(axis=1, keepdims=True)
    active = confusion.sum(axis=(1, 2)) > 0
    confusion = confusion[active] + 4 * pooled
    activity = confusion.sum(axis=(1, 2)) - 4 * classes
    confusion /= confusion.sum(axis=2, keepdims=True)
    return simulated(truth, confusion, activity, min(MOST, len(confusion)), rng)


def recorded(truth, votes, rng):
    """The answers on record, in random order."""
    item, source, label, count, classes = votes
    order = rng.permutation(len(item))
    order = order[np.argsort(item[order], kind="stable")]
    item, source, label = item[order], source[order], label[order]
    place = np.arange(len(item)) - np.searchsorted(item, item)
    keep = place < MOST
    person = np.full((len(truth), MOST), -1)
    said = np.zeros((len(truth), MOST), np.int64)
    person[item[keep], place[keep]] = source[keep]
    said[item[keep], place[keep]] = label[keep]
    return Waiting(person, said, count, classes)


if __name__ == "__main__":
    main()
