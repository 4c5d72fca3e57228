"""Fit + posterior of label models: seconds and peak memory, beside Snorkel and crowd-kit.

    python benchmarks/speed/label_models.py [--full] [--units N] [--classes 2 10] [--peers PYTHON]
    python benchmarks/speed/label_models.py --large

20 sources of 30 % coverage and 55 to 95 % accuracy, drawn independently. Everybody runs in a
process of its own and starts from its own kind of input, in memory: columns for us (building the
VoteMatrix is timed), a dense array for Snorkel, a data frame for crowd-kit. Settings are
everybody's defaults. `--peers` names the Python of an environment that has the peers
(benchmarks/requirements.txt); without it, this one is tried. Memory is the peak beyond what the
process held with its input loaded. `--full`: a million units; without it, 100,000. "cpu" is
processor time, which other work on the machine changes less than wall time; the ratios to peers
are of it, and everybody may use one thread.

`--large` shows our default alone: time by votes, 10 million units, 10^8 votes of 10,000 people,
1,200 and 3,000 functions; beside it what one pass over the same bytes costs this machine, and an
update by 1 % of the units.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record, versions

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
kind = str(data["kind"])


def ours():
    from labelwright.core.matrix import VoteMatrix
    from labelwright.labelmodels import by_name
    import scipy.sparse

    def run():
        votes = VoteMatrix.build(unit, source, label, units=units, classes=classes,
                                 kinds=[kind] * sources)
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


def update():
    # What a fit takes to follow the last 1 % of the units.
    from labelwright.core.matrix import VoteMatrix
    from labelwright.labelmodels import by_name
    from labelwright.labelmodels.evidence.sampling import joined, part, thinned
    from dataclasses import replace

    votes = VoteMatrix.build(unit, source, label, units=units, classes=classes,
                             kinds=[kind] * sources)
    model, end = by_name("source_kinds"), units - units // 100
    before = part(votes, 0, end)
    fit = model.fit(before)
    witness = thinned(before, max(1, end // 65536))
    witness = replace(witness, weight=np.full(witness.units, end / witness.units))

    def run():
        run.fit = model.update(fit, witness, joined([witness, part(votes, end, units)]))
        return np.zeros((units, 1))

    return run


def stream():
    # One pass over the bytes of the votes and of a posterior in single precision, and back.
    posterior = np.zeros((units, classes), np.float32)

    def run():
        for array in (unit, source, label):
            array.sum(dtype=np.int64)
        np.multiply(posterior, np.float32(2), out=posterior)
        return posterior

    return run


own = {"update": update, "stream": stream, "snorkel": snorkel, "crowdkit": crowdkit}
run = own.get(name, ours)()
before = resident_mb()
start, processor = time.perf_counter(), time.process_time()
probability = run()
seconds, cpu = time.perf_counter() - start, time.process_time() - processor
# Not ru_maxrss, which a process takes over from the one that started it.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
covered = np.zeros(units, bool)
covered[unit] = True
right = float((probability.argmax(axis=1) == truth)[covered].mean())
print(json.dumps({"seconds": seconds, "cpu": cpu, "mb": max(peak - before, 0), "right": right}))
"""


def draw(path, units, classes, sources=SOURCES, coverage=COVERAGE, seed=0):
    """Writes the votes of functions as columns, and the truth."""
    import numpy as np

    rng = np.random.default_rng(seed)
    accuracy = rng.uniform(0.55, 0.95, sources)
    parts, truths = [], []
    for first in range(0, units, 100_000):
        size = min(100_000, units - first)
        truth = rng.integers(0, classes, size, dtype=np.int16)
        voted = rng.random((size, sources), dtype=np.float32) < coverage
        unit, source = np.nonzero(voted)
        right = rng.random(len(unit), dtype=np.float32) < accuracy[source]
        other = rng.integers(1, classes, len(unit), dtype=np.int16)
        label = np.where(right, truth[unit], (truth[unit] + other) % classes).astype(np.int16)
        parts.append(((unit + first).astype(np.int32), source.astype(np.int32), label))
        truths.append(truth)
    unit, source, label = (np.concatenate(column) for column in zip(*parts, strict=True))
    np.savez(path, unit=unit, source=source, label=label, truth=np.concatenate(truths),
             units=units, classes=classes, sources=sources, kind="function")  # fmt: skip
    return len(unit)


def draw_crowd(path, units, classes, people, each, seed=0):
    """Writes the votes of so many people, `each` on every unit, and the truth."""
    import numpy as np

    rng = np.random.default_rng(seed)
    accuracy = rng.uniform(0.55, 0.95, people).astype(np.float32)
    source = np.empty((units, each), np.int32)
    label = np.empty((units, each), np.int16)
    truth = rng.integers(0, classes, units, dtype=np.int16)
    # Of as many groups as answers, one member each, so that nobody answers twice.
    group = people // each * np.arange(each, dtype=np.int32)
    for first in range(0, units, 100_000):
        rows = slice(first, min(first + 100_000, units))
        shape = source[rows].shape
        source[rows] = rng.integers(0, people // each, shape, dtype=np.int32) + group
        right = rng.random(shape, dtype=np.float32) < accuracy[source[rows]]
        other = truth[rows, None] + rng.integers(1, classes, shape, dtype=np.int16)
        label[rows] = np.where(right, truth[rows, None], other % classes)
    unit = np.repeat(np.arange(units, dtype=np.int32), each)
    np.savez(path, unit=unit, source=source.ravel(), label=label.ravel(), truth=truth,
             units=units, classes=classes, sources=people, kind="person")  # fmt: skip
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
    print(f"{'':20}{'seconds':>9}{'cpu':>9}{'MB':>8}{'right %':>9}   peers took")
    for name, found in results.items():
        if "error" in found:
            print(f"{name:20} {found['error'][:90]}")
            continue
        ratios = [
            f"{peer} x{results[peer]['cpu'] / found['cpu']:.0f}"
            for peer in PEERS
            if name not in PEERS and "seconds" in results.get(peer, {})
        ]
        numbers = f"{found['seconds']:9.2f}{found['cpu']:9.2f}{found['mb']:8.0f}"
        numbers += f"{100 * found['right']:9.2f}" if name not in ("update", "stream") else ""
        print(f"{name:20}{numbers}   {', '.join(ratios)}")


LARGE = {
    "1M x 20 functions x 10 classes": lambda path: draw(path, 1_000_000, 10),
    "2M x 20 functions x 10 classes": lambda path: draw(path, 2_000_000, 10),
    "4M x 20 functions x 10 classes": lambda path: draw(path, 4_000_000, 10),
    "10M x 20 functions x 10 classes": lambda path: draw(path, 10_000_000, 10),
    "100k x 1,200 functions x 56 classes": lambda path: draw(path, 100_000, 56, 1_200, 0.01),
    "100k x 3,000 functions x 2 classes": lambda path: draw(path, 100_000, 2, 3_000, 0.01),
    "1M x 20 people x 10 classes, 6 each": lambda path: draw_crowd(path, 1_000_000, 10, 24, 6),
    "10M x 10,000 people x 4 classes, 10 each": (
        lambda path: draw_crowd(path, 10_000_000, 4, 10_000, 10)
    ),
}


def large(wanted):
    """A table of our default on every large case."""
    rows = []
    for title, drawn in LARGE.items():
        if wanted not in title:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "votes.npz"
            count = drawn(path)
            print(f"\n{title}, {count:,} votes, {10 * count / 2**20:,.0f} MB", flush=True)
            names = ("source_kinds", "update", "stream")
            found = {name: measure(sys.executable, name, path) for name in names}
            show(found)
            sys.stdout.flush()
            rows.append([title, *(found[name].get("cpu") for name in names)])
            rows[-1].append(found["source_kinds"].get("mb"))
    record(
        "speed/label_models_large",
        title="Many votes, our default label model: processor seconds of fit and posterior, of an "
        "update by 1 % of the units, and of one pass of numpy over the bytes of votes and "
        "posterior; MB beyond the votes",
        columns=["", "fit and posterior", "update", "one pass", "MB"],
        rows=rows,
        digits={"": 2, "MB": 0},
        measures=["src/labelwright/labelmodels"],
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="a million units")
    parser.add_argument("--large", action="store_true", help="the default on very many votes")
    parser.add_argument("--cases", help="with --large: only those whose name has this in it")
    parser.add_argument("--units", type=int)
    parser.add_argument("--classes", type=int, nargs="+", default=[2, 10])
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the peers")
    parser.add_argument("--only", nargs="+", help="these methods")
    arguments = parser.parse_args()
    if arguments.large:
        large(arguments.cases or "")
        return
    units = arguments.units or (1_000_000 if arguments.full else 100_000)
    names = arguments.only or [*OURS, *(() if units > 200_000 else SLOW), *PEERS]
    for classes in arguments.classes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "votes.npz"
            count = draw(path, units, classes)
            print(f"\n{units:,} units x {SOURCES} sources x {classes} classes, {count:,} votes")
            pythons = {name: arguments.peers if name in PEERS else sys.executable for name in names}
            found = {name: measure(python, name, path) for name, python in pythons.items()}
            show(found)
            keep(found, units, classes, versions(arguments.peers, "snorkel", "crowd-kit"))


def keep(found, units, classes, peers):
    def times(peer, name):
        return found.get(peer, {}).get("cpu", float("nan")) / found[name].get("cpu", float("nan"))

    record(
        f"speed/label_models_{classes}_classes",
        title=f"Label models, fit and posterior, one thread each, {classes} classes: processor "
        "seconds, memory beyond the input, and how many times more the peers took",
        columns=["", "processor s", "MB", "Snorkel, times", "crowd-kit, times"],
        rows=[
            [name, each.get("cpu"), each.get("mb"), times("snorkel", name), times("crowdkit", name)]
            for name, each in found.items()
        ],
        digits={"": 0, "processor s": 2},
        measures=["src/labelwright/labelmodels"],
        settings={"units": units, "sources": SOURCES},
        peers=peers,
    )


if __name__ == "__main__":
    main()
