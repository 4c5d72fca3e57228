"""`labelwright init`: make a project."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from labelwright.core.errors import DataError, SettingsError, shown


def command(
    folder: Annotated[Path, typer.Argument(help="The folder to make the project in.")],
    classes: Annotated[
        str, typer.Option(help="The class names, with commas between: spam,ham", show_default=False)
    ],
    task: Annotated[
        str, typer.Option("--task", help="The kind of answer: classification, multilabel or boxes.")
    ] = "classification",
    name: Annotated[
        str | None, typer.Option(help="The project's name; by default the folder's.")
    ] = None,
    guidelines: Annotated[
        Path | None, typer.Option(help="A text file that tells people how to decide.")
    ] = None,
) -> None:
    """Make a project: settings, a place for functions, an empty store."""
    from labelwright.core.task import Task
    from labelwright.pipeline.api.project import Project

    text = _read(guidelines) if guidelines else ""
    Project.create(folder, Task(task, tuple(_split(classes)), text), name=name)
    print(f"made the project {folder}: labelwright.toml, sources.py")
    print(f"next: labelwright import {quote(str(folder))} FILE")


def _split(text: str) -> list[str]:
    """The class names; commas separate, and quotes protect commas in a name."""
    import csv

    try:
        return next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error as error:
        raise SettingsError(
            f"--classes {shown(text)}: {error}; write them as in spam,ham or, with a comma in a "
            'name, as in "spam, paid",ham'
        ) from error


def _read(guidelines: Path) -> str:
    try:
        return guidelines.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or f"is not UTF-8 text: {error}"
        raise DataError(f"{guidelines}: cannot be read ({reason})") from error
