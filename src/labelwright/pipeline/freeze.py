"""A version freezes everything that a label needs to explain itself."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

from labelwright.core.record import Version
from labelwright.pipeline.label import Labels
from labelwright.pipeline.parts import described
from labelwright.pipeline.spending import spending
from labelwright.pipeline.train import Trained
from labelwright.pipeline.workspace import Workspace
from labelwright.quality import Cost


def freeze(
    workspace: Workspace, labels: Labels, trained: Trained | None, *, note: str = ""
) -> Version:
    """Saves the version of what stands now; the same content again gives the same version."""
    runs = {"label": labels.run.id}
    objects = {name: labels.run.outputs[name] for name in ("fit", "posterior")}
    metrics = {}
    if labels.joint is not None:
        runs["join"] = labels.joint.run.id
        objects["content"] = labels.joint.run.outputs["content"]
    if trained is not None:
        runs["train"] = trained.run.id
        objects |= {name: trained.run.outputs[name] for name in ("predictor", "prediction")}
        if trained.quality is not None:
            metrics["test_accuracy"] = trained.quality.accuracy
    head = workspace.versions.head()
    version = Version(
        items={
            "digest": workspace.items_digest(),
            "count": workspace.items.count(),
            **workspace.set_aside_record(),
        },
        votes={"digest": labels.run.inputs["votes"], "count": len(labels.votes.item)},
        sources=tuple(described(source) for source in labels.active.sources),
        task=described(workspace.settings.task),
        runs=runs,
        objects=objects,
        cost=_cost(spending(workspace)),
        metrics=metrics,
        parent="" if head is None else head.id,
        note=note,
        author=author(),
        created=now(),
    )
    if head is not None and head.content == version.content:
        return head
    workspace.versions.record(version)
    return version


def _cost(cost: Cost) -> dict[str, float]:
    votes = {f"votes_{kind}": float(count) for kind, count in cost.votes.items()}
    return {"person_seconds": cost.person_seconds, "usd": cost.usd, **votes}


def now() -> str:
    """The time for the record, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def author() -> str:
    """Who works here, as the system knows them; empty where it does not."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a user number that has no name.
        return ""
