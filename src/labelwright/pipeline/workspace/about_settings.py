"""What only the owner knows of a data set: the table ``[about]``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """The table ``[about]``: what stands in the report and in the metadata of an export.

    Attributes:
        description: what the items are.
        origin: where they come from, and who may use them.
        license: as SPDX names it, such as ``CC-BY-4.0``.
        url: where the data set is published.
        creators: who made it, names separated by commas.
        uses: what it is meant for, and what not.
        limits: what the owner knows to be missing or skewed.
    """

    description: str = ""
    origin: str = ""
    license: str = ""
    url: str = ""
    creators: str = ""
    uses: str = ""
    limits: str = ""
