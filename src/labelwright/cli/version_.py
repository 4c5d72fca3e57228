"""`labelwright version`: training sets saved, compared, checked, restored and shared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Anyway, Json, ProjectOption, open_project
from labelwright.cli.show import counted, print_json, print_table
from labelwright.cli.version_views import (
    SHOWN_ID,
    show_difference,
    show_log,
    show_pull,
    show_verify,
    show_version,
)
from labelwright.core.record import ONLY_CLASS

if TYPE_CHECKING:
    from labelwright.pipeline.api.history import History

DAMAGED = 3

app = typer.Typer(help="Training sets: saved, compared, checked, shared.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="A tag, a branch, head, or the start of an id.")]
Place = Annotated[
    str | None,
    typer.Argument(
        help="A folder, a project's folder, or such as s3://bucket/folder; by default where the "
        "project was cloned from or first pushed to.",
        show_default=False,
    ),
]


@app.command("save")
def save(
    note: Annotated[str, typer.Option("--message", "-m", help="Why you save it.")] = "",
    project: ProjectOption = None,
    anyway: Anyway = False,
    json: Json = False,
) -> None:
    """Save what stands now: items, votes, code, settings, labels. Nothing is copied twice."""
    from labelwright.pipeline.train.train import one_class

    history = _history(project)
    before = history.names().head
    version = history.save(note, anyway=anyway)
    if json:
        print_json(version)
    elif version.id == before:
        print(f"nothing changed since version {version.id[:SHOWN_ID]}")
    else:
        what = f"{counted(version.labels['labelled'], 'label')} of {version.items['count']:,} items"
        print(f"saved version {version.id[:SHOWN_ID]}: {what}")
        if ONLY_CLASS in version.labels:
            print(f"note: {one_class(version.labels[ONLY_CLASS])}")


@app.command("log")
def log(
    name: Annotated[
        str | None, typer.Argument(help="Where to begin; the head by default.", show_default=False)
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those of all branches.")] = False,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """List the versions that led to this one, the newest first."""
    opened = open_project(project)
    versions = opened.versions()[::-1] if all_ else opened.history.log(name)
    if json:
        print_json(versions)
    else:
        show_log(versions, opened.history.names())


@app.command("show")
def show(name: Name = "head", project: ProjectOption = None, json: Json = False) -> None:
    """Show what a version holds and what it took."""
    version = _history(project).find(name)
    if json:
        print_json(version)
    else:
        show_version(version)


@app.command("diff")
def diff(
    before: Name, after: Name = "head", project: ProjectOption = None, json: Json = False
) -> None:
    """Show what changed between two versions, and what moved each label."""
    found = _history(project).diff(before, after)
    if json:
        print_json(found)
    else:
        show_difference(found)


@app.command("checkout")
def checkout(
    name: Name,
    folder: Annotated[Path, typer.Argument(help="To be made; it shares the project's data.")],
    project: ProjectOption = None,
) -> None:
    """Open a version in a folder, to look at with every command; nothing can be added there."""
    made = _history(project).checkout(name, folder)
    print(f"look at it with: labelwright status {made}")


@app.command("branch")
def branch(
    name: Annotated[
        str | None, typer.Argument(help="To make or go over to.", show_default=False)
    ] = None,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Make a branch at the head, or go over to one; without a name, list them."""
    history = _history(project)
    if name is not None:
        history.branch(name)
        print(f"versions are saved to the branch {name} from now on")
        return
    refs = history.names()
    if json:
        print_json({"branch": refs.branch, "branches": refs.branches})
        return
    for one, id_ in sorted(refs.branches.items()):
        print(f"{'*' if one == refs.branch else ' '} {one}  {id_[:SHOWN_ID]}")


@app.command("tag")
def tag(
    tag_name: Annotated[str | None, typer.Argument(help="The tag.", show_default=False)] = None,
    name: Name = "head",
    move: Annotated[bool, typer.Option("--move", help="Though another version has it.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Take the tag, or branch, away.")] = False,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Give a version a name that stays with it; without a name, list the tags."""
    history = _history(project)
    if tag_name is None:
        tags = history.names().tags
        if json:
            print_json(tags)
        for one, id_ in () if json else sorted(tags.items()):
            print(f"{one}  {id_[:SHOWN_ID]}")
    elif drop:
        history.drop(tag_name)
        print(f"{tag_name} is gone; its versions stay until: labelwright version gc")
    else:
        history.tag(tag_name, name, move=move)
        print(f"{tag_name} stands for version {history.find(tag_name).id[:SHOWN_ID]}")


@app.command("merge")
def merge(
    branch_name: Annotated[str, typer.Argument(metavar="BRANCH", help="To take in.")],
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Take in another branch: votes are united, labels made anew, files merged as text."""
    show_pull(_history(project).merge(branch_name), json=json)


@app.command("restore")
def restore(name: Name, project: ProjectOption = None, json: Json = False) -> None:
    """Make the project as it was at a version, by adding to it; nothing is lost."""
    done = _history(project).restore(name)
    if json:
        print_json(done)
        return
    files = f"; written: {', '.join(done.files)}" if done.files else ""
    print(
        f"as at version {done.version[:SHOWN_ID]}: {counted(done.votes, 'vote')} taken back or "
        f"given again, {counted(done.set_aside, 'item')} set aside{files}"
    )
    print("keep it with: labelwright version save")


@app.command("blame")
def blame(
    name: Annotated[
        str | None, typer.Argument(help="Of a version; by default now.", show_default=False)
    ] = None,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Show which source decides which share of the labels."""
    found = _history(project).blame(name)
    if json:
        print_json(found)
        return
    print_table(
        ["source", "kind", "pushes most", "share", "labels that hang on it"],
        [(one.source, one.kind, one.strongest, one.share, one.pivotal) for one in found],
    )


@app.command("verify")
def verify(
    recompute: Annotated[
        str | None,
        typer.Option(
            help="Compute the labels of this version again and compare.",
            show_default=False,
            metavar="VERSION",
        ),
    ] = None,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Hash every stored file, and name what is damaged. Exits with 3 if anything is."""
    report = _history(project).verify(recompute=recompute or False)
    if json:
        print_json(report)
    else:
        show_verify(report)
    if report.damage:
        raise typer.Exit(DAMAGED)


@app.command("gc")
def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Delete what no head, branch, tag or latest run needs. Items and votes all stay."""
    done = _history(project).clean(dry_run=dry_run)
    if json:
        print_json(done)
        return
    what = f"{counted(done.versions, 'version')} and {counted(done.objects, 'object')}"
    print(f"{'would delete' if dry_run else 'deleted'} {what}, {done.bytes / 1e6:.1f} MB")


@app.command("push")
def push(
    place: Place = None, project: ProjectOption = None, anyway: Anyway = False, json: Json = False
) -> None:
    """Copy the branch and the tags to a folder or bucket, as far as they lack there."""
    done = _history(project).push(place, anyway=anyway)
    if json:
        print_json(done)
        return
    what = f"{counted(done.objects, 'object')}, {counted(done.segments, 'segment')} of rows"
    print(f"{done.place}: {counted(done.versions, 'new version')} ({what})")


@app.command("pull")
def pull(
    place: Place = None,
    branch_name: Annotated[
        str | None,
        typer.Option("--branch", help="Another than the one worked on.", show_default=False),
    ] = None,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Take in the versions of a folder, bucket or project, and merge where both went on."""
    show_pull(_history(project).pull(place, branch_name), json=json)


def _history(project: Path | None) -> History:
    return open_project(project).history
