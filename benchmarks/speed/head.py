"""How long suggestions need to follow the answers: the end model's last layer, fitted again.

    python benchmarks/speed/head.py [--items 100000] [--features 384]

Dense features of so many items with machine labels that are right nine times of ten; ten more
answers of people each time. The first fit learns the machines' labels, every later one only how
answers correct these. Goal: less than a second. Shown beside it: how often the predictions of
all items are right, and with `--full` those of a fit of all labels.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np

from labelwright.endmodels import MACHINES_WEIGH, MovingHead, Training
from labelwright.endmodels.linear import LinearHead

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=384)
    parser.add_argument("--full", action="store_true", help="also a fit of all labels")
    chosen = parser.parse_args()
    print(f"{chosen.items:,} items, {chosen.features} features, load {os.getloadavg()[0]:.1f}")
    rows = [show(chosen, classes) for classes in (2, 10)]
    record(
        "speed/head",
        title="Suggestions follow the answers: the end model's last layer fitted again, seconds "
        "(goal 1), and how often its predictions of all items are right",
        columns=["classes", "first", "then", "slowest", "of the processor", "right, %",
                 "a fit of all", "its right, %"],
        rows=rows,
        digits={"": 2, "right, %": 1, "its right, %": 1},
        measures=[f"src/labelwright/endmodels/{each}.py"
                  for each in ("corrected_head", "linear", "online_head")],
        settings={"items": chosen.items, "features": chosen.features},
    )  # fmt: skip


def show(chosen, classes):
    rng = np.random.default_rng(0)
    # As embeddings are: classes around centres, most of the spread in a few directions.
    spread = np.geomspace(1, 0.05, chosen.features)
    centre = rng.normal(size=(classes, chosen.features)) * spread * 0.2
    truth = rng.integers(0, classes, chosen.items)
    features = rng.normal(size=(chosen.items, chosen.features)) * spread + centre[truth]
    features = (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32)
    voted = np.where(rng.random(chosen.items) < 0.9, truth, rng.integers(0, classes, chosen.items))
    target = np.eye(classes)[voted]
    weight = np.ones(chosen.items)
    head = MovingHead(features)
    machines = Training(np.arange(chosen.items), target, weight).at_most(MACHINES_WEIGH)
    asked = rng.permutation(chosen.items)
    times, right = [], []
    for count in range(10, 90, 10):
        answered = asked[:count]
        answers = Training(answered, np.eye(classes)[truth[answered]], np.ones(count))
        began = time.perf_counter(), time.process_time()
        said = head.refit(machines, answers)
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
        right.append((said.argmax(axis=1) == truth).mean())
    (first, _), later = times[0], np.array(times[1:])
    told = (
        f"{classes} classes: first {first:.1f} s, then {np.median(later[:, 0]):.2f} s "
        f"(slowest {later[:, 0].max():.2f}; of the processor {np.median(later[:, 1]):.2f}), "
        f"right {right[-1]:.1%}"
    )
    took = good = None
    if chosen.full:
        began = time.perf_counter()
        full = LinearHead(1.0, calibration="none", steps=200).fit(features, target, weight)
        took = time.perf_counter() - began
        good = (full.predict(features).argmax(axis=1) == truth).mean()
        told += f"; a fit of all labels {took:.1f} s, right {good:.1%}"
    print(told)
    row = [str(classes), first, np.median(later[:, 0]), later[:, 0].max(), np.median(later[:, 1])]
    return [*row, 100 * right[-1], took, None if good is None else 100 * good]


if __name__ == "__main__":
    main()
