"""Layer 5: the HTTP API and the web app."""

from __future__ import annotations

from labelwright.server.app import create_app
from labelwright.server.run import Serving, serve
from labelwright.server.state import Office

__all__ = ["Office", "Serving", "create_app", "serve"]
