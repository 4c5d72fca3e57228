"""Do functions cost answers? What each of their ways to cost some takes, in simulated spaces.

Spaces of items and functions of every quality (`spaces.py`), of other seeds than those on which
settings were chosen; *misled* are the same functions, a part of which, or all, say another class
than theirs. The truth answers questions of our default strategy, and a head (logistic regression)
is tested on other items after so many answers. Crossed: who picks the questions, a project with
functions or one without, and what the head learns, answers alone, both in one sum (all labels
of functions weighing like twenty answers, as it was), or functions first and answers as
corrections (`CorrectedHead`). Means of the spaces, and how far a row is under answers alone in the
worst one of ten.

Run: `python benchmarks/quality/functions_and_answers.py [--spaces N]`
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from class_lines import HEAD, corrected
from label_efficiency import AsAsked
from spaces import functions, misled, space

from labelwright.core.matrix import VoteMatrix
from labelwright.endmodels import CorrectedHead
from labelwright.labelmodels import by_name
from labelwright.queue import Machine, World, replay

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

ASKED = (0, 10, 20, 50, 100, 200)
BATCH, TAUGHT = 10, 20.0
FIRST_SPACE = 300
"""Settings were chosen on the spaces of lower seeds."""
ITEMS, TESTED = 1_500, 2_500


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--spaces", type=int, default=30)
    chosen = parser.parse_args()
    found = {}
    for seed in range(FIRST_SPACE, FIRST_SPACE + chosen.spaces):
        for title, curve in one_space(seed).items():
            found.setdefault(title, []).append(curve)
    rows = [[title, *100 * np.mean(curves, axis=0)] for title, curves in found.items()]
    alone = np.array(found["answers alone"])
    for title, curves in found.items():
        if title != "answers alone":
            tenth = np.quantile(np.array(curves) - alone, 0.1, axis=0)
            rows.append([f"{title}: over answers alone, worst of ten", *100 * tenth])
    titles = ["", *(f"{answers} answers" for answers in ASKED)]
    for name, *cells in rows:
        print(f"{name:75}" + "".join(f"{cell:8.1f}" for cell in cells), flush=True)
    record(
        "quality/functions_and_answers",
        title="Functions beside answers in simulated spaces: % right after so many answers, by who "
        "picks the questions and what the head learns",
        columns=titles,
        rows=rows,
        measures=[
            "src/labelwright/endmodels/corrected_head.py",
            "src/labelwright/endmodels/linear.py",
            "src/labelwright/labelmodels",
            "src/labelwright/pipeline/label/in_turn.py",
            "src/labelwright/queue",
        ],
        plays=len(alone),
    )


def one_space(seed):
    """The curve of each way to ask and learn; none where no function was found."""
    made = space(seed, ITEMS, TESTED)
    votes = functions(made, seed)
    if votes is None:
        return {}
    nobody = VoteMatrix.from_dense(np.full((votes.units, 1), -1), classes=votes.classes)
    alone, *questions = play(made, nobody, in_turn, seed)
    found = {"answers alone": alone}
    for name, heard in {"functions": votes, "misled": misled(votes, seed)}.items():
        learnt = {"in one sum": in_one_sum, "corrected": in_turn}
        for how, learn in learnt.items():
            found[f"{name}, {how}"] = play(made, heard, learn, seed)[0]
            there = f"{name}, {how}, asked without"
            found[there] = follow(made, heard, learn, *questions)
    return found


def in_turn(head, made, votes, posterior, _answered):
    return corrected(head, made.points, made.train, votes, posterior)


def in_one_sum(_head, made, _votes, posterior, answered):
    taught = np.flatnonzero(posterior.covered & made.train)
    by_functions = ~answered[taught]
    weight = np.where(by_functions, min(TAUGHT / max(by_functions.sum(), 1), 1.0), 1.0)
    if not len(taught):
        return None
    return HEAD.fit(made.points[taught], posterior.probability[taught], weight).predict(made.points)


def play(made, votes, learn, seed):
    """The score after each number of answers, the questions in order, and which were picked."""
    model, head = by_name("source_kinds"), CorrectedHead(HEAD)
    seen, asked = {}, []

    def label(known):
        fit = model.fit(known)
        seen["votes"] = known
        return fit, model.posterior(fit, known)

    def train_head(posterior, answered):
        asked.extend(np.setdiff1d(np.flatnonzero(answered), asked).tolist())
        return learn(head, made, seen["votes"], posterior, answered)

    steps = replay(
        World(made.truth, votes, made.train, made.points),
        Machine(label, train_head, lambda believed: score(made, believed.prediction)),
        AsAsked(votes), np.eye(votes.classes)[None], np.random.default_rng(seed),
        budget=max(ASKED), batch=BATCH,
    )  # fmt: skip
    found = {step.answers: step.score for step in steps}
    return [found[answers] for answers in ASKED], asked, seen["votes"].was_picked()


def follow(made, votes, learn, asked, picked):
    """The score after each number of answers to these questions."""
    model, found = by_name("source_kinds"), []
    for count in ASKED:
        rows = np.array(asked[:count], int)
        answered = np.isin(np.arange(votes.units), rows)
        known = VoteMatrix.build(
            np.concatenate([votes.unit, rows]),
            np.concatenate([votes.source, np.full(count, votes.sources)]),
            np.concatenate([votes.label, made.truth[rows]]),
            units=votes.units, classes=votes.classes, kinds=[*votes.kinds, "gold"],
            picked=picked & answered,
        )  # fmt: skip
        posterior = model.posterior(model.fit(known), known)
        said = learn(CorrectedHead(HEAD), made, known, posterior, answered)
        found.append(score(made, said))
    return found


def score(made, prediction):
    """The share of right predictions on items to test on; as many as by chance of none."""
    if prediction is None:
        return 1 / made.classes
    return float((prediction.argmax(axis=1) == made.truth)[~made.train].mean())


if __name__ == "__main__":
    main()
