"""Signing in and out, and accepting an invitation."""

from __future__ import annotations

from fastapi import Request, Response

from labelwright.server.api import TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.state import Office
from labelwright.server.wire.people import (
    Invitation,
    InvitationAccept,
    InvitationLook,
    Me,
    Session,
    SignIn,
)
from labelwright.stores import Account

router = new_router("session", 404, 429)


@router.get("/session", operation_id="readSession")
async def read_session(request: Request, office: TheOffice) -> Session:
    """Whether somebody is signed in."""
    return _session(office, await office.identity.who(request))


@router.post("/session", operation_id="signIn")
async def sign_in(
    request: Request, response: Response, office: TheOffice, given: SignIn
) -> Session:
    """Begins a session by name and password."""
    account = await office.identity.sign_in(request, response, given.name, given.password)
    return _session(office, account)


@router.delete("/session", operation_id="signOut")
async def sign_out(request: Request, response: Response, office: TheOffice) -> Session:
    """Ends the session."""
    await office.identity.end(request, response)
    return _session(office, office.identity.local)


@router.post("/invitations/look", operation_id="lookAtInvitation")
async def look_at_invitation(office: TheOffice, given: InvitationLook) -> Invitation:
    """Who is invited by a link."""
    account, expires = await office.identity.invited(given.token)
    return Invitation(name=account.name, role=account.role.value, expires=expires)


@router.post("/invitations/accept", operation_id="acceptInvitation")
async def accept_invitation(
    request: Request, response: Response, office: TheOffice, given: InvitationAccept
) -> Session:
    """Chooses a password, uses the invitation up, and signs in."""
    account = await office.identity.accept(request, response, given.token, given.password)
    return _session(office, account)


def _session(office: Office, account: Account | None) -> Session:
    person = None
    if account is not None:
        person = Me(id=account.id, name=account.name, role=account.role.value)
    return Session(
        project=office.workspace.settings.name,
        sign_in_needed=office.sign_in_needed,
        person=person,
    )
