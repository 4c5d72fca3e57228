"""`labelwright sources`: how good everyone and everything that votes is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import print_json, print_table

if TYPE_CHECKING:
    from labelwright.pipeline.report import SourcesReport

MANY_FAILURES = 3


def command(
    project: ProjectArgument = None,
    model: Annotated[
        str | None, typer.Option(help="The label model that estimates accuracies.")
    ] = None,
    json: Json = False,
) -> None:
    """Show each source's coverage, overlap, conflict and accuracy, and what is wrong with it."""
    report = open_project(project).sources(model)
    if json:
        rows = report.report.rows()
        for row, kind in zip(rows, report.kinds, strict=True):
            row["kind"] = kind
        print_json({"sources": rows, "warnings": report.report.warnings()})
    else:
        show_sources(report)


def show_sources(report: SourcesReport) -> None:
    """Prints the table of sources and what their owner should look at."""
    true = report.truth > 0
    headers = ["source", "kind", "votes", "coverage", "overlap", "conflict", "accuracy"]
    rows = []
    for row, kind in zip(report.report.rows(), report.kinds, strict=True):
        cells = [row["name"], kind, row["votes"]]
        cells += [row["coverage"], row["overlap"], row["conflict"], row["estimated"]]
        if true:
            cells += [row["empirical"], _interval(row), row["judged"]]
        rows.append(cells)
    print_table(headers + (["on gold", "95 %", "judged"] if true else []), rows)
    for warning in report.report.warnings():
        print(f"note: {warning}")
    for name, reasons in report.failures.items():
        for reason, count in reasons[:MANY_FAILURES]:
            print(f"{name}: {count} x {reason}")


def _interval(row: dict[str, float | None]) -> str:
    if row["empirical"] is None:
        return "-"
    return f"{row['low']:.2f}-{row['high']:.2f}"
