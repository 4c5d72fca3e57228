"""The project as a version had it, by adding to it: nothing that anybody did is taken away."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import ProjectError
from labelwright.core.identity import digest
from labelwright.core.items import ID
from labelwright.core.record import Version
from labelwright.pipeline.versions.checkout import (
    check_saved,
    opened_at,
    runs_of,
    set_aside_of,
    write_code,
)
from labelwright.pipeline.versions.freeze import CODE
from labelwright.pipeline.versions.vote_state import AnswerCodes, rows_to, standpoint
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.environment import author
from labelwright.pipeline.workspace.settings import FILE_NAME
from labelwright.pipeline.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What it took.

    Attributes:
        version: the id of the version that the project is like now.
        votes: how many rows the log got: votes taken back, or given again.
        set_aside: how many items that the version had not are set aside.
        files: which of the files that people edit are other ones now.
    """

    version: str
    votes: int
    set_aside: int
    files: tuple[str, ...]


def restore(workspace: Workspace, version: Version) -> RestoreReport:
    """Makes the project vote and look as it did at a version.

    Votes since then are taken back by new rows, items since then are set aside. All of it stays
    in the log and in the versions that had it.

    Raises:
        ProjectError: `labelwright.toml` or `sources.py` has changes that no version has.
    """
    check_saved(version)
    workspace.layout.check_changeable()
    check_code_saved(workspace)
    _check_classes(workspace, version)
    with opened_at(workspace, version) as at:
        added, numbers = stand_at(workspace, at)
    aside = _set_aside(workspace, version, numbers)
    for run in runs_of(workspace, version):
        if run.step == "vote":
            workspace.mark_used(run)
    files = changed_code(workspace, version)
    write_code(workspace.objects, version, workspace.folder)
    return RestoreReport(version.id, added, aside, files)


def _check_classes(workspace: Workspace, version: Version) -> None:
    """Returns if the classes were not changed since the version.

    Raises:
        ProjectError: they were; votes since then are written in names that it does not know.
    """
    toml = workspace.objects.get_bytes(version.code[FILE_NAME]).decode("utf-8-sig")
    then = int(tomllib.loads(toml).get("task", {}).get("schema", 0))
    if then != workspace.settings.schema:
        raise ProjectError(
            "the classes were changed since this version; take the changes back first with: "
            f"labelwright classes undo. Or look at it in a folder of its own: labelwright version "
            f"checkout {version.id[:12]} FOLDER"
        )


def stand_at(workspace: Workspace, at: Workspace) -> tuple[int, NDArray[np.int64]]:
    """Adds the rows that make every source say what it says in another project.

    Returns:
        How many rows it took, and the numbers here of the items that are there.
    """
    answers = AnswerCodes()
    wanted = standpoint(at, workspace, answers)
    rows = rows_to(workspace, standpoint(workspace, workspace, answers), wanted, answers)
    if rows.num_rows:
        workspace.log.append(rows)
    return rows.num_rows, wanted.items


def check_code_saved(workspace: Workspace) -> None:
    """Returns if some version has the files that people edit as they are.

    Raises:
        ProjectError: none has.
    """
    head = workspace.versions.head()
    changed = () if head is None else changed_code(workspace, head)
    if changed:
        raise ProjectError(
            f"{' and '.join(changed)} changed since the last version; keep the changes first "
            "with: labelwright version save"
        )


def changed_code(workspace: Workspace, version: Version) -> tuple[str, ...]:
    """Which of the files that people edit are other ones than in the version."""
    found = []
    for name in CODE:
        path = workspace.folder / name
        here = path.read_bytes() if path.is_file() else None
        then = workspace.objects.get_bytes(version.code[name]) if name in version.code else None
        if here != then:
            found.append(name)
    return tuple(found)


def _set_aside(workspace: Workspace, version: Version, numbers: NDArray[np.int64]) -> int:
    """Sets aside what was set aside then, and what was not there; takes the rest back."""
    set_aside_as(workspace, set_aside_of(workspace, version))
    later = np.setdiff1d(np.arange(workspace.items.count()), numbers).tolist()
    if later:
        reason = f"not in version {version.id[:12]} ({digest(later)[:6]})"
        workspace.set_aside.add(reason, later, who=author(), when=now())
    return len(later)


def set_aside_as(workspace: Workspace, then: Mapping[str, Sequence[str]]) -> None:
    """Sets aside the items with these ids for these reasons, and takes all others back."""
    for reason, standing in workspace.set_aside.reasons().items():
        ids = workspace.items.take(standing, [ID])[ID].to_pylist()
        if sorted(ids) != list(then.get(reason, ())):
            workspace.set_aside.take_back(reason, who=author(), when=now())
    for reason, ids in then.items():
        found = np.sort(workspace.items.find(ids)).tolist()
        workspace.set_aside.add(reason, found, who=author(), when=now())
