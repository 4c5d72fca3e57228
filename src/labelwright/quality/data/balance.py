"""Classes that are rare, missing or never voted for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.quality.data.findings import Finding, Severity

RARE = 0.02
FEW = 10


def balance_findings(classes: Sequence[str], truth: NDArray[np.int64]) -> list[Finding]:
    """What is odd about how many items with known truth each class has.

    Args:
        classes: their names.
        truth: the known class of each item, -1 where unknown.
    """
    known = truth[truth >= 0]
    if not len(known):
        return []
    counts = np.bincount(known, minlength=len(classes))
    found = []
    absent = [name for name, count in zip(classes, counts, strict=True) if count == 0]
    if absent:
        message = (
            f"no item is known to be {' or '.join(repr(name) for name in absent)}: nothing can be "
            "measured there"
        )
        found.append(Finding("absent_class", Severity.WARNING, message))
    rare = [
        f"{name!r} ({count:,})"
        for name, count in zip(classes, counts.tolist(), strict=True)
        if count > 0 and (count < FEW or count < RARE * len(known))
    ]
    if rare:
        message = f"few of the {len(known):,} items with known truth are {', '.join(rare)}"
        found.append(Finding("rare_class", Severity.NOTE, message))
    return found
