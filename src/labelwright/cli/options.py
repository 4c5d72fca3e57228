"""Options that several commands share, and how a command finds its project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.core.errors import ProjectError

if TYPE_CHECKING:
    from labelwright.pipeline.api.project import Project

SETTINGS_FILE = "labelwright.toml"

ProjectArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="PROJECT",
        help="The project's folder; by default the one you are in.",
        show_default=False,
    ),
]
ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", "-p", help="The project's folder; by default the one you are in.",
        show_default=False,
    ),
]  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Anyway = Annotated[
    bool,
    typer.Option(
        "--anyway", help="Go on though known truth contradicts the labels; that is put on record."
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Of every random number.")]


def open_project(folder: Path | None) -> Project:
    """The project in `folder`, or the one around the working directory.

    Raises:
        ProjectError: there is none.
    """
    from labelwright.pipeline.api.project import Project

    return Project.open(_around(Path.cwd()) if folder is None else folder)


def _around(here: Path) -> Path:
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).exists():
            return folder
    raise ProjectError(
        f"{here} is in no project (no {SETTINGS_FILE} here or above); go into one, name one with "
        "--project FOLDER, or make one: labelwright init reviews --classes spam,ham"
    )
