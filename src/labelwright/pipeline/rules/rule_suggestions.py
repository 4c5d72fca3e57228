"""Rules that the data suggest: words and limits that go with a class and cover new items."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from labelwright.core.errors import LabelwrightError
from labelwright.pipeline.live.snapshot import Snapshot, answer_text
from labelwright.pipeline.rules.rule_file import made_rule
from labelwright.pipeline.rules.rule_preview import Bench
from labelwright.queue.suggest import Ranked, suggest
from labelwright.sources.function_words import function_words
from labelwright.stores.disk.json_lines import JsonLines
from labelwright.tasks import kind_of

MINED_ITEMS = 20_000
MOST_TERMS = 20_000
LEAST_ITEMS = 5
CUTS = np.arange(0.1, 1.0, 0.1)
_WORD = r"(?u)\b[^\W\d_][\w'-]*\b"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule worth a look; counts are of the mined items.

    Attributes:
        key: names the condition, for remembering that it was of no use.
        vote: the answer, canonical: a class, or that one belongs.
        when: the condition as a table.
        hits: on how many items it holds.
        new: on how many of them no source votes.
        judged: on how many the class is known.
        right: on how many of these it is `vote`.
        low: the lower bound of its precision.
        score: by how much the bound is above chance, times the newly covered items.
        examples: the numbers of some items.
    """

    key: str
    vote: str
    when: dict[str, Any]
    hits: int
    new: int
    judged: int
    right: int
    low: float
    score: float
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A condition among those that were ranked, and what a rule of it would vote."""

    ranked: Ranked
    place: int
    vote: str


@dataclass(frozen=True, eq=False)
class Mine:
    """Conditions and where they hold, found in the items once.

    Attributes:
        bench: of the items.
    """

    bench: Bench

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The places on the bench that are mined: all with a known class, and a sample."""
        size = len(self.bench.numbers)
        if size <= MINED_ITEMS:
            return np.arange(size)
        known = np.flatnonzero(self.bench.known[self.bench.numbers] >= 0)[:MINED_ITEMS]
        drawn = np.random.default_rng(0).choice(size, MINED_ITEMS, replace=False)
        return np.union1d(known, drawn)

    @cached_property
    def found(self) -> tuple[list[dict[str, Any]], csr_array]:
        """The conditions, and where each holds, shape (rows, conditions)."""
        batch = self.bench.batch.take(pa.array(self.rows))
        specs: list[dict[str, Any]] = []
        holds = []
        for name in self.bench.catalogue.snapshot.workspace.content_fields():
            kind = batch.schema.field(name).type
            if pa.types.is_string(kind):
                new, where = _words(name, batch.column(name))
            elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
                new, where = _limits(name, batch.column(name))
            else:
                continue
            specs += new
            holds.append(where)
        if not holds:
            return [], csr_array((len(self.rows), 0))
        return specs, csr_array(hstack(holds))

    def suggestions(self, dismissed: Collection[str], most: int) -> list[Suggestion]:
        """The best rules that are not there yet and were not dismissed, no two alike."""
        specs, holds = self.found
        if not specs or not self.bench.labels.units.heads:
            return []  # no condition on fields says where in an item something is
        return self._made(specs, holds, self._ranked(holds, every=False), dismissed, most)

    def from_words(self, snapshot: Snapshot, words: Sequence[str], vote: Any) -> list[Suggestion]:
        """A rule for each of the words that a person marked, and one for any of them.

        Raises:
            AnswerError: the task has no such class.
        """
        if not self.bench.labels.units.heads:
            return []
        distinct = list(dict.fromkeys(word.strip().lower() for word in words if word.strip()))
        groups = [[word] for word in distinct] + ([distinct] if len(distinct) > 1 else [])
        specs, columns = [], []
        any_vote = self._votes(0)[-1]
        wanted = None if vote is None else answer_text(snapshot.workspace, vote)
        for group in groups:
            spec: dict[str, Any] = {"keywords": group}
            try:
                rule = made_rule(snapshot, {"name": "marked", "vote": any_vote, "when": spec})
                hits = self.bench.hits(rule)[self.rows]
            except LabelwrightError:
                continue
            specs.append({"field": (rule.fields or ("",))[0], **spec})
            columns.append(hits)
        if not columns:
            return []
        holds = csr_array(np.stack(columns, axis=1).astype(np.float64))
        made = self._made(specs, holds, self._ranked(holds, every=True), (), len(specs))
        return [one for one in made if wanted is None or one.vote == wanted] or [
            _voting(one, wanted) for one in made if wanted is not None
        ]

    def _votes(self, head: int) -> list[str]:
        """What a rule can vote about this unit of every item, by the class of the unit.

        Where an item has several units, a rule says of one that it is so, the last class.
        """
        units, task = self.bench.labels.units, self.bench.catalogue.snapshot.workspace.settings.task
        if units.heads == 1 and units.single:
            return list(units.class_names)
        belongs = kind_of(task).canonical({units.head_names[head]: True}, task)
        return [""] * (len(units.class_names) - 1) + [belongs]

    def _ranked(self, holds: csr_array, *, every: bool) -> list[_Candidate]:
        """The conditions with what they speak for, best first."""
        labels = self.bench.labels
        numbers = self.bench.numbers[self.rows]
        heads = labels.units.heads
        found: list[_Candidate] = []
        for head in range(heads):
            at = numbers * heads + head
            known, covered = self.bench.known_units[at], labels.votes_posterior.covered[at]
            votes = self._votes(head)
            belief = labels.posterior.probability[at]
            ranked = suggest(holds, known, covered, belief, every=every)
            speaks = enumerate(votes[label] for label in ranked.label.tolist())
            found += [_Candidate(ranked, place, vote) for place, vote in speaks if vote]
        return sorted(found, key=lambda one: -float(one.ranked.score[one.place]))

    def _made(
        self,
        specs: Sequence[dict[str, Any]],
        holds: csr_array,
        ranked: Sequence[_Candidate],
        dismissed: Collection[str],
        most: int,
    ) -> list[Suggestion]:
        by_condition = holds.tocsc()
        made: list[Suggestion] = []
        seen: list[set[int]] = []
        for one in ranked:
            ranks, place = one.ranked, one.place
            condition = int(ranks.condition[place])
            key = json.dumps(specs[condition], sort_keys=True, ensure_ascii=False)
            start, end = by_condition.indptr[condition : condition + 2]
            where = set(by_condition.indices[start:end].tolist())
            # Of conditions that hold on the same items the best is enough.
            if key in dismissed or any(len(where & old) > 0.8 * len(where | old) for old in seen):
                continue
            seen.append(where)
            numbers = self.bench.numbers[self.rows[sorted(where)[:3]]]
            made.append(
                Suggestion(
                    key=key,
                    vote=one.vote,
                    when=specs[condition],
                    hits=int(ranks.hits[place]),
                    new=int(ranks.new[place]),
                    judged=int(ranks.judged[place]),
                    right=int(ranks.right[place]),
                    low=float(ranks.low[place]),
                    score=float(ranks.score[place]),
                    examples=tuple(numbers.tolist()),
                )
            )
            if len(made) >= most:
                break
        return made


def dismissed_file(snapshot: Snapshot) -> JsonLines:
    """Where suggestions that were of no use are remembered."""
    return JsonLines(snapshot.workspace.layout.root / "dismissed.jsonl")


def dismissed(snapshot: Snapshot) -> set[str]:
    """The keys of suggestions that were of no use."""
    records, _ = dismissed_file(snapshot).read()
    return {str(record["key"]) for record in records}


def dismiss(snapshot: Snapshot, key: str) -> None:
    """Remembers that a suggestion was of no use."""
    dismissed_file(snapshot).extend(lambda: [{"key": key}])


def _voting(one: Suggestion, vote: str) -> Suggestion:
    """The suggestion with the class that the person wants, of which nothing is known."""
    return replace(one, vote=vote, right=max(0, one.judged - one.right), low=0.0, score=0.0)


def _words(name: str, column: pa.Array) -> tuple[list[dict[str, Any]], csr_array]:
    """The words and pairs of words of a text field that say something, and where they occur."""
    from sklearn.feature_extraction.text import CountVectorizer

    texts = [text or "" for text in column.to_pylist()]
    counter = CountVectorizer(
        binary=True,
        ngram_range=(1, 2),
        min_df=LEAST_ITEMS,
        max_df=0.5,
        max_features=MOST_TERMS,
        token_pattern=_WORD,
        dtype=np.float64,
    )
    try:
        holds = counter.fit_transform(texts)
    except ValueError:
        # No word comes often enough.
        return [], csr_array((len(texts), 0))
    terms = counter.get_feature_names_out().tolist()
    counts = dict(zip(terms, np.ravel(holds.sum(axis=0)).tolist(), strict=True))
    empty = function_words(counts)
    said = [place for place, term in enumerate(terms) if not empty.issuperset(term.split(" "))]
    # Single words first: of two that hold on the same items the simpler is suggested.
    order = sorted(said, key=lambda place: " " in terms[place])
    return [_spec(name, terms[place]) for place in order], csr_array(holds)[:, order]


def _spec(name: str, term: str) -> dict[str, Any]:
    if " " not in term:
        return {"field": name, "keywords": [term]}
    # The words of a pair may stand apart by more than one space, or by a comma.
    pattern = r"\W+".join(re.escape(word) for word in term.split(" "))
    return {"field": name, "regex": rf"\b{pattern}\b", "case": False}


def _limits(name: str, column: pa.Array) -> tuple[list[dict[str, Any]], csr_array]:
    """Numbers above or below each tenth of those that occur."""
    values = np.asarray(column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False))
    finite = values[np.isfinite(values)]
    if not len(finite):
        return [], csr_array((len(values), 0))
    cuts = np.unique([float(f"{cut:.4g}") for cut in np.quantile(finite, CUTS)])
    specs: list[dict[str, Any]] = []
    columns = []
    for cut in cuts.tolist():
        for side, holds in (("above", values > cut), ("below", values < cut)):
            specs.append({"field": name, side: cut})
            columns.append(holds)
    return specs, csr_array(np.stack(columns, axis=1).astype(np.float64))
