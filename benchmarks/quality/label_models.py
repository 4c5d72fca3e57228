"""Label models on real votes: score, ECE and NLL of ours, by name, and of peers, on both worlds.

    python benchmarks/quality/label_models.py [--models source_kinds majority_vote]
        [--peers PYTHON] [--sets youtube rte] [--csv FILE]

Votes come from LABELWRIGHT_DATA (default ../shared/data), folders as its README says. Scores are
accuracy in percent, or F1 of class 1 where the set's benchmark uses it, on covered units with a
known truth; of classes that are equally probable each gets its share. Models run at their
defaults, without gold, on all votes. ECE has 15 bins; NLL is of the true class, floored at 1e-6.
Peers (snorkel, crowd-kit; benchmarks/requirements.txt) run in the interpreter given, or in this
one, each in a process of its own, with a time limit; one that is not installed is skipped.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(os.environ.get("LABELWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
SCORED_BY_F1 = {"D_Product", "sms", "spouse_test"}
BINS = 15
PEER_LIMIT_S = 120
PEERS = {"snorkel": "snorkel", "crowdkit_dawid_skene": "crowdkit", "crowdkit_glad": "crowdkit"}


@dataclass(frozen=True)
class RealSet:
    """Real votes with their truth, the first of repeated votes kept."""

    name: str
    functions: bool
    unit: np.ndarray
    source: np.ndarray
    label: np.ndarray
    truth: np.ndarray
    classes: int
    sources: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="*", help="only these of ours")
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument("--csv", type=Path, help="also writes every number there")
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        run_peer(options.peer[0], Path(options.peer[1]))
        return
    from labelwright.labelmodels import MODELS  # not there in a peer's own environment

    models = sorted(MODELS) if options.models is None else options.models
    sets = [each for each in read_sets() if not options.sets or each.name in options.sets]
    if not sets:
        sys.exit(f"no votes at {DATA}; set LABELWRIGHT_DATA to the folder that holds the sets")
    peers = [name for name in PEERS if installed(options.peers, name)]
    rows = []
    for each in sets:
        found = {name: run_ours(name, each) for name in models}
        found |= {name: ask_peer(options.peers, name, each) for name in peers}
        rows += [measured(each, name, *result) for name, result in found.items()]
        print(f"  {each.name} done", file=sys.stderr)
    for world in ("functions", "crowds"):
        show([row for row in rows if row["world"] == world], world)
    if options.csv:
        with options.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def read_sets() -> list[RealSet]:
    found = []
    for folder in sorted(DATA.glob("*/")):
        if not (folder / "votes.npz").exists():
            continue
        held = np.load(folder / "votes.npz")
        kind = json.loads((folder / "meta.json").read_text())["kind"]
        sources = int(held["m"])
        key = held["item"].astype(np.int64) * sources + held["source"]
        _, first = np.unique(key, return_index=True)
        columns = [held[name][first] for name in ("item", "source", "label")]
        found.append(
            RealSet(folder.name, kind == "lf", *columns, held["y"], int(held["k"]), sources)
        )
    return found


def run_ours(name: str, votes: RealSet) -> tuple[np.ndarray, float]:
    from labelwright.core.matrix import VoteMatrix
    from labelwright.labelmodels import MODELS, fit_predict

    matrix = VoteMatrix.build(
        votes.unit,
        votes.source,
        votes.label,
        units=len(votes.truth),
        classes=votes.classes,
        kinds=["function" if votes.functions else "person"] * votes.sources,
    )
    start = time.perf_counter()
    probability = fit_predict(MODELS[name](), matrix).probability
    return probability, time.perf_counter() - start


def installed(python: str, peer: str) -> bool:
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({PEERS[peer]!r}) is None)"
    there = subprocess.run([python, "-c", code], check=False).returncode == 0
    if not there:
        print(f"{peer} is skipped: {PEERS[peer]} is not installed in {python}", file=sys.stderr)
    return there


def ask_peer(python: str, peer: str, votes: RealSet) -> tuple[np.ndarray | None, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "votes.npz"
        np.savez(
            path,
            unit=votes.unit,
            source=votes.source,
            label=votes.label,
            size=[len(votes.truth), votes.sources, votes.classes],
        )
        command = [python, str(Path(__file__).resolve()), "--peer", peer, str(path)]
        start = time.perf_counter()
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PEER_LIMIT_S)
        except subprocess.SubprocessError as error:
            said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
            last = said.splitlines()[-1] if said else type(error).__name__
            print(f"{peer} gave nothing on {votes.name}: {last}", file=sys.stderr)
            return None, time.perf_counter() - start
        held = np.load(path.with_suffix(".out.npz"))
        return held["probability"], float(held["seconds"])


def run_peer(peer: str, path: Path) -> None:
    """In the peer's process: reads votes, writes what the peer makes of them beside."""
    held = np.load(path)
    units, sources, classes = held["size"]
    start = time.perf_counter()
    run = snorkel if peer == "snorkel" else crowdkit
    arguments = held["unit"], held["source"], held["label"], units, sources, classes
    probability = run(peer, *arguments)
    seconds = time.perf_counter() - start
    np.savez(path.with_suffix(".out.npz"), probability=probability, seconds=seconds)


def snorkel(_, unit, source, label, units, sources, classes):
    from snorkel.labeling.model import LabelModel

    dense = np.full((units, sources), -1)
    dense[unit, source] = label
    model = LabelModel(cardinality=int(classes), verbose=False)
    model.fit(dense, n_epochs=100, seed=0, progress_bar=False)
    return model.predict_proba(dense)


def crowdkit(peer, unit, source, label, units, _, classes):
    import pandas as pd
    from crowdkit.aggregation import GLAD, DawidSkene

    table = pd.DataFrame({"task": unit, "worker": source, "label": label})
    method = DawidSkene(n_iter=100) if peer.endswith("dawid_skene") else GLAD()
    answer = method.fit_predict_proba(table)
    probability = np.full((units, classes), 1 / classes)
    probability[answer.index] = answer.reindex(columns=range(classes)).fillna(0).to_numpy()
    return probability


def measured(votes: RealSet, method: str, probability: np.ndarray | None, seconds: float) -> dict:
    row = {
        "world": "functions" if votes.functions else "crowds",
        "set": votes.name,
        "method": method,
        "score": np.nan,
        "ece": np.nan,
        "nll": np.nan,
        "seconds": seconds,
    }
    if probability is None:
        return row
    judged = votes.truth >= 0
    judged &= np.bincount(votes.unit, minlength=len(judged)) > 0
    given, truth = probability[judged], votes.truth[judged]
    best = given >= given.max(axis=1, keepdims=True) - 1e-9
    share = best / best.sum(axis=1, keepdims=True)
    picked = share[np.arange(len(truth)), truth]
    if votes.name in SCORED_BY_F1:
        hits = 2 * picked[truth == 1].sum()
        row["score"] = 100 * hits / max(share[:, 1].sum() + (truth == 1).sum(), 1)
    else:
        row["score"] = 100 * picked.mean()
    sure = given.max(axis=1)
    gap = sure - picked
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    row["ece"] = np.abs(np.bincount(place, gap, minlength=BINS)).sum() / len(truth)
    row["nll"] = -np.log(np.maximum(given[np.arange(len(truth)), truth], 1e-6)).mean()
    return row


def show(rows: list[dict], world: str) -> None:
    if not rows:
        return
    methods = list(dict.fromkeys(row["method"] for row in rows if not np.isnan(row["score"])))
    sets = list(dict.fromkeys(row["set"] for row in rows))
    cell = {(row["method"], row["set"]): row for row in rows}
    whole = [name for name in sets if not any(np.isnan(cell[m, name]["score"]) for m in methods)]
    print(f"\n{world}: score per set; means over the {len(whole)} sets on which all methods ran")
    print(" " * 22 + " ".join(f"{name[:9]:>9}" for name in [*sets, "mean", "ECE", "NLL", "s"]))
    for method in methods:
        numbers = [cell[method, name]["score"] for name in sets]
        of = [cell[method, name] for name in whole]
        means = [
            np.mean([row[key] for row in of]) if of else np.nan for key in ("score", "ece", "nll")
        ]
        seconds = np.sum([row["seconds"] for row in of])
        line = [f"{number:9.1f}" for number in [*numbers, means[0]]]
        line += [f"{means[1]:9.3f}", f"{means[2]:9.3f}", f"{seconds:9.2f}"]
        print(f"{method:22}" + " ".join(line))


if __name__ == "__main__":
    main()
