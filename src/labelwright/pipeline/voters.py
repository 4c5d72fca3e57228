"""Which sources a project has: functions, rules, people, models; and which of them count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError, SourceError, did_you_mean
from labelwright.core.items import user_fields
from labelwright.core.ports import Voter
from labelwright.core.source import Source, SourceKind
from labelwright.endmodels.embedder import SentenceEmbedder
from labelwright.pipeline.settings import FILE_NAME, Settings
from labelwright.pipeline.workspace import Workspace
from labelwright.sources import function_voters, rule_voters

FUNCTIONS_FILE = "sources.py"
END_MODEL_SOURCE = "end_model"


def runnable(workspace: Workspace) -> list[Voter]:
    """The functions of `sources.py` and the rules of `labelwright.toml`, ready to run.

    Runs `sources.py`: only commands that vote call this, never opening or reading a project.

    Raises:
        SourceError: `sources.py` cannot be loaded, or two sources share a name.
        SettingsError: a rule is wrong.
    """
    settings = workspace.settings
    path = workspace.folder / FUNCTIONS_FILE
    voters: list[Voter] = []
    if path.exists():
        voters += function_voters(path, settings.task)
    places = [f"{FILE_NAME}:{line}" for line in settings.rule_lines]
    rules = rule_voters(
        settings.rules,
        settings.task,
        places=places,
        text=workspace.text_field(),
        folder=workspace.folder,
        **_embedding(workspace),
    )
    _check_fields(workspace, rules, places)
    voters += rules
    names = [voter.source.name for voter in voters]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            f"two sources are called {twice[0]!r}; every function in sources.py and every rule "
            "in labelwright.toml needs a name of its own"
        )
    return [voter for voter in voters if _enabled(voter.source.name, settings)]


def _check_fields(workspace: Workspace, rules: Sequence[Voter], places: Sequence[str]) -> None:
    """Returns if the items, once there are any, have every field that a rule reads."""
    if workspace.items.count() == 0:
        return
    known = user_fields(workspace.items.schema())
    for voter, place in zip(rules, places, strict=True):
        for name in voter.fields or ():
            if name not in known:
                raise SettingsError(
                    f"{place}: the rule {voter.source.name!r} reads the field {name!r}, which no "
                    f"item has{did_you_mean(name, known)}"
                )


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

    Functions and rules in the versions that ran when `vote` last did (so that reading a project
    never runs its code); every person, imported source and gold; the end model, in its latest
    version, if the settings let it vote.
    """
    settings = workspace.settings
    known = workspace.log.sources()
    ran = workspace.runs.latest("vote")
    running = {tuple(pair) for pair in ran.inputs["sources"]} if ran else set()
    latest_model = max(
        (number for number, source in enumerate(known) if _is_end_model(source)), default=-1
    )

    def counts(number: int, source: Source) -> bool:
        if not _enabled(source.name, settings):
            return False
        if source.kind in (SourceKind.FUNCTION, SourceKind.RULE) and source.version:
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


def _embedding(workspace: Workspace) -> dict[str, Any]:
    """What rules of similarity need, if the project has an embedding model."""
    model = embedding_model(workspace)
    if model is None:
        return {}
    embedder = SentenceEmbedder(model)
    return {
        "embed": lambda table: embedder.embed(table.column(0).to_pylist()),
        "embed_version": embedder.fingerprint(),
    }


def embedding_model(workspace: Workspace) -> str | None:
    """The model of ``[embedding]``; a folder may be given from the project's folder on."""
    model = workspace.settings.embedding
    if model is not None and (workspace.folder / model).is_dir():
        return str(workspace.folder / model)
    return model


def _enabled(name: str, settings: Settings) -> bool:
    override = settings.sources.get(name)
    return override is None or override.enabled


def _is_end_model(source: Source) -> bool:
    return source.kind is SourceKind.MODEL and source.name == END_MODEL_SOURCE
