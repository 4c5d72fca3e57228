"""`labelwright vote`: run the functions, rules and class descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import counted, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from labelwright.pipeline.vote.run_sources import VoteReport


def command(project: ProjectArgument = None, json: Json = False) -> None:
    """Run every function, rule and class description on the items that it has not seen yet."""
    opened = open_project(project)
    with progress_bar(quiet=json) as progress:
        report = opened.vote(progress=progress)
    if json:
        print_json(report)
    else:
        show_votes(report)


def show_votes(report: VoteReport) -> None:
    """Prints what each source did, and what it could not do."""
    if report.sources:
        print_table(
            ["source", "items", "votes", "failures"],
            [(tally.name, tally.items, tally.votes, tally.failures) for tally in report.sources],
        )
    for tally in report.sources:
        if tally.failures:
            items = counted(tally.failures, "item")
            print(f"{tally.name}: failed on {items}, such as: {tally.reason}")
        if tally.printed:
            print(f"{tally.name} printed: {tally.printed}")
        if tally.stopped:
            print(f"{tally.name}: stopped: {tally.stopped}")
    if report.cached:
        print(f"{counted(len(report.cached), 'source')} had nothing new to vote on")
    for note in report.notes:
        print(f"note: {note}")
    if not report.sources and not report.cached:
        print("no functions in sources.py and no rules in labelwright.toml yet")
