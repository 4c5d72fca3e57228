"""Versions travel: pushed to a place, pulled from one, cloned into a new folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from labelwright._version import __version__
from labelwright.core.errors import ContradictedError, NothingToDoError, ProjectError
from labelwright.core.record import CONTRADICTED, Version
from labelwright.pipeline.versions.checkout import (
    bring_classes,
    check_free,
    check_saved,
    drafted,
    materialise,
    needed,
    write_code,
)
from labelwright.pipeline.versions.merge import MergeReport, bring, join_versions
from labelwright.pipeline.versions.remotes import DepotPlace, Place, ProjectPlace, place_at
from labelwright.pipeline.versions.transfer import items_of, votes_of
from labelwright.pipeline.workspace.settings import FILE_NAME
from labelwright.pipeline.workspace.workspace import Workspace, open_workspace
from labelwright.stores import ITEMS, VOTES, Layout, Objects, Refs, Remote

ORIGIN = "origin"
"""The place that a project was cloned from, or was first pushed to."""


@dataclass(frozen=True, slots=True)
class PushReport:
    """What was copied.

    Attributes:
        place: where to.
        versions: how many versions lacked there.
        objects: how many objects.
        segments: how many segments of items and votes.
    """

    place: str
    versions: int
    objects: int
    segments: int


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull or merge did.

    Attributes:
        place: where from.
        versions: how many versions were new.
        how: ``nothing new``, ``taken as they are`` or ``merged``.
        merge: what a merge did; None if there was none.
    """

    place: str
    versions: int
    how: str
    merge: MergeReport | None = None


def push(workspace: Workspace, address: str | None, *, anyway: bool = False) -> PushReport:
    """Copies the versions of the branch, and tags, to a place, as far as they lack there.

    Args:
        workspace: the project.
        address: of the place; by default where it came from or was first pushed to.
        anyway: whether to push though known truth contradicts labels of the head or of a tag.

    Raises:
        ContradictedError: it does.
        ProjectError: the branch has versions there that are not here; or there is no place.
        NothingToDoError: no version is saved yet.
    """
    refs, address = workspace.versions.refs(), _address(workspace, address)
    if not refs.head:
        raise NothingToDoError(
            "there is no version to push yet; save one with: labelwright version save"
        )
    if not anyway:
        _check_uncontradicted(workspace, refs)
    if "://" not in address and (Path(address) / FILE_NAME).is_file():
        raise ProjectError(
            f"{address} is somebody's project; pull from there instead: labelwright version pull, "
            "or push to a folder that both use"
        )
    depot = Remote.at(address)
    depot.make()
    place = DepotPlace(depot)
    there = place.refs()
    tip = there.branches.get(refs.branch, "")
    mine = workspace.versions.reached([refs.head, *refs.tags.values()])
    if tip and tip not in {version.id for version in mine}:
        raise ProjectError(
            f"{address} has versions of the branch {refs.branch!r} that are not here; take them "
            "in first with: labelwright version pull"
        )
    report = _give(workspace, mine, place)
    tags = {**there.tags, **refs.tags}
    branches = {**there.branches, refs.branch: refs.head}
    # Last: the names say that everything else is there.
    place.change(Refs(branch=there.branch if tip else refs.branch, branches=branches, tags=tags))
    _remember(workspace, address)
    return replace(report, place=address)


def _check_uncontradicted(workspace: Workspace, refs: Refs) -> None:
    """Returns if known truth said nothing against what names stand for.

    Earlier versions travel with them and are nobody's training set any more.
    """
    for id_ in dict.fromkeys([refs.head, *refs.tags.values()]):
        said = workspace.versions.get(id_).labels.get(CONTRADICTED)
        if said:
            raise ContradictedError(
                f"version {id_[:12]} was saved anyway, though known truth contradicts its labels: "
                f"{'; '.join(said)}. Save a better one, take its tag away, or push it all the "
                "same with --anyway (in Python anyway=True)."
            )


def _give(workspace: Workspace, versions: list[Version], place: DepotPlace) -> PushReport:
    """Copies what lacks: rows and objects before the versions that name them."""
    depot = place.depot
    there = depot.list("versions")
    new = [version for version in versions if f"{version.id}.json" not in there]
    objects = {name.split("/")[0] for name in depot.list("objects")}
    segments = depot.list(ITEMS) | depot.list(VOTES)
    given = sent = 0
    for version in new:
        if version.format > 1:
            for name in version.items["segments"]:
                if f"{name}.sum" not in segments:
                    depot.put_rows(f"{ITEMS}/{name}", items_of(workspace, name))
                    segments.add(f"{name}.sum")
                    sent += 1
            for name in version.votes["segments"]:
                if f"{name}.sum" not in segments:
                    depot.put_rows(f"{VOTES}/{name}", votes_of(workspace, name).to_batches())
                    segments.add(f"{name}.sum")
                    sent += 1
            for name in needed(workspace, version):
                # A folder whose copying was cut short is copied again.
                if name not in objects or workspace.objects.path(name).is_dir():
                    place.give(name, workspace.objects)
                    objects.add(name)
                    given += 1
    for version in new:
        depot.put_file(f"versions/{version.id}.json", workspace.versions.path(version.id))
    return PushReport(depot.address, len(new), given, sent)


def pull(workspace: Workspace, address: str | None, branch: str | None) -> PullReport:
    """Takes in a branch of a place, and merges it where both went on.

    Raises:
        ProjectError: something here is in no version yet, or there is no such place.
        NothingToDoError: the place has no version of the branch.
    """
    workspace.layout.check_changeable()
    refs, address = workspace.versions.refs(), _address(workspace, address)
    inside = (
        Path(address).resolve() == workspace.folder.resolve() if "://" not in address else False
    )
    place: Place = ProjectPlace(workspace) if inside else place_at(address)
    theirs = place.refs()
    tip = theirs.branches.get(branch or refs.branch) or (theirs.head if branch is None else "")
    if not tip:
        raise NothingToDoError(f"{address} has no version of the branch {branch or refs.branch!r}")
    new = bring(workspace, place, tip)
    how, merge = join_versions(workspace, workspace.versions.get(tip))
    if not inside:
        now = workspace.versions.refs()
        tags = {name: id_ for name, id_ in theirs.tags.items() if id_ in workspace.versions}
        workspace.versions.change(replace(now, tags={**tags, **now.tags}))
        _remember(workspace, address)
    return PullReport(address, new, how, merge)


def clone(address: str, target: Path) -> Workspace:
    """A new project with all that another one, or a place, has. Runs no code of it.

    Raises:
        ProjectError: the folder is there already, or there is nothing at the address.
        NothingToDoError: nothing was saved there yet.
    """
    check_free(target)
    place = place_at(address)
    refs = place.refs()
    if not refs.head:
        raise NothingToDoError(
            f"{address} has no version to clone yet; save one there with: labelwright version save"
        )
    check_saved(place.version(refs.head))
    if "://" not in address:
        address = str(Path(address).resolve())
    with drafted(target) as draft:
        head = place.version(refs.head)
        if isinstance(place, ProjectPlace):
            made = materialise(place.workspace, head, draft)
            for version in made.versions.list():
                for digest in needed(place.workspace, version) if version.format > 1 else ():
                    place.workspace.objects.share(digest, made.objects)
            made.seal()
        else:
            made = _empty(place, head, draft)
            bring(made, place, head.id)
            join_versions(made, head)
        tags = {name: id_ for name, id_ in refs.tags.items() if id_ in made.versions}
        named = Refs(refs.branch, {refs.branch: head.id}, tags, places={ORIGIN: address})
        made.versions.change(named)
    return open_workspace(target)


def _empty(place: Place, head: Version, folder: Path) -> Workspace:
    """A project without data, with the settings and code of the head."""
    layout = Layout(folder)
    layout.create(__version__)
    objects = Objects(layout.objects)
    for digest in head.code.values():
        place.fetch(digest, objects)
    if "classes" in head.objects:
        place.fetch(head.objects["classes"], objects)
    bring_classes(objects, head, layout)
    write_code(objects, head, folder)
    return open_workspace(folder)


def _address(workspace: Workspace, address: str | None) -> str:
    places = workspace.versions.refs().places
    if address is None:
        if ORIGIN not in places:
            raise ProjectError(
                "this project was not cloned and has not been pushed yet; name a folder or an "
                "address such as s3://bucket/folder"
            )
        return places[ORIGIN]
    return places.get(address, address)


def _remember(workspace: Workspace, address: str) -> None:
    refs = workspace.versions.refs()
    if ORIGIN not in refs.places:
        full = address if "://" in address else str(Path(address).resolve())
        workspace.versions.change(replace(refs, places={**refs.places, ORIGIN: full}))
