"""`labelwright simulate`: what would policies have cost on items whose truth is known?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import counted, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from labelwright.pipeline.simulate import SimulationReport


def command(
    project: ProjectArgument = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(help="A query strategy; several may be given. [value, margin, uniform]"),
    ] = None,
    target: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share of the score with all true labels.")
    ] = 0.95,
    answers: Annotated[int, typer.Option(min=1, help="Budget of one replay.")] = 200,
    batch: Annotated[int, typer.Option(min=1, help="Answers between two fits.")] = 10,
    people: Annotated[int, typer.Option(min=1, help="How many annotators.")] = 1,
    accuracy: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="How often each is right.")
    ] = 1.0,
    seeds: Annotated[int, typer.Option(min=1, help="Replays of each policy.")] = 3,
    rules: Annotated[bool, typer.Option(help="Whether functions and rules vote.")] = True,
    json: Json = False,
) -> None:
    """Replay policies on items with known truth: answers, minutes and money to a target."""
    from labelwright.pipeline.simulate import Simulation

    simulation = Simulation(
        policies=tuple(policy) if policy else Simulation().policies,
        target=target,
        answers=answers,
        batch=batch,
        people=people,
        accuracy=accuracy,
        seeds=seeds,
        rules=rules,
    )
    with progress_bar(quiet=json) as progress:
        report = open_project(project).simulate(simulation, progress=progress)
    if json:
        print_json(report)
    else:
        _show(report)


def _show(report: SimulationReport) -> None:
    print(
        f"{counted(report.items, 'item')} with known truth to ask about, {report.tested:,} to test "
        f"on; all true labels give {report.full:.3f}, the target is {report.wanted:.3f}"
    )
    rows = [
        (
            one.policy,
            _number(one.answers),
            f"{_number(one.least)}-{_number(one.most)}",
            _number(one.minutes),
            _number(one.usd),
            one.score,
            one.labels,
        )
        for one in report.results
    ]
    headers = ["policy", "answers", "range", "minutes", "usd", "score at end", "labels at end"]
    print_table(headers, rows)


def _number(value: float) -> str:
    return "not reached" if math.isinf(value) else f"{value:,.0f}"
