"""How honest the uncertainty is: false alarms and power of the checks, coverage of the intervals.

    python benchmarks/quality/checks.py [--worlds 6] [--models source_kinds dawid_skene]

Votes are simulated; nothing is downloaded. With LABELWRIGHT_DATA there is a table on real votes
too: how often the accuracies' intervals hold what the truth shows.

False alarms: the share of worlds of independent sources in which any check alarms (goal: 5 %).
Power: the share of worlds in which the first two sources, of which one copies 80 % of the other's
votes, are named. Coverage: the share of 95 % intervals that hold the true value.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from label_models import read_sets

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import by_name
from labelwright.quality import calibration, model_checks, source_report

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

MEASURES = ("src/labelwright/quality/sources", "src/labelwright/labelmodels")
WORLDS = {
    "functions, two classes": {},
    "functions, four classes": {"classes": 4},
    "rules for one class each": {"single": True},
    "three functions": {"sources": 3, "share": 0.6},
    "eight people": {"kind": "person"},
    "twenty people, four classes": {"kind": "person", "classes": 4, "sources": 20, "share": 0.2},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--models", nargs="*", default=["source_kinds"])
    options = parser.parse_args()
    start = time.perf_counter()
    for name in options.models:
        alarms(by_name(name), name, options.worlds)
    accuracies(by_name("source_kinds"), 4 * options.worlds)
    calibrations(30 * options.worlds)
    real(by_name("source_kinds"))
    print(f"{time.perf_counter() - start:.0f} s")


def alarms(model, name, worlds):
    print(f"\n{name}: 2,000 units, {worlds} worlds")
    print(f"{'':30}{'false alarms':>14}{'copy named':>12}{'others named':>14}{'seconds':>9}")
    rows = []
    for title, how in WORLDS.items():
        false, named, others, seconds = [], [], [], []
        for seed in range(worlds):
            for copied in (False, True):
                rng = np.random.default_rng([seed, copied])
                votes, _ = world(rng, copied=copied, **how)
                clock = time.perf_counter()
                found = model_checks(model, votes, rng)
                seconds.append(time.perf_counter() - clock)
                if not copied:
                    false.append(found.found.any())
                    continue
                pair = (found.first == 0) & (found.second == 1)
                named.append(found.found[pair].any())
                others.append((found.found & ~pair & (found.second >= 0)).sum())
        print(
            f"{title:30}{np.mean(false):14.0%}{np.mean(named):12.0%}{np.mean(others):14.1f}"
            f"{np.mean(seconds):9.2f}",
            flush=True,
        )
        rows.append([title, 100 * np.mean(false), 100 * np.mean(named), np.mean(others)])
    record(
        f"quality/checks_alarms_{name}",
        title=f"Checks of the label model `{name}` on simulated votes: worlds of independent "
        "sources with a false alarm, and worlds of two copies that name them",
        columns=["", "false alarms, %", "copy named, %", "others named with it"],
        rows=rows,
        digits={"": 0, "others named with it": 1},
        measures=MEASURES,
        settings={"units": 2_000},
        plays=worlds,
    )


def accuracies(model, worlds):
    print(f"\n95 % intervals of accuracies, simulated, {worlds} worlds")
    print(f"{'':30}{'verified units':>16}{'coverage':>10}{'mean width':>12}")
    rows = []
    for title, how in WORLDS.items():
        for verified in (0, 100):
            inside, width = [], []
            for seed in range(worlds):
                rng = np.random.default_rng([seed, 2])
                votes, truth = world(rng, units=1_000, **how)
                fit = model.fit(votes)
                gold = np.where(np.arange(votes.units) < verified, truth, -1)
                found = source_report(votes, fit=fit, gold=gold)
                row, said = votes.source[votes.voted], votes.label[votes.voted]
                right = said == truth[votes.unit[votes.voted]]
                true = np.bincount(row, right, votes.sources) / found.votes
                inside += ((found.low <= true) & (true <= found.high)).tolist()
                width += (found.high - found.low).tolist()
            print(f"{title:30}{verified:16,}{np.mean(inside):10.1%}{np.mean(width):12.2f}")
            rows.append([title, verified, 100 * np.mean(inside), np.mean(width)])
    record(
        "quality/checks_accuracies",
        title="Share of simulated sources whose true accuracy lies in its 95 % interval",
        columns=["", "verified units", "coverage, %", "mean width"],
        rows=rows,
        digits={"verified units": 0, "coverage, %": 1, "mean width": 2},
        measures=MEASURES,
        settings={"units": 1_000},
        plays=worlds,
    )


def calibrations(worlds):
    print(f"\nCalibration, simulated, {worlds} samples each")
    print(f"{'true error':>10}{'items':>8}{'interval holds it':>19}{'called untrustworthy':>22}")
    rows = []
    for off in (0.0, 0.05, 0.1):
        for items in (50, 200, 1_000):
            held, called = [], []
            for seed in range(worlds):
                rng = np.random.default_rng([seed, 3])
                sure = rng.uniform(0.6, 0.95, items)
                right = rng.random(items) < sure - off
                found = calibration(np.stack([sure, 1 - sure], axis=1), (~right).astype(int), rng)
                held.append(found.error_low <= off <= found.error_high)
                called.append(not found.trustworthy)
            print(f"{off:10.0%}{items:8,}{np.mean(held):19.1%}{np.mean(called):22.1%}")
            rows.append([f"{off:.0%}", items, 100 * np.mean(held), 100 * np.mean(called)])
    record(
        "quality/checks_calibration",
        title="Calibration errors, simulated: intervals that hold the true one, and samples "
        "called untrustworthy",
        columns=["true error", "items", "held, %", "untrustworthy, %"],
        rows=rows,
        digits={"": 1, "items": 0},
        measures=["src/labelwright/quality/labels/calibration.py"],
        plays=worlds,
    )


def real(model):
    sets = read_sets()
    if not sets:
        print("\nno real votes (LABELWRIGHT_DATA): that table is left out", file=sys.stderr)
        return
    print(f"\n95 % intervals of accuracies on {len(sets)} real sets: share that holds the truth of")
    print("all units, mean over sets, sources with at least 20 votes of known truth")
    print(f"{'':12}{'sets':>6}" + "".join(f"{n:>5} verified" for n in (0, 50, 200)))
    told = []
    for functions, title in ((True, "functions"), (False, "people")):
        cover = {n: [] for n in (0, 50, 200)}
        for each in sets:
            if each.functions is not functions:
                continue
            for verified, rows in cover.items():
                rows.append(covered(model, each, verified))
        count = len(cover[0])
        print(f"{title:12}{count:6}" + "".join(f"{np.mean(rows):14.0%}" for rows in cover.values()))
        told.append([title, count, *(100 * np.mean(rows) for rows in cover.values())])
    record(
        "quality/checks_real",
        title="Share of real sources whose accuracy on all units of known truth lies in its 95 % "
        "interval, mean over the sets, sources with at least 20 such votes, %",
        columns=["", "sets", "0 verified", "50 verified", "200 verified"],
        rows=told,
        digits=0,
        measures=MEASURES,
    )


def covered(model, each, verified):
    votes = VoteMatrix.build(
        each.unit, each.source, each.label, units=len(each.truth), classes=each.classes,
        kinds=["function" if each.functions else "person"] * each.sources,
    )  # fmt: skip
    known = np.flatnonzero((each.truth >= 0) & votes.covered)
    drawn = np.random.default_rng(0).permutation(known)[:verified]
    gold = np.full(votes.units, -1)
    gold[drawn] = each.truth[drawn]
    found = source_report(votes, fit=model.fit(votes), gold=gold)
    truth = each.truth[votes.unit[votes.voted]]
    row, said = votes.source[votes.voted], votes.label[votes.voted]
    judged = np.bincount(row[truth >= 0], minlength=votes.sources)
    right = np.bincount(row[truth == said], minlength=votes.sources)
    enough = judged >= 20
    # What is known is a sample itself: the ends may be off by its own error.
    true = right[enough] / judged[enough]
    slack = 1.96 * np.sqrt(true * (1 - true) / judged[enough])
    return np.mean((true + slack >= found.low[enough]) & (true - slack <= found.high[enough]))


def world(rng, *, kind="function", units=2_000, sources=8, classes=2, share=0.4,
          single=False, copied=False):  # fmt: skip
    """Votes of independent sources that are right on 60 to 90 %, and the truth."""
    truth = rng.choice(classes, units, p=rng.dirichlet(np.full(classes, 5.0)))
    columns = []
    for accuracy in rng.uniform(0.6, 0.9, sources):
        wrong = (truth + rng.integers(1, classes, units)) % classes
        vote = np.where(rng.random(units) < accuracy, truth, wrong)
        chance = np.full(units, share)
        if single:
            own = rng.integers(classes)
            chance = np.where(truth == own, accuracy, 1 - accuracy) * share * 1.2
            vote = np.full(units, own)
        columns.append(np.where(rng.random(units) < chance, vote, -1))
    if copied:
        columns[1] = np.where(rng.random(units) < 0.8, columns[0], columns[1])
    dense = np.stack(columns, axis=1)
    unit, source = np.nonzero(dense >= 0)
    votes = VoteMatrix.build(
        unit, source, dense[unit, source], units=units, classes=classes, kinds=[kind] * sources
    )
    return votes, truth


if __name__ == "__main__":
    main()
