"""Which sources count now, in which version."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.core.source import Source, SourceKind
from labelwright.pipeline.workspace.settings import Settings
from labelwright.pipeline.workspace.workspace import Workspace

END_MODEL_SOURCE = "end_model"
RUN = (SourceKind.FUNCTION, SourceKind.RULE, SourceKind.DESCRIPTION)
"""The kinds that `vote` runs: of these the versions count that ran last."""


@dataclass(frozen=True, slots=True, eq=False)
class Active:
    """The source versions whose votes count.

    Attributes:
        numbers: their numbers in the vote log, shape (sources,).
        sources: what they are, with what the owner knows of them from `labelwright.toml`.
    """

    numbers: NDArray[np.int32]
    sources: tuple[Source, ...]


def active(workspace: Workspace) -> Active:
    """The sources that count now.

    Functions, rules and class descriptions in the versions that ran when `vote` last did (so that
    reading a project never runs its code); every person, imported source and gold; the end model,
    in its latest version, if the settings let it vote.
    """
    settings = workspace.settings
    known = workspace.log.sources()
    ran = workspace.runs.latest("vote")
    running = {tuple(pair) for pair in ran.inputs["sources"]} if ran else set()
    latest_model = max(
        (number for number, source in enumerate(known) if _is_end_model(source)), default=-1
    )

    def counts(number: int, source: Source) -> bool:
        if not is_enabled(source.name, settings):
            return False
        if source.kind in RUN and source.version:
            return (source.name, source.version) in running
        if _is_end_model(source):
            return settings.model_votes and number == latest_model
        return True

    chosen = [
        (number, with_overrides(source, settings))
        for number, source in enumerate(known)
        if counts(number, source)
    ]
    return Active(
        np.array([number for number, _ in chosen], np.int32),
        tuple(source for _, source in chosen),
    )


def with_overrides(source: Source, settings: Settings) -> Source:
    """The source with what ``[sources.NAME]`` says of its cost, time and accuracy."""
    override = settings.sources.get(source.name)
    if settings.crowd.checked and source.kind is SourceKind.PERSON:
        source = replace(source, accuracy=None)
    if override is None:
        return source
    known = {
        name: value
        for name in ("cost_usd", "seconds", "accuracy")
        if (value := getattr(override, name)) is not None
    }
    return replace(source, **known)


def is_enabled(name: str, settings: Settings) -> bool:
    """Whether the owner lets the source of this name count: ``[sources.NAME] enabled``."""
    override = settings.sources.get(name)
    return override is None or override.enabled


def _is_end_model(source: Source) -> bool:
    return source.kind is SourceKind.MODEL and source.name == END_MODEL_SOURCE
