"""The parts that a project's settings name, made and ready to be handed in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from labelwright.core.errors import NothingToDoError, SettingsError
from labelwright.core.ports import EndModel, Engine, LabelModel, QueryStrategy, Voter
from labelwright.endmodels import Targets
from labelwright.pipeline.settings import FILE_NAME, Part
from labelwright.pipeline.voters import embedding_model, runnable
from labelwright.pipeline.workspace import Workspace

SAMPLE_ROWS = 500


def voters(workspace: Workspace) -> list[Voter]:
    """The project's functions and rules. Runs the code in `sources.py`."""
    return runnable(workspace)


def engine(workspace: Workspace) -> Engine:
    """Where they run."""
    from labelwright.engines import LocalEngine

    return LocalEngine(batch_timeout_s=workspace.settings.batch_timeout_s)


def label_model(workspace: Workspace, name: str | None = None) -> LabelModel:
    """The label model of ``[label_model]``, or the one of this name with its defaults."""
    from labelwright.labelmodels import by_name

    part = workspace.settings.label_model if name is None else Part(name)
    return _made(by_name, part, "label_model")


def strategy(workspace: Workspace) -> QueryStrategy:
    """The strategy of ``[queue]``."""
    from labelwright.queue import by_name

    return _made(by_name, workspace.settings.queue, "queue")


def end_model(workspace: Workspace, name: str | None = None) -> EndModel:
    """The end model of ``[end_model]``, or the one of this name; ``auto`` looks at the items."""
    from labelwright.endmodels import by_name, choose
    from labelwright.endmodels.text import TextLinear

    part = workspace.settings.end_model if name is None else Part(name)
    if part.name != "auto":
        return _made(by_name, part, "end_model")
    count = workspace.items.count()
    if count == 0:
        raise NothingToDoError("the project has no items yet; add some with: labelwright import")
    text = workspace.text_field()
    sample = workspace.sample(SAMPLE_ROWS)
    chosen = choose(workspace.items.schema(), sample, None if text is None else [text])
    embedding = embedding_model(workspace)
    if embedding is not None and isinstance(chosen, TextLinear):
        return by_name("embedding", text_fields=chosen.text_fields, model=embedding)
    return chosen


def targets(workspace: Workspace) -> Targets:
    """How the posterior becomes training labels: the table ``[training]``."""
    return _made(lambda _, **settings: Targets(**settings), workspace.settings.training, "training")


def described(part: Any) -> dict[str, Any]:
    """A part's class and settings as JSON keeps them: what names a run."""
    plain = json.loads(json.dumps(asdict(part), default=str))
    return {"part": type(part).__name__, **plain}


def _made(by_name: Callable[..., Any], part: Part, table: str) -> Any:
    """The part, with mistakes in its settings told with the place where they stand."""
    try:
        return by_name(part.name, **part.settings)
    except SettingsError as error:
        raise SettingsError(f"{FILE_NAME}: [{table}]: {error}") from error
