"""What stands: the labels that would be exported now. How many, on what basis, and how right.

Every command, report and screen tells this one value, so that no two of them tell two numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.source import Source, SourceKind
from labelwright.pipeline.label.basis import ORDER, basis_of
from labelwright.pipeline.label.honest_tests import HonestTests, share_right
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.reduce_votes import answers_of
from labelwright.pipeline.train.contradicted_labels import Contradicted, contradicted
from labelwright.pipeline.train.known_truth import ANSWERS, GOLD, KnownTruth, known_truths
from labelwright.pipeline.workspace.parts import label_model_of
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import FEWEST_SOURCES, wilson

NOBODY_KNOWS = "nobody knows"
"""The basis of items without a label."""


@dataclass(frozen=True, slots=True)
class Rightness:
    """How right labels are, held against truth that had no say in them.

    Attributes:
        share: of the labels that is right; where answers are sets of classes, of whole sets.
        low: the lower end of its 95 % interval.
        high: the upper end.
        of: on how many labels of known truth that rests.
        truth: how their truth is known: `gold`, or `answers to items drawn at random`.
        sentence: all that in words.
    """

    share: float
    low: float
    high: float
    of: int
    truth: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The labels that would be exported now.

    Attributes:
        items: how many there are, without those set aside.
        labelled: how many of them have a label.
        content: whether labels are of votes and content; otherwise of votes alone.
        basis: how many items rest on what: `gold`, `votes and content`, `votes`, `content`, `class
            descriptions` alone, `tied votes`, or `nobody knows`, which are those without a label;
            what none rests on is left out. They add up to the items.
        right: how right the labels are; None if no truth is known.
        contradicted: what known truth says against them, the gravest first.
        unmeasured: why even the confidences rest on an assumption, where no truth is known and too
            few sources vote to judge each other; else empty.
    """

    items: int
    labelled: int
    content: bool
    basis: dict[str, int]
    right: Rightness | None
    contradicted: tuple[Contradicted, ...]
    unmeasured: str = ""

    @property
    def sentence(self) -> str:
        """How many have a label, and on what basis."""
        origin = "votes and content" if self.content else "votes alone"
        return (
            f"{self.labelled:,} of {self.items:,} items have a label, of {origin}: {self.rests_on}"
        )

    @property
    def rests_on(self) -> str:
        """How many items rest on what."""
        return ", ".join(f"{name} {count:,}" for name, count in self.basis.items()) or "nothing"

    @property
    def how_right(self) -> str:
        """How right they are, in words."""
        if self.right is not None:
            return self.right.sentence
        unmeasured = f"; {self.unmeasured}" if self.unmeasured else ""
        return (
            f"nobody knows: no truth is known for any labelled item{unmeasured}. Import some with "
            "--gold, or answer some random items by hand"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything, the sentences included, as JSON can hold it."""
        words = {"sentence": self.sentence, "rests_on": self.rests_on, "how_right": self.how_right}
        return asdict(self) | words

    def to_frame(self) -> Any:
        """One row a basis, as a Polars data frame: basis, items."""
        import polars as pl

        schema = {"basis": pl.String, "items": pl.Int64}
        return pl.DataFrame([*self.basis.items()], schema=schema, orient="row")


def standing(workspace: Workspace, labels: Labels, tests: HonestTests | None = None) -> Standing:
    """What there is to say of these labels.

    Args:
        workspace: the project.
        labels: they.
        tests: people's answers to items drawn at random, if they are at hand.
    """
    keep = ~workspace.set_aside.mask(labels.units.items)
    labelled = np.asarray(labels.answers.answer.is_valid()) & keep
    known = known_truths(workspace, labels, tests)
    right = _right(workspace, labels, known)
    return Standing(
        items=int(keep.sum()),
        labelled=int(labelled.sum()),
        content=labels.joint is not None,
        basis=_counted(basis_of_items(labels)[labelled], int((keep & ~labelled).sum())),
        right=right,
        contradicted=contradicted(workspace, labels, known),
        unmeasured=_unmeasured(labels) if right is None else "",
    )


def basis_of_items(labels: Labels) -> NDArray[np.int8]:
    """The best basis that any unit of each item has, as a place in `ORDER`, shape (items,)."""
    best = np.zeros(labels.units.items, np.int8)
    basis = basis_of(labels.units, labels.posterior, labels.votes_posterior)
    np.maximum.at(best, labels.units.item, basis)
    return best


def _counted(basis: NDArray[np.int8], unlabelled: int) -> dict[str, int]:
    """The surest first."""
    counts = np.bincount(basis, minlength=len(ORDER)).tolist()
    found = {one.value: count for one, count in reversed([*zip(ORDER, counts, strict=True)])}
    return {name: count for name, count in {**found, NOBODY_KNOWS: unlabelled}.items() if count}


def _unmeasured(labels: Labels) -> str:
    """That nothing measures how accurate the sources are, where they are too few; else empty."""
    matrix = labels.units.matrix
    voting = [
        source
        for source, votes in zip(labels.active.sources, matrix.vote_count.tolist(), strict=True)
        if votes and source.kind is not SourceKind.DESCRIPTION
    ]
    if not 0 < len(voting) < FEWEST_SOURCES:
        return ""
    assumed = getattr(label_model_of(labels.run.settings), "accuracy", None)
    said = " and of ".join(f"{one.name!r}{_taken_for(one, assumed)}" for one in voting)
    return f"the accuracy of {said} was never measured"


def _taken_for(source: Source, assumed: float | None) -> str:
    """What a label model takes the accuracy of the source for, before it has seen votes."""
    if source.accuracy is not None:
        return f" ({source.accuracy:.0%} is stated)"
    return "" if assumed is None else f" ({assumed:.0%} is assumed)"


def _right(workspace: Workspace, labels: Labels, known: Sequence[KnownTruth]) -> Rightness | None:
    """By the truth that says more, of equals by gold."""
    found = [
        _by_gold(labels) if one.tests is None else _by_answers(workspace, labels, one, one.tests)
        for one in known
    ]
    said = [one for one in found if one is not None]
    return max(said, key=lambda one: one[0])[1] if said else None


def _by_gold(labels: Labels) -> tuple[float, Rightness] | None:
    """How right the labels are by gold, and how many equally weighed items that rests on."""
    if labels.quality is None:
        return None
    told = "gold itself did not vote on them"
    if labels.sets is not None:
        share, of = labels.sets.exact, labels.sets.items
        ends = wilson(round(share * of), of)
        said = f"{labels.sets.sentence()} ({told})"
        return of, Rightness(share, float(ends.low), float(ends.high), of, GOLD, said)
    share, of = labels.quality.accuracy, labels.quality.items
    low, high = labels.quality.accuracy_interval()
    noun = "items" if labels.units.heads else "pieces"
    said = (
        f"{share:.1%} right on the {of:,} labelled {noun} whose truth is known (95% interval "
        f"{low:.1%}-{high:.1%}; {told})"
    )
    return of, Rightness(share, low, high, of, GOLD, said)


def _by_answers(
    workspace: Workspace, labels: Labels, known: KnownTruth, tests: HonestTests
) -> tuple[float, Rightness] | None:
    """How right they are by answers, and how many equally weighed ones would say as much."""
    task = workspace.settings.task
    answers = answers_of(known.units, known.posterior, labels.fit, task).answer
    tests = tests.where(np.asarray(answers.is_valid())[tests.item])
    if not len(tests):
        return None
    found = share_right(answers.take(pa.array(tests.item)).to_pylist(), tests)
    said = (
        f"{found.value:.1%} right by {found.answers:,} answers to items drawn at random (95% "
        f"interval {found.low:.1%}-{found.high:.1%}; answers had no say in the labels judged)"
    )
    right = Rightness(found.value, found.low, found.high, found.answers, ANSWERS, said)
    return found.tested, right
