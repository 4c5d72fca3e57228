"""Which sources a project can run: functions, rules, class descriptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labelwright.core.errors import SettingsError, SourceError, did_you_mean
from labelwright.core.items import user_fields
from labelwright.core.ports import Voter
from labelwright.endmodels.embedder import SentenceEmbedder
from labelwright.pipeline.vote.active_sources import is_enabled
from labelwright.pipeline.vote.class_descriptions import description_voter
from labelwright.pipeline.workspace.parts import embedding_model
from labelwright.pipeline.workspace.settings import FILE_NAME, FUNCTIONS_FILE
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.sources import function_voters, rule_voters
from labelwright.sources.description import NAME as DESCRIPTIONS


def runnable(workspace: Workspace) -> list[Voter]:
    """The functions of `sources.py`, the rules and the classes of `labelwright.toml`, ready to run.

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
    described = description_voter(workspace)
    if described is not None:
        voters.append(described)
    names = [voter.source.name for voter in voters]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            f"two sources are called {twice[0]!r}; every function in sources.py and every rule "
            "in labelwright.toml needs a name of its own (class descriptions vote as "
            f"{DESCRIPTIONS!r})"
        )
    return [voter for voter in voters if is_enabled(voter.source.name, settings)]


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
