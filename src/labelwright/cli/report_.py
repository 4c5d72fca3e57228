"""`labelwright report`: the documentation that writes itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import counted, print_json, progress_bar

if TYPE_CHECKING:
    from labelwright.pipeline.report.report import Report


def command(
    project: ProjectArgument = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", help="The file; .html, .md, or .json for Croissant.", show_default=False
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="html, markdown, croissant or hugging-face, whatever the ending of the name.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="The exported file that metadata describe.", show_default=False
        ),
    ] = None,
    checks: Annotated[
        bool, typer.Option(help="Look at every item as `labelwright check` does.")
    ] = True,
    json: Json = False,
) -> None:
    """Write the card of the data, the card of the model, and what changed, as one file."""
    opened = open_project(project)
    if to is None and not json:
        to = Path("report.html")
    if to is not None:
        from labelwright.pipeline.report.report import format_of

        # Before the work that it would spoil.
        format_ = format_of(to, format_)
    with progress_bar(quiet=json) as progress:
        report = opened.experiments.report(checks=checks, progress=progress)
    if to is not None:
        report.write(to, format_, data)
    if json:
        print_json(report.to_dict())
    else:
        _show(report, to)


def _show(report: Report, to: Path | None) -> None:
    print(f"wrote the report of {counted(report.data.items, 'item')} to {to}")
    for line in (*report.gaps, *report.limits):
        print(f"note: {line}")
