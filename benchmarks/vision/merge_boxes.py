"""Boxes of several annotators merged through units, against each of them and the plain ways.

Simulated annotators (each with a place error, a systematic shift, a rate of misses, of made-up
boxes and of wrong classes, and times when nothing is looked at) draw the true boxes of random
scenes, of blood cells (bccd) and of raccoons (LABELWRIGHT_DATA, default `../shared/data`; without
it random scenes only). Merged are the same answers by
- the best and the mean annotator, alone;
- majority: groups that at least half of the annotators drew, mean places;
- weighted boxes fusion (Solovyev, Wang, Gabruseva: Weighted boxes fusion: Ensembling boxes from
  different object detection models. Image and Vision Computing 107, 2021.
  https://doi.org/10.1016/j.imavis.2021.104117), all annotators equal: matching per annotator
  without units; `fusion, half`: its boxes that at least half drew;
- units: `Boxes.decompose`, the default label model, `Boxes.recompose`; `units, ranked`: every
  group ranked by its most probable class, those more likely nothing too, as fusion ranks its own.

Measured: average precision at an overlap of 0.5 and over 0.50..0.95, F1, in hundredths, means over
seeds.

Run: `python benchmarks/vision/merge_boxes.py [--full] [--seeds N] [--scenes NAME ...]`.
"""

import argparse
import os
import sys
import time
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.core.votes import Votes
from labelwright.labelmodels import SourceKinds
from labelwright.quality import COCO_OVERLAPS, average_precision, piece_quality
from labelwright.tasks.boxes import Boxes
from labelwright.tasks.boxes.answer_form import STEPS
from labelwright.tasks.boxes.box_judge import judged_boxes
from labelwright.tasks.boxes.merging import merged_boxes
from labelwright.tasks.boxes.unit_keys import key_boxes, mean_places

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

DATA = Path(os.environ.get("LABELWRIGHT_DATA", "../shared/data")) / "vision"
IOU = 0.5
HALF = 0.5
KIND = Boxes(IOU)


SHOWN = []
SAYING = ("best annotator", "majority", "fusion, half")


class Skill(NamedTuple):
    """How an annotator errs: place errors in shares of a side, rates by object and by image."""

    jitter: float
    shift: float
    miss: float
    made_up: float
    confused: float


GOOD = Skill(0.03, 0.01, 0.03, 0.05, 0.02)
FAIR = Skill(0.06, 0.02, 0.10, 0.20, 0.08)
POOR = Skill(0.12, 0.04, 0.25, 0.80, 0.20)
SPAM = Skill(0.20, 0.10, 0.60, 2.00, 0.60)
CROWDS = {
    "3 fair": [FAIR] * 3,
    "5 mixed": [GOOD, FAIR, FAIR, POOR, POOR],
    "2 good 3 poor": [GOOD, GOOD, POOR, POOR, POOR],
    "7 with spam": [GOOD, FAIR, FAIR, FAIR, POOR, SPAM, SPAM],
    # Whoever knows the classes draws badly, and the other way round.
    "5 crosswise": [GOOD._replace(jitter=0.12), FAIR, FAIR, *[POOR._replace(jitter=0.03)] * 2],
}


class Scenes(NamedTuple):
    """True boxes: item (rising), class and place in pixels."""

    classes: tuple[str, ...]
    items: int
    item: np.ndarray
    label: np.ndarray
    place: np.ndarray


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="ten seeds")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--scenes", nargs="*")
    chosen = parser.parse_args()
    seeds = chosen.seeds or (10 if chosen.full else 2)
    known = {"random": random_scenes, "crowded": crowded_scenes}
    if (DATA / "bccd").is_dir():
        known |= {name: partial(voc_scenes, name) for name in ("bccd", "raccoon")}
    print(f"{'scenes':10}{'annotators':15}{'merged by':18}{'AP50':>7}{'AP50:95':>9}{'F1':>7}")
    behind = []
    for name in chosen.scenes or known:
        for crowd, skills in CROWDS.items():
            started = time.perf_counter()
            found = [one(known[name], skills, seed) for seed in range(seeds)]
            table = {way: np.mean([run[way] for run in found], axis=0) for way in found[0]}
            behind.append(show(name, crowd, table, time.perf_counter() - started))
    keep(seeds)
    kept, every = np.max(behind, axis=0)
    print("how far units are behind the best other way, at most, in AP50, AP50:95 and F1:")
    print(f"- of ways that say what is there (units): {kept.round(1).tolist()}")
    print(
        f"- of ways that rank (units, ranked), in AP50 and AP50:95: {every[:2].round(1).tolist()}"
    )


def keep(seeds):
    """AP50 and AP50:95 of every way, by scenes and annotators."""
    ways = list(SHOWN[0][2])
    record(
        "vision/merge_boxes",
        title="Boxes merged, means over the seeds: AP50 / AP50:95 / F1, in hundredths; `fusion` "
        "and `units, ranked` rank every candidate, also those more likely nothing, the others say "
        "what is there",
        columns=["scenes", "annotators", *ways],
        rows=[
            [name, crowd, *(table[way].tolist() for way in ways)] for name, crowd, table in SHOWN
        ],
        measures=["src/labelwright/tasks/boxes", "src/labelwright/labelmodels"],
        plays=seeds,
    )


def show(name, crowd, table, seconds):
    SHOWN.append((name, crowd, table))
    for way, row in table.items():
        print(f"{name:10}{crowd:15}{way:18}{row[0]:7.1f}{row[1]:9.1f}{row[2]:7.1f}")
    print(f"{'':25}({seconds:.0f} s)", flush=True)
    saying = np.max([table[way] for way in SAYING], axis=0) - table["units"]
    return saying, np.maximum(saying + table["units"], table["fusion"]) - table["units, ranked"]


def one(scenes_of, skills, seed):
    """AP50, AP50:95 and F1 by way of merging."""
    rng = np.random.default_rng(seed)
    scenes = scenes_of(rng)
    task = Task("boxes", scenes.classes)
    answers = [annotated(scenes, skill, rng) for skill in skills]
    alone = np.array([measured(boxes, scenes) for boxes in answers])
    found = {"best annotator": alone[alone[:, 0].argmax()], "mean annotator": alone.mean(axis=0)}
    votes = as_votes(answers, scenes.items, task)
    units = KIND.decompose(votes, None, None, task)
    for way, boxes in {
        "majority": majority(units, len(skills)),
        **fused(answers, len(skills)),
        **through_units(units),
    }.items():
        found[way] = measured(boxes, scenes)
    return found


def measured(boxes, scenes):
    truth = (scenes.item, scenes.label, scenes.place, np.ones(len(scenes.item)))
    order = np.argsort(boxes[0], kind="stable")
    judgement = judged_boxes(tuple(column[order] for column in boxes), truth, scenes.classes, IOU)
    return 100 * np.array([
        average_precision(judgement, 0.5).mean,
        average_precision(judgement, COCO_OVERLAPS).mean,
        piece_quality(judgement).f1_micro,
    ])  # fmt: skip


def through_units(units):
    model = SourceKinds()
    fit = model.fit(units.to_fit())
    posterior = model.posterior(fit, units.matrix)
    beliefs = units.beliefs(posterior.probability, posterior.covered, fit.accuracy)
    return {"units": pixels(merged_boxes(beliefs)), "units, ranked": ranked(units, posterior, fit)}


def ranked(units, posterior, fit):
    """Every group with its most probable class, were it one."""
    chance = posterior.probability.copy()
    chance[:, 0] = 0
    best = chance.max(axis=1)
    sure = np.eye(chance.shape[1])[chance.argmax(axis=1)]
    merged = merged_boxes(units.beliefs(sure, posterior.covered, fit.accuracy))
    drawn = units.key.is_valid().to_numpy(zero_copy_only=False)
    return pixels(merged._replace(confidence=best[drawn]))


def pixels(merged):
    return merged.item, merged.label, merged.place / STEPS, merged.confidence


def majority(units, annotators):
    """Groups that at least half of the annotators drew, at the mean of their places."""
    held = key_boxes(units.key)
    drew = np.bincount(held.unit, minlength=len(units.item)) / annotators
    votes = units.matrix.to_dense()
    count = np.stack([(votes == label).sum(axis=1) for label in range(1, units.matrix.classes)], 1)
    place = mean_places(held, len(units.item), np.ones(len(held.unit))) / STEPS
    kept = drew >= HALF
    return units.item[kept], count.argmax(axis=1)[kept], place[kept], drew[kept]


def fused(answers, annotators):
    """Weighted boxes fusion: clusters of one class around their running mean."""
    rows = sorted(
        (int(item), int(label), source, tuple(place))
        for source, (item, label, place, _) in enumerate(answers)
        for item, label, place in zip(item, label, place, strict=True)
    )
    found = []
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end][:2] == rows[start][:2]:
            end += 1
        means, sizes = np.zeros((0, 4)), []
        for *_, place in rows[start:end]:
            near = iou_of(np.array(place), means)
            if len(near) and near.max() > IOU:
                best = int(near.argmax())
                means[best] += (np.array(place) - means[best]) / (sizes[best] + 1)
                sizes[best] += 1
            else:
                means, sizes = np.vstack([means, place]), [*sizes, 1]
        found += [(*rows[start][:2], mean, min(size, annotators) / annotators)
                  for mean, size in zip(means, sizes, strict=True)]  # fmt: skip
        start = end
    item, label, place, share = (np.array(column) for column in zip(*found, strict=True))
    half = share >= HALF
    return {
        "fusion": (item, label, place, share),
        "fusion, half": (item[half], label[half], place[half], share[half]),
    }


def iou_of(box, boxes):
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    both = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return both / (np.prod(box[2:] - box[:2]) + areas - both)


def annotated(scenes, skill, rng):
    """What an annotator of this skill draws: item, class, place, confidence."""
    count, classes = len(scenes.item), len(scenes.classes)
    size = np.tile(scenes.place[:, 2:] - scenes.place[:, :2], 2)
    shift = rng.normal(0, skill.shift, 4)
    place = scenes.place + size * (shift + rng.normal(0, skill.jitter, (count, 4)))
    wrong = rng.random(count) < skill.confused
    label = np.where(wrong, rng.integers(0, classes, count), scenes.label)
    kept = rng.random(count) >= skill.miss
    extra = rng.poisson(skill.made_up, scenes.items)
    like = rng.integers(0, count, extra.sum())
    moved = scenes.place[like] + np.tile(rng.uniform(-200, 200, (len(like), 2)), 2)
    item = np.concatenate([scenes.item[kept], np.repeat(np.arange(scenes.items), extra)])
    label = np.concatenate([label[kept], rng.integers(0, classes, len(like))])
    place = np.concatenate([place[kept], moved])
    place[:, 2:] = np.maximum(place[:, 2:], place[:, :2] + 1)
    order = np.argsort(item, kind="stable")
    return item[order], label[order], place[order], np.ones(len(item))


def as_votes(answers, items, task):
    texts = []
    for item, label, place, _ in answers:
        boxes = [[] for _ in range(items)]
        for row, name, box in zip(item, label, place.tolist(), strict=True):
            boxes[row].append((task.classes[name], *box))
        texts += [KIND.canonical(some, task) for some in boxes]
    known = sorted(set(texts))
    code = {text: place for place, text in enumerate(known)}
    return Votes(
        item=np.tile(np.arange(items), len(answers)),
        source=np.repeat(np.arange(len(answers), dtype=np.int32), items),
        answer=np.array([code[text] for text in texts], np.int32),
        answers=tuple(known),
        sources=tuple(Source(f"s{n}", SourceKind.PERSON) for n in range(len(answers))),
        items=items,
        complete=np.zeros(len(answers), bool),
    )


def random_scenes(rng, items=300, most=8):
    count = rng.integers(0, most + 1, items)
    item = np.repeat(np.arange(items), count)
    size = np.exp(rng.normal(np.log(60), 0.6, (len(item), 2)))
    corner = rng.uniform(0, [640, 480], (len(item), 2))
    classes = tuple(f"class {letter}" for letter in "abcd")
    label = rng.choice(4, len(item), p=[0.5, 0.3, 0.15, 0.05])
    return Scenes(classes, items, item, label, np.hstack([corner, corner + size]))


def crowded_scenes(rng):
    return random_scenes(rng, items=80, most=60)


def voc_scenes(name, _rng):
    """The boxes of a set in PASCAL VOC's XML."""
    files = sorted((DATA / name).rglob("*.xml"))
    rows = [
        (place, thing.findtext("name"), [float(thing.find("bndbox").findtext(side))
                                         for side in ("xmin", "ymin", "xmax", "ymax")])
        for place, file in enumerate(files)
        for thing in ET.parse(file).getroot().iter("object")
    ]  # fmt: skip
    rows = [row for row in rows if row[2][2] > row[2][0] and row[2][3] > row[2][1]]
    item, names, place = zip(*rows, strict=True)
    classes, label = np.unique(names, return_inverse=True)
    return Scenes(tuple(classes.tolist()), len(files), np.array(item), label, np.array(place))


if __name__ == "__main__":
    main()
