"""`labelwright train`: an end model learns from the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Anyway, Json, ProjectArgument, Seed, open_project
from labelwright.cli.show import print_json, progress_bar

if TYPE_CHECKING:
    from labelwright.cli.summary import TrainSummary


def command(
    project: ProjectArgument = None,
    model: Annotated[
        str | None, typer.Option(help="An end model by name; by default that of labelwright.toml.")
    ] = None,
    seed: Seed = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Train again, even if the same was trained before.")
    ] = False,
    anyway: Anyway = False,
    json: Json = False,
) -> None:
    """Train an end model on the probabilistic labels."""
    from labelwright.cli.summary import train_summary

    opened = open_project(project)
    with progress_bar(quiet=json) as progress:
        trained = opened.train(model, seed=seed, force=force, anyway=anyway, progress=progress)
        summary = train_summary(trained)
    if json:
        print_json(summary)
    else:
        show_training(summary)


def show_training(summary: TrainSummary) -> None:
    """Prints what was trained on how much, and how good it is where that is known."""
    print(f"trained {summary.model} on {summary.rows:,} labelled items in {summary.seconds:.1f} s")
    if summary.sets is not None:
        print(summary.sets.sentence())
    elif summary.quality is None:
        print("no test items with known truth: import some with --split and --gold to measure it")
    else:
        quality = summary.quality
        print(f"{quality.accuracy:.1%} right on {quality.items:,} test items")
