"""Voters that do in workers what the tests of engines need: vote, hang, die."""

import os
import pathlib
import signal
import threading
import time
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from labelwright.core.errors import SourceError
from labelwright.core.ports import Ballot, OvertimeError
from labelwright.core.source import Source

PLACE = str(pathlib.Path(__file__).parents[1])


@dataclass(frozen=True)
class Voter:
    what: str
    isolated: bool = False
    fields: tuple[str, ...] | None = None

    @property
    def source(self):
        return Source(self.what)

    def vote(self, batch):
        return globals().get(f"_{self.what}", _even)(batch)

    def __setstate__(self, state):
        if state["what"] == "unloadable":
            raise ImportError("nothing here")
        self.__dict__.update(state)


def _even(batch):
    return Ballot(
        pa.array([None if n % 2 else "even" for n in batch["n"].to_pylist()], pa.string()),
        failures={place: "seven" for place, n in enumerate(batch["n"].to_pylist()) if n == 7},
    )


def _sure(batch):
    numbers = batch["n"].to_numpy()
    return Ballot(pa.array(["yes"] * len(numbers)), (numbers / 100).astype(np.float32))


def _columns(batch):
    return Ballot(pa.array([" ".join(batch.schema.names)] * batch.num_rows))


def _by_row(batch, look):
    answers, failures, asked = [], {}, None
    numbers = batch["n"].to_pylist()
    try:
        for number in numbers:
            look(number)
            answers.append("ok")
    except OvertimeError as error:
        failures[len(answers)] = str(error)
        asked = np.arange(len(numbers)) <= len(answers)
        answers += [None] * (len(numbers) - len(answers))
    return Ballot(pa.array(answers, pa.string()), failures=failures, asked=asked)


def _hangs(batch):
    return _by_row(batch, lambda number: time.sleep(1000))


def _hangs_at_5(batch):
    return _by_row(batch, lambda number: number == 5 and time.sleep(1000))


def _slow(batch):
    return _by_row(batch, lambda number: time.sleep(0.004))


def _hangs_at_once(batch):
    time.sleep(1000)


def _swallows(batch):
    while True:
        try:  # noqa: SIM105 - likewise
            time.sleep(1000)
        except BaseException:  # noqa: BLE001 - as careless users write
            pass


def _exits(batch):
    if batch["n"][0].as_py() == 0:
        os._exit(7)
    return _by_row(batch, lambda number: None)


def _kills(batch):
    if batch["n"][0].as_py() == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return _by_row(batch, lambda number: None)


def _dies_afterwards(batch):
    if batch["n"][0].as_py() == 0:
        # Somebody else ends the worker, when all of this batch is answered.
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return _by_row(batch, lambda number: None)


def _segfaults(batch):
    if batch["n"][0].as_py() == 0:
        os.kill(os.getpid(), signal.SIGSEGV)
    return _by_row(batch, lambda number: None)


def _always_exits(batch):
    os._exit(1)


def _raises(batch):
    raise ValueError("no")


def _cannot(batch):
    raise SourceError("it cannot run")


def _noisy(batch):
    print("noise")  # noqa: T201 - the point of the voter
    os.write(1, b"more noise")
    input("what?")
