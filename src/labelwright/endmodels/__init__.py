"""Layer 3: end models: learn from posteriors, predict on the rest."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

from labelwright.core.errors import ProjectVersionError, SettingsError, UnknownNameError, shown
from labelwright.core.ports import EndModel, Predictor
from labelwright.endmodels.choose import FieldRole, choose, roles
from labelwright.endmodels.coordinates import clusters, coordinates
from labelwright.endmodels.corrected_head import MACHINES_WEIGH, CorrectedHead
from labelwright.endmodels.cross_fit import cross_fit, folds_of, mean_predictions
from labelwright.endmodels.joint_inference import ContentBeliefs, Evidence, Joining, shifted, sought
from labelwright.endmodels.known_answers import ContentReading, KnownAnswers, mixed
from labelwright.endmodels.online_head import MovingHead, MovingHeads
from labelwright.endmodels.per_class import HeadsPredictor, PerClass, folders_of_heads
from labelwright.endmodels.saved import damaged, read
from labelwright.endmodels.targets import Targets, Training, with_pseudo_labels

__all__ = [
    "MACHINES_WEIGH",
    "MODELS",
    "ContentBeliefs",
    "ContentReading",
    "CorrectedHead",
    "Evidence",
    "FieldRole",
    "Joining",
    "KnownAnswers",
    "MovingHead",
    "MovingHeads",
    "PerClass",
    "Targets",
    "Training",
    "by_name",
    "choose",
    "clusters",
    "coordinates",
    "cross_fit",
    "folds_of",
    "load",
    "mean_predictions",
    "mixed",
    "roles",
    "settings_of",
    "shifted",
    "sought",
    "with_pseudo_labels",
]

MODELS = {
    "boosting": "labelwright.endmodels.tabular:TabularBoosting",
    "embedding": "labelwright.endmodels.embedding:EmbeddingLinear",
    "image": "labelwright.endmodels.image:ImageLinear",
    "image_embedding": "labelwright.endmodels.image_embedding:ImageEmbeddingLinear",
    "joint": "labelwright.endmodels.text_and_columns:JointLinear",
    "linear": "labelwright.endmodels.tabular:TabularLinear",
    "tabular": "labelwright.endmodels.best_tabular:Tabular",
    "text": "labelwright.endmodels.text:TextLinear",
}
"""Name -> where the class of its settings is, imported when it is asked for."""

PREDICTORS = {
    "boosting": "labelwright.endmodels.tabular:BoostingPredictor",
    "linear": "labelwright.endmodels.classifier:LinearPredictor",
    "per_class": "labelwright.endmodels.per_class:HeadsPredictor",
}
"""Kind in a saved predictor's header -> where its class is; the class has `unpack`."""


def by_name(name: str, **settings: Any) -> EndModel:
    """The end model of this name with these settings; lists become tuples, as settings are.

    Raises:
        UnknownNameError: there is none of this name.
        SettingsError: a setting that it does not have or that is wrong.
    """
    known = settings_of(name)
    model = _imported(MODELS[name])
    unknown = [setting for setting in settings if setting not in known]
    if unknown:
        raise SettingsError(
            f"the end model {name} has no setting {shown(unknown[0])}; it has {', '.join(known)}"
        )
    try:
        return model(**{key: _frozen(key, value) for key, value in settings.items()})
    except TypeError as error:
        raise SettingsError(f"the end model {name} cannot be set up: {error}") from error


def settings_of(name: str) -> tuple[str, ...]:
    """The settings that the end model of this name has.

    Raises:
        UnknownNameError: there is none of this name.
    """
    if name not in MODELS:
        raise UnknownNameError(f"unknown end model {shown(name)}; known: {', '.join(MODELS)}")
    return tuple(field.name for field in fields(_imported(MODELS[name])))


def load(folder: Path | str) -> Predictor:
    """The predictor that was saved in the folder. Runs no code from it.

    Raises:
        StorageError: there is none, or it is damaged.
        ProjectVersionError: a newer release wrote it.
    """
    folder = Path(folder)
    kind, packed = read(folder)
    if kind not in PREDICTORS:
        raise ProjectVersionError(
            f"the predictor in {folder} is of the kind {shown(kind)}, which this release does "
            f"not know; known: {', '.join(PREDICTORS)}. Update Labelwright, or train again"
        )
    try:
        folders = folders_of_heads(packed) if kind == HeadsPredictor.kind else None
        if folders is not None:
            heads = [None if name is None else load(folder / name) for name in folders]
            return HeadsPredictor(tuple(heads), packed.header["classes"])
        return _imported(PREDICTORS[kind]).unpack(packed)
    except (LookupError, TypeError, ValueError) as error:
        raise damaged(folder, error) from error


def _imported(place: str) -> Any:
    module, name = place.split(":")
    return getattr(import_module(module), name)


def _frozen(key: str, value: Any) -> Any:
    """A setting as it comes from a file, such as TOML: lists as tuples, the head as its own."""
    if isinstance(value, list):
        return tuple(value)
    if key == "head" and isinstance(value, dict):
        return _imported("labelwright.endmodels.linear:LinearHead")(**value)
    return value
