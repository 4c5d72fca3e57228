"""The description of the API (OpenAPI 3.1), with what FastAPI cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from labelwright.server.wire.rounds import Event
from labelwright.server.wire.values import Problem


def describe(app: FastAPI) -> None:
    """Lets the app describe itself with problems, events and ways to sign in."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        schemas = document["components"]["schemas"]
        for kind in (Problem, Event):
            schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= schema.pop("$defs", {})
            schemas[kind.__name__] = schema
        document["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
        }
        document["security"] = [{"token": []}, {}]
        return document

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend it
