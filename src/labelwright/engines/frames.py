"""How the engine and its workers talk: length-prefixed frames over a pair of pipes.

Frames are pickles, which is safe here: both ends are processes of one user that run the same
code, and no frame ever rests in a file. Batches travel inside them as Arrow IPC.
"""

from __future__ import annotations

import os
import pickle
import select
import time
from typing import Any

import pyarrow as pa

_LENGTH_BYTES = 8


class SilenceError(TimeoutError):
    """Nothing came within the time limit."""


def send(fd: int, frame: Any) -> None:
    """Writes one frame.

    Raises:
        OSError: the other end is gone.
    """
    content = pickle.dumps(frame, protocol=pickle.HIGHEST_PROTOCOL)
    rest = memoryview(len(content).to_bytes(_LENGTH_BYTES, "little") + content)
    while rest:
        rest = rest[os.write(fd, rest) :]


def receive(fd: int, timeout_s: float | None = None) -> Any:
    """Reads one frame.

    Raises:
        EOFError: the other end is gone.
        SilenceError: the frame was not complete within `timeout_s`.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    size = int.from_bytes(_read(fd, _LENGTH_BYTES, deadline), "little")
    return pickle.loads(_read(fd, size, deadline))  # noqa: S301 - see the top of the file


def packed(batch: pa.RecordBatch) -> bytes:
    """The batch as Arrow IPC; of a slice, only the slice."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def unpacked(content: bytes) -> pa.RecordBatch:
    """The batch that was packed."""
    with pa.ipc.open_stream(content) as reader:
        return reader.read_next_batch()


def _read(fd: int, size: int, deadline: float | None) -> bytearray:
    content = bytearray(size)
    rest = memoryview(content)
    while rest:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                raise SilenceError
        got = os.readv(fd, [rest])
        if not got:
            raise EOFError
        rest = rest[got:]
    return content
