"""The same notebook under Snorkel and under `labelwright.compat.snorkel`: where do they agree?

    python benchmarks/quality/snorkel_parity.py [--snorkel PYTHON]

`--snorkel` names the Python of an environment that has Snorkel (benchmarks/requirements.txt);
without it, this one is tried. Both sides run the code below, to the letter, but for the import.
What is defined must be equal in every bit (the script fails if it is not): the appliers' outputs,
LFAnalysis, voters, tie breaks, scores. Label models differ by design: their accuracy on items
with votes stands side by side. Real sets need LABELWRIGHT_DATA (default `../shared/data`).
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

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data"))
SETS = ("youtube", "sms", "cdr", "semeval", "trec", "agnews_24k", "yelp_13k", "spouse_test")
NOTEBOOK = r"""
import json, re, sys, time, warnings
from types import SimpleNamespace
import numpy as np
import pandas as pd
from SNORKEL.labeling import (LFAnalysis, LFApplier, PandasLFApplier, filter_unlabeled_dataframe,
                              labeling_function)
from SNORKEL.labeling.model import (LabelModel, MajorityClassVoter, MajorityLabelVoter,
                                    RandomVoter)
from SNORKEL.analysis import Scorer, get_label_buckets
from SNORKEL.preprocess import preprocessor
from SNORKEL.utils import probs_to_preds, preds_to_probs

warnings.simplefilter("ignore")
folder = sys.argv[1]
out = {}

@preprocessor(memoize=True)
def lowered(x):
    x.text = x.text.lower()
    x.words = len(x.text.split())
    return x

@labeling_function(pre=[lowered])
def offer(x): return 1 if re.search(r"free|offer|win", x.text) else -1
@labeling_function(resources={"names": ["mum", "dad"]}, pre=[lowered])
def family(x, names): return 0 if any(name in x.text for name in names) else -1
@labeling_function(name="long")
def many_words(x): return 1 if len(x["text"].split()) > 7 else -1
@labeling_function()
def costly(x): return 1 if x.price > 2.5 and "name" in x.index else -1
@labeling_function()
def fragile(x): return 1 // (x.count_of - 2) if x.count_of < 4 else -1
@labeling_function()
def typed(x): return int(type(x.count_of).__name__.startswith("int")) + 2 * (x.name % 2)

lfs = [offer, family, many_words, costly, fragile, typed]
rng = np.random.default_rng(0)
words = "free mum win the a offer call dad later Prize now, hello Ünïcode see you".split()
frame = pd.DataFrame({
    "text": [" ".join(rng.choice(words, rng.integers(0, 12))) for _ in range(500)],
    "price": rng.random(500) * 5, "count_of": rng.integers(0, 6, 500), "name": "x",
})
L, meta = PandasLFApplier(lfs).apply(
    frame, progress_bar=False, fault_tolerant=True, return_meta=True)
out["PandasLFApplier"], out["PandasLFApplier faults"] = L, sorted(meta.faults.items())
numbers = frame[["price", "count_of"]]
@labeling_function()
def written(x): return len(str(x.count_of))
out["PandasLFApplier, numbers only"] = PandasLFApplier([written]).apply(numbers, progress_bar=False)
points = [SimpleNamespace(**row) for row in frame[["text"]].to_dict("records")]
out["LFApplier, objects"] = LFApplier(lfs[:2]).apply(points, progress_bar=False)
@labeling_function()
def first(x): return int(x[0] > 2) if x[1] < 4 else -1
out["LFApplier, array"] = LFApplier([first]).apply(numbers.to_numpy(), progress_bar=False)
kept, probs = filter_unlabeled_dataframe(frame, np.eye(500), np.where(L == 1, -1, L))
out["filter_unlabeled_dataframe"] = [list(kept.index), probs]

def measures(L, Y, k):
    a = LFAnalysis(L)
    found = {name: getattr(a, name)() for name in (
        "label_coverage", "label_overlap", "label_conflict", "lf_coverages", "lf_overlaps",
        "lf_conflicts", "lf_polarities")}
    found["lf_overlaps, normalized"] = a.lf_overlaps(normalize_by_coverage=True)
    found["lf_conflicts, normalized"] = a.lf_conflicts(normalize_by_overlaps=True)
    found["lf_empirical_accuracies"] = a.lf_empirical_accuracies(Y)
    found["lf_empirical_probs"] = a.lf_empirical_probs(Y, k)
    for title, s in (("", a.lf_summary()), (" with Y", a.lf_summary(Y)), (
            " with weights", a.lf_summary(Y, est_weights=np.arange(L.shape[1])))):
        found["lf_summary" + title] = [list(s.columns), list(s.index), s.to_dict("list")]
    v = MajorityLabelVoter(cardinality=k)
    found["MajorityLabelVoter"] = v.predict_proba(L)
    for policy in ("abstain", "random", "true-random"):
        np.random.seed(7)
        found["predict, " + policy] = v.predict(L, tie_break_policy=policy)
    np.random.seed(7)
    found["RandomVoter"] = RandomVoter(cardinality=k).predict_proba(L)
    c = MajorityClassVoter(cardinality=k)
    c.fit(np.r_[0.4, 0.4, np.full(k - 2, 0.01)])
    found["MajorityClassVoter"] = c.predict_proba(L)
    names = ["accuracy", "coverage", "f1_micro", "f1_macro", "matthews_corrcoef"]
    names += ["f1", "precision", "recall", "roc_auc"] if k == 2 else []
    found["score"] = v.score(L, Y, metrics=names)
    found["get_label_buckets"] = sorted(
        (list(key), list(rows)) for key, rows in get_label_buckets(Y, v.predict(L)).items())
    found["preds_to_probs"] = preds_to_probs(Y, k)
    return found

def plain(value):
    if isinstance(value, np.ndarray): return plain(value.tolist())
    if isinstance(value, np.generic): return plain(value.item())
    if isinstance(value, dict): return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)): return [plain(v) for v in value]
    return "NaN" if value != value else value

for title, parts in json.load(open(folder + "/sets.json")).items():
    stored = np.load(f"{folder}/{title}.npz")
    L, Y, k = stored["L"], stored["Y"], int(stored["k"])
    for name, value in measures(L, Y, k).items():
        out[f"{title}: {name}"] = value
    start = time.perf_counter()
    model = LabelModel(cardinality=k, verbose=False)
    model.fit(L, n_epochs=500, log_freq=100, seed=123, progress_bar=False)
    seconds = time.perf_counter() - start
    some = (L != -1).any(axis=1)
    hard, soft = model.predict(L, return_probs=True, tie_break_policy="random")
    summary = {"seconds": seconds, "accuracy": float((hard == Y)[some].mean()),
               "loss": float(-np.log(np.maximum(soft[some, Y[some]], 1e-12)).mean()),
               "abstains": int((model.predict(L) == -1).sum()), "bare": int((~some).sum())}
    vote = MajorityLabelVoter(cardinality=k).predict(L, tie_break_policy="random")
    summary["majority"] = float((vote == Y)[some].mean())
    out[f"label model: {title}"] = summary
json.dump(plain(out), open(sys.argv[2], "w"))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--snorkel", default=sys.executable, metavar="PYTHON")
    peer = parser.parse_args().snorkel
    if subprocess.run([peer, "-c", "import snorkel"], capture_output=True, check=False).returncode:
        sys.exit(f"{peer} has no Snorkel; see benchmarks/requirements.txt and --snorkel")
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        theirs = run(peer, "snorkel", Path(folder))
        ours = run(sys.executable, "labelwright.compat.snorkel", Path(folder))
    sys.exit(report(theirs, ours, versions(peer, "snorkel")))


def prepare(folder):
    """Label matrices, made and real, as both sides read them."""
    rng = np.random.default_rng(1)
    made = {}
    for title, items, functions, classes in (("two", 1000, 8, 2), ("five", 1500, 12, 5)):
        truth = rng.integers(0, classes, items)
        right = rng.random((items, functions)) < rng.uniform(0.5, 0.95, functions)
        votes = np.where(right, truth[:, None], rng.integers(0, classes, right.shape))
        votes[rng.random(votes.shape) < rng.uniform(0.3, 0.9, functions)] = -1
        made[title] = votes, truth, classes
    votes, truth, classes = made["two"]
    silent = votes.copy()
    silent[:, 3] = -1  # a function that never votes, and one that never conflicts
    silent[:, 4] = np.where(silent[:, 4] == 1, 1, -1)
    made["silent"] = silent, truth, classes
    for title in SETS:
        if (DATA / title / "votes.npz").exists():
            made[title] = real(DATA / title / "votes.npz")
    for title, (votes, truth, classes) in made.items():
        np.savez(folder / f"{title}.npz", L=votes, Y=truth, k=classes)
    (folder / "sets.json").write_text(json.dumps(dict.fromkeys(made)))


def real(path):
    stored = np.load(path)
    votes = np.full((int(stored["n"]), int(stored["m"])), -1)
    votes[stored["item"], stored["source"]] = stored["label"]
    truth = stored["y"]
    votes, truth = votes[truth >= 0], truth[truth >= 0]
    return votes, truth, int(max(votes.max(), truth.max())) + 1


def run(python, package, folder):
    script, result = folder / "notebook.py", folder / "result.json"
    script.write_text(NOTEBOOK.replace("SNORKEL", package), encoding="utf-8")
    subprocess.run([python, script, folder, result], check=True, stderr=subprocess.DEVNULL)
    return json.loads(result.read_text())


def report(theirs, ours, peers):
    """Prints where both agree and returns how many outputs differ."""
    defined = [name for name in theirs if not name.startswith("label model: ")]
    differ = [name for name in defined if theirs[name] != ours[name]]
    equal = len(defined) - len(differ)
    print(f"outputs that are defined: {len(defined)}, of these equal: {equal}")
    for name in differ:
        print(f"  differs: {name}")
        print(f"    Snorkel {theirs[name]!s:.300}\n    ours    {ours[name]!s:.300}")
    print("\nlabel models, items with votes: accuracy, log loss, seconds to fit; items left at -1")
    print(f"{'set':14}{'majority':>9} |{'Snorkel':>9}{'ours':>9} |{'Snorkel':>9}{'ours':>9}"
          f" |{'Snorkel':>9}{'ours':>9} |{'Snorkel':>9}{'ours':>9}{'unvoted':>9}")  # fmt: skip
    rows, told = [], []
    for name in theirs:
        if name.startswith("label model: "):
            a, b = theirs[name], ours[name]
            rows.append((a["accuracy"], b["accuracy"], a["majority"]))
            told.append([name[13:], *(100 * x for x in rows[-1]), a["loss"], b["loss"]])
            print(f"{name[13:]:14}{a['majority']:9.4f} |{a['accuracy']:9.4f}{b['accuracy']:9.4f} |"
                  f"{a['loss']:9.3f}{b['loss']:9.3f} |{a['seconds']:9.2f}{b['seconds']:9.2f} |"
                  f"{a['abstains']:9}{b['abstains']:9}{a['bare']:9}")  # fmt: skip
    means = np.mean(rows, axis=0)
    print(f"{'mean':14}{means[2]:9.4f} |{means[0]:9.4f}{means[1]:9.4f} |")
    record(
        "quality/snorkel_parity_outputs",
        title="Outputs of `labelwright.compat.snorkel` that are defined, and how many of them are "
        "those of Snorkel in every bit",
        columns=["", "outputs"],
        rows=[["defined", len(defined)], ["equal", equal]],
        digits=0,
        measures=["src/labelwright/compat/snorkel"],
        peers=peers,
    )
    record(
        "quality/snorkel_parity_models",
        title="Snorkel's label model and what stands for it in `labelwright.compat.snorkel`, on "
        "items with votes",
        columns=["set", "Snorkel, %", "ours, %", "majority, %", "log loss, Snorkel", "ours"],
        rows=[*told, ["mean", *(100 * means), None, None]],
        digits={"": 2, "log loss, Snorkel": 3, "ours": 3},
        measures=["src/labelwright/compat/snorkel", "src/labelwright/labelmodels"],
        peers=peers,
    )  # fmt: skip
    return len(differ)


if __name__ == "__main__":
    main()
