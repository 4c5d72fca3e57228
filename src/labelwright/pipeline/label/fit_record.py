"""Fits and posteriors on record: fits are kept, posteriors can be computed again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from labelwright.core.errors import UnknownNameError
from labelwright.core.identity import digest
from labelwright.core.ports import LabelModel
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.record import Run
from labelwright.core.units import Units
from labelwright.pipeline.label.class_balance import believed
from labelwright.pipeline.workspace.workspace import Workspace

_NAME = "posterior"


def write_fit(workspace: Workspace, fit: LabelModelFit, posterior: Posterior) -> dict[str, str]:
    """Keeps the fit, and the posterior until the next one; gives the names of both.

    A new fit moves every probability a little, so that posteriors of many versions would fill
    the disk; fit and votes give each of them again to the last bit.
    """
    parts = {
        name: np.asarray(value)
        for name, value in asdict(fit).items()
        if name not in ("model", "extra") and value is not None
    }
    extra = {f"extra.{name}": np.asarray(value) for name, value in fit.extra.items()}
    name = posterior_name(posterior)
    arrays = {"probability": posterior.probability, "covered": posterior.covered}
    workspace.cache.put(_NAME, {"name": name}, arrays)
    stored = workspace.objects.put_arrays({**parts, **extra, "model": np.array(fit.model)})
    return {"fit": stored, "posterior": name}


def posterior_name(posterior: Posterior) -> str:
    """The hash of every probability."""
    return digest((posterior.probability, posterior.covered))


def read_fit(workspace: Workspace, run: Run) -> LabelModelFit:
    """The fit that a run made."""
    return fit_of(workspace, run.outputs["fit"])


def fit_of(workspace: Workspace, name: str) -> LabelModelFit:
    """The fit that is kept under this name."""
    parts = workspace.objects.get_arrays(name)
    extra = {name[6:]: array for name, array in parts.items() if name.startswith("extra.")}
    plain: dict[str, Any] = {
        name: array for name, array in parts.items() if not name.startswith("extra.")
    }
    plain |= {"model": str(plain["model"]), "history": tuple(map(float, plain["history"]))}
    # Fits of earlier releases have their heat in the scores.
    plain["heat"] = float(plain.get("heat", 1.0))
    if "silence_score" in extra:
        # Those of `ebcc` have the scores of its subtypes beside those of classes.
        plain |= {name: extra.pop(name) for name in ("class_score", "vote_score")}
        plain["abstain_score"] = extra.pop("silence_score")
    return LabelModelFit(**plain, extra=extra)


def read_made(
    workspace: Workspace, run: Run, model: LabelModel, units: Units
) -> tuple[LabelModelFit, Posterior]:
    """The fit and posterior that a run made; the posterior made again if it is not at hand."""
    fit, arrays = read_fit(workspace, run), _kept(workspace, run)
    if arrays is not None:
        return fit, Posterior(arrays["probability"], arrays["covered"], fit.id)
    posterior = believed(model, fit, units)
    arrays = {"probability": posterior.probability, "covered": posterior.covered}
    workspace.cache.put(_NAME, {"name": posterior_name(posterior)}, arrays)
    return fit, posterior


def _kept(workspace: Workspace, run: Run) -> dict[str, Any] | None:
    """The posterior's arrays, where it is the latest or earlier releases kept it."""
    about = workspace.cache.about(_NAME)
    if about is not None and about["name"] == run.outputs["posterior"]:
        kept = workspace.cache.get(_NAME)
        if kept is not None:
            return dict(kept.arrays)
    try:
        return workspace.objects.get_arrays(run.outputs["posterior"])
    except UnknownNameError:
        return None
