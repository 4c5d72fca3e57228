"""The desks of a project: the terminal's journal, and the team's database if there is one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from labelwright.core.errors import MissingExtraError
from labelwright.core.ports import Desk
from labelwright.pipeline.workspace.workspace import Workspace

if TYPE_CHECKING:
    from labelwright.stores import Accounts, SqlDesk

DATABASE = "LABELWRIGHT_DATABASE"
"""The environment variable with the URL of the team's database. It may hold a password, so it has
no place in `labelwright.toml`, which is kept in git."""


class Drainable(Desk, Protocol):
    """A desk that can be told what the log has."""

    def mark_drained(self, ids: Iterable[str]) -> None:
        """Says that the log has the votes with these ids."""
        ...


def team_url(workspace: Workspace) -> str:
    """The URL of the team's desk: the one given, else of the environment, else of the file."""
    own = f"sqlite:///{workspace.layout.desk_file.resolve()}"
    return workspace.desk_url or os.environ.get(DATABASE) or own


def open_team_desk(workspace: Workspace) -> SqlDesk:
    """The team's desk, made if it is not there yet.

    Raises:
        StorageError: the database cannot be reached.
        ProjectError: it is the desk of another project, or of a newer release.
        MissingExtraError: the libraries of the extra ``server`` are not installed.
    """
    try:
        from labelwright.stores import Database, SqlDesk
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "sqlalchemy", "server", "a team's desk") from error
    database = Database(team_url(workspace), workspace.settings.name)
    return SqlDesk(database, workspace.settings.desk.lease_s)


@contextmanager
def team_accounts(workspace: Workspace) -> Iterator[Accounts]:
    """The people who may use the team's desk, which is made if it is not there yet."""
    database = open_team_desk(workspace).database
    from labelwright.stores import Accounts

    try:
        yield Accounts(database)
    finally:
        database.close()


@contextmanager
def team_desk(workspace: Workspace) -> Iterator[SqlDesk | None]:
    """The team's desk; None where it was never used."""
    team = None
    if workspace.desk_url or os.environ.get(DATABASE) or workspace.layout.desk_file.exists():
        team = open_team_desk(workspace)
    try:
        yield team
    finally:
        if team is not None:
            team.database.close()


@contextmanager
def desks(workspace: Workspace) -> Iterator[list[Drainable]]:
    """Every desk that may hold votes; one that was never used is not made."""
    with team_desk(workspace) as team:
        yield [workspace.desk] if team is None else [workspace.desk, team]
