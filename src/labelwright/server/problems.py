"""Errors as `application/problem+json`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from labelwright.core.errors import (
    ContradictedError,
    DataError,
    LabelwrightError,
    NothingToDoError,
    ProjectBusyError,
    SettingsError,
    StorageError,
    UnknownNameError,
)

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("labelwright.server")

_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (UnknownNameError, 404, "Not found"),
    (NothingToDoError, 409, "Nothing to do yet"),
    (ContradictedError, 409, "Known truth contradicts the labels"),
    (ProjectBusyError, 503, "Busy"),
    (StorageError, 503, "Storage failed"),
    (SettingsError, 422, "Wrong setting"),
    (DataError, 422, "Wrong value"),
    (LabelwrightError, 400, "Not possible"),
)


class Refused(Exception):  # noqa: N818 - it is what the server does, not a fault
    """Ends a request with this status."""

    def __init__(self, status: int, title: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def add_handlers(app: FastAPI) -> None:
    """Lets the app answer every error as a problem; what nobody foresaw is logged, not told."""

    async def foreseen(_: Request, error: Exception) -> Response:
        return problem_of(error)

    async def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
        title = str(error.detail)
        return problem(error.status_code, title, title, dict(error.headers or {}))

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
        return wrong_request(error.errors())

    async def unforeseen(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(500, "Failed", "the server failed; its log says why")

    app.add_exception_handler(Refused, foreseen)
    app.add_exception_handler(LabelwrightError, foreseen)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unforeseen)


def problem_of(error: Exception) -> Response:
    """The response for an error that was raised on purpose."""
    if isinstance(error, Refused):
        return problem(error.status, error.title, error.detail, error.headers)
    status, title = next((s, t) for kind, s, t in _STATUS if isinstance(error, kind))
    return problem(status, title, str(error))


def wrong_request(found: Sequence[Any]) -> Response:
    """The response for a request that is not as described, without the values that it held."""
    return problem(422, "Wrong request", "; ".join(map(_mistake, found[:5])))


def problem(
    status: int, title: str, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """The response for an error."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(to_json(body), status, headers, MEDIA_TYPE)


def _mistake(found: Any) -> str:
    """One mistake in a request, without the value, which may be a password."""
    place = ".".join(str(part) for part in found["loc"] if part != "body")
    return f"{place or 'body'}: {found['msg']}"
