"""`labelwright check`: is the data sound?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import counted, print_json, progress_bar

if TYPE_CHECKING:
    from labelwright.pipeline.analysis.check_items import CheckReport
    from labelwright.pipeline.ingest.declared_rules import FindingShown

EXIT_FOUND = 1


class FailOn(StrEnum):
    """From which severity on the command fails."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


def command(
    project: ProjectArgument = None,
    set_aside: Annotated[
        list[str] | None,
        typer.Option(
            "--set-aside",
            metavar="CHECK",
            help="Take the items that this check found out of labels, questions and training; "
            "of copies, all but one. Nothing is deleted.",
            show_default=False,
        ),
    ] = None,
    take_back: Annotated[
        list[str] | None,
        typer.Option("--take-back", metavar="CHECK", help="Undo --set-aside.", show_default=False),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 1 if something this bad stands.")
    ] = FailOn.NEVER,
    json: Json = False,
) -> None:
    """Look for damaged, doubled, leaking and mislabelled items, and personal data."""
    opened = open_project(project)
    for name in take_back or ():
        _tell(f"{counted(opened.take_back(name), 'item')} taken back: {name}", json=json)
    for name in set_aside or ():
        _tell(f"{counted(opened.set_aside(name), 'item')} set aside: {name}", json=json)
    with progress_bar(quiet=json) as progress:
        report = opened.check(progress=progress)
    if json:
        print_json(report)
    else:
        _show(report)
    worst = report.worst()
    bad = {FailOn.ERROR: ("error",), FailOn.WARNING: ("error", "warning")}.get(fail_on, ())
    if worst in bad:
        raise typer.Exit(EXIT_FOUND)


def _show(report: CheckReport) -> None:
    for told in report.findings:
        print(f"{told.severity:<8} {told.check}: {told.message}")
        if told.examples:
            more = ", ..." if told.count > len(told.examples) else ""
            print(f"         such as {', '.join(told.examples)}{more}")
        advice = _advice(told)
        if advice:
            print(f"         {advice}")
    standing = [told for told in report.findings if not told.standing]
    counts = [
        counted(sum(told.severity == severity for told in standing), severity)
        for severity in ("error", "warning", "note")
    ]
    print(f"{counted(report.items, 'item')} checked: {', '.join(counts)}")
    for name, count in report.set_aside.items():
        print(f"set aside: {counted(count, 'item')} for {name}")


def _advice(told: FindingShown) -> str:
    if told.standing:
        return f"set aside; undo with: labelwright check --take-back {told.check}"
    if told.spare:
        return (
            f"set {counted(told.spare, 'item')} aside: labelwright check --set-aside {told.check}"
        )
    if told.remedy == "mask":
        return "mask them in what you give away: labelwright export --mask-personal-data --to FILE"
    return ""


def _tell(line: str, *, json: bool) -> None:
    if not json:
        print(line)
