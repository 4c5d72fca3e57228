"""What a rule would do, before it votes: quickly, on items held in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError, SettingsError
from labelwright.core.source import SourceKind
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.reduce_votes import classes_of
from labelwright.pipeline.live.item_table import Catalogue
from labelwright.sources import RuleVoter
from labelwright.sources.conditions import Similar, leaves

BENCH_ITEMS = 100_000
"""With more items a random sample is tried; its shares are near those of all."""
EXAMPLES = 5
FEW_JUDGED = 5
BELIEVED = 0.75
"""How right a rule is thought to be of which too few votes can be judged."""


@dataclass(frozen=True, slots=True, eq=False)
class RuleEffect:
    """What a rule would do on the bench.

    Attributes:
        items: how many were tried.
        hits: the numbers of those on which it votes.
        overlap: on how many of them another source votes.
        conflict: on how many another source votes otherwise.
        new: on how many no source votes yet.
        judged: on how many the answer of people or gold is known.
        right: on how many of these it agrees.
        changed: how many labels would turn over.
        random: the numbers of some hits, at random.
        doubtful: those of some hits whose labels are least sure.
    """

    items: int
    hits: NDArray[np.int64]
    overlap: int
    conflict: int
    new: int
    judged: int
    right: int
    changed: int
    random: tuple[int, ...]
    doubtful: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Bench:
    """Items to try rules on, with the votes that they have.

    Attributes:
        catalogue: of the snapshot.
    """

    catalogue: Catalogue

    @property
    def labels(self) -> Labels:
        """The labels of the snapshot.

        Raises:
            NothingToDoError: there are no items.
        """
        if self.catalogue.snapshot.labels is None:
            raise NothingToDoError("the project has no items yet")
        return self.catalogue.snapshot.labels

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """The items that are tried, at most 100,000."""
        items = self.labels.votes.items
        if items <= BENCH_ITEMS:
            return np.arange(items)
        return np.sort(np.random.default_rng(0).choice(items, BENCH_ITEMS, replace=False))

    @cached_property
    def batch(self) -> pa.RecordBatch:
        """What these items hold."""
        snapshot = self.catalogue.snapshot
        table = snapshot.workspace.items.take(self.numbers, snapshot.fields)
        return table.combine_chunks().to_batches()[0]

    @cached_property
    def known(self) -> NDArray[np.int64]:
        """The answer of people or gold on each item, a place in `votes.answers`, -1 if unknown."""
        votes = self.labels.votes
        found = np.full(votes.items, -1, np.int64)
        # Gold last, so that it has the last word.
        for kind in (SourceKind.PERSON, SourceKind.GOLD):
            of_kind = np.array([source.kind is kind for source in votes.sources], bool)
            rows = of_kind[votes.source] & (votes.answer >= 0)
            found[votes.item[rows]] = votes.answer[rows]
        return found

    @cached_property
    def known_units(self) -> NDArray[np.int64]:
        """The class of each unit that people or gold gave, gold last; -1 where none. (units,)."""
        labels = self.labels
        known = np.full(len(labels.units.item), -1, np.int64)
        for kind in (SourceKind.PERSON, SourceKind.GOLD):
            of_kind = [source.kind is kind for source in labels.votes.sources]
            said = labels.units.said_by(np.array(of_kind, bool))
            known[said >= 0] = said[said >= 0]
        return known

    def code(self, answer: str) -> int:
        """The place of a canonical answer in `votes.answers`, -2 if nobody voted so."""
        return self._codes.get(answer, -2)

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {text: place for place, text in enumerate(self.labels.votes.answers)}

    def hits(self, rule: RuleVoter) -> NDArray[np.bool_]:
        """Which items of the bench the rule votes on.

        Raises:
            SettingsError: it cannot be tried quickly.
            SourceError: a field holds what the rule cannot read.
        """
        if rule.isolated:
            raise SettingsError(
                "this pattern may take very long on some text, so it has no preview; simplify "
                "it (no repetition inside repetition, no look-around), or save it as it is"
            )
        if any(isinstance(leaf, Similar) for leaf in leaves(rule.rule.when)):
            raise SettingsError("similarity has no preview; save the rule and run a round")
        answer = rule.vote(self.batch).answer
        return answer.is_valid().to_numpy(zero_copy_only=False)

    def effect(
        self, rule: RuleVoter, rng: np.random.Generator, replaces: str | None = None
    ) -> RuleEffect:
        """What the rule would do; the votes of the one that it replaces do not count."""
        hits = self.numbers[self.hits(rule)]
        code = self.code(rule.answer)
        total, same = self._others(code, replaces)
        judged, right = self._judged(hits, rule.answer, code)
        confidence = self.catalogue.confidence[hits]
        chosen = rng.choice(hits, min(EXAMPLES, len(hits)), replace=False)
        doubtful = hits[np.argsort(confidence, kind="stable")][:EXAMPLES]
        return RuleEffect(
            items=len(self.numbers),
            hits=hits,
            overlap=int((total[hits] > 0).sum()),
            conflict=int((total[hits] > same[hits]).sum()),
            new=int((total[hits] == 0).sum()),
            judged=judged,
            right=right,
            changed=self._changed(hits, rule.answer, judged, right),
            random=tuple(chosen.tolist()),
            doubtful=tuple(doubtful.tolist()),
        )

    def _others(
        self, code: int, replaces: str | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many other sources vote on each item, and how many of them vote `code`."""
        votes = self.labels.votes
        other = np.array([source.name != replaces for source in votes.sources], bool)
        counts = other[votes.source] & (votes.answer >= 0)
        items, answers = votes.item[counts], votes.answer[counts]
        total = np.bincount(items, minlength=votes.items)
        return total, np.bincount(items[answers == code], minlength=votes.items)

    def _judged(self, hits: NDArray[np.int64], answer: str, code: int) -> tuple[int, int]:
        """On how many of these items the truth of what the rule says is known, and is so."""
        units, task = self.labels.units, self.catalogue.snapshot.workspace.settings.task
        vote = classes_of(pa.array([answer], pa.string()), task) if units.heads else np.zeros(0)
        if not np.any(vote >= 0):
            known = self.known[hits]  # an answer of less than one class
            return int((known >= 0).sum()), int((known == code).sum())
        known = self.known_units[hits[:, None] * units.heads + np.arange(units.heads)]
        told = (known >= 0) & (vote >= 0)
        wrong = (told & (known != vote)).any(axis=1)
        judged = told.any(axis=1)
        return int(judged.sum()), int((judged & ~wrong).sum())

    def _changed(self, hits: NDArray[np.int64], answer: str, judged: int, right: int) -> int:
        """How many labels would turn over if such a vote were added to what is believed now."""
        units, posterior = self.labels.units, self.labels.posterior
        if not units.heads:
            return 0
        task = self.catalogue.snapshot.workspace.settings.task
        vote = classes_of(pa.array([answer], pa.string()), task)
        accuracy = (right + 1) / (judged + 2) if judged >= FEW_JUDGED else BELIEVED
        # What the vote says of each unit of an item; where it says nothing, all classes alike.
        weight = np.ones((units.heads, posterior.classes))
        said = vote >= 0
        weight[said] = (1 - accuracy) / (posterior.classes - 1)
        weight[said, vote[said]] = accuracy
        at = hits[:, None] * units.heads + np.arange(units.heads)
        chances = posterior.probability[at]
        turned = chances.argmax(axis=2) != (chances * weight).argmax(axis=2)
        return int((turned & posterior.covered[at]).any(axis=1).sum())
