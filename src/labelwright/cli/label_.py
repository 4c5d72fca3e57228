"""`labelwright label`: weigh the votes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import counted, print_json, print_table

if TYPE_CHECKING:
    from labelwright.pipeline.summary import LabelSummary


def command(
    project: ProjectArgument = None,
    model: Annotated[
        str | None,
        typer.Option(help="A label model by name; by default the one of labelwright.toml."),
    ] = None,
    json: Json = False,
) -> None:
    """Turn the votes into probabilistic labels."""
    from labelwright.pipeline.summary import label_summary

    summary = label_summary(open_project(project).label(model))
    if json:
        print_json(summary)
    else:
        show_labels(summary)


def show_labels(summary: LabelSummary) -> None:
    """Prints how many labels there are, how sure, and how right where the truth is known."""
    votes, sources = counted(summary.votes, "vote"), counted(summary.sources, "source")
    print(
        f"{summary.labelled:,} of {summary.items:,} items have a label "
        f"({votes} of {sources}, {summary.model})"
    )
    rows = [(name, count, share) for name, (count, share) in summary.classes.items()]
    print_table(["class", "labels", "share"], rows)
    if summary.quality is not None:
        quality = summary.quality
        print(
            f"{quality.accuracy:.1%} right on the {quality.items:,} labelled items whose truth is "
            "known (gold itself did not vote on them)"
        )
