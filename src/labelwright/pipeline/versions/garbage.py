"""What nothing needs any more goes; what a head, a branch, a tag or the latest runs reach stays."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from labelwright.pipeline.versions.checkout import needed
from labelwright.pipeline.workspace.workspace import Workspace

_REPLACED = ("label", "join", "coordinates")
"""Of these steps only the latest run counts; trainings and what others found stay on record."""


@dataclass(frozen=True, slots=True)
class CleanReport:
    """What was cleaned up, or would be.

    Attributes:
        versions: how many versions that no name reaches.
        objects: how many objects.
        bytes: how many bytes they had.
    """

    versions: int
    objects: int
    bytes: int


def clean(workspace: Workspace, *, dry_run: bool = False) -> CleanReport:
    """Deletes versions that no name reaches, and what only they and replaced runs needed.

    Items, votes, and the records of runs all stay.
    """
    refs = workspace.versions.refs()
    names = [*refs.branches.values(), *refs.tags.values(), refs.merging]
    reached = workspace.versions.reached([name for name in names if name])
    keep = {
        name
        for version in reached
        for name in (needed(workspace, version) if version.format > 1 else version.objects.values())
    }
    for run in workspace.runs.list():
        if run.step not in _REPLACED:
            keep.update(run.outputs.values())
    for step in _REPLACED:
        latest = workspace.runs.latest(step)
        keep.update(latest.outputs.values() if latest else ())
    for decision in workspace.published.list():
        trained = workspace.runs.find(decision["run"])
        if trained is not None and decision["published"]:
            keep.update(trained.outputs.values())
    there = {version.id for version in reached}
    lost = [version for version in workspace.versions.list() if version.id not in there]
    spare = [name for name in workspace.objects.names() if name not in keep]
    size = sum(workspace.objects.size(name) for name in spare)
    if not dry_run:
        for version in lost:
            workspace.versions.path(version.id).unlink()
        for name in spare:
            workspace.objects.drop(name)
        _leftovers(workspace)
    return CleanReport(len(lost), len(spare), size)


def _leftovers(workspace: Workspace) -> None:
    """Deletes what steps that were killed had begun to write."""
    layout = workspace.layout
    begun = [
        *layout.objects.glob(".new-*"),
        *layout.versions.glob(".new-*"),
        *layout.runs.glob(".new-*"),
        *layout.cache.glob("at-*"),
    ]
    for path in begun:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
