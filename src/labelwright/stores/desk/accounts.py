"""People who may use a project, and the secrets by which they are known."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, update

from labelwright.core.errors import DataError, UnknownNameError, shown
from labelwright.core.source import Source
from labelwright.stores.desk.database import Database
from labelwright.stores.desk.tables import PEOPLE, SECRETS

MAX_NAME = 200


class Role(StrEnum):
    """What somebody may do: label; see everything and write rules; manage people too."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    LABELLER = "labeller"


class SecretKind(StrEnum):
    """What a secret is for."""

    INVITATION = "invitation"
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may use the project.

    Attributes:
        id: the number.
        name: of the source that their votes are kept under.
        role: what they may do.
        password: its argon2 hash, None before the invitation was accepted.
        disabled: whether they are locked out.
        created: seconds since the epoch.
    """

    id: int
    name: str
    role: Role
    password: str | None
    disabled: bool
    created: float


@dataclass(frozen=True, slots=True)
class SecretNote:
    """What is known of a secret without knowing it. Times in seconds since the epoch."""

    id: int
    kind: SecretKind
    label: str
    created: float
    expires: float | None


class Accounts:
    """The accounts of a project. Of secrets only the SHA-256 is kept: they are random and long.

    Attributes:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, name: str, role: Role, now: float) -> Account:
        """A new account, without a password yet.

        Raises:
            DataError: there is one of that name, or it is no name.
        """
        clean = _clean(name)

        def added(connection: Connection) -> Account:
            if connection.execute(_named(clean)).first() is not None:
                raise DataError(f"there is somebody called {shown(clean)} already")
            values = {"name": clean, "role": role.value, "password": None}
            made = connection.execute(
                insert(PEOPLE).returning(PEOPLE.c.id), {**values, "disabled": False, "created": now}
            )
            return Account(made.scalar_one(), clean, role, None, False, now)

        return self.database.write(added)

    def all(self) -> list[Account]:
        """Everybody, in the order in which they came."""
        query = select(PEOPLE).order_by(PEOPLE.c.id)
        return [_account(row) for row in self._rows(query)]

    def by_name(self, name: str) -> Account | None:
        """The account of this name, None if there is none."""
        rows = self._rows(_named(name.strip()))
        return _account(rows[0]) if rows else None

    def by_id(self, number: int) -> Account:
        """The account with this number.

        Raises:
            UnknownNameError: there is none.
        """
        rows = self._rows(select(PEOPLE).where(PEOPLE.c.id == number))
        if not rows:
            raise UnknownNameError(f"there is nobody with the number {number}")
        return _account(rows[0])

    def change(
        self,
        number: int,
        *,
        role: Role | None = None,
        disabled: bool | None = None,
        password: str | None = None,
    ) -> Account:
        """The account after these changes. Whoever is disabled is signed out everywhere.

        Raises:
            DataError: nobody would be left who may manage people.
        """
        given = {"role": role, "disabled": disabled, "password": password}
        values = {name: value for name, value in given.items() if value is not None}

        def changed(connection: Connection) -> None:
            if values:
                connection.execute(update(PEOPLE).where(PEOPLE.c.id == number).values(**values))
            loses = disabled or role in (Role.REVIEWER, Role.LABELLER)
            if loses and not connection.execute(_OWNERS).scalar_one():
                raise DataError("the project needs an owner: make somebody else one first")
            if disabled:
                connection.execute(delete(SECRETS).where(SECRETS.c.person == number))

        self.by_id(number)
        self.database.write(changed)
        return self.by_id(number)

    def make_secret(
        self,
        person: int,
        kind: SecretKind,
        now: float,
        *,
        lasts_s: float | None = None,
        label: str = "",
    ) -> tuple[SecretNote, str]:
        """A new secret with its note; it cannot be read again."""
        secret = secrets.token_urlsafe(32)
        expires = None if lasts_s is None else now + lasts_s
        values = {"hash": _hash(secret), "kind": kind.value, "person": person, "label": label}

        def made(connection: Connection) -> int:
            old = delete(SECRETS).where(SECRETS.c.expires <= now)
            connection.execute(old)
            query = insert(SECRETS).returning(SECRETS.c.id)
            row = {**values, "created": now, "expires": expires}
            return int(connection.execute(query, row).scalar_one())

        number = self.database.write(made)
        return SecretNote(number, kind, label, now, expires), secret

    def whose(self, secret: str, kind: SecretKind, now: float) -> tuple[Account, SecretNote] | None:
        """Whose secret this is; None if it is nobody's, has expired, or they are disabled."""
        query = (
            select(SECRETS.c.id.label("secret"), SECRETS.c.label, SECRETS.c.created.label("made"))
            .add_columns(SECRETS.c.expires, *PEOPLE.columns)
            .join(PEOPLE)
            .where(SECRETS.c.hash == _hash(secret), SECRETS.c.kind == kind.value)
            .where(~PEOPLE.c.disabled)
            .where(or_(SECRETS.c.expires.is_(None), SECRETS.c.expires > now))
        )
        rows = self._rows(query)
        if not rows:
            return None
        row = rows[0]
        return _account(row), SecretNote(row.secret, kind, row.label, row.made, row.expires)

    def secrets_of(self, person: int, kind: SecretKind) -> list[SecretNote]:
        """The secrets of somebody that are still good for something, or were."""
        query = select(SECRETS).where(SECRETS.c.person == person, SECRETS.c.kind == kind.value)
        return [
            SecretNote(row.id, kind, row.label, row.created, row.expires)
            for row in self._rows(query.order_by(SECRETS.c.id))
        ]

    def drop_secret(self, person: int, number: int) -> bool:
        """Takes a secret back; gives whether the person had it."""
        query = delete(SECRETS).where(SECRETS.c.person == person, SECRETS.c.id == number)
        return bool(self.database.write(lambda connection: connection.execute(query).rowcount))

    def drop_secrets(self, person: int, kind: SecretKind) -> None:
        """Takes back all of somebody's secrets of a kind."""
        query = delete(SECRETS).where(SECRETS.c.person == person, SECRETS.c.kind == kind.value)
        self.database.write(lambda connection: connection.execute(query).rowcount)

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        return self.database.read(lambda connection: list(connection.execute(query)))


_OWNERS = (
    select(func.count())
    .select_from(PEOPLE)
    .where(PEOPLE.c.role == Role.OWNER.value, ~PEOPLE.c.disabled)
)


def _named(name: str) -> Select[Any]:
    return select(PEOPLE).where(PEOPLE.c.name == name)


def _clean(name: str) -> str:
    clean = name.strip()
    if len(clean) > MAX_NAME:
        raise DataError(f"a name has at most {MAX_NAME} characters, got {len(clean)}")
    try:
        return Source(clean).name
    except ValueError as error:
        raise DataError(f"a person needs a printable name, got {shown(name)}") from error


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.name, Role(row.role), row.password, bool(row.disabled), row.created)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
