"""The two requests that people wait for, past the framework's routing.

Measured on two cores: FastAPI's routing, dependencies and middleware take about 0.9 ms of processor
time a request, these routes themselves 0.2 ms. They are declared in `routes.queue` like all others,
which describes them and is what this must stay equal to (a test compares the two).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from labelwright.core.errors import LabelwrightError
from labelwright.server import questions as asking
from labelwright.server.api import PREFIX
from labelwright.server.problems import Refused, problem, problem_of, wrong_request
from labelwright.server.state import Office
from labelwright.server.wire.queue import NextWanted, VotesGiven
from labelwright.stores import Account, Role

Answer = Callable[[Office, Account, Any], Awaitable[bytes]]
_log = logging.getLogger("labelwright.server")


async def _next(office: Office, account: Account, given: NextWanted) -> bytes:
    return await asking.claim(office, account, given.count, resume=given.resume, ask=given.ask)


async def _votes(office: Office, account: Account, given: VotesGiven) -> bytes:
    return await asking.cast(office, account, given.votes)


ROUTES: dict[str, tuple[TypeAdapter[Any], Answer]] = {
    f"{PREFIX}/queue/next": (TypeAdapter(NextWanted), _next),
    f"{PREFIX}/votes": (TypeAdapter(VotesGiven), _votes),
}


class Quick:
    """Answers the quick requests itself and passes on all others.

    Attributes:
        app: answers the others.
        office: the state of the server.
    """

    def __init__(self, app: ASGIApp, office: Office) -> None:
        self.app = app
        self.office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request."""
        route = None
        if scope["type"] == "http" and scope["method"] == "POST":
            route = ROUTES.get(scope["path"])
        if route is None:
            await self.app(scope, receive, send)
            return
        response = await self._answer(Request(scope, receive), *route)
        await response(scope, receive, send)

    async def _answer(
        self, request: Request, adapter: TypeAdapter[Any], answer: Answer
    ) -> Response:
        try:
            account = await self.office.identity.allowed(request, Role.LABELLER)
            given = adapter.validate_json(await request.body())
            return Response(
                await answer(self.office, account, given), media_type="application/json"
            )
        except ValidationError as error:
            return wrong_request(error.errors(include_url=False))
        except (Refused, LabelwrightError) as error:
            return problem_of(error)
        except Exception:  # noqa: BLE001 - what nobody foresaw is logged, not told
            _log.exception("%s %s failed", request.method, request.url.path)
            return problem(500, "Failed", "the server failed; its log says why")
