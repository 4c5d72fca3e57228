"""The app: every route, behind the guard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from labelwright._version import __version__
from labelwright.server.api import PREFIX
from labelwright.server.guard import Guard
from labelwright.server.hot_routes import Quick
from labelwright.server.problems import add_handlers
from labelwright.server.routes import add_routes
from labelwright.server.schema import describe
from labelwright.server.state import Office
from labelwright.server.static import serve_static

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def create_app(office: Office, *, hosts: Collection[str] = ()) -> ASGIApp:
    """The app that answers for a project.

    Args:
        office: the state of the server; closed when the app ends.
        hosts: the names under which it may be asked; empty for any. Where nobody needs to sign
            in, give `LOCAL_NAMES`.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(office.watch())
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            await asyncio.to_thread(office.close)

    app = FastAPI(
        title="Labelwright",
        version=__version__,
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.office = office
    add_handlers(app)
    add_routes(app)
    app.router.routes.append(Route("/{path:path}", serve_static, methods=["GET"]))
    describe(app)
    return Guard(Quick(app, office), hosts)
