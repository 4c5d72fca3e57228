"""The record: runs and versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labelwright.core.identity import digest


@dataclass(frozen=True, slots=True)
class Run:
    """One computation: what went in, what came out. A run is a cache key.

    Attributes:
        step: which step it was, such as ``label`` or ``train``.
        inputs: what it read, by name: digests and store versions.
        settings: the settings of the part that ran.
        seed: of every random number it drew.
        outputs: the digests of what it wrote, by name.
        metrics: what was measured.
        environment: code and library versions.
        started: when, ISO 8601 in UTC.
        seconds: how long it took.
        cost_usd: what it cost.
    """

    step: str
    inputs: Mapping[str, Any]
    settings: Mapping[str, Any]
    seed: int = 0
    outputs: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    started: str = ""
    seconds: float = 0.0
    cost_usd: float = 0.0

    @property
    def id(self) -> str:
        """The cache key: same step, inputs, settings and seed give the same id."""
        return digest((self.step, self.inputs, self.settings, self.seed))


@dataclass(frozen=True, slots=True)
class Version:
    """A frozen training set: everything that a label needs to explain itself.

    Attributes:
        items: digest of the items' ids and contents, with the number of items.
        votes: digest of the votes in force, with their number.
        sources: every source with its version.
        task: the annotation schema.
        runs: the ids of the runs that made it, by step.
        objects: the digests of fit, posterior and answers, by name.
        cost: what it took: person minutes, votes by kind, money.
        metrics: label quality and model quality as measured.
        parent: the id of the version before it, empty for the first.
        note: why it was made.
        author: who made it.
        created: when, ISO 8601 in UTC.
    """

    items: Mapping[str, Any]
    votes: Mapping[str, Any]
    sources: tuple[Mapping[str, Any], ...]
    task: Mapping[str, Any]
    runs: Mapping[str, str]
    objects: Mapping[str, str]
    cost: Mapping[str, float]
    metrics: Mapping[str, float] = field(default_factory=dict)
    parent: str = ""
    note: str = ""
    author: str = ""
    created: str = ""

    @property
    def content(self) -> str:
        """The hash of what it holds: equal for the same training set, whatever came before."""
        return digest((self.items, self.votes, self.sources, self.task, self.objects))

    @property
    def id(self) -> str:
        """The hash of content and parent; not of who made it when and why."""
        return digest((self.content, self.parent))
