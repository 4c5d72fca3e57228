"""The time for the record."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The time at which something was kept, to the second, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def started() -> str:
    """The time at which a run began, fine enough to tell which of two came first."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
