"""`labelwright demo`: the whole product on real data, in a minute."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json
from labelwright.cli.show import print_json, print_table
from labelwright.core.errors import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from labelwright.cli.demos.story import Demo, Outcome

NAMES = ("tumours", "digits", "sms")


def command(
    name: Annotated[
        str, typer.Argument(help="Which one: tumours (a table), digits (images), sms (text).")
    ] = "tumours",
    into: Annotated[
        Path | None, typer.Option(help="The folder to make the project in.", show_default=False)
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="For sms: the SMS Spam Collection, if you have it."),
    ] = None,
    json: Json = False,
) -> None:
    """See it work: rules vote, the model weighs them, 25 answers help, an end model learns."""
    from labelwright.cli.demos.story import play

    demo = _demo(name, from_)
    folder = into or Path(f"labelwright-demo-{demo.name}")
    outcome = play(demo, folder, _silent if json else _tell)
    if json:
        print_json(outcome)
    else:
        _show(outcome, demo, folder)


def _demo(name: str, path: Path | None) -> Demo:
    if name not in NAMES:
        raise UnknownNameError(f"unknown demonstration {name!r}{did_you_mean(name, NAMES)}")
    if name == "sms":
        from labelwright.cli.demos.sms import demo

        return demo(path)
    from labelwright.cli.demos import digits, tumours

    return tumours.DEMO if name == "tumours" else digits.DEMO


def _tell(line: str) -> None:
    print(f"· {line}" if not line.startswith(" ") else line)
    sys.stdout.flush()


def _silent(line: str) -> None:
    """Tells nobody."""


def _show(outcome: Outcome, demo: Demo, folder: Path) -> None:
    print()
    print_table(
        ["source", "kind", "coverage", "overlap", "conflict", "accuracy: estimated", "true"],
        [
            (row.name, row.kind, row.coverage, row.overlap, row.conflict, row.estimated, row.true)
            for row in outcome.sources
        ],
        title="Who votes (the true accuracy is known only because this is a demonstration)",
    )
    for warning in outcome.warnings:
        print(f"  note: {warning}")
    rows = [(row.made_by, row.labelled, row.right, row.model_right) for row in outcome.labels]
    rows.append((f"all {outcome.train:,} true labels", 1.0, 1.0, outcome.model_on_truth))
    print_table(
        ["labels made by", "items labelled", "right of these", "end model right on test items"],
        rows,
        title=f"\nHow good the labels of {outcome.train:,} items are, and what a model learns from "
        f"them ({outcome.test:,} test items)",
    )
    print(
        f"\nCost: {outcome.answers} answers by {demo.expert} (played from the hidden truth), "
        f"{outcome.spent_minutes:.1f} minutes, ${outcome.spent_usd:.2f}; labelling "
        f"{outcome.train:,} items by hand: {outcome.by_hand_minutes:,.0f} minutes, "
        f"${outcome.by_hand_usd:,.2f}."
    )
    print(f"Version {outcome.version[:12]} is frozen in {folder}. Look around:")
    print(f"  labelwright explain {outcome.item} --project {folder}")
    print(f"  labelwright sources {folder}")
    print(f"  labelwright export {folder} --to train.csv")
