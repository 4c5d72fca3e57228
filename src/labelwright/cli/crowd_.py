"""`labelwright crowd`: who answers, how far they are trusted, how far they agree."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import counted, print_json, print_table

if TYPE_CHECKING:
    from labelwright.pipeline.ask.crowd_report import CrowdReport


def command(
    project: ProjectArgument = None,
    forgive: Annotated[
        str | None,
        typer.Option(metavar="ITEM", help="Forgive the wrong answers to this test question."),
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="Forgive this person only; otherwise retire the question.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why it is forgiven.")] = "",
    json: Json = False,
) -> None:
    """Show who answers, how far each is trusted, how far they agree, and what is still wanted."""
    opened = open_project(project)
    if forgive is not None:
        opened.crowd.forgive(forgive, person, note=note)
    report = opened.crowd.report()
    if json:
        print_json(report)
    else:
        _show(report)


def _show(report: CrowdReport) -> None:
    if not report.people:
        print("nobody has answered yet; begin with: labelwright next")
        return
    rows = [
        (one.name, one.answers, f"{one.right} of {one.tested}", one.trust,
         f"{one.low:.2f}-{one.high:.2f}", _share(one.agreement), one.state)
        for one in report.people
    ]  # fmt: skip
    print_table(["person", "answers", "tests right", "trust", "95 %", "agrees", "votes"], rows)
    if not math.isnan(report.alpha):
        print(f"agreement  Krippendorff's alpha {report.alpha:.3f}")
    print(f"tests      {counted(report.tests, 'item')} with gold can be hidden test questions")
    print(
        f"answers    {counted(report.answered, 'item')} answered; {report.unsure:,} want "
        f"{counted(report.wanted, 'more answer')}; {report.exhausted:,} still in doubt have all "
        "that they may get"
    )


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"
