"""`labelwright export`: write the training set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.options import Anyway, Json, ProjectArgument, open_project
from labelwright.cli.show import counted, print_json, print_renamed
from labelwright.cli.trust import show_standing


def command(
    to: Annotated[
        Path,
        typer.Option(
            "--to", help="The file; .parquet, .csv or .jsonl, also with .gz.", show_default=False
        ),
    ],
    project: ProjectArgument = None,
    only_labelled: Annotated[
        bool, typer.Option("--only-labelled", help="Leave out items without a label.")
    ] = False,
    mask_personal_data: Annotated[
        bool,
        typer.Option(
            "--mask-personal-data",
            help="Replace e-mail addresses, telephone and card numbers in texts.",
        ),
    ] = False,
    votes_only: Annotated[
        bool, typer.Option("--votes-only", help="Labels of the votes alone, without content.")
    ] = False,
    anyway: Anyway = False,
    json: Json = False,
) -> None:
    """Write the training set: hard and soft labels, confidence, who voted what."""
    report = open_project(project).export(
        to,
        only_labelled=only_labelled,
        mask_personal_data=mask_personal_data,
        votes_only=votes_only,
        anyway=anyway,
    )
    if json:
        print_json(report)
        return
    rows = counted(report.rows, "item")
    origin = "votes and content" if report.content else "votes alone"
    print(f"wrote {rows}, {report.labelled:,} with a label ({origin}), to {report.path}")
    print(f"they rest on: {report.standing.rests_on}")
    show_standing(report.standing, None)
    if report.one_class:
        print(f"note: {report.one_class}")
    print_renamed(report.renamed)
