"""`labelwright label`: weigh the votes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectArgument, open_project
from labelwright.cli.show import Cell, counted, print_json, print_table
from labelwright.cli.trust import show_reliability, show_standing

if TYPE_CHECKING:
    from labelwright.cli.summary import LabelSummary, StabilitySummary
    from labelwright.pipeline.analysis.compare_label_models import MethodsReport
    from labelwright.pipeline.label.random_first import RandomFirst

UNSTABLE = 5
MOST_CLASSES = 4


def command(
    project: ProjectArgument = None,
    model: Annotated[
        str | None,
        typer.Option(help="A label model by name; by default the one of labelwright.toml."),
    ] = None,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare", help="Show what several label models make of the votes; change nothing."
        ),
    ] = False,
    methods: Annotated[
        str | None,
        typer.Option(help="With --compare: label models, with commas between them."),
    ] = None,
    stability: Annotated[
        bool,
        typer.Option(
            "--stability",
            help="Also show how many labels change when the items are resampled: 21 more fits "
            "of at most 20,000 items.",
        ),
    ] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Learn from all votes. Without it, where few of very many items changed, what "
            "was learnt before follows the change.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Turn the votes into probabilistic labels.

    What content last said is joined in, as in an export; --model shows the votes alone.
    """
    from labelwright.cli.summary import label_summary
    from labelwright.pipeline.train.joint_labels import with_content

    opened = open_project(project)
    if compare or methods is not None:
        names = [] if methods is None else [name.strip() for name in methods.split(",")]
        found = opened.compare(*names)
        if json:
            print_json(found.to_dict())
        else:
            _show_comparison(found)
        return
    labels = opened.label(model, full=full)
    if model is None:
        labels = with_content(opened.workspace, labels)
    stable = opened.stability(model) if stability else None
    summary = label_summary(opened.workspace, labels, stable)
    if json:
        print_json(summary)
        return
    show_labels(summary)
    if summary.calibration is not None:
        show_reliability(summary.calibration)
    if summary.stability is not None:
        _show_stability(summary.stability)


def show_labels(summary: LabelSummary) -> None:
    """Prints how many labels there are, how sure, and how right where the truth is known."""
    votes, sources = counted(summary.votes, "vote"), counted(summary.sources, "source")
    print(
        f"{summary.labelled:,} of {summary.items:,} items have a label "
        f"({votes} of {sources}, {summary.model})"
    )
    print(f"they rest on: {summary.standing.rests_on}")
    if summary.content is not None:
        print(
            f"content joined in ({summary.content}): {summary.moved:,} items with votes have "
            "another label than votes alone give them"
        )
    rows = [(name, count, share) for name, (count, share) in summary.classes.items()]
    print_table(["class", "labels", "share"], rows)
    if summary.items > summary.labelled:
        _show_silent(summary)
    if summary.described:
        print(
            f"{summary.described:,} rest on class descriptions alone: a guess by nearness, until "
            "people or other sources say more"
        )
    if summary.undecided:
        print(f"{summary.undecided:,} are undecided: two classes are exactly as probable")
    show_standing(summary.standing, summary.calibration)


def _show_silent(summary: LabelSummary) -> None:
    """Prints what is known of units without votes, and what would tell more."""
    balance = ", ".join(f"{name} {share:.0%}" for name, share in summary.class_balance.items())
    if summary.balance.missing:
        print(f"{summary.items - summary.labelled:,} got no vote and have no label")
    elif balance:
        unknown = summary.items - summary.labelled
        print(f"{unknown:,} got no vote: nothing is known of them but the class balance")
        print(f"({balance}), which is no label")
    else:
        print(f"{summary.items - summary.labelled:,} got no vote and have no label")
    show_random_first(summary.balance)


def show_random_first(found: RandomFirst) -> None:
    """Prints how many answers on random items are missing, and why; nothing if none are."""
    if found.missing:
        print(f"{found.sentence} (labelwright next)")


def _show_stability(found: StabilitySummary) -> None:
    print(
        f"stability: resampling the items changes {found.changed:.1%} of the labels in the mean; "
        f"{found.unsettled:.1%} change in any of {found.resamples} resamples "
        f"({found.units:,} items looked at)"
    )
    spread = sorted(found.accuracy_spread.items(), key=lambda pair: -pair[1])
    print_table(["least stable accuracies", "standard deviation"], spread[:UNSTABLE])


def _show_comparison(report: MethodsReport) -> None:
    found = report.comparison
    if report.units < report.all_units:
        print(f"on a random sample of {report.units:,} of {report.all_units:,} units")
    print_table(*_methods(report))
    if found.judged.any():
        print(
            f"right, and the calibration error (ECE), on {found.judged.max():,} items whose truth "
            "is known; gold itself did not vote on them"
        )
    agreement = zip(found.methods, found.agreement.tolist(), strict=True)
    print_table(["same label", *found.methods], [[name, *row] for name, row in agreement])
    for name, reason in report.failed.items():
        print(f"{name} cannot read these votes: {reason}")
    print(f"the methods differ on {len(found.disputed):,} units")
    if report.disputed:
        print_table(
            ["most disputed", "alike", *found.methods],
            [[one.item, one.alike, *map(_said, one.labels.values())] for one in report.disputed],
        )
        print(f"look at one: labelwright explain {report.disputed[0].item}")


def _methods(report: MethodsReport) -> tuple[list[str], list[list[Cell]]]:
    """The table of methods; shares of classes only where there are few."""
    found = report.comparison
    classes = found.classes if len(found.classes) <= MOST_CLASSES else ()
    truth = bool(found.judged.any())
    headers = ["method", "labelled", *(f"is {name}" for name in classes), "undecided"]
    headers += ["right (95 %)", "ECE"] if truth else []
    rows: list[list[Cell]] = []
    for place, name in enumerate(found.methods):
        cells: list[Cell] = [name, float(found.coverage[place])]
        cells += found.balance[place].tolist() if classes else []
        cells.append(float(found.undecided[place]))
        if truth:
            ends = f"{found.low[place]:.2f}-{found.high[place]:.2f}"
            cells += [f"{found.accuracy[place]:.3f} ({ends})"]
            cells.append(float(found.calibration_error[place]))
        rows.append([*cells, f"{report.seconds[name]:.2f}"])
    return [*headers, "seconds"], rows


def _said(label: tuple[str, float] | None) -> str:
    return "-" if label is None else f"{label[0]} {label[1]:.2f}"
