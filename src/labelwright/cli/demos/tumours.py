"""569 fine-needle samples of breast tumours, 30 measurements each, bundled with scikit-learn."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from labelwright.cli.demos.story import Demo, Items, PreparedDemo

GOLD = 10
TEST_SHARE = 0.3


def prepare(folder: Path) -> PreparedDemo:
    """Writes tumours.csv; the diagnosis of all but ten training samples stays hidden."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    names = [name.replace(" ", "_") for name in bunch.feature_names]
    truth = [("malignant", "benign")[target] for target in bunch.target]
    ids = [f"sample-{number:03d}" for number in range(1, len(truth) + 1)]
    rng = np.random.default_rng(7)
    test = rng.random(len(ids)) < TEST_SHARE
    gold = set(rng.choice(np.flatnonzero(~test), GOLD, replace=False).tolist())
    path = folder / "tumours.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sample", "split", "diagnosis", *names])
        for row, (id_, known) in enumerate(zip(ids, truth, strict=True)):
            told = known if test[row] or row in gold else ""
            split = "test" if test[row] else "train"
            writer.writerow([id_, split, told, *bunch.data[row].tolist()])
    return PreparedDemo(
        items=(Items(path, {"id": "sample", "gold": "diagnosis", "split": "split"}),),
        truth=dict(zip(ids, truth, strict=True)),
        told=(
            (
                f"the diagnosis is hidden but for {GOLD} training samples (gold) and the test "
                "samples, which only measure"
            ),
        ),
    )


DEMO = Demo(
    name="tumours",
    title="569 tumour samples with 30 measurements of cell nuclei (Wisconsin, from scikit-learn)",
    expert="pathologist",
    seconds=60,
    prepare=prepare,
)
