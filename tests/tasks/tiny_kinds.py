"""Two kinds of task that reduce to units in other ways, as small as can be.

They show that the port is general: units that are found in the votes, and units in order.
"""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from labelwright.core.errors import AnswerError
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.units import Answers, Units

NOTHING = 0
"""The unit class of "there is nothing here"; the task's classes follow."""


@dataclass(frozen=True)
class TinyBoxes:
    """Answers are lists of (class, x0, y0, x1, y1). The unit is a group of matched boxes.

    Each item has one unit more, its ground, on which who looked at the item says "nothing":
    an item that all found empty is known to be empty.
    """

    iou: float = 0.5

    def canonical(self, answer, task):
        return canonical_list(answer, task, length=5)

    def read(self, text, task):
        return [tuple(row) for row in json.loads(text)]

    def decompose(self, votes, task):
        found = Found(votes, task)
        for item, ballots in found.by_item():
            found.unit(item, None, dict.fromkeys(ballots, NOTHING))
            boxes = sorted((box[1:], source, box[0]) for source in ballots
                           for box in self.read(ballots[source], task))  # fmt: skip
            for group in grouped(boxes, self.iou):
                said = {source: 1 + task.index(name) for _, source, name in group}
                place = np.median([box for box, _, _ in group], axis=0).tolist()
                found.unit(item, place, {source: said.get(source, NOTHING) for source in ballots})
        return found.units()

    def recompose(self, units, posterior, task):
        places = [None if key is None else json.loads(key) for key in units.key.to_pylist()]

        def answer(rows):
            kept = [r for r in rows if posterior.label[r] != NOTHING]
            boxes = [(units.class_names[posterior.label[r]], *places[r]) for r in kept]
            return self.canonical(boxes, task)

        return answers_of(units, posterior, answer)


@dataclass(frozen=True)
class TinySpans:
    """Answers are lists of (class, start, end). The unit is a token, in order."""

    def canonical(self, answer, task):
        return canonical_list(answer, task, length=3)

    def read(self, text, task):
        return [tuple(row) for row in json.loads(text)]

    def decompose(self, votes, task):
        found = Found(votes, task)
        for item, ballots in found.by_item():
            spans = {source: self.read(text, task) for source, text in ballots.items()}
            length = max([1, *(end for list_ in spans.values() for _, _, end in list_)])
            for token in range(length):
                said = {
                    source: next((1 + task.index(name) for name, a, b in list_ if a <= token < b),
                                 NOTHING)
                    for source, list_ in spans.items()
                }  # fmt: skip
                found.unit(item, token, said)
        return found.units()

    def recompose(self, units, posterior, task):
        def answer(rows):
            labels = [*(posterior.label[r] for r in rows), NOTHING]
            spans, start = [], 0
            for place in range(1, len(labels)):
                if labels[place] != labels[start]:
                    if labels[start] != NOTHING:
                        spans.append((units.class_names[labels[start]], start, place))
                    start = place
            return self.canonical(spans, task)

        return answers_of(units, posterior, answer)


class Found:
    """Collects units and the votes on them."""

    def __init__(self, votes, task):
        self.votes, self.task = votes, task
        self.item, self.key, self.rows = [], [], []

    def by_item(self):
        """Every item that somebody answered, with its answers by source."""
        ballots = {}
        for item, source, answer in zip(
            self.votes.item, self.votes.source, self.votes.answer, strict=True
        ):
            if answer != ABSTAINED:
                ballots.setdefault(int(item), {})[int(source)] = self.votes.answers[answer]
        return sorted(ballots.items())

    def unit(self, item, key, said):
        self.rows += [(len(self.item), source, label) for source, label in said.items()]
        self.item.append(item)
        self.key.append(None if key is None else json.dumps(key))

    def units(self):
        names = ("nothing", *self.task.classes)
        unit, source, label = np.array(self.rows, int).reshape(-1, 3).T
        matrix = VoteMatrix.build(
            unit,
            source,
            label,
            units=len(self.item),
            classes=len(names),
            kinds=[source.kind for source in self.votes.sources],
            complete=self.votes.complete,
        )
        item = np.array(self.item, np.int64)
        return Units(matrix, item, self.votes.items, names, pa.array(self.key, pa.string()))


def canonical_list(answer, task, length):
    try:
        rows = json.loads(answer) if isinstance(answer, str) else list(answer)
        rows = [(str(name), *(float(number) for number in numbers)) for name, *numbers in rows]
    except (TypeError, ValueError) as error:
        raise AnswerError(f"{answer!r} is no list: {error}") from error
    for row in rows:
        if len(row) != length or task.index(row[0]) < 0:
            raise AnswerError(f"{row!r} is none")
    exact = [(name, *(int(n) if n == int(n) else n for n in numbers)) for name, *numbers in rows]
    return json.dumps(sorted(exact))


def grouped(boxes, least):
    """Boxes that overlap the first of their group at least so much, one a source."""
    groups = []
    for box in boxes:
        for group in groups:
            if overlap(group[0][0], box[0]) >= least and box[1] not in {s for _, s, _ in group}:
                group.append(box)
                break
        else:
            groups.append([box])
    return groups


def overlap(a, b):
    """Intersection over union."""
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def answers_of(units, posterior, answer):
    texts, sure = [None] * units.items, np.zeros(units.items)
    for item in np.unique(units.item):
        rows = np.flatnonzero(units.item == item)
        texts[item] = answer(rows)
        sure[item] = posterior.confidence[rows].min()
    return Answers(pa.array(texts, pa.string()), sure)
