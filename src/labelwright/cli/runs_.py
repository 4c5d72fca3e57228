"""`labelwright runs`: what was computed, with what, and whether it comes out the same again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Anyway, Json, ProjectOption, open_project
from labelwright.cli.show import Cell, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from labelwright.core.record import Run
    from labelwright.pipeline.api.experiments import RunDetail
    from labelwright.pipeline.runs.compare_runs import Measured, RunComparison, RunDifference
    from labelwright.pipeline.runs.repeat_training import Repetition

SHOWN_ID = 12
EXIT_DIFFERENT = 1

app = typer.Typer(help="What was trained, with what, and whether it comes out the same again.")
RunName = Annotated[
    str,
    typer.Argument(metavar="RUN", help="The start of its id, or train for the latest training."),
]


@app.callback(invoke_without_command=True)
def runs(context: typer.Context, project: ProjectOption = None) -> None:
    """List the trainings, or show, compare and repeat them."""
    if context.invoked_subcommand is None:
        list_(project)


@app.command("list")
def list_(
    project: ProjectOption = None,
    every: Annotated[bool, typer.Option("--all", help="Every step, not trainings alone.")] = False,
    json: Json = False,
) -> None:
    """List the trainings, the newest last."""
    found = open_project(project).experiments.runs(None if every else "train")
    if json:
        print_json([{"id": run.id, "run": run} for run in found])
    elif not found:
        print("nothing was trained yet; do it with: labelwright train")
    else:
        headers = ["run", "step", "when", "part", "items", "accuracy", "seconds", "usd", "commit"]
        print_table(headers, [_row(run) for run in found])


@app.command("show")
def show(run: RunName = "train", project: ProjectOption = None, json: Json = False) -> None:
    """Show a run: inputs, settings, code, libraries, machine, measures, confusion, cost."""
    detail = open_project(project).experiments.show(run)
    if json:
        print_json({"id": detail.run.id, **detail.to_dict()})
    else:
        _show_detail(detail)


@app.command("compare")
def compare(
    first: RunName, second: RunName, project: ProjectOption = None, json: Json = False
) -> None:
    """Show what differs between two runs, in what went in and in what came out."""
    found = open_project(project).experiments.compare(first, second)
    if json:
        print_json(found)
    else:
        _show_comparison(found)


@app.command("repeat")
def repeat(run: RunName = "train", project: ProjectOption = None, json: Json = False) -> None:
    """Train again with the same inputs and seed; exit with 1 if anything comes out differently."""
    with progress_bar(quiet=json) as progress:
        found = open_project(project).experiments.repeat(run, progress=progress)
    if json:
        print_json(found)
    else:
        _show_repetition(found)
    if not found.identical:
        raise typer.Exit(EXIT_DIFFERENT)


@app.command("track")
def track(
    run: RunName = "train",
    stage: Annotated[
        str, typer.Option(help="What the registry of models is to call it.")
    ] = "current",
    project: ProjectOption = None,
    anyway: Anyway = False,
    json: Json = False,
) -> None:
    """Show a training in MLflow (extra mlflow), its model in the registry."""
    found = open_project(project).experiments.track(run, stage=stage, anyway=anyway)
    if json:
        print_json(found)
    else:
        print(f"run {found.run[:SHOWN_ID]} is {found.id} in MLflow at {found.address}")


def _row(run: Run) -> list[Cell]:
    commit = run.environment.get("commit", "")[:SHOWN_ID]
    dirty = " + changes" if run.environment.get("dirty") == "yes" else ""
    return [
        run.id[:SHOWN_ID],
        run.step,
        run.started[:16].replace("T", " "),
        str(run.settings.get("part", "")),
        int(run.metrics["rows"]) if "rows" in run.metrics else None,
        run.metrics.get("accuracy"),
        round(run.seconds, 1),
        run.cost_usd,
        commit + dirty,
    ]


def _show_detail(detail: RunDetail) -> None:
    run = detail.run
    print(f"run {run.id}: {run.step}, started {run.started[:19].replace('T', ' ')} UTC")
    print(f"took {run.seconds:.1f} s, ${run.cost_usd:.4f}; seed {run.seed}")
    versions = ", ".join(version[:SHOWN_ID] for version in detail.versions)
    print(f"in versions: {versions}" if versions else "in no version")
    for title, values in (
        ("inputs", run.inputs),
        ("settings", run.settings),
        ("environment", run.environment),
    ):
        if values:
            print_table([title, ""], [(name, str(value)) for name, value in values.items()])
    if run.metrics:
        print_table(["measure", ""], list(run.metrics.items()))
    if "confusion" in detail.evaluation:
        rows = detail.evaluation["confusion"].tolist()
        print_table(
            ["true class", *detail.classes],
            [[name, *row] for name, row in zip(detail.classes, rows, strict=True)],
            title="what was given to test items of each class",
        )


def _show_comparison(found: RunComparison) -> None:
    for title, rows in (
        ("inputs", found.inputs),
        ("settings", found.settings),
        ("environment", found.environment),
    ):
        _show_differences(title, rows, found.first, found.second)
    _show_measures(found.measures, found.first, found.second)
    if found.differ is not None:
        print(f"they say something else of {found.differ:,} items")
    if found.paired is not None:
        pair = found.paired
        total = pair.both + pair.first + pair.second + pair.neither
        verdict = "more than chance makes" if pair.p < 0.05 else "no more than chance makes"
        print(
            f"of {total:,} test items only the first is right on {pair.first:,}, only the second "
            f"on {pair.second:,}: {verdict} (p = {pair.p:.3f}, McNemar)"
        )


def _show_differences(title: str, rows: Sequence[RunDifference], first: str, second: str) -> None:
    if not rows:
        print(f"{title}: the same")
        return
    print_table(
        [title, first[:SHOWN_ID], second[:SHOWN_ID]],
        [(one.name, _said(one.first), _said(one.second)) for one in rows],
    )


def _show_measures(rows: Sequence[Measured], first: str, second: str) -> None:
    print_table(
        ["measure", first[:SHOWN_ID], second[:SHOWN_ID], "change"],
        [
            (one.name, one.first, one.second, None if math.isnan(one.change) else one.change)
            for one in rows
        ],
    )


def _show_repetition(found: Repetition) -> None:
    _show_measures(found.measures, found.run, found.again)
    if not found.identical:
        print(
            f"{found.changed:,} of {found.items:,} items got another class; probabilities differ "
            f"by at most {found.largest:.2g}"
        )
    for line in found.explanation:
        print(line)


def _said(value: object) -> str:
    return "-" if value is None else str(value)
