"""`labelwright predict`: let the end model judge new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.options import Anyway, Json, ProjectOption, open_project
from labelwright.cli.show import counted, print_json, print_renamed


def command(
    files: Annotated[
        list[str], typer.Argument(help="CSV, JSONL or Parquet files, folders of images, or globs.")
    ],
    to: Annotated[
        Path, typer.Option("--to", help="The file; .parquet, .csv or .jsonl.", show_default=False)
    ],
    project: ProjectOption = None,
    id_: Annotated[str | None, typer.Option("--id", help="The column with your key.")] = None,
    anyway: Anyway = False,
    json: Json = False,
) -> None:
    """Predict the rows of files with the published end model, else the latest."""
    report = open_project(project).predict(files, to, id=id_, anyway=anyway)
    if json:
        print_json(report)
        return
    print(f"wrote {counted(report.rows, 'prediction')} to {report.path}")
    print_renamed(report.renamed)
    if report.set_aside:
        print(f"{counted(report.set_aside, 'row')} set aside, not in it, such as:")
    for reject in report.examples:
        print(f"  {reject}")
