"""`labelwright round`: everything once around."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.cli.label_ import show_labels
from labelwright.cli.options import Anyway, Json, ProjectArgument, Seed, open_project
from labelwright.cli.show import counted, print_json, progress_bar
from labelwright.cli.train_ import show_training
from labelwright.cli.vote_ import show_votes


def command(
    project: ProjectArgument = None,
    note: Annotated[str, typer.Option("--note", "-m", help="Why, for the version's log.")] = "",
    seed: Seed = 0,
    anyway: Anyway = False,
    json: Json = False,
) -> None:
    """Take in answers, vote, label, train, choose questions, and freeze a version."""
    from labelwright.cli.summary import round_summary

    opened = open_project(project)
    with progress_bar(quiet=json) as progress:
        done = opened.round(seed=seed, note=note, anyway=anyway, progress=progress)
        summary = round_summary(opened.workspace, done)
    if json:
        print_json(summary)
        return
    if summary.answers:
        print(f"took in {counted(summary.answers, 'answer')}")
    show_votes(summary.votes)
    show_labels(summary.labels)
    if summary.trained is None:
        print(summary.untrained)
    else:
        show_training(summary.trained)
    verb = "waits" if summary.questions == 1 else "wait"
    print(f"{counted(summary.questions, 'question')} {verb}: labelwright next")
    print(f"version {summary.version[:12]}")
