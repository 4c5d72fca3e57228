"""A newcomer's first hour: a few rules, 0 / 20 / 60 answers to the first questions, labels.

Everything goes through a project as people use it: `init`, `import`, rules, `vote`, the questions
of `next` answered by the truth, `label`, `join`. Simulated texts with one rule for a class of 1 %,
5 % and 20 %, and the tutorial's kind of rules on real texts (written by sight of the names of the
classes, not by the truth). Held against what anybody would do by hand: the majority of the votes,
and where nobody voted the commonest class of the random answers; or that class everywhere.

    python benchmarks/quality/first_hour.py [--fast]

The real sets need LABELWRIGHT_DATA (default ../shared/data); without it they are left out.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import labelwright as lw

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data"))
ANSWERS = (0, 20, 60)
SHARES = (0.01, 0.05, 0.2)
WITHIN = 0.01
"""Labels may be so much less often right than what anybody would do by hand."""
RIGHT, FOUND = 0.99, 0.9
"""What labels are to be where a class of 1 % has one rule, with 20 answers."""
REAL = {
    "sms": (("ham", "spam"), {"spam": [["prize", "winner", "claim"]], "ham": [["see you"]]}),
    "sms, spam only": (("ham", "spam"), {"spam": [["prize", "winner", "claim"], ["free"]]}),
    "youtube": (
        ("ham", "spam"),
        {"spam": [["subscribe"], ["check out"], ["my channel"]], "ham": [["song"]]},
    ),
    "trec": (
        ("description", "entity", "human", "abbreviation", "location", "number"),
        {
            "number": [["how many", "how much"], ["year", "date"]],
            "human": [["who"]],
            "location": [["where"], ["city", "country"]],
            "abbreviation": [["stand for", "abbreviation"]],
            "description": [["why"]],
        },
    ),
    "agnews_24k": (
        ("world", "sports", "business", "technology"),
        {
            "world": [["government", "president", "minister"]],
            "sports": [["game", "team", "season", "coach"]],
            "business": [["shares", "market", "profit", "stocks"]],
            "technology": [["software", "internet", "computer"]],
        },
    ),
}


@dataclass(frozen=True)
class Texts:
    """Texts of known classes, and rules as classes -> lists of keywords."""

    name: str
    texts: list
    truth: list
    classes: tuple
    rules: dict
    seed: int


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fast", action="store_true", help="few items and seeds, under a minute")
    parser.add_argument("--only", help="cases whose names begin so")
    parser.add_argument("--seeds", type=int, help="plays of each case")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    seeds = chosen.seeds or (1 if chosen.fast else 5)
    figures, began = [], time.perf_counter()
    titles = ["items", "answers", "labelled", "right", "by hand", "margin", "found"]
    print(f"{'':32}" + "".join(f"{title:>10}" for title in titles), flush=True)
    for case in cases(seeds, chosen.first, fast=chosen.fast):
        if chosen.only is None or case.name.startswith(chosen.only):
            figures += play(case)
    seconds = time.perf_counter() - began
    under = [one for one in figures if one["margin"] < -WITHIN]
    rare = [one for one in figures if one["case"].startswith("one rule, 1%") and one["answers"]]
    missed = [one for one in rare if one["right"] < RIGHT or one["found"] < FOUND]
    told = "; ".join(f"{one['case']} {one['answers']} {one['margin']:+.1%}" for one in under)
    print(f"more than {WITHIN:.0%} under what anybody would do by hand: {told or 'nowhere'}")
    print(
        f"1 % with answers: {len(rare) - len(missed)} of {len(rare)} plays at least {RIGHT:.0%} "
        f"right, {FOUND:.0%} found of what the rule covers"
    )
    print(f"{seconds:.0f} seconds")
    keep(figures, seeds)
    sys.exit(bool(under or missed))


def keep(figures, plays):
    """Records a row for each case over its plays, and one for all."""
    named = {}
    for one in figures:
        named.setdefault(one["case"].split(", seed")[0], []).append(one)
    rows = [row(name, ones) for name, ones in named.items()]
    few = [cell[-3:] for cell in rows]
    rows.append(["all", *[None] * len(ANSWERS), *(min(each) for each in zip(*few, strict=True))])
    record(
        "quality/first_hour",
        title="A newcomer's first hour: % of the items with a label / right of those that we or a "
        "hand would label / the same of what anybody would do by hand, after 0, 20 and 60 answers; "
        "then the least of all plays with 20 answers, and how far the worst of all plays is above "
        "what is done by hand",
        columns=["", "no answer", "20 answers", "60 answers", "least right", "least found",
                 "least above"],
        rows=rows,
        measures=["src/labelwright/pipeline/label", "src/labelwright/pipeline/ask",
                  "src/labelwright/labelmodels", "src/labelwright/endmodels",
                  "src/labelwright/quality/labels", "benchmarks/quality/first_hour.py"],
        settings={"simulated items": 2_000, "real items": "at most 3,000 (1,000 with --fast)"},
        plays=plays,
    )  # fmt: skip


def row(name, ones):
    """Its means after 0, 20, 60 answers, and its least figures, in percent and points."""
    cells = []
    for answers in ANSWERS:
        mine = [one for one in ones if one["answers"] == answers]
        cells.append([100 * np.mean([one[what] for one in mine])
                      for what in ("labelled", "right", "by_hand")])  # fmt: skip
    twenty = [one for one in ones if one["answers"] == ANSWERS[1]]
    least = [min(100 * one[what] for one in twenty) for what in ("right", "found")]
    return [name, *cells, *least, min(100 * one["margin"] for one in ones)]


def cases(seeds, first, *, fast):
    for seed in range(first, first + seeds):
        for share in SHARES:
            yield simulated(share, seed)
        for name, (classes, rules) in REAL.items():
            folder = DATA / name.split(",")[0]
            if folder.is_dir():
                yield real(name, folder, classes, rules, 1_000 if fast else 3_000, seed)
            elif seed == first:
                print(f"{name}: no such folder as {folder}; left out", file=sys.stderr)


def simulated(share, seed, count=2_000):
    """Texts of common words, some of which tell the class, and one word that a rule knows."""
    rng = np.random.default_rng([seed, int(1_000 * share)])
    common = np.array([f"word{n}" for n in range(600)])
    often = 1 / np.arange(1, len(common) + 1)
    telling = np.array([f"sign{n}" for n in range(30)])
    precision, recall = rng.uniform(0.85, 1), rng.uniform(0.4, 0.9)
    if seed == 0:
        precision = 1.0
    rare = rng.random(count) < share
    hit = np.where(rare, rng.random(count) < recall, 0)
    wrong = share * recall * (1 - precision) / precision / (1 - share)
    hit = np.where(rare, hit, rng.random(count) < wrong).astype(bool)
    texts = []
    for mine, said in zip(rare, hit, strict=True):
        words = rng.choice(common, rng.integers(5, 15), p=often / often.sum()).tolist()
        words += rng.choice(telling, 2 if mine else int(rng.random() < 0.2)).tolist()
        words += ["jackpot"] * int(said)
        texts.append(" ".join(rng.permutation(words).tolist()))
    truth = np.where(rare, "rare", "other").tolist()
    name = f"one rule, {share:.0%}, seed {seed}"
    return Texts(name, texts, truth, ("rare", "other"), {"rare": [["jackpot"]]}, seed)


def real(name, folder, classes, rules, most, seed):
    stored = np.load(folder / "votes.npz")
    plain = folder / "texts.jsonl"
    with plain.open("rb") if plain.exists() else gzip.open(f"{plain}.gz") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    rows = np.flatnonzero(stored["y"] >= 0)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    truth = [classes[stored["y"][row]] for row in rows]
    return Texts(f"{name}, seed {seed}", [texts[row] for row in rows], truth, classes, rules, seed)


def play(case):
    """The figures of one case with ever more answers to the first questions."""
    with tempfile.TemporaryDirectory() as folder:
        project = made(Path(folder), case)
        truth, answered, figures = np.array(case.truth, object), {}, []
        for wanted in ANSWERS:
            while len(answered) < wanted:
                seed = 1_000 * case.seed + len(answered)
                for question in project.next(wanted - len(answered), person="me", seed=seed):
                    project.answer(question.item, case.truth[int(question.item)], person="me")
                    answered[int(question.item)] = question.random
            figures.append(judged(case, project, truth, answered))
            show(figures[-1])
    return figures


def made(folder, case):
    project = lw.init(folder / "project", classes=case.classes)
    rules = [(name, words) for name, lists in case.rules.items() for words in lists]
    toml = project.folder / "labelwright.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8")
        + "\n".join(
            f'[[rules]]\nname = "{name} {n}"\nvote = "{name}"\n'
            f'when = {{ field = "text", keywords = {json.dumps(words)} }}\n'
            for n, (name, words) in enumerate(rules)
        ),
        encoding="utf-8",
    )
    data = folder / "texts.jsonl"
    with data.open("w", encoding="utf-8") as file:
        for number, text in enumerate(case.texts):
            file.write(json.dumps({"key": str(number), "text": text}) + "\n")
    project = lw.open(project.folder)
    project.import_items(data, id="key", text="text")
    project.vote()
    return project


def judged(case, project, truth, answered):
    labels = project.label()
    matrix, votes = labels.units.matrix, labels.votes
    machine = np.array([source.kind not in ("person", "gold") for source in votes.sources], bool)
    counts = np.zeros((votes.items, len(case.classes)))
    rows = matrix.voted & machine[matrix.source]
    np.add.at(counts, (matrix.unit[rows], matrix.label[rows]), 1)
    reached = counts.any(axis=1)
    names = np.array(case.classes, object)
    by_hand, usual = np.full(len(truth), None, object), np.full(len(truth), None, object)
    random = [item for item, drawn in answered.items() if drawn]
    if random:
        said, often = np.unique(truth[random].astype(str), return_counts=True)
        by_hand[:], usual[:] = said[often.argmax()], said[often.argmax()]
    by_hand[reached] = names[counts.argmax(axis=1)[reached]]
    by_hand[[*answered]] = usual[[*answered]] = truth[[*answered]]
    joint = project.join(labels)
    ours = np.array(joint.answers.answer.to_pylist(), object)
    either = np.array(
        [one is not None or other is not None for one, other in zip(ours, by_hand, strict=True)]
    )
    right = [float((said == truth)[either].mean()) for said in (ours, by_hand, usual)]
    hits = reached & (truth == next(iter(case.rules)) if len(case.rules) == 1 else reached)
    return {
        "case": case.name,
        "items": len(truth),
        "answers": len(answered),
        "labelled": float(np.mean([one is not None for one in ours])),
        "right": right[0],
        "by_hand": max(right[1:]),
        "margin": right[0] - max(right[1:]),
        "found": float((ours == truth)[hits].mean()) if hits.any() else 1.0,
        "right_of_labelled": float((ours == truth)[ours != None].mean()),  # noqa: E711
    }


def show(one):
    cells = [f"{one['items']:,}", f"{one['answers']}", f"{one['labelled']:.1%}"]
    cells += [f"{one['right']:.1%}", f"{one['by_hand']:.1%}", f"{one['margin']:+.1%}"]
    cells.append(f"{one['found']:.1%}")
    print(f"{one['case']:32}" + "".join(f"{cell:>10}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
