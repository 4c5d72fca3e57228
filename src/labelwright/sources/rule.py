"""No-code rules: a condition and the answer that it stands for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import AnswerError, SettingsError
from labelwright.core.identity import digest
from labelwright.core.ports import Ballot, CellTaskKind, Voter
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.sources.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Dictionary,
    Limits,
    Not,
    Regex,
    Similar,
    leaves,
)
from labelwright.sources.patterns import pattern_of
from labelwright.sources.rule_tables import Rule, condition_spec, parse_rule
from labelwright.tasks import kind_of

Embed = Callable[[pa.Table], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class RuleVoter:
    """A rule as a `Voter`; with others, all are evaluated in one pass over the batch.

    Attributes:
        rule: what votes; its condition names every field.
        answer: what it votes, canonical.
        source: who it is.
        embed: texts -> vectors, for similarity; None where there are no embeddings.
    """

    rule: Rule
    answer: str
    source: Source
    embed: Embed | None = None

    @functools.cached_property
    def fields(self) -> tuple[str, ...] | None:
        """The columns that the condition reads."""
        names = (leaf.field for leaf in leaves(self.rule.when))
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @functools.cached_property
    def isolated(self) -> bool:
        """Whether a pattern of it may take for ever, so that it needs a time limit."""
        return self.embed is None and any(
            pattern_of(*pattern).explosive for pattern in _patterns(self.rule.when)
        )

    def vote(self, batch: pa.RecordBatch) -> Ballot:
        """Its answer where the condition holds.

        Raises:
            SourceError: the batch lacks a field, or holds something in it that the rule cannot
                read.
        """
        return self.vote_together([self], batch)[0]

    def vote_together(self, team: Sequence[Voter], batch: pa.RecordBatch) -> list[Ballot]:
        """One ballot per rule, from one evaluation of all conditions."""
        from labelwright.sources.expressions import evaluate

        rules = [voter for voter in team if isinstance(voter, RuleVoter)]
        holds = evaluate([voter.rule.when for voter in rules], batch, self.embed)
        return [
            voter._ballot(holds[str(place)].to_numpy())  # noqa: SLF001 - of its own class
            for place, voter in enumerate(rules)
        ]

    def _ballot(self, holds: NDArray[np.bool_]) -> Ballot:
        # Taking from a list of one: nine in ten items get null, which costs one bit each.
        only = pa.array([self.answer], pa.string())
        answers = only.take(pa.array(np.zeros(len(holds), np.int8), mask=~holds))
        if self.rule.confidence is None:
            return Ballot(answers)
        confidence = np.where(holds, self.rule.confidence, np.nan)
        return Ballot(answers, confidence.astype(np.float32))


def rule_voter(
    rule: Rule,
    task: Task,
    *,
    text: str | None = None,
    embed: Embed | None = None,
    embed_version: str = "",
) -> RuleVoter:
    """The rule as a voter.

    Args:
        rule: what votes.
        task: what it may answer.
        text: the field that conditions read which name none.
        embed: texts -> vectors, for similarity.
        embed_version: what names the weights behind `embed`; part of such a rule's version.

    Raises:
        SettingsError: the task has no such answer; a field is not named and there is no `text`.
    """
    kind = kind_of(task)
    try:
        # As a cell of a file does, one class may stand for the set of it.
        vote = rule.vote
        if isinstance(kind, CellTaskKind) and isinstance(vote, str):
            vote = kind.of_cell(vote, task)
        answer = kind.canonical(vote, task)
    except AnswerError as error:
        raise SettingsError(f"vote: {error}") from error
    when = _with_field(rule.when, text)
    content: list[Any] = [condition_spec(when), answer, rule.confidence]
    content += [leaf.terms for leaf in leaves(when) if isinstance(leaf, Dictionary)]
    if any(isinstance(leaf, Similar) for leaf in leaves(when)):
        content.append(embed_version)
    source = Source(
        rule.name,
        SourceKind.RULE,
        digest(content),
        rule.cost_usd,
        rule.seconds,
        rule.accuracy,
        rule.description,
    )
    return RuleVoter(replace(rule, when=when), answer, source, embed)


def rule_voters(
    specs: Sequence[Mapping[str, Any]],
    task: Task,
    *,
    places: Sequence[str] = (),
    text: str | None = None,
    folder: Path = Path(),
    embed: Embed | None = None,
    embed_version: str = "",
) -> list[RuleVoter]:
    """A voter for every rule, given as its table.

    Args:
        specs: the tables ``[[rules]]`` of `labelwright.toml`.
        task: what they may answer.
        places: where each stands, for messages, such as ``labelwright.toml:12``.
        text: the field that conditions read which name none.
        folder: where the paths of dictionaries start.
        embed: texts -> vectors, for similarity.
        embed_version: what names the weights behind `embed`.

    Raises:
        SettingsError: with the place of the mistake and what is allowed there.
    """
    voters = []
    for number, spec in enumerate(specs):
        place = f"{places[number]}: " if number < len(places) else ""
        where = f"{place}rules[{number}]"
        if isinstance(spec.get("name"), str):
            where += f' "{spec["name"]}"'
        rule = parse_rule(spec, where, folder)
        try:
            voter = rule_voter(rule, task, text=text, embed=embed, embed_version=embed_version)
        except SettingsError as error:
            raise SettingsError(f"{where}: {error}") from error
        voters.append(voter)
    return voters


def _with_field(condition: Condition, text: str | None) -> Condition:
    """The condition with the main text field where it names none."""
    match condition:
        case AllOf(conditions):
            return AllOf(tuple(_with_field(child, text) for child in conditions))
        case AnyOf(conditions):
            return AnyOf(tuple(_with_field(child, text) for child in conditions))
        case Not(child):
            return Not(_with_field(child, text))
        case _ if condition.field is not None:
            return condition
    if text is None:
        what = type(condition).__name__.lower()
        raise SettingsError(
            f"when: a condition ({what}) names no field, and the project has no main text field; "
            'add field = "..."'
        )
    return replace(condition, field=text)


def _patterns(condition: Condition) -> list[Any]:
    found = []
    for leaf in leaves(condition):
        if isinstance(leaf, Regex):
            found.append((leaf.pattern, leaf.case))
        elif isinstance(leaf, Limits) and leaf.count_regex is not None:
            found.append((leaf.count_regex, True))
    return found
