"""`labelwright gate`: publish a model unless the honest test slice speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, Seed, open_project
from labelwright.cli.show import print_json

if TYPE_CHECKING:
    from labelwright.pipeline.watch.model_gate import GateReport

EXIT_REFUSED = 1


def command(
    project: ProjectArgument = None,
    run: Annotated[
        str | None,
        typer.Option(help="The start of the id of a training; by default the latest."),
    ] = None,
    anyway: Annotated[
        str,
        typer.Option(
            metavar="REASON", help="Publish it for this reason, whatever the test slice says."
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only compare.")] = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Publish the model that was trained last if it is not worse; exits with 1 if it is refused."""
    report = open_project(project).drift.gate(run, anyway=anyway, publish=not dry_run, seed=seed)
    if json:
        print_json(report)
    else:
        show_gate(report)
    if not report.passed:
        raise typer.Exit(EXIT_REFUSED)


def show_gate(report: GateReport) -> None:
    """Prints what became of a model at the gate."""
    what = "published" if report.published else "passes" if report.passed else "refused"
    print(f"{what}: model {report.run[:12]}: {report.reason}")
    found = report.difference
    if found is None:
        return
    print(
        f"only the new one is right on {found.gained:,} items, only model {report.against[:12]} on "
        f"{found.lost:,} (McNemar p = {found.p:.2g}); a loss of {found.noticed:.1%} would be "
        "noticed four times in five"
    )
