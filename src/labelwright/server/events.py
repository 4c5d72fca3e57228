"""What happens, told to every browser that listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from labelwright.server.wire.rounds import Event

QUIET_S = 15.0
BACKLOG = 100


class Events:
    """Passes events to listeners; those that do not keep up lose the oldest.

    Events come from any thread; the loop is that of the first listener.
    """

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[Event], asyncio.AbstractEventLoop] = {}

    def tell(self, event: Event) -> None:
        """Tells everybody; may be called from any thread."""
        for listener, loop in list(self._listeners.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(_put, listener, event)

    async def stream(self) -> AsyncIterator[bytes]:
        """What is told from now on, as server-sent events, with a comment when it is quiet."""
        listener: asyncio.Queue[Event] = asyncio.Queue(BACKLOG)
        self._listeners[listener] = asyncio.get_running_loop()
        try:
            yield b": hello\n\n"
            while True:
                try:
                    event = await asyncio.wait_for(listener.get(), QUIET_S)
                except TimeoutError:
                    yield b": quiet\n\n"
                else:
                    text = event.model_dump_json()
                    yield f"event: {event.kind}\ndata: {text}\n\n".encode()
        finally:
            del self._listeners[listener]


def _put(listener: asyncio.Queue[Event], event: Event) -> None:
    if listener.full():
        listener.get_nowait()
    listener.put_nowait(event)
