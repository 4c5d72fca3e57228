"""A version as a folder: the project as it stood, opened by every command, sharing all data."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from labelwright._version import __version__
from labelwright.core.errors import ProjectError, StorageError
from labelwright.core.record import Run, Version
from labelwright.core.source import Source, SourceKind
from labelwright.pipeline.label.random_answers import bring_draws
from labelwright.pipeline.versions.transfer import add_items, add_votes, items_of, votes_of
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.environment import author
from labelwright.pipeline.workspace.workspace import Workspace, open_workspace
from labelwright.stores import (
    ITEMS,
    VOTES,
    JsonLines,
    Layout,
    Objects,
    Refs,
    link_tree,
    objects_of,
    storage_errors,
    write_atomic,
)


def checkout(workspace: Workspace, version: Version, target: Path) -> Workspace:
    """The project as it stood at a version, in a folder to look at: nothing can be added to it.

    Items and votes take no room of their own where the disk has links.

    Raises:
        ProjectError: the folder is there already.
        StorageError: the disk is full or read-only.
    """
    check_saved(version)
    check_free(target)
    with drafted(target) as draft:
        made = materialise(workspace, version, draft)
        made.items.close()
        made.log.close()
        told = {"version": version.id, "of": str(workspace.folder.resolve())}
        made.layout.checkout_file.write_text(json.dumps(told), encoding="utf-8")
    return open_workspace(target)


@contextmanager
def opened_at(workspace: Workspace, version: Version) -> Iterator[Workspace]:
    """The project as it stood at a version, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(dir=_scratch(workspace), prefix="at-") as folder:
        yield checkout(workspace, version, Path(folder) / "checkout")


def materialise(workspace: Workspace, version: Version, target: Path) -> Workspace:
    """Fills an empty or missing folder with the project as it stood at a version."""
    write_code(workspace.objects, version, target)
    Layout(target).create(__version__)
    bring_classes(workspace.objects, version, Layout(target))
    made = open_workspace(target)
    if stands_first(workspace, version):
        workspace.items.copy_first(version.items["count"], made.layout.items)
        workspace.log.copy_first(version.votes["rows"], made.layout.votes)
        made.log.register(registered(workspace, version))
        for table, told in ((ITEMS, version.items), (VOTES, version.votes)):
            for name in told["segments"]:
                made.segments.add(table, name, workspace.segments.all(table)[name])
    else:
        made.log.register(registered(workspace, version))
        for name in version.items["segments"]:
            add_items(made, name, items_of(workspace, name))
        for name in version.votes["segments"]:
            add_votes(made, name, votes_of(workspace, name))
    share_record(workspace, version, made)
    return made


def stands_first(workspace: Workspace, version: Version) -> bool:
    """Whether the version's rows are the first ones of the project's tables, in their order."""
    for table, told, count in (
        (ITEMS, version.items, version.items["count"]),
        (VOTES, version.votes, version.votes["rows"]),
    ):
        places = workspace.segments.places(table, told["segments"], sort=False)
        if not np.array_equal(places, np.arange(count)):
            return False
    known = workspace.log.sources()
    then = registered(workspace, version)
    return [(s.name, s.kind, s.version) for s in known[: len(then)]] == [
        (s.name, s.kind, s.version) for s in then
    ]


def registered(workspace: Workspace, version: Version) -> list[Source]:
    """The source versions that the project knew, in the order of their numbers."""
    told = json.loads(workspace.objects.get_bytes(version.objects["register"]))
    return [Source(**{**one, "kind": SourceKind(one["kind"])}) for one in told]


def write_code(objects: Objects, version: Version, target: Path) -> None:
    """Writes the files that people edit, as they were."""
    with storage_errors("write", target, kinds=(OSError,)):
        target.mkdir(parents=True, exist_ok=True)
        for name, digest in version.code.items():
            if Path(name).name != name:
                raise StorageError(f"a version names the file {name!r}, which is in no project")
            write_atomic(target / name, objects.get_bytes(digest))


def bring_classes(objects: Objects, version: Version, layout: Layout, known: int = 0) -> None:
    """Puts on record what became of classes before a version: so its answers are to be read.

    Args:
        objects: where the version keeps it.
        version: saved in any project.
        layout: of the project that gets it.
        known: how many changes are on record there.
    """
    if "classes" in version.objects:
        changes = json.loads(objects.get_bytes(version.objects["classes"]))
        JsonLines(layout.classes).extend(lambda: changes[known:])


def share_record(workspace: Workspace, version: Version, made: Workspace) -> None:
    """Gives another project the version, its ancestors, and all that it is made of."""
    for name in needed(workspace, version):
        workspace.objects.share(name, made.objects)
    for run in runs_of(workspace, version):
        made.runs.record(run)
    if "forgiven" in version.objects:
        write_atomic(made.layout.forgiven, workspace.objects.get_bytes(version.objects["forgiven"]))
    bring_drawn(workspace.objects, version, made)
    for reason, ids in set_aside_of(workspace, version).items():
        numbers = np.sort(made.items.find(ids)).tolist()
        made.set_aside.add(reason, numbers, who=author(), when=now())
    for one in workspace.versions.history(version.id):
        link_tree(workspace.versions.path(one.id), made.versions.path(one.id))
    made.versions.change(Refs(branches={Refs().branch: version.id}))
    made.layout.mark_format()


def bring_drawn(objects: Objects, version: Version, to: Workspace) -> None:
    """Puts on record which of the version's answered items had been drawn at random."""
    if "drawn" in version.objects:
        bring_draws(to, json.loads(objects.get_bytes(version.objects["drawn"])))


def needed(workspace: Workspace, version: Version) -> list[str]:
    """The names of the objects that the version is made of, but not those of its ancestors."""
    names = [*version.objects.values(), *version.code.values()]
    if "column" in version.labels:
        names += objects_of(workspace.objects, version.labels["column"])
    return list(dict.fromkeys(names))


def runs_of(workspace: Workspace, version: Version) -> list[Run]:
    """The runs that made the version."""
    told: list[dict[str, Any]] = json.loads(workspace.objects.get_bytes(version.objects["runs"]))
    return [Run(**one) for one in told]


def set_aside_of(workspace: Workspace, version: Version) -> dict[str, list[str]]:
    """The ids of the items that were set aside, by reason."""
    if "set_aside" not in version.objects:
        return {}
    told: dict[str, list[str]] = json.loads(
        workspace.objects.get_bytes(version.objects["set_aside"])
    )
    return told


def check_saved(version: Version) -> None:
    """Returns if the version keeps what it takes to open it.

    Raises:
        ProjectError: it is of a release that did not.
    """
    if version.format == 1:
        raise ProjectError(
            f"the version {version.id[:12]} was saved by an early release, which kept its digests "
            "but not its code and labels; it can be listed and shown, but not opened or compared"
        )


def check_free(target: Path) -> None:
    """Returns if nothing is in the folder.

    Raises:
        ProjectError: it is there and not empty.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ProjectError(f"{target} is there already; name a folder that does not exist yet")


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """A folder beside that takes the name of `target` once it is filled."""
    with storage_errors("write", target, kinds=(OSError,)):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        yield draft
        with storage_errors("write", target, kinds=(OSError,)):
            draft.chmod(0o755)
            if target.exists():
                target.rmdir()
            draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _scratch(workspace: Workspace) -> Path | None:
    """A folder on the project's disk, so that files can be linked; None if it is read-only."""
    try:
        workspace.layout.cache.mkdir(exist_ok=True)
    except OSError:
        return None
    return workspace.layout.cache if os.access(workspace.layout.cache, os.W_OK) else None
