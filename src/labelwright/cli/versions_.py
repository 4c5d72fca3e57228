"""`labelwright versions`: the training sets that were frozen."""

from __future__ import annotations

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import print_json, print_table

SHOWN_ID = 12


def command(project: ProjectArgument = None, json: Json = False) -> None:
    """List the frozen versions, the newest last."""
    versions = open_project(project).versions()
    if json:
        print_json(versions)
        return
    if not versions:
        print("no version yet; freeze one with: labelwright round")
        return
    print_table(
        ["version", "when", "items", "votes", "test accuracy", "usd", "note"],
        [
            (
                version.id[:SHOWN_ID],
                version.created[:16].replace("T", " "),
                version.items["count"],
                version.votes["count"],
                version.metrics.get("test_accuracy"),
                version.cost["usd"],
                version.note,
            )
            for version in versions
        ],
    )
