"""`labelwright sources`: how good everyone and everything that votes is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import print_json, print_table

if TYPE_CHECKING:
    from labelwright.pipeline.analysis.source_report import SourcesReport

MANY_FAILURES = 3
MANY_WARNINGS = 10


def command(
    project: ProjectArgument = None,
    model: Annotated[
        str | None, typer.Option(help="The label model that estimates accuracies.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            help="Check that the label model reproduces what the votes show: 31 fits of at most "
            "5,000 items, a few seconds."
        ),
    ] = True,
    confusions: Annotated[
        bool, typer.Option("--confusions", help="Also show how often each class was voted what.")
    ] = False,
    json: Json = False,
) -> None:
    """Show each source's coverage, overlap, conflict and accuracy, and what is wrong with it."""
    report = open_project(project).sources(model, check=check)
    if json:
        print_json(report.to_dict(confusions=confusions))
        return
    show_sources(report)
    if confusions:
        _show_confusions(report)


def show_sources(report: SourcesReport) -> None:
    """Prints the table of sources and what their owner should look at."""
    true = report.truth > 0
    headers = ["source", "kind", "votes", "coverage", "overlap", "conflict", "accuracy", "95 %"]
    rows = []
    for row in report.rows():
        cells = [row["name"], row["kind"], row["votes"]]
        cells += [row["coverage"], row["overlap"], row["conflict"], row["accuracy"]]
        rows.append([*cells, _interval(row), *([_on_gold(row)] if true else [])])
    print_table(headers + (["right on gold"] if true else []), rows)
    if not true:
        print("note: no truth is known, so accuracies are what the label model believes of sources")
    for warning in report.warnings(MANY_WARNINGS):
        print(f"note: {warning}")
    for name, reasons in report.failures.items():
        for reason, count in reasons[:MANY_FAILURES]:
            print(f"{name}: {count} x {reason}")


def _show_confusions(report: SourcesReport) -> None:
    """Prints votes by true class, in expectation, with those that gold verified in brackets."""
    rows = [
        [one["source"], one["class"], *(_count(one, name) for name in report.classes)]
        for one in report.confusions()
    ]
    print_table(["source", "truth", *(f"voted {name}" for name in report.classes)], rows)
    print("expected number of votes; in brackets, those whose truth is known")


def _count(row: dict[str, Any], name: str) -> str:
    verified = row["verified"][name]
    return f"{row['votes'][name]:,.1f}" + (f" ({verified:,})" if verified else "")


def _on_gold(row: dict[str, Any]) -> str:
    return f"{row['empirical'] * row['judged']:.0f} of {row['judged']}" if row["judged"] else "-"


def _interval(row: dict[str, Any]) -> str:
    return "-" if row["low"] is None else f"{row['low']:.2f}-{row['high']:.2f}"
