"""The same aggregation under crowd-kit and under `labelwright.compat.crowdkit`: the same numbers?

    python benchmarks/quality/crowdkit_parity.py [--crowdkit PYTHON] [--full]

`--crowdkit` names the Python of an environment that has crowd-kit (benchmarks/requirements.txt);
without it, this one is tried. Both sides run the code below, to the letter, but for the import, on
made crowds and on the real ones of `LABELWRIGHT_DATA` (default `../shared/data`; without --full
those of at most 12,000 votes). Nothing here looks at true labels.

Labels, probabilities, skills, priors and errors must be equal to six places (the script fails if
they are not), but for three methods, of which the table shows how often labels are alike:

- MMSR: crowd-kit takes workers who share no task for opponents when it finds the signs of skills;
  ours leaves such pairs out. Where all pairs share tasks both are equal.
- GLAD climbs by conjugate gradients that stop early; the place depends on the last bits.
- MACE restarts from other numbers, and crowd-kit's reads rows in sorted order as rows in order of
  appearance.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record, versions

DATA = Path(os.environ.get("LABELWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
QUICK_VOTES = 12_000
EQUAL = 1e-6
DIFFERENT = ("MMSR", "GLAD", "MACE")
METHODS = (
    "MajorityVote", "Wawa", "ZeroBasedSkill", "KOS", "DawidSkene", "OneCoinDawidSkene", *DIFFERENT,
)  # fmt: skip
NOTEBOOK = r"""
import json, sys, time, warnings
import pandas as pd
import CROWDKIT.aggregation as aggregation

warnings.simplefilter("ignore")
folder, result, *methods = sys.argv[1:]
table = pd.read_csv(folder + "/votes.csv", dtype=str)
out = {}
for method in methods:
    start = time.perf_counter()
    try:
        model = getattr(aggregation, method)().fit(table)
        seconds = time.perf_counter() - start
        if not hasattr(model, "labels_"):  # Wawa and others only learn skills when they are fitted
            weighed = aggregation.MajorityVote().fit(table, model.skills_)
            model.labels_, model.probas_ = weighed.labels_, weighed.probas_
    except Exception as error:
        out[method] = {"error": f"{type(error).__name__}: {error}"[:80]}
        continue
    out[method] = {"seconds": seconds}
    for name in ("labels_", "probas_", "skills_", "priors_", "errors_"):
        value = getattr(model, name, None)
        if value is not None:
            value = value.sort_index()
            value = value.sort_index(axis=1) if hasattr(value, "columns") else value
            out[method][name] = [list(map(str, value.index)), value.to_numpy().tolist()]
json.dump(out, open(result, "w"))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--crowdkit", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--full", action="store_true", help="the large sets too")
    options = parser.parse_args()
    there = [options.crowdkit, "-c", "import crowdkit.aggregation"]
    if subprocess.run(there, capture_output=True, check=False).returncode:
        sys.exit(f"{options.crowdkit} has no crowd-kit; see benchmarks/requirements.txt")
    wrong, found = 0, []
    print(f"{'set':11}{'method':19}{'labels alike':>13}{'|difference|':>13}"
          f"{'theirs, s':>11}{'ours, s':>9}")  # fmt: skip
    for title, votes in [*made(), *real(options.full)]:
        wrong += compared(title, votes, options.crowdkit, found)
    record(
        "quality/crowdkit_parity",
        title="`labelwright.compat.crowdkit` beside crowd-kit, made crowds and real ones: on how "
        "many sets both gave an answer, labels alike on the worst set, the largest difference of "
        "any number, and how long both took on all sets",
        columns=["method", "sets", "labels alike, %", "difference", "theirs, s", "ours, s"],
        rows=[summed(method, found) for method in METHODS],
        digits={"": 1, "sets": 0, "difference": 6, "ours, s": 2},
        measures=["src/labelwright/compat/crowdkit"],
        settings={} if options.full else {"most votes": QUICK_VOTES},
        peers=versions(options.crowdkit, "crowd-kit"),
    )
    sys.exit(wrong > 0)


def summed(method, found):
    """One row of the table: a method on all sets."""
    alike, apart, theirs, ours = zip(*(row[1:] for row in found if row[0] == method), strict=True)
    return [method, len(alike), 100 * min(alike), max(apart), sum(theirs), sum(ours)]


def made():
    """Crowds of few and many labels, dense and sparse, in no order."""
    for seed, (labels, asked) in enumerate([(2, 1.0), (3, 0.5), (5, 0.4), (2, 0.3)]):
        rng = np.random.default_rng(seed)
        truth, accuracy = rng.integers(0, labels, 150), rng.uniform(0.3, 0.95, 10)
        item, source = np.nonzero(rng.random((150, 10)) < asked)
        right = rng.random(len(item)) < accuracy[source]
        label = np.where(right, truth[item], rng.integers(0, labels, len(item)))
        order = rng.permutation(len(item))
        yield f"made {labels}", (item[order], source[order], label[order])


def real(full):
    for path in sorted(DATA.glob("*/votes.npz")):
        held = np.load(path)
        kind = json.loads(path.with_name("meta.json").read_text())["kind"]
        if kind == "crowd" and (full or len(held["item"]) <= QUICK_VOTES):
            pair = held["item"].astype(np.int64) * int(held["m"]) + held["source"]
            first = np.unique(pair, return_index=True)[1]
            yield path.parent.name, [held[name][first] for name in ("item", "source", "label")]


def compared(title, votes, peer, found):
    """Prints how alike both are on one set, and returns how many methods differ that may not."""
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"{a:07},w{b},{c:03}" for a, b, c in zip(*votes, strict=True)]
        (Path(folder) / "votes.csv").write_text("\n".join(["task,worker,label", *lines]))
        theirs = run(peer, "crowdkit", folder)
        ours = run(sys.executable, "labelwright.compat.crowdkit", folder)
    wrong = 0
    for method in METHODS:
        their, our = theirs[method], ours[method]
        if "error" in their or "error" in our:
            print(f"{title:11}{method:19}  theirs: {their.get('error', 'fine')};"
                  f" ours: {our.get('error', 'fine')}")  # fmt: skip
            wrong += "error" in our and "error" not in their
            continue
        alike = np.mean(np.array(their["labels_"][1]) == np.array(our["labels_"][1]))
        apart = max((difference(their[name], our[name]) for name in their
                     if name.endswith("_") and name != "labels_"), default=0.0)  # fmt: skip
        found.append((method, alike, apart, their["seconds"], our["seconds"]))
        wrong += method not in DIFFERENT and (alike < 1 or apart > EQUAL)
        print(f"{title:11}{method:19}{100 * alike:12.1f}%{apart:13.1e}{their['seconds']:11.2f}"
              f"{our['seconds']:9.2f}", flush=True)  # fmt: skip
    return wrong


def difference(one, other):
    """The largest difference; infinite where names or shapes differ."""
    if one[0] != other[0] or np.shape(one[1]) != np.shape(other[1]):
        return np.inf
    return float(np.nanmax(np.abs(np.array(one[1], float) - np.array(other[1], float))))


def run(python, package, folder):
    script, result = Path(folder) / "notebook.py", Path(folder) / "result.json"
    script.write_text(NOTEBOOK.replace("CROWDKIT", package), encoding="utf-8")
    subprocess.run([python, script, folder, result, *METHODS], check=True,
                   stderr=subprocess.DEVNULL)  # fmt: skip
    return json.loads(result.read_text())


if __name__ == "__main__":
    main()
