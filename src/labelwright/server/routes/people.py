"""Inviting people, changing what they may do, and their API tokens."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import Path

from labelwright.core.errors import UnknownNameError
from labelwright.core.source import SourceKind
from labelwright.server.api import Labeller, Owner, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.identity import INVITATION_S
from labelwright.server.problems import Refused
from labelwright.server.state import Office
from labelwright.server.wire.people import (
    Invited,
    People,
    Person,
    PersonChange,
    PersonNew,
    Token,
    TokenMade,
    TokenNew,
    Tokens,
)
from labelwright.server.wire.values import Said
from labelwright.stores import Account, Role, SecretKind

router = new_router("people", 404, 409)
Number = Annotated[int, Path(ge=0, le=2**53)]


@router.get("/people", operation_id="listPeople")
async def list_people(office: TheOffice, _: Owner) -> People:
    """Everybody who may use the project."""
    accounts = await office.run(office.accounts.all)
    return People(people=[_person(account) for account in accounts])


@router.post("/people", operation_id="invitePerson", status_code=201)
async def invite_person(office: TheOffice, _: Owner, given: PersonNew) -> Invited:
    """Adds somebody and makes their invitation link."""

    def invited() -> Invited:
        _check_name(office, given.name)
        account = office.accounts.add(given.name, Role(given.role), time.time())
        return _invited(office, account)

    return await office.run(invited)


@router.patch("/people/{person}", operation_id="changePerson")
async def change_person(office: TheOffice, _: Owner, person: Number, given: PersonChange) -> Person:
    """Changes somebody's role, or locks them out or in again."""
    role = None if given.role is None else Role(given.role)
    changed = await office.run(office.accounts.change, person, role=role, disabled=given.disabled)
    office.identity.forget()
    return _person(changed)


@router.post("/people/{person}/invitation", operation_id="inviteAgain", status_code=201)
async def invite_again(office: TheOffice, _: Owner, person: Number) -> Invited:
    """A new invitation link, with which they choose a new password; older links end."""

    def invited() -> Invited:
        account = office.accounts.by_id(person)
        office.accounts.drop_secrets(person, SecretKind.INVITATION)
        return _invited(office, account)

    return await office.run(invited)


@router.get("/people/{person}/tokens", operation_id="listTokens")
async def list_tokens(office: TheOffice, me: Labeller, person: Number) -> Tokens:
    """Somebody's API tokens, without their secrets."""
    _check_own(me, person)
    notes = await office.run(office.accounts.secrets_of, person, SecretKind.TOKEN)
    return Tokens(
        tokens=[Token(id=note.id, label=note.label, created=note.created) for note in notes]
    )


@router.post("/people/{person}/tokens", operation_id="makeToken", status_code=201)
async def make_token(office: TheOffice, me: Labeller, person: Number, given: TokenNew) -> TokenMade:
    """A new API token; its secret is told only now."""
    _check_own(me, person)

    def made() -> TokenMade:
        office.accounts.by_id(person)
        note, secret = office.accounts.make_secret(
            person, SecretKind.TOKEN, time.time(), label=given.label
        )
        token = Token(id=note.id, label=note.label, created=note.created)
        return TokenMade(token=token, secret=secret)

    return await office.run(made)


@router.delete("/people/{person}/tokens/{token}", operation_id="removeToken")
async def remove_token(office: TheOffice, me: Labeller, person: Number, token: Number) -> Said:
    """Takes a token back."""
    _check_own(me, person)
    if not await office.run(office.accounts.drop_secret, person, token):
        raise UnknownNameError(f"there is no token {token}")
    office.identity.forget()
    return Said()


def _check_own(me: Account, person: int) -> None:
    if me.role is not Role.OWNER and me.id != person:
        raise Refused(403, "Not allowed", "only an owner may see to the tokens of others")


def _check_name(office: Office, name: str) -> None:
    """Returns if no function, rule or other source that is no person has this name.

    Votes are kept under the names of their sources.
    """
    for source in office.workspace.log.sources():
        if source.name == name.strip() and source.kind is not SourceKind.PERSON:
            raise Refused(409, "Taken", f"there is a {source.kind.value} called {name!r} already")


def _invited(office: Office, account: Account) -> Invited:
    note, secret = office.accounts.make_secret(
        account.id, SecretKind.INVITATION, time.time(), lasts_s=INVITATION_S
    )
    path = f"/#/invite/{secret}"
    return Invited(person=_person(account), path=path, expires=note.expires or 0.0)


def _person(account: Account) -> Person:
    return Person(
        id=account.id,
        name=account.name,
        role=account.role.value,
        disabled=account.disabled,
        invited=account.password is None,
        created=account.created,
    )
