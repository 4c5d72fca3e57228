"""What all routes share: their prefix, who may use them, and the state of the server."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from labelwright.server.identity import at_least
from labelwright.server.state import Office
from labelwright.server.wire.values import Problem
from labelwright.stores import Account, Role

PREFIX = "/api/v1"


def office_of(request: Request) -> Office:
    """The state of the server that got the request."""
    office: Office = request.app.state.office
    return office


async def _office(request: Request) -> Office:
    return office_of(request)


TheOffice = Annotated[Office, Depends(_office)]
Labeller = Annotated[Account, Depends(at_least(Role.LABELLER))]
Reviewer = Annotated[Account, Depends(at_least(Role.REVIEWER))]
Owner = Annotated[Account, Depends(at_least(Role.OWNER))]


def router(tag: str, *statuses: int) -> APIRouter:
    """A router for one screen; `statuses` are the errors that its routes may answer."""
    problems: dict[int | str, dict[str, Any]] = {
        status: {
            "description": _WHAT[status],
            "content": {"application/problem+json": {"schema": _PROBLEM}},
        }
        for status in (400, 401, 403, 413, 422, 503, *statuses)
    }
    return APIRouter(prefix=PREFIX, tags=[tag], responses=problems)


_PROBLEM = {"$ref": f"#/components/schemas/{Problem.__name__}"}
_WHAT = {
    400: "Not possible",
    401: "Not signed in",
    403: "Not allowed, or from another site",
    404: "No such thing",
    409: "Not now: it changed meanwhile, runs already, or there is nothing to do yet",
    413: "Too large",
    422: "Wrong request",
    429: "Too many tries",
    503: "Busy, or the storage failed",
}
