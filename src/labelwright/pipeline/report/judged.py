"""How good answers are where the truth is known: small, plain, and with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.quality import LabelQuality, SetQuality, wilson


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with the 95 % interval of Wilson; NaN, 0 and 1 where nothing is known."""

    value: float
    low: float
    high: float
    of: int


@dataclass(frozen=True, slots=True)
class ClassQuality:
    """How good answers are on one class.

    Attributes:
        name: of the class.
        items: how many items have it in truth.
        precision: of the items labelled so, the share that is.
        recall: of the items that are so, the share labelled so.
        f1: the harmonic mean of both.
    """

    name: str
    items: int
    precision: Rate
    recall: Rate
    f1: float


@dataclass(frozen=True, slots=True)
class Judged:
    """How good answers are on items whose truth is known.

    Attributes:
        accuracy: the share that is right.
        f1_macro: the mean F1 of the classes that occur.
        classes: each by itself.
        confusion: how many items of class row were given column; where an answer is a set of
            classes, the last row and column are none.
        sets: then, how good the sets are as a whole, in words; else empty.
    """

    accuracy: Rate
    f1_macro: float
    classes: tuple[ClassQuality, ...]
    confusion: tuple[tuple[int, ...], ...]
    sets: str = ""


def judged(
    quality: LabelQuality | None, classes: tuple[str, ...], sets: SetQuality | None = None
) -> Judged | None:
    """The same in plain numbers; None where no truth is known.

    Args:
        quality: of the units.
        classes: of the units.
        sets: where an answer is a set of classes, how good these are: then these classes count.
    """
    if quality is None:
        return None
    if sets is not None:
        return _judged_sets(quality, sets)
    right = np.diag(quality.confusion)
    given = quality.confusion.sum(axis=0)
    support = quality.support
    return Judged(
        accuracy=rate(int(right.sum()), quality.items),
        f1_macro=quality.f1_macro,
        classes=tuple(
            ClassQuality(
                name=name,
                items=int(support[k]),
                precision=rate(int(right[k]), int(given[k])),
                recall=rate(int(right[k]), int(support[k])),
                f1=float(quality.f1[k]),
            )
            for k, name in enumerate(classes)
        ),
        confusion=tuple(tuple(row) for row in quality.confusion.tolist()),
    )


def _judged_sets(quality: LabelQuality, sets: SetQuality) -> Judged:
    found = sets.classes
    counts = zip(
        found.class_names, found.hits, found.said, found.support, found.f1.tolist(), strict=True
    )
    return Judged(
        accuracy=rate(int(np.diag(quality.confusion).sum()), quality.items),
        f1_macro=found.f1_macro,
        classes=tuple(
            ClassQuality(
                name=name,
                items=int(support),
                precision=rate(int(hits), int(said)),
                recall=rate(int(hits), int(support)),
                f1=f1,
            )
            for name, hits, said, support, f1 in counts
        ),
        confusion=tuple(tuple(row) for row in found.confusion.astype(int).tolist()),
        sets=sets.sentence(),
    )


def rate(part: int, whole: int) -> Rate:
    """A share with its interval."""
    ends = wilson(part, whole)
    return Rate(part / whole if whole else float("nan"), float(ends.low), float(ends.high), whole)
