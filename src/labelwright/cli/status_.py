"""`labelwright status`: where the project stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import counted, listed, print_json
from labelwright.cli.trust import show_standing, tell

if TYPE_CHECKING:
    from labelwright.pipeline.analysis.status import Status
    from labelwright.pipeline.plan.forecast import AnswersOutlook


def command(
    project: ProjectArgument = None,
    target: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="The accuracy to forecast for.")
    ] = 0.95,
    json: Json = False,
) -> None:
    """Show how far the project is and what to do next."""
    opened = open_project(project)
    status, outlook = opened.status(), opened.budget.outlook(target)
    if json:
        fields = {name: getattr(status, name) for name in status.__slots__}
        print_json({**fields, "outlook": outlook})
        return
    print(f"{status.name}: {status.kind} into {listed(status.classes)}")
    splits = ", ".join(
        f"{count:,} {name or 'in no split'}" for name, count in status.splits.items()
    )
    print(f"items      {status.items:,}" + (f" ({splits})" if len(status.splits) > 1 else ""))
    if status.set_aside:
        print(f"set aside  {counted(status.set_aside, 'bad row')}: see .labelwright/rejects.jsonl")
    if status.items_set_aside:
        print(f"left out   {counted(status.items_set_aside, 'item')}: see labelwright check")
    for kind, count in status.sources.items():
        print(f"{kind:<10} {counted(count, 'source')}, {counted(status.votes[kind], 'vote')}")
    if status.answers_waiting:
        print(f"waiting    {counted(status.answers_waiting, 'answer')}, taken in by the next round")
    if status.labels is not None:
        stands = status.labels.standing
        origin = "votes and content" if stands.content else "votes alone"
        print(f"labelled   {stands.labelled:,} of {stands.items:,}, of {origin}")
        tell("rests on", stands.rests_on, margin=11)
        show_standing(stands, status.labels.calibration, margin=11)
    print(
        f"versions   {status.rounds}"
        + (f", the latest {status.version[:12]}" if status.version else "")
    )
    _show_rest(status, outlook)


def _show_rest(status: Status, outlook: AnswersOutlook) -> None:
    """Prints what it cost, and what is next."""
    cost = status.cost
    print(
        f"cost       {cost.person_seconds / 60:.1f} min, ${cost.usd:.2f}; by hand "
        f"{cost.by_hand_seconds / 60:,.0f} min, ${cost.by_hand_usd:,.2f}"
    )
    if status.random_first.missing:
        tell("balance", status.random_first.sentence, margin=11)
    print(f"outlook    {outlook.words}")
    print(f"next       {status.next_step}")
