import asyncio
import json

from labelwright.server import events
from labelwright.server.events import Events
from labelwright.server.wire.rounds import Event


def test_every_listener_hears_every_event():
    async def listen():
        told = Events()
        streams = [told.stream() for _ in range(2)]
        for stream in streams:
            assert await anext(stream) == b": hello\n\n"
        told.tell(Event(kind="queue"))
        heard = [await anext(stream) for stream in streams]
        for stream in streams:
            await stream.aclose()
        assert not told._listeners
        return heard

    for text in asyncio.run(listen()):
        kind, data = text.decode().strip().split("\n")
        assert kind == "event: queue"
        assert json.loads(data.removeprefix("data: "))["kind"] == "queue"


def test_a_quiet_stream_says_that_it_lives(monkeypatch):
    monkeypatch.setattr(events, "QUIET_S", 0.01)

    async def listen():
        stream = Events().stream()
        return [await anext(stream), await anext(stream)]

    assert asyncio.run(listen())[1] == b": quiet\n\n"


def test_who_does_not_keep_up_loses_the_oldest():
    async def listen():
        told = Events()
        stream = told.stream()
        await anext(stream)
        for _ in range(events.BACKLOG + 5):
            told.tell(Event(kind="labels"))
        told.tell(Event(kind="queue"))
        await asyncio.sleep(0)
        heard = [await anext(stream) for _ in range(events.BACKLOG)]
        return heard[-1]

    assert b"queue" in asyncio.run(listen())
