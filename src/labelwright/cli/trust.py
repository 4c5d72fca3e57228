"""How far labels can be trusted, in a line or two."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from labelwright.cli.show import print_table

if TYPE_CHECKING:
    from labelwright.pipeline.train.what_stands import Standing
    from labelwright.quality import Calibration

WIDTH = 110


def show_standing(standing: Standing, trust: Calibration | None, *, margin: int = 0) -> None:
    """Prints how right labels are, what confidences mean, and what truth says against them."""
    tell("right", standing.how_right, margin)
    if trust is not None:
        tell("trust", trust.sentence(), margin)
    for one in standing.contradicted:
        tell("warning", f"known truth contradicts the labels: {one.sentence}", margin)
    for remedy in dict.fromkeys(one.remedy for one in standing.contradicted):
        tell("", remedy, margin)


def show_reliability(trust: Calibration) -> None:
    """Prints how often each degree of confidence was right."""
    table = trust.table
    ends = [f"{low:.2f}-{high:.2f}" for low, high in zip(trust.low, trust.high, strict=True)]
    print_table(
        ["confidence", "right", "95 %", "items"],
        list(
            zip(
                table.confidence.tolist(),
                table.accuracy.tolist(),
                ends,
                table.count.tolist(),
                strict=True,
            )
        ),
    )


def tell(name: str, sentence: str, margin: int) -> None:
    """Prints a sentence beside its name."""
    first = f"{name:<{margin}}" if margin else ""
    print(textwrap.fill(sentence, WIDTH, initial_indent=first, subsequent_indent=" " * margin))
