"""`labelwright drift`: are new items like those before?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, Seed, open_project
from labelwright.cli.show import counted, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from labelwright.pipeline.watch.drift import DriftReport

EXIT_DRIFTED = 1


def command(
    project: ProjectArgument = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="What came after this version is new. By default the newest version that has "
            "fewer items than there are now, else what was there before the last import.",
            show_default=False,
        ),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Test whether new items differ from those before; exits with 1 if they do."""
    opened = open_project(project)
    with progress_bar(quiet=json) as progress:
        report = opened.drift.report(against, seed=seed, progress=progress)
    if json:
        print_json(report)
    else:
        _show(report)
    if report.drifted:
        raise typer.Exit(EXIT_DRIFTED)


def _show(report: DriftReport) -> None:
    since = f"version {report.against[:12]}" if report.against else "those before the import"
    print(
        f"{counted(report.after, 'new item')} against {counted(report.before, 'item')} of {since}"
    )
    found = [shift for shift in report.shifts if shift.drifted]
    for shift in found:
        print(f"drifted  {shift.aspect}: {shift.told}")
    if found:
        print_table(
            ["what", "of", "before", "now", "effect", "psi", "p"],
            [
                (each.aspect, each.name, each.before, each.after, each.effect, each.psi,
                 f"{each.p_adjusted:.2g}")
                for each in found
            ],
        )  # fmt: skip
    for reason in report.untested:
        print(f"not tested: {reason}")
    print(
        f"{len(found)} of {counted(len(report.shifts), 'aspect')} drifted "
        f"(false alarms in at most {report.alpha:.3g} of reports)"
    )
    if report.marked:
        print(
            f"{counted(len(report.marked), 'item')} marked for people: labelwright next asks "
            "about them"
        )
