"""Fit + posterior of label models: seconds and peak memory, beside Snorkel and crowd-kit.

    python benchmarks/speed/label_models.py [--full] [--units N] [--classes 2 10] [--peers PYTHON]

20 sources of 30 % coverage and 55 to 95 % accuracy, drawn independently. Everybody runs in a
process of its own and starts from its own kind of input, in memory: columns for us (building the
VoteMatrix is timed), a dense array for Snorkel, a data frame for crowd-kit. Settings are
everybody's defaults. `--peers` names the Python of an environment that has the peers
(benchmarks/requirements.txt); without it, this one is tried. Memory is the peak beyond what the
process held with its input loaded. `--full`: a million units; without it, 100,000.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES, COVERAGE = 20, 0.3
OURS = ("majority_vote", "weighted_majority", "dawid_skene", "ibcc", "mace", "triplet", "metal",
        "source_kinds", "wawa")  # fmt: skip
SLOW = ("ebcc", "glad")
PEERS = ("snorkel", "crowdkit")
LIMIT_S = 900

CHILD = r"""
import json, resource, sys, time
import numpy as np

name, path = sys.argv[1:]
data = np.load(path)
unit, source, label = (data[key] for key in ("unit", "source", "label"))
units, classes, sources = (int(data[key]) for key in ("units", "classes", "sources"))
truth = data["truth"]


def ours():
    from labelwright.core.matrix import VoteMatrix
    from labelwright.labelmodels import by_name
    import scipy.sparse

    def run():
        votes = VoteMatrix.build(unit, source, label, units=units, classes=classes,
                                 kinds=["function"] * sources)
        model = by_name(name)
        return model.posterior(model.fit(votes), votes).probability

    return run


def snorkel():
    from snorkel.labeling.model import LabelModel

    dense = np.full((units, sources), -1, np.int64)
    dense[unit, source] = label

    def run():
        model = LabelModel(cardinality=classes, verbose=False)
        model.fit(dense, seed=0, progress_bar=False)
        return model.predict_proba(dense)

    return run


def crowdkit():
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    frame = pd.DataFrame({"task": unit, "worker": source, "label": label})

    def run():
        found = DawidSkene(n_iter=100).fit_predict_proba(frame)
        whole = np.full((units, classes), 1 / classes)
        whole[found.index.to_numpy()[:, None], found.columns.to_numpy()] = found.to_numpy()
        return whole

    return run


def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


run = {"snorkel": snorkel, "crowdkit": crowdkit}.get(name, ours)()
before = resident_mb()
start = time.perf_counter()
probability = run()
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
covered = np.zeros(units, bool)
covered[unit] = True
right = float((probability.argmax(axis=1) == truth)[covered].mean())
print(json.dumps({"seconds": seconds, "mb": max(peak - before, 0), "right": right}))
"""


def draw(path, units, classes, seed=0):
    """Writes the votes as columns, and the truth."""
    import numpy as np

    rng = np.random.default_rng(seed)
    accuracy = rng.uniform(0.55, 0.95, SOURCES)
    parts, truths = [], []
    for first in range(0, units, 1_000_000):
        size = min(1_000_000, units - first)
        truth = rng.integers(0, classes, size, dtype=np.int16)
        voted = rng.random((size, SOURCES), dtype=np.float32) < COVERAGE
        unit, source = np.nonzero(voted)
        right = rng.random(len(unit), dtype=np.float32) < accuracy[source]
        other = rng.integers(1, classes, len(unit), dtype=np.int16)
        label = np.where(right, truth[unit], (truth[unit] + other) % classes).astype(np.int16)
        parts.append(((unit + first).astype(np.int32), source.astype(np.int32), label))
        truths.append(truth)
    unit, source, label = (np.concatenate(column) for column in zip(*parts, strict=True))
    np.savez(path, unit=unit, source=source, label=label, truth=np.concatenate(truths),
             units=units, classes=classes, sources=SOURCES)  # fmt: skip
    return len(unit)


def measure(python, name, path):
    """What the child says, or why it says nothing."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [python, "-c", CHILD, name, str(path)],
            capture_output=True, text=True, timeout=LIMIT_S, env=env, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"error": f"no result in {LIMIT_S} s"}
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def show(results):
    """A line a method, with how many times longer every peer took."""
    print(f"{'':20}{'seconds':>9}{'MB':>8}{'right %':>9}   peers took")
    for name, found in results.items():
        if "error" in found:
            print(f"{name:20} {found['error'][:90]}")
            continue
        ratios = [
            f"{peer} x{results[peer]['seconds'] / found['seconds']:.0f}"
            for peer in PEERS
            if name not in PEERS and "seconds" in results.get(peer, {})
        ]
        numbers = f"{found['seconds']:9.2f}{found['mb']:8.0f}{100 * found['right']:9.2f}"
        print(f"{name:20}{numbers}   {', '.join(ratios)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="a million units")
    parser.add_argument("--units", type=int)
    parser.add_argument("--classes", type=int, nargs="+", default=[2, 10])
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the peers")
    parser.add_argument("--only", nargs="+", help="these methods")
    arguments = parser.parse_args()
    units = arguments.units or (1_000_000 if arguments.full else 100_000)
    names = arguments.only or [*OURS, *(() if units > 200_000 else SLOW), *PEERS]
    for classes in arguments.classes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "votes.npz"
            count = draw(path, units, classes)
            print(f"\n{units:,} units x {SOURCES} sources x {classes} classes, {count:,} votes")
            pythons = {name: arguments.peers if name in PEERS else sys.executable for name in names}
            show({name: measure(python, name, path) for name, python in pythons.items()})


if __name__ == "__main__":
    main()
