"""`labelwright clone`: a project from another place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.version_views import SHOWN_ID


def command(
    place: Annotated[str, typer.Argument(help="A project, or where one was pushed to.")],
    folder: Annotated[Path, typer.Argument(help="To be made.")],
) -> None:
    """Copy a project with its versions. Runs no code of it; on one disk, data is shared."""
    from labelwright.pipeline.api.history import History
    from labelwright.pipeline.versions.push_pull import clone

    made = clone(place, folder)
    head = History(made).find()
    print(f"{folder}: {made.items.count():,} items at version {head.id[:SHOWN_ID]}")
