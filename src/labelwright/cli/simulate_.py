"""`labelwright simulate`: what would labelling cost?"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import Cell, counted, print_json, print_table, progress_bar
from labelwright.core.errors import SettingsError, shown

if TYPE_CHECKING:
    from labelwright.pipeline.plan.simulate import Effort, Simulation
    from labelwright.queue import Redundancy


def command(
    project: ProjectArgument = None,
    policies: Annotated[
        str | None,
        typer.Option(
            help="Query strategies, with commas between them; by default uniform (questions at "
            "random), margin, and the project's own."
        ),
    ] = None,
    targets: Annotated[
        str, typer.Option(help="Shares of items with the right label, with commas between them.")
    ] = "0.9,0.95",
    people: Annotated[
        int | None, typer.Option(min=1, help="How many people there are; by default enough.")
    ] = None,
    votes: Annotated[
        str | None,
        typer.Option(
            help="How many people answer an item: 3, or 2-5 as need be; by default as [crowd]."
        ),
    ] = None,
    noise: Annotated[
        str,
        typer.Option(help="The share of answers that is wrong; several with commas, one a person."),
    ] = "0.05",
    seconds: Annotated[
        float | None,
        typer.Option(min=0, help="What an answer takes; by default as measured, or as [cost]."),
    ] = None,
    wage: Annotated[
        float | None, typer.Option(min=0, help="USD an hour; by default that of [cost].")
    ] = None,
    answers: Annotated[
        int | None,
        typer.Option(min=1, help="Give up after so many answers; by default all items once."),
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Questions picked at a time.")] = 20,
    seeds: Annotated[int, typer.Option(min=1, help="Replays of each policy.")] = 5,
    items: Annotated[
        int, typer.Option(min=1, help="At most so many of the items with gold take part.")
    ] = 2_000,
    json: Json = False,
) -> None:
    """Replay ways of asking against gold: answers, minutes and money to reach a target."""
    from labelwright.pipeline.plan.simulate import SimulationPlan

    opened = open_project(project)
    plan = SimulationPlan(
        policies=tuple(_listed(policies)),
        targets=tuple(_share(text) for text in _listed(targets)),
        people=people,
        noise=tuple(_share(text) for text in _listed(noise)),
        redundancy=_redundancy(votes, opened.settings.crowd.redundancy),
        seconds=seconds,
        usd_per_hour=wage,
        answers=answers,
        batch=batch,
        seeds=seeds,
        items=items,
    )
    with progress_bar(quiet=json) as progress:
        found = opened.budget.simulate(plan, progress=progress)
    if json:
        print_json(found)
        return
    _show(found, seeds)


def _show(found: Simulation, seeds: int) -> None:
    print(
        f"{counted(found.items, 'item')} of {found.classes} classes; before any answer "
        f"{found.start:.1%} are right; an answer takes {found.seconds:g} s at "
        f"${found.usd_per_hour:g} an hour"
    )
    print_table(
        ["target", "policy", "answers", "min-max", "minutes", "USD", "reached"],
        [_row(effort, seeds) for effort in found.efforts],
    )
    print(f"medians of {counted(seeds, 'replay')}; nothing in the project was changed")


def _row(effort: Effort, seeds: int) -> list[Cell]:
    numbers: list[Cell] = ["never", "-", "-", "-"]
    if math.isfinite(effort.answers):
        most = f"{effort.most:.0f}" if math.isfinite(effort.most) else "never"
        numbers = [
            f"{effort.answers:.0f}",
            f"{effort.fewest:.0f}-{most}",
            f"{effort.minutes:.1f}",
            f"{effort.usd:.2f}",
        ]
    return [f"{effort.target:.0%}", effort.policy, *numbers, f"{effort.reached} of {seeds}"]


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"a share is a number such as 0.95, got {shown(text)}") from None


def _redundancy(text: str | None, usual: Redundancy) -> Redundancy:
    """The plan of the project, or with as many answers an item as the text says."""
    if text is None:
        return usual
    least, _, most = text.partition("-")
    try:
        return replace(usual, least=int(least), most=int(most or least))
    except ValueError:
        raise SettingsError(
            f"answers an item are a number such as 3, or least and most such as 2-5, "
            f"got {shown(text)}"
        ) from None
