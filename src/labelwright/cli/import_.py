"""`labelwright import`: take in items, or votes of people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, open_project
from labelwright.cli.show import counted, print_json, progress_bar
from labelwright.core.errors import SettingsError

if TYPE_CHECKING:
    from labelwright.pipeline.ingest.import_items import ImportReport
    from labelwright.pipeline.ingest.import_votes import VotesImportReport


def command(
    project: Annotated[Path, typer.Argument(help="The project's folder.")],
    files: Annotated[
        list[str] | None,
        typer.Argument(help="CSV, JSONL or Parquet files, folders of images, or globs."),
    ] = None,
    votes: Annotated[
        list[str] | None,
        typer.Option(
            "--votes",
            help="A file of people's votes: columns item, source, label; of gold, id and label.",
        ),
    ] = None,
    id_: Annotated[
        str | None, typer.Option("--id", help="The column with your key; else the content hash.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The column with the main text.")] = None,
    gold: Annotated[
        str | None,
        typer.Option(
            help="The column with the true answer; `folder` for images in class folders. A file of "
            "ids and this column alone gives gold to items that are there. It is taken for a "
            'random sample; where it is none, say gold_sample = "chosen" in labelwright.toml.'
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="A column, or shares such as train=0.8,test=0.2.")
    ] = None,
    sample: Annotated[
        str | None, typer.Option(help="Keep this many rows (1000) or this share (0.1).")
    ] = None,
    fields: Annotated[
        str | None, typer.Option(help="The columns to keep, with commas; by default all.")
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="csv, jsonl, parquet or images; else the ending.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of text files; else found out.")] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Store where images are, not their bytes.")
    ] = False,
    item_column: Annotated[
        str | None, typer.Option(help="In --votes: the item's id; else item or task.")
    ] = None,
    source_column: Annotated[
        str | None, typer.Option(help="In --votes: who voted; else source or worker.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="In --votes: the answer; else label.")
    ] = None,
    confidence_column: Annotated[
        str | None, typer.Option(help="In --votes: the voter's own confidence, 0 to 1.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="In --votes: what voted: person (the default), gold, model ..."),
    ] = None,
    empty: Annotated[
        str | None,
        typer.Option(
            help="What an empty list or cell says where many classes may belong: none of them, or "
            "unknown.",
            metavar="none|unknown",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Take in items from files, or votes of people; the same file twice changes nothing."""
    if not files and not votes:
        raise SettingsError("name a file to import, such as: labelwright import reviews data.csv")
    if gold is not None and not files:
        raise SettingsError(
            "--gold names a column of files of items; for a file of votes say --kind gold and "
            f"--label-column {gold}"
        )
    if kind is not None and not votes:
        raise SettingsError("--kind says what cast the votes in a file of --votes; name one")
    opened = open_project(project)
    reports: dict[str, object] = {}
    with progress_bar(quiet=json) as progress:
        if files:
            reports["items"] = opened.import_items(
                files,
                format_=format_,
                progress=progress,
                id=id_,
                text=text,
                gold=gold,
                split=split,
                sample=_sample(sample),
                fields=tuple(fields.split(",")) if fields else None,
                encoding=encoding,
                media="link" if link else "embed",
                empty=empty,
            )
        if votes:
            reports["votes"] = opened.import_votes(
                votes,
                item=item_column,
                source=source_column,
                label=label_column,
                confidence=confidence_column,
                kind=kind or "person",
                empty=empty,
            )
    if json:
        print_json(reports)
        return
    if "items" in reports:
        _show_items(reports["items"])  # type: ignore[arg-type]
    if "votes" in reports:
        _show_votes(reports["votes"])  # type: ignore[arg-type]


def _sample(text: str | None) -> int | float | None:
    if text is None:
        return None
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        raise SettingsError(
            f"--sample must be a number of rows such as 1000 or a share such as 0.1, got {text!r}"
        ) from None


def _show_items(report: ImportReport) -> None:
    print(f"{counted(report.added, 'item')} added, {report.unchanged:,} were there already")
    if report.gold:
        print(f"{report.gold:,} gold answers taken in")
    for note in report.notes:
        print(f"note: {note}")
    for told in report.findings:
        done = "; set aside" if told.standing else ""
        print(f"{told.severity}: {told.check}: {told.message}{done}")
    if report.set_aside:
        aside = counted(report.set_aside, "row")
        print(f"{aside} set aside (see .labelwright/rejects.jsonl), such as:")
    for reject in report.examples:
        print(f"  {reject}")


def _show_votes(report: VotesImportReport) -> None:
    print(
        f"{counted(report.added, 'vote')} of {counted(report.sources, 'source')} added, "
        f"{report.unchanged:,} were there already"
    )
    if report.set_aside:
        aside = counted(report.set_aside, "vote")
        print(f"{aside} set aside (see .labelwright/rejects.jsonl), such as:")
    for reject in report.examples:
        print(f"  {reject}")
