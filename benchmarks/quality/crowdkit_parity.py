"""The same aggregation under crowd-kit and under `labelwright.compat.crowdkit`: how alike are they?

    python benchmarks/quality/crowdkit_parity.py [--crowdkit PYTHON] [--full]

`--crowdkit` names the Python of an environment that has crowd-kit (benchmarks/requirements.txt);
without it, this one is tried. Both sides run the code below, to the letter, but for the import.
What crowd-kit's documentation defines must agree (the script fails if it does not): the shape,
index and columns of results, and the labels of MajorityVote where one class has most votes.
The methods differ by design, as this says, so the table shows by how much:

- MajorityVote: ours gives the probability that the most voted class is right, crowd-kit shares of
  votes; on ties crowd-kit draws a label at random, ours takes the first.
- Wawa: the same skills; ours weighs votes as log-odds, crowd-kit adds skills.
- DawidSkene, MACE, GLAD: the same likelihoods; ours have priors, and start from majority vote.

Sets need LABELWRIGHT_DATA (default `../shared/data`); without --full those of at most 12,000 votes.
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
METHODS = ("MajorityVote", "Wawa", "DawidSkene", "MACE", "GLAD")
NOTEBOOK = r"""
import json, sys, time, warnings
import numpy as np
import pandas as pd
from CROWDKIT import MajorityVote, Wawa, DawidSkene, MACE, GLAD

warnings.simplefilter("ignore")
folder, result, *methods = sys.argv[1:]
table = pd.read_csv(folder + "/votes.csv", dtype=str)
out, arrays = {}, {}
for method in methods:
    start = time.perf_counter()
    try:
        model = globals()[method]()
        probability = getattr(model.fit(table), "probas_", None)
        if probability is None:  # Wawa only learns skills when it is fitted
            probability = MajorityVote().fit_predict_proba(table, model.skills_)
    except Exception as error:
        out[method] = {"error": f"{type(error).__name__}: {error}"[:80]}
        continue
    out[method] = {"seconds": time.perf_counter() - start, "index": str(probability.index.name),
                   "columns": sorted(map(str, probability.columns))}
    ordered = probability.sort_index().sort_index(axis=1)
    arrays[method], arrays["tasks"] = ordered.to_numpy(float), ordered.index.to_numpy(str)
np.savez(result, said=json.dumps(out), **arrays)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--crowdkit", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--full", action="store_true", help="the large sets too")
    options = parser.parse_args()
    there = [options.crowdkit, "-c", "import crowdkit.aggregation"]
    if subprocess.run(there, capture_output=True, check=False).returncode:
        sys.exit(f"{options.crowdkit} has no crowd-kit; see benchmarks/requirements.txt")
    wrong, rows = 0, []
    print(f"{'set':11}{'method':14}{'labels alike':>13}{'|difference|':>13}"
          f"{'their score':>12}{'our score':>11}{'their s':>9}{'our s':>8}")  # fmt: skip
    for path in sorted(DATA.glob("*/votes.npz")):
        kind = json.loads(path.with_name("meta.json").read_text())["kind"]
        held = np.load(path)
        if kind == "crowd" and (options.full or len(held["item"]) <= QUICK_VOTES):
            wrong += compared(path.parent.name, held, options.crowdkit, rows)
    record(
        "quality/crowdkit_parity",
        title="`labelwright.compat.crowdkit` beside crowd-kit: labels alike on items without a "
        "tie, mean difference of the probabilities, and how right both are",
        columns=["set", "method", "labels alike, %", "difference", "theirs, %", "ours, %"],
        rows=rows,
        digits={"": 1, "difference": 3},
        measures=["src/labelwright/compat/crowdkit.py", "src/labelwright/labelmodels"],
        settings={} if options.full else {"most votes": QUICK_VOTES},
        peers=versions(options.crowdkit, "crowd-kit"),
    )
    sys.exit(wrong)


def compared(title, held, peer, rows):
    """Prints how alike both are on one set, and returns how much that is defined differs."""
    pair = held["item"].astype(np.int64) * int(held["m"]) + held["source"]
    _, first = np.unique(pair, return_index=True)
    item, source, label = (held[name][first] for name in ("item", "source", "label"))
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"{a:07},w{b},{c:03}" for a, b, c in zip(item, source, label, strict=True)]
        (Path(folder) / "votes.csv").write_text("\n".join(["task,worker,label", *lines]))
        theirs = run(peer, "crowdkit.aggregation", folder)
        ours = run(sys.executable, "labelwright.compat.crowdkit", folder)
    said = [json.loads(str(each["said"])) for each in (theirs, ours)]
    votes = np.zeros((int(item.max()) + 1, int(held["k"])))
    np.add.at(votes, (item, label), 1)
    wrong = 0
    for method in METHODS:
        their, our = (each[method] for each in said)
        if "error" in their or "error" in our:
            print(f"{title:11}{method:14}  theirs: {their.get('error', 'fine')};"
                  f" ours: {our.get('error', 'fine')}")  # fmt: skip
            wrong += "error" in our
            continue
        tasks = theirs["tasks"].astype(int)
        a, b = theirs[method], ours[method]
        clear = np.sort(votes[tasks], axis=1)
        clear = clear[:, -1] > clear[:, -2]
        alike = (a.argmax(axis=1) == b.argmax(axis=1))[clear]
        wrong += their["columns"] != our["columns"] or their["index"] != our["index"]
        wrong += not np.array_equal(theirs["tasks"], ours["tasks"])
        wrong += method == "MajorityVote" and not alike.all()
        truth = held["y"][tasks]
        names = np.array(our["columns"], int)
        scores = [right(each, truth, names) for each in (a, b)]
        print(f"{title:11}{method:14}{100 * alike.mean():12.1f}%{np.abs(a - b).mean():13.3f}"
              f"{scores[0]:12.1f}{scores[1]:11.1f}{their['seconds']:9.2f}"
              f"{our['seconds']:8.2f}", flush=True)  # fmt: skip
        rows.append([title, method, 100 * alike.mean(), np.abs(a - b).mean(), *scores])
    return wrong


def right(probability, truth, names):
    """Accuracy in percent on tasks of known truth; equals share."""
    best = probability >= probability.max(axis=1, keepdims=True) - 1e-9
    share = best / best.sum(axis=1, keepdims=True)
    known = truth >= 0
    return 100 * (share * (names == truth[:, None])).sum(axis=1)[known].mean()


def run(python, package, folder):
    script, result = Path(folder) / "notebook.py", Path(folder) / "result.npz"
    script.write_text(NOTEBOOK.replace("CROWDKIT", package), encoding="utf-8")
    subprocess.run([python, script, folder, result, *METHODS], check=True,
                   stderr=subprocess.DEVNULL)  # fmt: skip
    with np.load(result) as held:
        return dict(held)


if __name__ == "__main__":
    main()
