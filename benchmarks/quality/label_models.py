"""Label models on real votes: score, ECE and NLL of ours, by name, and of peers, on both worlds.

    python benchmarks/quality/label_models.py [--peers PYTHON] [--full | --fast] [--keep FOLDER]
        [--models source_kinds majority_vote] [--sets youtube rte] [--csv FILE]

Votes come from LABELWRIGHT_DATA (default ../shared/data), folders as its README says. Scores are
accuracy in percent, or F1 of class 1 where the set's benchmark uses it, on covered units with a
known truth; of classes that are equally probable each gets its share. Models run at their
defaults, without gold, on all votes. ECE has 15 bins; NLL is of the true class, floored at 1e-6.
Peers (`peers.py`; benchmarks/requirements.txt) run in the interpreter given, or in this one, each
with a time limit; one that is not installed is skipped. Without --full only sets of at most
12,000 votes are taken, and peers that take seconds. --keep remembers what peers gave. --fast is
what `make check` holds above its floors: all sets, without peers.
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
from peers import ONLY_LABELS, PACKAGES

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record, versions

DATA = Path(os.environ.get("LABELWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
SCORED_BY_F1 = {"D_Product", "sms", "spouse_test"}
DEFAULT = "source_kinds"
BINS = 15
MEASURED = "src/labelwright/labelmodels"
VERSIONS = ("snorkel", "crowd-kit", "hyperlm", "flyingsquid")
PEER_LIMIT_S = 120
QUICK_VOTES = 12_000
BASE = "majority_vote"
QUICK_PEERS = {"snorkel", "snorkel_majority", "hyperlm", "crowdkit_wawa", "crowdkit_dawid_skene"}


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
    parser.add_argument("--full", action="store_true", help="all sets and all peers")
    parser.add_argument("--fast", action="store_true", help="all sets, no peers")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where peers' answers stay")
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument("--csv", type=Path, help="also writes every number there")
    options = parser.parse_args()
    from labelwright.labelmodels import MODELS

    models = sorted(MODELS) if options.models is None else options.models
    sets = [each for each in read_sets() if wanted(each, options)]
    if not sets:
        sys.exit(f"no votes at {DATA}; set LABELWRIGHT_DATA to the folder that holds the sets")
    peers = sorted(PACKAGES if options.full else QUICK_PEERS, key=[*PACKAGES].index)
    peers = [] if options.fast else installed(options.peers, peers)
    rows, silent = [], []
    for each in sets:
        rows += [measured(each, name, *run_ours(name, each)) for name in models]
        for name, (answer, said) in ask_peers(options.peers, peers, each, options.keep).items():
            rows.append(measured(each, name, answer, said if answer is not None else np.nan))
            silent += [f"{name} on {each.name}: {said}"] if answer is None else []
        print(f"  {each.name} done", file=sys.stderr)
    for world in ("functions", "crowds"):
        show([row for row in rows if row["world"] == world], world)
        keep([row for row in rows if row["world"] == world], world, options.peers)
    compare(rows, models)
    if silent:
        print("\nno result: " + "; ".join(silent))
    if options.csv:
        with options.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def wanted(votes: RealSet, options: argparse.Namespace) -> bool:
    if options.sets:
        return votes.name in options.sets
    return options.full or options.fast or len(votes.unit) <= QUICK_VOTES


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


def installed(python: str, peers: list[str]) -> list[str]:
    code = "import importlib.util as u, sys; print(*[n for n in sys.argv[1:] if u.find_spec(n)])"
    packages = sorted(set(PACKAGES.values()))
    asked = subprocess.run(
        [python, "-c", code, *packages], capture_output=True, text=True, check=True
    )
    there = asked.stdout.split()
    for package in packages:
        if package not in there:
            print(f"skipped: {package} is not installed in {python}", file=sys.stderr)
    return [name for name in peers if PACKAGES[name] in there]


def ask_peers(python: str, peers: list[str], votes: RealSet, keep: Path | None) -> dict:
    """What every peer gave, and how long it took; or None, and why."""
    found = {}
    for package in dict.fromkeys(PACKAGES[name] for name in peers):
        names = [name for name in peers if PACKAGES[name] == package]
        with tempfile.TemporaryDirectory() as folder:
            kept = (keep or Path(folder)) / f"{votes.name}.{package}.npz"
            if not kept.exists() or not set(names) <= json.loads(str(np.load(kept)["said"])).keys():
                kept.parent.mkdir(parents=True, exist_ok=True)
                run_peers(python, names, votes, Path(folder) / "votes.npz", kept)
            held = np.load(kept)
            said = json.loads(str(held["said"]))
            found |= {name: (held.get(name), said[name]) for name in names}
    return found


def run_peers(python: str, names: list[str], votes: RealSet, path: Path, result: Path) -> None:
    size = [len(votes.truth), votes.sources, votes.classes]
    np.savez(path, unit=votes.unit, source=votes.source, label=votes.label, size=size)
    script = Path(__file__).resolve().with_name("peers.py")
    command = [python, str(script), str(path), str(result), str(PEER_LIMIT_S), *names]
    try:
        # A peer that does not hear its own alarm is ended from here, and the others with it.
        limit = 60 + 1.5 * PEER_LIMIT_S * len(names)
        subprocess.run(command, check=True, capture_output=True, timeout=limit)
    except subprocess.SubprocessError as error:
        np.savez(result, said=json.dumps(dict.fromkeys(names, type(error).__name__)))


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
    if probability is None or not np.isfinite(probability).all():
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
    if method in ONLY_LABELS:
        return row
    sure = given.max(axis=1)
    gap = sure - picked
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    row["ece"] = np.abs(np.bincount(place, gap, minlength=BINS)).sum() / len(truth)
    row["nll"] = -np.log(np.maximum(given[np.arange(len(truth)), truth], 1e-6)).mean()
    return row


def show(rows: list[dict], world: str) -> None:
    """A table by method and set; means over the sets on which it ran, the default's beside."""
    if not rows:
        return
    methods = list(dict.fromkeys(row["method"] for row in rows))
    sets = list(dict.fromkeys(row["set"] for row in rows))
    cell = {(row["method"], row["set"]): row for row in rows}
    print(f"\n{world}: score per set; means over the sets on which the method ran, and in brackets")
    print(f"those of {DEFAULT} on the same sets")
    print(" " * 26 + "".join(f"{name[:8]:>9}" for name in sets)
          + f"{'sets':>6}{'mean':>16}{'ECE':>16}{'NLL':>16}{'s':>8}")  # fmt: skip
    for method in methods:
        line = f"{method:26}" + "".join(f"{cell[method, name]['score']:9.1f}" for name in sets)
        ran = [name for name in sets if not np.isnan(cell[method, name]["score"])]
        line += f"{len(ran):6}"
        for key, digits in (("score", 2), ("ece", 3), ("nll", 3)):
            own, ours = (
                np.mean([cell[who, name][key] for name in ran] or [np.nan])
                if (who, sets[0]) in cell
                else np.nan
                for who in (method, DEFAULT)
            )
            line += f"{own:8.{digits}f} ({ours:.{digits}f})".rjust(16)
        print(line + f"{np.sum([cell[method, name]['seconds'] for name in ran]):8.1f}")


def keep(rows: list[dict], world: str, python: str) -> None:
    """The scores by method and set on record, peers in a table of their own."""
    sets = list(dict.fromkeys(row["set"] for row in rows))
    for of_peers in (False, True):
        some = [row for row in rows if (row["method"] in PACKAGES) is of_peers]
        told = []
        for method in dict.fromkeys(row["method"] for row in some):
            own = [row for row in some if row["method"] == method]
            ran = [row for row in own if not np.isnan(row["score"])]
            means = [np.mean([row[key] for row in ran]) if ran else None
                     for key in ("score", "ece", "nll")]  # fmt: skip
            told.append([method, *(row["score"] for row in own), means[0], len(ran), *means[1:]])
        if told:
            record(
                f"quality/label_models_{world}{'_peers' * of_peers}",
                title=f"Label models on real votes of {world}, covered items, no gold: score per "
                "set, mean over the sets on which the method ran and their number, ECE and NLL"
                f"{'; peers' * of_peers}",
                columns=["method", *sets, "mean", "sets", "ECE", "NLL"],
                rows=told,
                digits={"": 1, "mean": 2, "sets": 0, "ECE": 3, "NLL": 3},
                measures=["benchmarks/quality/peers.py" if of_peers else MEASURED],
                peers=versions(python, *VERSIONS) if of_peers else None,
            )


def compare(rows: list[dict], models: list[str]) -> None:
    """What our models have over majority vote on record: means, the worst set, calibration."""
    cell = {(row["method"], row["set"]): row for row in rows}
    told = []
    for method in models:
        told.append([method])
        for world in ("functions", "crowds"):
            own = [row for row in rows if (row["world"], row["method"]) == (world, method)]
            if not own or BASE not in models:
                return
            over = [row["score"] - cell[BASE, row["set"]]["score"] for row in own]
            told[-1] += [np.mean([row["score"] for row in own]), np.mean(over), min(over)]
            told[-1] += [100 * np.mean([row["ece"] for row in own]), len(own)]
    columns = ["mean", f"over {BASE}", "worst set", "ECE, %", "sets"]
    record(
        "quality/label_models",
        title="Our label models beside majority vote on all real votes: mean score, what they have "
        "over it on the mean and on their worst set, in points, and calibration error",
        columns=["method", *(f"{world}: {each}" for world in ("functions", "crowds")
                             for each in columns)],
        rows=told,
        digits={"": 2, "functions: sets": 0, "crowds: sets": 0},
        measures=[MEASURED],
    )  # fmt: skip


if __name__ == "__main__":
    main()
