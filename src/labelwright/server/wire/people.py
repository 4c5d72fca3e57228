"""Wire types of people, sign-in and tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from labelwright.server.wire.values import Given, Name, Told

Role = Literal["owner", "reviewer", "labeller"]
Password = Annotated[str, Field(min_length=10, max_length=1024)]
Secret = Annotated[str, Field(min_length=1, max_length=1024)]


class Me(Told):
    """Who is signed in."""

    id: int
    name: str
    role: Role


class Session(Told):
    """Whether somebody is signed in, and whether they need to be."""

    project: str
    sign_in_needed: bool
    person: Me | None


class SignIn(Given):
    """A name and its password."""

    name: Name
    password: Secret


class InvitationLook(Given):
    """The secret of an invitation link."""

    token: Secret


class Invitation(Told):
    """Who is invited, and until when (seconds since the epoch)."""

    name: str
    role: Role
    expires: float


class InvitationAccept(Given):
    """The secret of an invitation link, and the password that the person chose."""

    token: Secret
    password: Password


class Person(Told):
    """Somebody who may use the project."""

    id: int
    name: str
    role: Role
    disabled: bool
    invited: bool
    created: float


class People(Told):
    """Everybody."""

    people: list[Person]


class PersonNew(Given):
    """Somebody to invite."""

    name: Name
    role: Role = "labeller"


class PersonChange(Given):
    """What to change of somebody."""

    role: Role | None = None
    disabled: bool | None = None


class Invited(Told):
    """Somebody with their invitation: append `path` to the server's address. Shown once."""

    person: Person
    path: str
    expires: float


class Token(Told):
    """An API token without its secret."""

    id: int
    label: str
    created: float


class Tokens(Told):
    """All tokens of a person that were not taken back."""

    tokens: list[Token]


class TokenNew(Given):
    """A token to make."""

    label: Name = "token"


class TokenMade(Told):
    """A token with its secret, which is shown once: send it as `Authorization: Bearer SECRET`."""

    token: Token
    secret: str
