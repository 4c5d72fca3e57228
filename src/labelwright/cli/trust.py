"""How far labels can be trusted, in a line or two."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from labelwright.cli.show import print_table

if TYPE_CHECKING:
    from labelwright.quality import Calibration, LabelQuality, SetQuality

WIDTH = 110


def show_trust(
    quality: LabelQuality | None,
    trust: Calibration | None,
    sets: SetQuality | None = None,
    *,
    margin: int = 0,
) -> None:
    """Prints how right labels are and what their confidences mean, or that nobody can know."""
    if quality is None or trust is None:
        tell("right", "nobody knows: no truth is known for any labelled item. Import some with "
              "--gold, or answer some random items by hand", margin)  # fmt: skip
        return
    if sets is not None:
        tell("right", f"{sets.sentence()} (gold itself did not vote on them)", margin)
        tell("trust", trust.sentence(), margin)
        return
    low, high = quality.accuracy_interval()
    tell(
        "right",
        f"{quality.accuracy:.1%} right on the {quality.items:,} labelled items whose truth is "
        f"known (95% interval {low:.1%}-{high:.1%}; gold itself did not vote on them)",
        margin,
    )
    tell("trust", trust.sentence(), margin)


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
