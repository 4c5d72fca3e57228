"""Finding wrong labels: ours beside cleanlab, on the same cross-fitted predictions.

    python benchmarks/quality/label_errors.py [--peers PYTHON] [--sets youtube trec]

Text sets of LABELWRIGHT_DATA, TF-IDF and logistic regression, five folds. The labels are either
what a majority of the set's labeling functions says (real errors; ties by lot, uncovered items
left out), or the truth with one label in ten replaced at random by another class. A label is an
error if it is not the truth. AP is the average precision of the ranking of all labels by how
suspicious they are; precision and recall are of those that a method calls errors. cleanlab
(benchmarks/requirements.txt) runs in the interpreter given: `find_label_issues` for what it
calls errors, and the better of its two label quality scores, by AP after the fact, for its
ranking.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record, versions

DATA = Path(os.environ.get("LABELWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))
SETS = ("youtube", "sms", "trec", "semeval", "hausa", "yelp_13k", "agnews_24k")
FLIPPED = 0.1
SHOWN = []
PEER = """
import sys, time
import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
stored = np.load(sys.argv[1])
label, probability = stored["label"], stored["probability"]
start = time.perf_counter()
called = find_label_issues(label, probability, n_jobs=1)
seconds = time.perf_counter() - start
scores = {
    method: get_label_quality_scores(label, probability, method=method)
    for method in ("normalized_margin", "self_confidence")
}
np.savez(sys.argv[2], called=called, seconds=seconds, **scores)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--sets", nargs="*", default=SETS)
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"no data at {DATA}; set LABELWRIGHT_DATA to the folder that holds the sets")
    print(f"{'data':12}{'labels':10}{'errors':>8}  {'method':12}{'AP':>7}{'precision':>11}"
          f"{'recall':>8}{'seconds':>9}")  # fmt: skip
    won = []
    for name in options.sets:
        for labels, probability, label, wrong in problems(name):
            ours = run_ours(probability, label)
            peer = run_peer(options.peers, probability, label)
            for method, found in (("labelwright", ours), ("cleanlab", peer)):
                if found is not None:
                    show(name, labels, method, found, wrong)
            if peer is not None:
                won.append((best_ap(ours, wrong), best_ap(peer, wrong)))
    if won:
        ours, peer = np.array(won).T
        print(f"mean AP: labelwright {ours.mean():.3f}, cleanlab {peer.mean():.3f}; "
              f"labelwright higher on {np.sum(ours > peer)} of {len(won)}")  # fmt: skip
        SHOWN.append(["mean", "", None, "labelwright", ours.mean(), None, None])
        SHOWN.append(["mean", "", None, "cleanlab", peer.mean(), None, None])
    record(
        "quality/label_errors",
        title="Wrong labels found: average precision of the ranking (of cleanlab the better of its "
        "two scores), precision and recall of what is called an error",
        columns=["data", "labels", "errors, %", "method", "AP", "precision", "recall"],
        rows=SHOWN,
        digits={"": 3, "errors, %": 1},
        measures=["src/labelwright/quality/labels/label_errors.py"],
        peers=versions(options.peers, "cleanlab"),
    )


def problems(name):
    """Kind of labels, cross-fitted predictions, labels, which are wrong."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    stored = np.load(DATA / name / "votes.npz")
    path = DATA / name / "texts.jsonl"
    opened = path.open if path.exists() else gzip.open
    source = () if path.exists() else (path.with_suffix(".jsonl.gz"),)
    with opened(*source, mode="rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    truth, classes = stored["y"], int(stored["k"])
    rng = np.random.default_rng(0)
    counts = np.zeros((len(truth), classes))
    np.add.at(counts, (stored["item"], stored["label"]), 1)
    lots = counts + rng.random(counts.shape) * 0.5
    known = truth >= 0
    flipped = np.where(
        rng.random(len(truth)) < FLIPPED,
        (truth + rng.integers(1, classes, len(truth))) % classes,
        truth,
    )
    for kind, rows, label in (
        ("majority", np.flatnonzero(known & (counts.sum(axis=1) > 0)), lots.argmax(axis=1)),
        ("flipped", np.flatnonzero(known), flipped),
    ):
        present = np.flatnonzero(np.bincount(label[rows], minlength=classes) >= 5)
        kept = rows[np.isin(label[rows], present)]
        given = np.searchsorted(present, label[kept])
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        model = LogisticRegression(C=5, max_iter=300)
        probability = cross_val_predict(
            model, features[kept], given, cv=folds, method="predict_proba"
        )
        yield kind, probability, given, present[given] != truth[kept]


def run_ours(probability, label):
    from labelwright.quality import label_errors

    start = time.perf_counter()
    suspects = label_errors(probability, label)
    seconds = time.perf_counter() - start
    called = np.isin(np.arange(len(label)), suspects.item)
    return {"called": called, "scores": [suspects.score], "seconds": seconds}


def run_peer(python, probability, label):
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "given.npz"), Path(folder, "found.npz")
        np.savez(given, probability=probability, label=label)
        done = subprocess.run(
            [python, "-c", PEER, given, found], check=False, capture_output=True, text=True
        )
        if done.returncode:
            return None
        made = np.load(found)
        scores = [made["normalized_margin"], made["self_confidence"]]
        return {"called": made["called"], "scores": scores, "seconds": float(made["seconds"])}


def best_ap(found, wrong):
    from sklearn.metrics import average_precision_score

    return max(average_precision_score(wrong, -score) for score in found["scores"])


def show(name, labels, method, found, wrong):
    called = found["called"]
    hits = (called & wrong).sum()
    precision, recall = hits / max(called.sum(), 1), hits / max(wrong.sum(), 1)
    print(f"{name:12}{labels:10}{wrong.mean():8.1%}  {method:12}{best_ap(found, wrong):7.3f}"
          f"{precision:11.3f}{recall:8.3f}{found['seconds']:9.3f}", flush=True)  # fmt: skip
    ap = best_ap(found, wrong)
    SHOWN.append([name, labels, 100 * wrong.mean(), method, ap, precision, recall])


if __name__ == "__main__":
    main()
