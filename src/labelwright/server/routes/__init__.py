"""One file a screen: requests in, pure functions called, wire types out."""

from __future__ import annotations

from fastapi import FastAPI

from labelwright.server.routes import (
    audit,
    board,
    browse,
    classes,
    crowd,
    gold,
    items,
    people,
    project,
    queue,
    rounds,
    rules,
    session,
    sources,
)

ROUTERS = (
    session.router,
    people.router,
    project.router,
    queue.router,
    browse.router,
    items.router,
    sources.router,
    audit.router,
    board.router,
    crowd.router,
    rules.router,
    rounds.router,
    classes.router,
    gold.router,
)


def add_routes(app: FastAPI) -> None:
    """Adds every route of the API."""
    for router in ROUTERS:
        app.include_router(router)
