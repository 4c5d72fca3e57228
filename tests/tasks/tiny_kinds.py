"""Two kinds of task that reduce to units in other ways, as small as can be.

They show that the port is general: units that are found in the votes, and units in order.
"""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from labelwright.core.errors import AnswerError, SettingsError
from labelwright.core.judgement import NOTHING as NONE
from labelwright.core.judgement import Judgement
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.pieces import number_text
from labelwright.core.units import Answers, Units

NOTHING = 0
"""The unit class of "there is nothing here"; the task's classes follow."""


class Tiny:
    """What both kinds share: lists of (class, number, ...), judged piece by piece."""

    pieces = ()
    length = 0
    reads = ()

    def check(self, task):
        if not task.classes:
            raise SettingsError("name a class")

    def schema(self, task):
        return {"type": "array", "items": {"type": "object"}}

    def choices(self, task):
        return ()

    def canonical(self, answer, task):
        objects = [self.written(*row) for row in rows_of(answer, task, self.length)]
        return f"[{','.join(objects)}]"

    def read(self, text, task):
        return [row_of(piece) for piece in json.loads(text)]

    def translated(self, text, change):
        rows = [(new, *row[1:]) for row in self.read(text, change.before)
                for new in change.image(row[0])]  # fmt: skip
        return self.canonical(rows, change.after)

    def decompose(self, votes, guests, extent, task):
        return Found(self, votes, guests, task).units()

    def recompose(self, beliefs, task):
        texts, sure = [None] * beliefs.items, np.zeros(beliefs.items)
        keys = beliefs.key.to_pylist()
        for item in range(beliefs.items):
            rows = np.flatnonzero(beliefs.item == item)
            if beliefs.covered[rows].any():
                said = [(beliefs.class_names[beliefs.label[r]], json.loads(keys[r])) for r in rows]
                texts[item] = self.canonical(self.merged(said), task)
                sure[item] = beliefs.confidence[rows[beliefs.covered[rows]]].min()
        return Answers(pa.array(texts, pa.string()), sure)

    def align(self, beliefs, units, task):
        raise NotImplementedError("no end model learns this kind")

    def judge(self, said, truth, task):
        rows = []
        for item, (ours, theirs) in enumerate(
            zip(said.answer.to_pylist(), truth.answer.to_pylist(), strict=True)
        ):
            if ours is not None and theirs is not None:
                pairs = self.matched(self.read(ours, task), self.read(theirs, task))
                rows += [(item, *pair, said.confidence[item]) for pair in pairs]
        item, ours, theirs, sure = zip(*rows, strict=True) if rows else ((), (), (), ())
        number = [[NONE if name is None else task.index(name) for name in of]
                  for of in (ours, theirs)]  # fmt: skip
        return Judgement(
            np.array(item, np.int64),
            np.array(number[0], np.int16),
            np.array(number[1], np.int16),
            np.array(sure, np.float32),
            np.ones(len(rows), np.float32),
            np.ones(len(rows)),
            task.classes,
        )

    def alike(self, one, other, task):
        found = np.full(len(one.answer), np.nan)
        judged = self.judge(one, other, task)
        for item, (a, b) in enumerate(
            zip(one.answer.to_pylist(), other.answer.to_pylist(), strict=True)
        ):
            if a is not None and b is not None:
                right = judged.right[judged.item == item]
                found[item] = right.mean() if len(right) else 1.0
        return found


@dataclass(frozen=True)
class TinyBoxes(Tiny):
    """Answers are lists of (class, x0, y0, x1, y1). The unit is a group of matched boxes.

    Each item has one unit more, its ground, on which who looked at the item says "nothing":
    an item that all found empty is known to be empty.
    """

    iou: float = 0.5
    pieces = ("label", "box")
    length = 5

    def written(self, name, *place):
        box = ",".join(map(number_text, place))
        return f'{{"label":{json.dumps(name, ensure_ascii=False)},"box":[{box}]}}'

    def places(self, answers):
        """Where the groups of boxes are."""
        boxes = sorted((box[1:], source, box[0]) for source, list_ in answers.items()
                       for box in list_)  # fmt: skip
        return [np.median([box for box, _, _ in group], axis=0).tolist()
                for group in grouped(boxes, self.iou)]  # fmt: skip

    def said(self, place, boxes):
        """The class of the best box at this place, None if there is none."""
        over = [(overlap(box[1:], place), box) for box in boxes]
        best = max(over, default=(0, None), key=lambda pair: pair[0])
        return best[1] if best[0] >= self.iou else None

    def meet(self, one, other):
        return overlap(one, other) >= self.iou

    def merged(self, said):
        return [(name, *place) for name, place in said if name != "nothing" and place]

    def matched(self, ours, theirs):
        left, pairs = list(theirs), []
        for box in ours:
            found = self.said(box[1:], left)
            if found is not None:
                left.remove(found)
            pairs.append((box[0], None if found is None else found[0]))
        return pairs + [(None, box[0]) for box in left]


@dataclass(frozen=True)
class TinySpans(Tiny):
    """Answers are lists of (class, start, end). The unit is a token, in order."""

    pieces = ("label", "start", "end")
    length = 3

    def written(self, name, start, end):
        label = json.dumps(name, ensure_ascii=False)
        return f'{{"label":{label},"start":{int(start)},"end":{int(end)}}}'

    def places(self, answers):
        ends = [span[2] for list_ in answers.values() for span in list_]
        return [[token] for token in range(max([0, *ends]))]

    def said(self, place, spans):
        return next((span for span in spans if span[1] <= place[0] < span[2]), None)

    def meet(self, one, other):
        return one == other

    def merged(self, said):
        labels = [*(name for name, place in said if place), "nothing"]
        spans, start = [], 0
        for place in range(1, len(labels)):
            if labels[place] != labels[start]:
                if labels[start] != "nothing":
                    spans.append((labels[start], start, place))
                start = place
        return spans

    def matched(self, ours, theirs):
        def tokens(spans):
            return {token: name for name, a, b in spans for token in range(a, b)}

        one, other = tokens(ours), tokens(theirs)
        return [(one.get(token), other.get(token)) for token in sorted({*one, *other})]


class Found:
    """The units of the answers, and what each source says of them.

    Guests say what they think of the units of the others; a place of their own becomes a unit
    on which the others are silent.
    """

    def __init__(self, kind, votes, guests, task):
        self.kind, self.task = kind, task
        self.voices = [votes] if guests is None else [votes, guests]
        self.item, self.key, self.alone = [], [], []
        self.rows = [[] for _ in self.voices]
        answers = [self.by_item(voice) for voice in self.voices]
        for item in range(votes.items):
            ours, *others = (of.get(item, {}) for of in answers)
            self.unit(item, [], [ours, *others], ground=True)
            places = kind.places(ours)
            for place in places:
                self.unit(item, place, [ours, *others])
            for place in kind.places(others[0]) if others and others[0] else []:
                if not any(self.kind.meet(place, known) for known in places):
                    self.unit(item, place, [ours, *others], alone=True)

    def by_item(self, votes):
        """Every item that somebody answered, with its answers by source."""
        found = {}
        texts = list(votes.answers)
        for item, source, answer in zip(votes.item, votes.source, votes.answer, strict=True):
            if answer != ABSTAINED:
                read = self.kind.read(texts[answer], self.task)
                found.setdefault(int(item), {})[int(source)] = read
        return found

    def unit(self, item, place, answers, *, ground=False, alone=False):
        for rows, ballots in zip(self.rows, answers, strict=False):
            for source, pieces in ballots.items():
                piece = None if ground else self.kind.said(place, pieces)
                label = NOTHING if piece is None else 1 + self.task.index(piece[0])
                rows.append((len(self.item), source, label))
        self.item.append(item)
        self.key.append(json.dumps(place))
        self.alone.append(alone)

    def units(self):
        names = ("nothing", *self.task.classes)
        alone = np.array(self.alone, bool)
        matrices = [self.matrix(*pair, names) for pair in zip(self.voices, self.rows, strict=True)]
        return Units(
            matrix=matrices[0],
            item=np.array(self.item, np.int64),
            items=self.voices[0].items,
            class_names=names,
            key=pa.array(self.key, pa.string()),
            ordered=isinstance(self.kind, TinySpans),
            guests=matrices[1] if len(matrices) > 1 else None,
            guests_only=alone if alone.any() else None,
        )

    def matrix(self, votes, rows, names):
        unit, source, label = np.array(rows, int).reshape(-1, 3).T
        return VoteMatrix.build(
            unit,
            source,
            label,
            units=len(self.item),
            classes=len(names),
            kinds=[source.kind for source in votes.sources],
            complete=votes.complete,
        )


def row_of(piece):
    """A piece of a text, or of a user, as (class, number, ...)."""
    if not isinstance(piece, dict):
        return tuple(piece)
    numbers = (of if isinstance(of, list) else [of] for of in [*piece.values()][1:])
    return piece["label"], *(number for of in numbers for number in of)


def rows_of(answer, task, length):
    """The rows of an answer in the form that a text of pieces keeps: floats of 32 bits, sorted."""
    try:
        rows = [row_of(one) for one in (json.loads(answer) if isinstance(answer, str) else answer)]
        rows = [(str(name), *(float(np.float32(n)) for n in numbers)) for name, *numbers in rows]
    except (TypeError, ValueError, KeyError) as error:
        raise AnswerError(f"{answer!r} is no list: {error}") from error
    for row in rows:
        if len(row) != length or task.index(row[0]) < 0:
            raise AnswerError(f"{row!r} is none")
    return sorted(rows)


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
