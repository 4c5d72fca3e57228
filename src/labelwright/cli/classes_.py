"""`labelwright classes`: what may be answered, changed in mid-project without losing a vote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectOption, open_project
from labelwright.cli.show import listed, print_json, print_table

if TYPE_CHECKING:
    from labelwright.pipeline.api.classes import Changed

app = typer.Typer(
    help="What may be answered, changed in mid-project; every vote is kept.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help="The class.")]


@app.command("list")
def list_(project: ProjectOption = None, json: Json = False) -> None:
    """Show the classes, how many votes each has, and what became of others."""
    classes = open_project(project).classes
    rows, history = classes.list(), classes.history()
    if json:
        print_json(
            {
                "classes": [
                    {
                        "name": row.name,
                        "under": list(row.parents),
                        "votes": row.votes,
                        "description": row.description,
                    }
                    for row in rows
                ],
                "changes": [
                    {"number": one.number, "time": one.time, "what": one.what} for one in history
                ],
            }
        )
        return
    described = any(row.description for row in rows)
    print_table(
        ["class", "under", "votes", *(["description"] if described else [])],
        [
            [row.name, " < ".join(row.parents), f"{row.votes:,}"]
            + ([row.description] if described else [])
            for row in rows
        ],
    )
    for one in history:
        print(f"{one.number}. {one.time}  {one.what}")


@app.command("describe")
def describe(
    name: Name,
    line: Annotated[str, typer.Argument(help='What belongs into it; "" takes the line away.')],
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Describe a class in a line, which votes where there is an embedding model."""
    made = open_project(project).classes.describe(name, line)
    if json:
        print_json(made)
        return
    print(f"{made.name!r}: {made.description}" if made.description else f"{name!r}: no description")
    print(made.note or "descriptions vote with the next: labelwright vote, or round")


@app.command("rename")
def rename(
    name: Name,
    to: Annotated[str, typer.Argument(help="Its new name.")],
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Give a class, or an inner class, another name."""
    _tell(open_project(project).classes.rename(name, to), json=json)


@app.command("merge")
def merge(
    names: Annotated[list[str], typer.Argument(help="The classes that go into it.")],
    into: Annotated[str, typer.Option(help="One of them, another class, or a new name.")],
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Make one class of several; votes for any of them are votes for it."""
    _tell(open_project(project).classes.merge(names, into), json=json)


@app.command("add")
def add(
    name: Name,
    under: Annotated[
        str | None, typer.Option(help="The inner class that it lies under.", show_default=False)
    ] = None,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Add a class; votes of before say nothing about it."""
    _tell(open_project(project).classes.add(name, under), json=json)


@app.command("remove")
def remove(
    name: Name,
    to: Annotated[
        str | None,
        typer.Option(
            help="The class that its votes count for; by default they abstain.", show_default=False
        ),
    ] = None,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Take a class away; say where its votes go."""
    _tell(open_project(project).classes.remove(name, to), json=json)


@app.command("undo")
def undo(project: ProjectOption = None, json: Json = False) -> None:
    """Take the last change back."""
    _tell(open_project(project).classes.undo(), json=json)


def _tell(changed: Changed, *, json: bool) -> None:
    if json:
        print_json(
            {
                "number": changed.number,
                "what": changed.what,
                "classes": list(changed.classes),
                "rules": list(changed.rules),
                "named": list(changed.named),
            }
        )
        return
    print(f"{changed.what}; the classes are {listed(changed.classes)}")
    if changed.rules:
        print(f"rules that vote anew: {', '.join(changed.rules)}")
    if changed.named:
        print("these lines still name a class that is gone; change them by hand:")
        for line in changed.named:
            print(f"  {line}")
    print("labels follow with the next: labelwright round (take it back: labelwright classes undo)")
