"""1,797 handwritten digits of 8 x 8 pixels, bundled with scikit-learn, and a crowd."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from labelwright.cli.demos.story import Demo, Items, PreparedDemo, VotesFile

TEST_SHARE = 0.3
GOLD = 20
CROWD = {"crowd_ada": 0.95, "crowd_bea": 0.85, "crowd_cem": 0.60}
CROWD_VOTES = 250


def prepare(folder: Path) -> PreparedDemo:
    """Writes one PNG a digit, a table of gold, and the votes of a simulated crowd."""
    from PIL import Image
    from sklearn.datasets import load_digits

    bunch = load_digits()
    known = [str(target) for target in bunch.target]
    rng = np.random.default_rng(7)
    test = rng.random(len(known)) < TEST_SHARE
    ids = []
    for number, pixels in enumerate(bunch.images):
        # The test images lie in class folders, which say what they are; the others do not.
        ids.append(f"{known[number]}/{number:04d}.png" if test[number] else f"{number:04d}.png")
        place = folder / ("test" if test[number] else "train") / ids[-1]
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.round(pixels * (255 / 16)).astype(np.uint8)).save(place)
    truth = dict(zip(ids, known, strict=True))
    training = [id_ for id_, held_out in zip(ids, test, strict=True) if not held_out]
    _write_votes(folder / "gold.csv", [(id_, "gold", truth[id_]) for id_ in training[:GOLD]])
    _write_votes(folder / "crowd.csv", _crowd(training, truth, rng))
    return PreparedDemo(
        items=(
            Items(folder / "train", {"split": "train=1"}),
            Items(folder / "test", {"split": "test=1", "gold": "folder"}),
        ),
        truth=truth,
        votes=(
            VotesFile(folder / "gold.csv", "gold"),
            VotesFile(folder / "crowd.csv", "person"),
        ),
        told=(
            (
                f"three crowd workers voted on {CROWD_VOTES} digits each; they are simulated, and "
                f"right in {', '.join(f'{share:.0%}' for share in CROWD.values())} of their votes"
            ),
            (
                f"the truth is hidden but for {GOLD} training digits (gold) and the test digits, "
                "which only measure"
            ),
        ),
    )


def _crowd(
    ids: list[str], truth: dict[str, str], rng: np.random.Generator
) -> list[tuple[str, str, str]]:
    votes = []
    for worker, share in CROWD.items():
        for place in rng.choice(len(ids), CROWD_VOTES, replace=False):
            right = truth[ids[place]]
            wrong = str(rng.choice([digit for digit in "0123456789" if digit != right]))
            votes.append((ids[place], worker, right if rng.random() < share else wrong))
    return votes


def _write_votes(path: Path, votes: list[tuple[str, str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("item", "source", "label"), *votes])


DEMO = Demo(
    name="digits",
    title="1,797 handwritten digits of 8 x 8 pixels (UCI, from scikit-learn)",
    expert="reader",
    seconds=3,
    prepare=prepare,
)
