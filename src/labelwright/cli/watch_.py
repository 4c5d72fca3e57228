"""`labelwright watch`: what arrives in a folder is imported, labelled, tested and learnt."""

from __future__ import annotations

import json as json_
import sys
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.gate_ import show_gate
from labelwright.cli.options import Json, ProjectOption, Seed, open_project
from labelwright.cli.show import counted, plain, progress_bar
from labelwright.core.errors import ProjectBusyError, StorageError

if TYPE_CHECKING:
    from labelwright.pipeline.watch.watch_folder import WatchReport

EXIT_REFUSED = 1
EXIT_CONTRADICTED = 3


def command(
    folder: Annotated[
        str,
        typer.Argument(
            help="Where files arrive; folders in it count too. Or an address such as "
            "s3://bucket/folder."
        ),
    ],
    project: ProjectOption = None,
    once: Annotated[
        bool, typer.Option("--once", help="Look once, for cron; else until Ctrl-C.")
    ] = False,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="A folder for what the published model says of new items, as Parquet.",
            show_default=False,
        ),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Import what arrives, vote, label, test for drift, retrain by [watch], publish by the gate.

    With --once, exits with 3 if known truth contradicts the labels, so that no model was trained,
    and with 1 if a file or a model was refused.
    """
    while True:
        opened = open_project(project)
        try:
            with progress_bar(quiet=json) as progress:
                report = opened.drift.watch(
                    folder, predictions=predictions, seed=seed, progress=progress
                )
        except (ProjectBusyError, StorageError) as trouble:
            if once:
                raise
            print(f"waiting: {trouble}", file=sys.stderr)
        else:
            _tell(report, once=once, json=json)
            if once:
                refused = EXIT_CONTRADICTED if report.contradicted else EXIT_REFUSED
                raise typer.Exit(refused if report.refused else 0)
        sleep(opened.settings.keeping.watch.every_s)


def _tell(report: WatchReport, *, once: bool, json: bool) -> None:
    if json:
        if once or not report.idle:
            print(json_.dumps(plain(report), ensure_ascii=False, allow_nan=False), flush=True)
    elif not report.idle:
        _show(report)
        sys.stdout.flush()
    elif once:
        more = f"; {counted(report.waiting, 'file')} may not be whole yet" if report.waiting else ""
        print(f"nothing new{more}")


def _show(report: WatchReport) -> None:
    for each in report.files:
        if each.state == "imported":
            aside = f", {counted(each.rejected, 'row')} set aside" if each.rejected else ""
            print(f"imported {each.file}: {counted(each.added, 'item')} added{aside}")
        else:
            print(f"{each.state} {each.file}: {each.reason}")
    for told in report.findings:
        print(f"{told.severity}: {told.check}: {told.message}{'; set aside' * told.standing}")
    print(
        f"{counted(report.added, 'new item')}, {counted(report.votes, 'vote')}, "
        f"{counted(report.answers, 'answer')} of people"
    )
    if report.drift is not None:
        for shift in report.drift.shifts:
            if shift.drifted:
                print(f"drifted  {shift.aspect}: {shift.told}")
    if report.retrained and report.gate is not None:
        print(f"trained again: {report.retrained}")
        show_gate(report.gate)
    if report.untrained or report.contradicted:
        print(report.untrained or report.contradicted)
    if report.predicted is not None:
        shares = ", ".join(f"{name} {count:,}" for name, count in report.predicted.items())
        print(f"predicted: {shares}")
