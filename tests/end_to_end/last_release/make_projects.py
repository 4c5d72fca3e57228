"""Makes the projects that `projects.tar.xz` holds; run it with the code of the release.

    git worktree add OLD COMMIT
    PYTHONPATH=OLD/src python tests/end_to_end/last_release/make_projects.py FOLDER
    tar -cJf projects.tar.xz -C FOLDER .

Each project has functions, rules, people, gold, answers still at the desk, and a version that is
frozen. What labels it gave stands beside it, as `classification.json` and `multilabel.json`.
Those here are of the commit cbed39a.
"""

import csv
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

import labelwright as lw

ITEMS = 60
WORDS = {"spam": ["prize", "winner", "cash"], "ham": ["meeting", "lunch", "report"],
         "eggs": ["yolk", "shell", "hen"]}  # fmt: skip
FUNCTIONS = """
import labelwright as lw

@lw.source
def first(x):
    return "spam" if "prize" in x.text else None

@lw.source
def unsure(x):
    return lw.one_of("ham", "eggs") if "lunch" in x.text else None
"""
SEVERAL = """
import labelwright as lw

@lw.source
def both(x):
    return ["spam", "ham"] if "prize" in x.text and "lunch" in x.text else None

@lw.source
def yolks(x):
    return {"eggs": 0.9} if "yolk" in x.text else None
"""


def main():
    folder = Path(sys.argv[1])
    for kind in ("classification", "multilabel"):
        version = made(folder / kind, kind).history.find().id
        # On a copy: whoever labels takes in what waits at the desk.
        with tempfile.TemporaryDirectory() as aside:
            copy = lw.open(shutil.copytree(folder / kind, Path(aside) / kind))
            labels = copy.label()
            told = {
                "answer": labels.answers.answer.to_pylist(),
                "confidence": [float(one).hex() for one in labels.answers.confidence],
                "posterior": [float(one).hex() for one in labels.posterior.probability.ravel()],
                "version": version,
                "next version": copy.history.save("what it says now").id,
            }
        (folder / f"{kind}.json").write_text(json.dumps(told))


def made(folder, kind):
    rng = np.random.default_rng(0)
    project = lw.Project.create(folder, lw.Task(kind, tuple(WORDS)), name="old")
    (folder / "sources.py").write_text(FUNCTIONS if kind == "classification" else SEVERAL)
    truth = [[name for name in WORDS if rng.random() < 0.4] or ["ham"] for _ in range(ITEMS)]
    if kind == "classification":
        truth = [names[:1] for names in truth]
    rows = [
        {"id": f"item {n}", "text": " ".join(rng.permutation(
            [rng.choice(WORDS[name]) for name in names] + ["the", "a"])),
         "label": said(kind, names) if n % 4 == 0 else ""}
        for n, names in enumerate(truth)
    ]  # fmt: skip
    write(folder / "items.csv", rows)
    project.import_items(str(folder / "items.csv"), id="id", text="text", gold="label")
    votes = [
        {"item": f"item {n}", "worker": person, "label": said(
            kind, names if rng.random() < sure else [str(rng.choice([*WORDS]))])}
        for n, names in enumerate(truth)
        for person, sure in (("anna", 0.9), ("ben", 0.6), ("zoë", 0.75))
        if rng.random() < 0.6
    ]  # fmt: skip
    write(folder / "votes.csv", votes)
    project.import_votes(str(folder / "votes.csv"))
    project.vote()
    project.history.save("of the last release")
    for n in (1, 2, 3):
        answer = truth[n][0] if kind == "classification" else truth[n]
        project.answer(f"item {n}", answer, person="anna")
    return project


def said(kind, names):
    return names[0] if kind == "classification" else json.dumps(names)


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)


if __name__ == "__main__":
    main()
