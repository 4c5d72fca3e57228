"""What a check found: which items, how bad it is, what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as setting
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """Results are wrong as long as it stands: the test split leaks, two truths contradict."""
    WARNING = "warning"
    """Probably wrong; somebody should look."""
    NOTE = "note"
    """Good to know."""


class Remedy(StrEnum):
    """What can be done about a finding."""

    SET_ASIDE = "set aside"
    """Leave the items out of labels, questions and training; they stay in the project."""
    MASK = "mask"
    """Export without the personal data."""
    LOOK = "look"
    """Look at the items; only a person can say."""
    NONE = "none"
    """Nothing that a button could do."""


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One thing that a check found.

    Attributes:
        check: the name of the check, such as ``near_duplicates``.
        severity: how bad it is.
        message: what was found, in words with numbers.
        items: the numbers of the items concerned, worst first, shape (items,); empty if it is
            about a column as a whole.
        field: the column that it is about, empty if it is about none.
        remedy: what can be done.
        spare: those of the items that a set-aside would take: of copies all but one.
    """

    check: str
    severity: Severity
    message: str
    items: NDArray[np.int64] = setting(default_factory=lambda: np.zeros(0, np.int64))
    field: str = ""
    remedy: Remedy = Remedy.NONE
    spare: NDArray[np.int64] = setting(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def count(self) -> int:
        """How many items are concerned."""
        return len(self.items)


def share(part: int, whole: int) -> str:
    """`12 of 340 (3.5 %)`."""
    return f"{part:,} of {whole:,} ({100 * part / whole:.3g} %)"
