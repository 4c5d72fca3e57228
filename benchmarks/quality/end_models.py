"""How good the default end models are, beside scikit-learn's own on the same labels.

Trains on all true labels and on what a majority of weak sources says (items without a vote left
out), and tests on items that neither saw. Run: `python benchmarks/quality/end_models.py`; the
text sets need LABELWRIGHT_DATA (default `../shared/data`).
"""

import io
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL import Image
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from labelwright.endmodels import by_name, choose

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data"))
SEED = 0
SHOWN = []


def main():
    print(f"{'data':14}{'labels':10}{'model':34}{'accuracy':>9}{'log loss':>9}{'seconds':>9}")
    for load in (tumours, digits, *(texts(name) for name in ("youtube", "sms"))):
        load()
    record(
        "quality/end_models",
        title="The default end models, beside scikit-learn's own on the same labels: all true "
        "ones, and what a majority of weak sources says",
        columns=["data", "labels", "model", "accuracy", "log loss"],
        rows=SHOWN,
        digits=3,
        measures=["src/labelwright/endmodels"],
    )


def tumours():
    data = load_breast_cancer()
    items = pa.table({name: data.data[:, i] for i, name in enumerate(data.feature_names)})
    # Six one-threshold rules at the quartiles of three measurements.
    votes = []
    for field in ("worst area", "worst concave points", "mean texture"):
        value = items.column(field).to_numpy()
        low, high = np.quantile(value, [0.4, 0.8])
        votes += [np.where(value < low, 1, -1), np.where(value > high, 0, -1)]
    peers = {
        "sklearn scaler + logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "sklearn HistGradientBoosting": HistGradientBoostingClassifier(random_state=SEED),
    }
    columns = tuple(data.feature_names)
    ours = {name: by_name(name, columns=columns) for name in ("tabular", "boosting")}
    compare(
        "tumours",
        items,
        data.data,
        data.target,
        split(569),
        np.stack(votes, 1),
        ours=ours,
        peers=peers,
    )


def digits():
    data = load_digits()
    items = pa.table({"_media": pa.array([png(one) for one in data.images], pa.large_binary())})
    # No rules exist for digits: five workers, right seven times in ten, each asked on half.
    rng = np.random.default_rng(SEED)
    shape = (len(data.target), 5)
    votes = np.where(rng.random(shape) < 0.7, data.target[:, None], rng.integers(0, 10, shape))
    votes[rng.random(shape) < 0.5] = -1
    peers = {
        "sklearn logistic on pixels": LogisticRegression(max_iter=1000),
        "sklearn HistGradientBoosting": HistGradientBoostingClassifier(
            random_state=SEED, max_iter=50
        ),
    }
    ours = {"image": choose(items.schema, items)}
    parts = split(len(data.target))
    compare("digits", items, data.data / 16, data.target, parts, votes, ours=ours, peers=peers)


def texts(name):
    def load():
        folder = DATA / name
        if not folder.is_dir():
            print(f"{name:14}skipped: no {folder}")
            return
        stored = np.load(folder / "votes.npz")
        with (folder / "texts.jsonl").open(encoding="utf-8") as lines:
            bodies = [json.loads(line)["text"] for line in lines]
        votes = np.full((int(stored["n"]), int(stored["m"])), -1)
        votes[stored["item"], stored["source"]] = stored["label"]
        items, truth, part = pa.table({"text": bodies}), stored["y"], stored["split"]
        parts = np.flatnonzero((part < 2) & (truth >= 0)), np.flatnonzero(part == 2)
        ours = {
            "text": choose(items.schema, items, ["text"]),
            "text, words and chars": by_name("text", text_fields=["text"], chars=[2, 4]),
        }
        peers = {
            "sklearn TF-IDF + logistic": make_pipeline(
                TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()
            )
        }
        compare(name, items, np.array(bodies), truth, parts, votes, ours=ours, peers=peers)

    return load


def compare(name, items, features, truth, parts, votes, *, ours, peers):
    train, test = parts
    classes = int(truth.max()) + 1
    counts = np.stack([(votes == one).sum(axis=1) for one in range(classes)], axis=1)
    voted = train[counts[train].sum(axis=1) > 0]
    majority = counts == counts.max(axis=1, keepdims=True)
    # Ours learns the shares of the majority; a peer takes one label, a tie by lot.
    lots = np.random.default_rng(SEED).random(counts.shape) * majority
    for labels, rows, target, hard in (
        ("true", train, np.eye(classes)[truth], truth),
        ("majority", voted, majority / majority.sum(axis=1, keepdims=True), lots.argmax(axis=1)),
    ):
        for title, model in ours.items():
            start = time.perf_counter()
            taken = items.take(pa.array(rows))
            predictor = model.fit(taken, target[rows], np.ones(len(rows)), seed=SEED)
            show(name, labels, title, predictor.predict(items.take(pa.array(test))), truth[test],
                 time.perf_counter() - start)  # fmt: skip
        for title, model in peers.items():
            start = time.perf_counter()
            model.fit(features[rows], hard[rows])
            predicted = np.zeros((len(test), classes))
            predicted[:, model.classes_] = model.predict_proba(features[test])
            show(name, labels, title, predicted, truth[test], time.perf_counter() - start)


def show(name, labels, title, predicted, truth, seconds):
    accuracy = (predicted.argmax(axis=1) == truth).mean()
    loss = -np.log(np.maximum(predicted[np.arange(len(truth)), truth], 1e-12)).mean()
    print(f"{name:14}{labels:10}{title:34}{accuracy:9.3f}{loss:9.3f}{seconds:9.2f}")
    SHOWN.append([name, labels, title, accuracy, loss])


def split(count):
    order = np.random.default_rng(SEED).permutation(count)
    return np.sort(order[: count * 2 // 3]), np.sort(order[count * 2 // 3 :])


def png(pixels):
    file = io.BytesIO()
    Image.fromarray((pixels * 15.9).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    main()
