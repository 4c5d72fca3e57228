"""The parts that a project's settings name, made and ready to be handed in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from functools import partial
from typing import Any, cast

from labelwright.core.errors import (
    NothingToDoError,
    SettingsError,
    UnknownNameError,
    did_you_mean,
)
from labelwright.core.identity import named_fields
from labelwright.core.ports import EndModel, Engine, LabelModel, QueryStrategy
from labelwright.endmodels import Joining, Targets
from labelwright.pipeline.workspace.settings import FILE_NAME, Part
from labelwright.pipeline.workspace.workspace import Workspace

SAMPLE_ROWS = 500


def engine(workspace: Workspace) -> Engine:
    """Where they run."""
    from labelwright.engines import LocalEngine

    return LocalEngine(batch_timeout_s=workspace.settings.batch_timeout_s)


def label_model(workspace: Workspace, name: str | None = None) -> LabelModel:
    """The label model of ``[label_model]``, or the one of this name with its defaults."""
    from labelwright.labelmodels import by_name

    part = workspace.settings.label_model if name is None else Part(name)
    balance = part.settings.get("class_balance")
    if isinstance(balance, Mapping):
        shares = _in_order(balance, workspace.settings.task.classes)
        part = replace(part, settings={**part.settings, "class_balance": shares})
    return _made(by_name, part, "label_model")


def _in_order(balance: Mapping[str, Any], classes: Sequence[str]) -> list[Any]:
    """The shares of all classes in the task's order, from a table by name."""
    if set(balance) != set(classes):
        wrong = min(set(balance) ^ set(classes))
        raise SettingsError(
            f"{FILE_NAME}: [label_model]: class_balance needs a share for each class of the task "
            f"and for no other; look at {wrong!r}"
        )
    return [balance[name] for name in classes]


def label_model_of(settings: Mapping[str, Any]) -> LabelModel:
    """The label model that a run's settings describe.

    Settings of earlier releases that it has no more are left out: what was learnt then is read
    without them.
    """
    from labelwright.labelmodels import MODELS, by_name

    name, part = next(each for each in MODELS.items() if each[1].__name__ == settings["part"])
    known = {field.name for field in fields(cast("Any", part))}
    return by_name(name, **{key: value for key, value in settings.items() if key in known})


def end_model_of(settings: Mapping[str, Any]) -> EndModel:
    """The end model that a run's settings describe."""
    from labelwright.endmodels import MODELS, by_name

    plain = {name: value for name, value in settings.items() if name not in ("part", "targets")}
    part = str(settings["part"])
    name = next(name for name, place in MODELS.items() if place.rpartition(":")[2] == part)
    return by_name(name, **plain)


def strategy(workspace: Workspace) -> QueryStrategy:
    """The strategy of ``[queue]``."""
    from labelwright.queue import by_name

    return _made(by_name, workspace.settings.queue, "queue")


def end_model(workspace: Workspace, name: str | None = None) -> EndModel:
    """The end model of ``[end_model]``, or the one of this name; ``auto`` looks at the items."""
    from labelwright.endmodels import by_name, choose
    from labelwright.endmodels.image import ImageLinear
    from labelwright.endmodels.joint_embedder import reads_images
    from labelwright.endmodels.text import TextLinear

    part = workspace.settings.end_model if name is None else Part(name)
    if workspace.items.count() == 0:
        raise NothingToDoError("the project has no items yet; add some with: labelwright import")
    if part.name != "auto":
        return _made(partial(_with_fields, workspace), part, "end_model")
    text = workspace.text_field()
    sample = workspace.content_sample(SAMPLE_ROWS)
    chosen = choose(workspace.items.schema(), sample, None if text is None else [text])
    embedding = embedding_model(workspace)
    if embedding is not None and isinstance(chosen, TextLinear):
        return by_name("embedding", text_fields=chosen.text_fields, model=embedding)
    if embedding is not None and isinstance(chosen, ImageLinear) and reads_images(embedding):
        return by_name("image_embedding", model=embedding)
    return chosen


def _with_fields(workspace: Workspace, name: str, **settings: Any) -> EndModel:
    """The end model; the fields that it reads are judged by a sample where nobody names them."""
    from labelwright.endmodels import by_name, roles, settings_of

    known = settings_of(name)
    missing = {"text_fields": "text", "columns": "column"}.items()
    if any(setting in known and setting not in settings for setting, _ in missing):
        text = workspace.text_field()
        judged = roles(workspace.content_sample(SAMPLE_ROWS), None if text is None else [text])
        for setting, role in missing:
            found = tuple(one.field for one in judged if one.role == role)
            if setting in known and found:
                settings.setdefault(setting, found)
    embedding = embedding_model(workspace)
    if "model" in known and embedding is not None:
        settings.setdefault("model", embedding)
    return by_name(name, **settings)


def targets(workspace: Workspace) -> Targets:
    """How the posterior becomes training labels: the table ``[training]``."""
    return _made(partial(_only, Targets), workspace.settings.training, "training")


def joining(workspace: Workspace) -> Joining | None:
    """How content joins the votes: the table ``[joining]``; None if it is switched off."""
    part = workspace.settings.joining
    return None if part is None else _made(partial(_only, Joining), part, "joining")


def _only(part: type[Any], _: str, **settings: Any) -> Any:
    """The one part that its table can name, with these settings."""
    known = [field.name for field in fields(part)]
    for name in settings:
        if name not in known:
            raise SettingsError(f"there is no setting {name!r}{did_you_mean(name, known)}")
    return part(**settings)


def described(part: Any) -> dict[str, Any]:
    """A part's class and settings as JSON keeps them: what names a run."""
    plain = json.loads(json.dumps(asdict(part), default=str))
    return {"part": type(part).__name__, **{name: plain[name] for name in named_fields(part)}}


def _made(by_name: Callable[..., Any], part: Part, table: str) -> Any:
    """The part, with mistakes in its settings told with the place where they stand."""
    place = f"{FILE_NAME}:{part.line}: [{table}]: " if part.line else ""
    try:
        return by_name(part.name, **part.settings)
    except (SettingsError, UnknownNameError) as error:
        raise type(error)(f"{place}{error}") from error
    except (TypeError, ValueError) as error:
        # A part compares a setting before it has looked at its type.
        raise SettingsError(f"{place}a setting cannot be used: {error}") from error


def embedding_model(workspace: Workspace) -> str | None:
    """The model of ``[embedding]``; a folder may be given from the project's folder on."""
    model = workspace.settings.embedding
    if model is not None and (workspace.folder / model).is_dir():
        return str(workspace.folder / model)
    return model
