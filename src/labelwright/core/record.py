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


VERSION_FORMAT = 2
"""Of the versions that this release writes; it reads those of all earlier ones."""

CONTRADICTED = "contradicted"
"""Among a version's labels: what known truth said against them; they were saved anyway."""
ONLY_CLASS = "only_class"
"""Among them, too: the class that all have where nobody knows how frequent the others are."""
_NAMES = frozenset({"digest", "count", "set_aside"})


@dataclass(frozen=True, slots=True)
class Version:
    """A frozen training set: everything that a label needs to explain itself.

    Attributes:
        items: digest of the items' ids and contents, their number, and the segments that they
            arrived in; digest of what was set aside, if anything was.
        votes: digest of the votes in force and their number; rows of the log and their segments.
        sources: every source with its version.
        task: the annotation schema.
        runs: the ids of the runs that made it, by step.
        objects: the digests of fit, content, end model, and records of runs, by name.
        cost: what it took: person minutes, votes by kind, money.
        metrics: label quality and model quality as measured.
        parent: the id of the version before it, empty for the first.
        note: why it was made.
        author: who made it.
        created: when, ISO 8601 in UTC.
        format: 1 for versions of the first releases, which lack all that follows.
        merged: the id of the other version that a merge took in, empty if it is none.
        code: the digest of each file that people edit, by name, as an object.
        settings: of label model, joining and end model; what of them named the labels.
        labels: the object with the answers, the digest of the posterior, the items by class.
        environment: code and library versions.
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
    format: int = 1
    merged: str = ""
    code: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def remark(self) -> str:
        """Why it was made, and whether that was done though known truth contradicts its labels."""
        mark = "saved anyway, against known truth" if self.labels.get(CONTRADICTED) else ""
        return " - ".join(one for one in (self.note, mark) if one)

    @property
    def parents(self) -> tuple[str, ...]:
        """The versions that it was made from: none, one, or two for a merge."""
        return tuple(id_ for id_ in (self.parent, self.merged) if id_)

    @property
    def content(self) -> str:
        """The hash of what its labels were made of, whatever came before.

        Only what went in, so that the last bits of another machine's arithmetic change nothing.
        """
        if self.format == 1:
            return digest((self.items, self.votes, self.sources, self.task, self.objects))
        named = [
            {name: value for name, value in part.items() if name in _NAMES}
            for part in (self.items, self.votes)
        ]
        sources = sorted(digest(source) for source in self.sources)
        return digest((*named, sources, self.task, self.settings))

    @property
    def id(self) -> str:
        """The hash of content and parents; not of who made it when and why."""
        if self.format == 1:
            return digest((self.content, self.parent))
        return digest((self.format, self.content, self.parents))
