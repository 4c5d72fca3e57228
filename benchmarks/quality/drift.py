"""How often drift is found where there is none, and where there is; and what the gate lets pass.

    python benchmarks/quality/drift.py [--full]

Text sets of LABELWRIGHT_DATA are divided at random into 600 texts before and 200 after: without a
shift, with part of the new texts replaced by those of another set, or with one class twice as
frequent. A report tests length, words, the space of TF-IDF directions and the hit rate of each of
the set's functions, all at once; an alarm is a report in which anything drifted. Beside it, alone
and each at the same level: our test of the space, a classifier that tells old from new (C2ST of
Lopez-Paz and Oquab: half of the items teach, Fisher's test on the other half) and a
Kolmogorov-Smirnov test of each direction with Bonferroni's correction, as drift tools have it.
Tables are synthetic. The gate compares simulated pairs of models that differ on one item in ten.
"""

import argparse
import gzip
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from labelwright.endmodels import coordinates
from labelwright.endmodels.text import TextLinear
from labelwright.quality import (
    categories_shift,
    compare_models,
    judged,
    numbers_shift,
    share_shift,
    space_shift,
    words_shift,
)

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

DATA = Path(os.environ.get("LABELWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
SETS = ("youtube", "sms", "trec", "agnews_24k")
OTHER = {"youtube": "trec", "sms": "youtube", "trec": "agnews_24k", "agnews_24k": "sms"}
BEFORE, AFTER = 600, 200
ALPHA, LEAST = 0.01, 0.05


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--full", action="store_true", help="200 repetitions instead of 20")
    repeats = 200 if parser.parse_args().full else 20
    if DATA.is_dir():
        texts(repeats)
    else:
        sys.stderr.write(f"no data at {DATA}: tables of texts are left out\n")
    tables(5 * repeats)
    gates(10 * repeats)


def texts(repeats):
    print(f"texts: share of {repeats} reports with an alarm (alpha = {ALPHA})")
    print(f"{'data':12}{'shift':22}{'report':>8}{'space':>8}{'C2ST':>8}{'KS':>8}{'seconds':>9}")
    kinds = ("none", "5 % foreign", "10 % foreign", "20 % foreign", "one class doubled")
    rows = []
    for name in SETS:
        rows.append([name])
        for kind in kinds:
            found, seconds = [], 0.0
            for seed in range(repeats):
                sides = drawn(name, kind, np.random.default_rng(seed))
                result, took = report(*sides, np.random.default_rng(seed))
                found.append(result)
                seconds += took
            shares = "".join(f"{share:8.3f}" for share in np.mean(found, axis=0))
            print(f"{name:12}{kind:22}{shares}{seconds / repeats:9.2f}", flush=True)
            rows[-1].append(np.mean(found, axis=0).tolist())
    record(
        "quality/drift_texts",
        title="Drift of texts: share of reports with an alarm, and beside the report our test of "
        "the space alone, a classifier that tells old from new (C2ST) and Kolmogorov-Smirnov tests "
        "of all directions with Bonferroni's correction; *foreign* texts come from another set",
        columns=["report / space / C2ST / KS", *kinds],
        rows=rows,
        digits=2,
        measures=["src/labelwright/quality/drift"],
        settings={"before": BEFORE, "after": AFTER, "alpha": ALPHA},
        plays=repeats,
    )


def drawn(name, kind, rng):
    """Texts and votes (items, sources) before and after."""
    pieces, votes, truth = loaded(name)
    order = rng.permutation(len(pieces))
    before, after = order[:BEFORE], order[BEFORE : BEFORE + AFTER]
    if kind == "one class doubled":
        rest, common = order[BEFORE:], np.bincount(truth[truth >= 0]).argmax()
        share = float((truth[rest] == common).mean())
        weight = np.where(truth[rest] == common, 1 / share, (1 - 2 * min(share, 0.45)) / (1 - share)
                          if share < 0.5 else 0.5)  # fmt: skip
        after = rng.choice(rest, AFTER, replace=False, p=weight / weight.sum())
    new, new_votes = [pieces[item] for item in after], votes[after].copy()
    if kind.endswith("foreign"):
        foreign = loaded(OTHER[name])[0]
        for place in range(int(AFTER * float(kind.split()[0]) / 100)):
            new[place] = foreign[int(rng.integers(len(foreign)))]
            new_votes[place] = False
    return [pieces[item] for item in before], new, votes[before], new_votes


def report(before, after, votes, new_votes, rng):
    """Alarms of the whole report, our test of the space, C2ST and KS; seconds of the report."""
    start = time.perf_counter()
    table = pa.table({"text": before + after})
    placed = coordinates(table, TextLinear(text_fields=("text",)))
    old, new = placed[: len(before)], placed[len(before) :]
    permutations = int(2 * 12 / ALPHA)
    space = space_shift(old[:500], new, rng, permutations=permutations).shift
    shifts = [
        numbers_shift("text", [len(t) for t in before], [len(t) for t in after], "length"),
        words_shift("text", before[:500], after, rng, permutations=permutations),
        space,
        *(
            share_shift("hit rate", str(source), (int(votes[:, source].sum()), len(before)),
                        (int(new_votes[:, source].sum()), len(after)))
            for source in range(votes.shape[1])
        ),
    ]  # fmt: skip
    alarm = any(shift.drifted for shift in judged(shifts, alpha=ALPHA, least=LEAST))
    seconds = time.perf_counter() - start
    peers = classifier_p(old, new, rng) <= ALPHA, ks_p(old, new) <= ALPHA
    return (alarm, space.p <= ALPHA, *peers), seconds


def classifier_p(old, new, rng):
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate([old, new])
    side = np.arange(len(rows)) >= len(old)
    teach = rng.permutation(len(rows)) < len(rows) // 2
    model = LogisticRegression(class_weight="balanced", max_iter=200).fit(rows[teach], side[teach])
    told, true = model.predict(rows[~teach]).astype(bool), side[~teach]
    return share_shift("", "", (int(told[~true].sum()), int((~true).sum())),
                       (int(told[true].sum()), int(true.sum()))).p  # fmt: skip


def ks_p(old, new):
    ps = [numbers_shift("", old[:, d], new[:, d]).p for d in range(old.shape[1])]
    return min(ps) * len(ps)


def tables(repeats):
    print(f"\ntables of 8 columns, 1,000 rows before, 300 after: alarms in {repeats} reports")
    shifts = ("none", "mean + 0.2 sd", "mean + 0.4 sd", "spread x 1.5", "a value + 10 points",
              "missing 2 % -> 6 %")  # fmt: skip
    rows = []
    for kind in shifts:
        alarms = 0
        for seed in range(repeats):
            rng = np.random.default_rng(seed)
            found = [
                column(place, kind if place in (0, 4, 6) else "none", rng) for place in range(8)
            ]
            verdicts = judged(found, alpha=ALPHA, least=LEAST)
            alarms += any(each.drifted for each in verdicts)
        print(f"{kind:24}{alarms / repeats:8.3f}", flush=True)
        rows.append([kind, alarms / repeats])
    record(
        "quality/drift_tables",
        title="Drift of tables of 8 columns: share of reports with an alarm",
        columns=["shift", "alarms"],
        rows=rows,
        digits=3,
        measures=["src/labelwright/quality/drift"],
        settings={"before": 1_000, "after": 300, "alpha": ALPHA},
        plays=repeats,
    )


def column(place, kind, rng):
    """Four columns of numbers, two of values, two with gaps; every second one is skewed."""
    if place < 4:
        numbers = rng.normal(size=1300) if place % 2 == 0 else rng.exponential(size=1300)
        if place == 0 and kind.startswith("mean"):
            numbers[1000:] += float(kind.split()[2])
        if place == 0 and kind.startswith("spread"):
            numbers[1000:] *= 1.5
        return numbers_shift(str(place), numbers[:1000], numbers[1000:])
    if place < 6:
        share = np.array([0.4, 0.3, 0.2, 0.1]) if place % 2 == 0 else np.ones(20) / 20
        moved = share.copy()
        if place == 4 and kind.startswith("a value"):
            moved[:2] += [0.1, -0.1]
        values = [pa.array(rng.choice(len(share), size, p=each).astype(str))
                  for size, each in ((1000, share), (300, moved))]  # fmt: skip
        return categories_shift(str(place), *values)
    late = 0.06 if place == 6 and kind.startswith("missing") else 0.02
    gaps = int(rng.binomial(1000, 0.02)), int(rng.binomial(300, late))
    return share_shift("missing", str(place), (gaps[0], 1000), (gaps[1], 300))


def gates(repeats):
    print(f"\ngate: share of {repeats} models that pass (tolerance 1 point), models differ on 10 %")
    print(f"{'test items':>10}{'true loss':>11}{'passes':>8}{'strict':>8}")
    losses, rows = (-0.02, 0.0, 0.01, 0.02, 0.05), []
    for items in (100, 500, 2_000):
        rows.append([f"{items:,}"])
        for loss in losses:
            rng, passed = np.random.default_rng(items), np.zeros(2)
            for _ in range(repeats):
                kind = rng.choice(4, items, p=[0.75, 0.05 + loss / 2, 0.05 - loss / 2, 0.15])
                found = compare_models(
                    kind < 2, (kind == 0) | (kind == 2), rng, tolerance=0.01, repeats=400
                )
                passed += [found.passes(strict=False), found.passes(strict=True)]
            print(f"{items:10,}{loss:11.2f}{passed[0] / repeats:8.3f}{passed[1] / repeats:8.3f}")
            rows[-1].append((passed / repeats).tolist())
    record(
        "quality/drift_gate",
        title="The gate: share of models that pass, as it is / with `strict = true`, by the "
        "points that they truly gain or lose; the models differ on one item in ten",
        columns=["test items", *(f"{round(-100 * loss):+d}" for loss in losses)],
        rows=rows,
        digits=2,
        measures=[
            "src/labelwright/quality/labels/comparison.py",
            "src/labelwright/quality/labels/gate.py",
            "src/labelwright/quality/labels/paired.py",
        ],
        settings={"tolerance, points": 1},
        plays=repeats,
    )


_LOADED = {}


def loaded(name):
    """Texts, whether each source voted (items, sources), and the truth."""
    if name not in _LOADED:
        folder = DATA / name
        plain = folder / "texts.jsonl"
        with plain.open() if plain.exists() else gzip.open(f"{plain}.gz", "rt") as file:
            pieces = [json.loads(line)["text"] for line in file]
        stored = np.load(folder / "votes.npz")
        votes = np.zeros((int(stored["n"]), int(stored["m"])), bool)
        votes[stored["item"], stored["source"]] = True
        _LOADED[name] = pieces, votes, stored["y"]
    return _LOADED[name]


if __name__ == "__main__":
    main()
