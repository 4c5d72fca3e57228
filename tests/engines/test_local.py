# ruff: noqa: E501 - a table reads better with one case a line
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from labelwright import engines
from labelwright.core.errors import SettingsError, SourceError, UnknownNameError
from labelwright.core.items import ID
from labelwright.core.ports import Ballot
from labelwright.core.source import Source
from labelwright.engines import LocalEngine, engine_class
from labelwright.engines.ballots import failed, joined, unasked
from labelwright.engines.worker import FIRST_ROWS
from labelwright.testing.engines import (
    batches_of,
    check_engine,
    check_few_batches_are_held,
)

# What runs in workers must be importable there: the voters below stand in a module of their own.
from engines.voters_for_engines import PLACE, Voter  # isort: skip

TABLE = pa.table({ID: [str(n) for n in range(40)], "n": list(range(40)), "other": ["é"] * 40})


def run(engine, *voters, rows=20, table=TABLE):
    came = [ballots for _, ballots in engine.run(voters, batches_of(table, rows))]
    return [joined(pieces) for pieces in zip(*came, strict=True)]


@pytest.mark.parametrize("processes", [1, 2])
def test_the_laws_of_engines_hold(processes):
    voters = [Voter("even", isolated=True), Voter("here"), Voter("sure", isolated=True)]
    check_engine(LocalEngine(processes, 30), voters, TABLE)


def test_the_laws_hold_without_workers_and_for_teams():
    check_engine(LocalEngine(), [Voter("here"), Team("a"), Voter("sure"), Team("b")], TABLE)
    check_engine(LocalEngine(), [], TABLE)


def test_few_batches_are_held():
    batch = TABLE.to_batches()[0]
    check_few_batches_are_held(LocalEngine(), [Voter("here")], batch, 1)
    check_few_batches_are_held(LocalEngine(2), [Voter("even", isolated=True)], batch, 3)


@dataclass(frozen=True)
class Team:
    name: str
    fields = None
    isolated = False

    @property
    def source(self):
        return Source(self.name)

    def vote(self, batch):
        return self.vote_together([self], batch)[0]

    def vote_together(self, team, batch):
        return [Ballot(pa.array([voter.name] * batch.num_rows)) for voter in team]


def test_a_batch_without_rows_gives_ballots_without_rows():
    engine, voter = LocalEngine(1), Voter("even", isolated=True)
    ((_, (ballot,)),) = engine.run([voter], [TABLE.to_batches()[0].slice(0, 0)])
    assert len(ballot.answer) == 0


def test_only_the_columns_that_are_read_travel():
    assert run(LocalEngine(1), Voter("columns", isolated=True, fields=("n",)))[0].answer[0].as_py() == "_id n"  # fmt: skip
    assert run(LocalEngine(1), Voter("columns", isolated=True))[0].answer[0].as_py() == "_id n other"  # fmt: skip


def test_an_item_that_hangs_fails_alone_and_the_rest_is_asked():
    (ballot,) = run(LocalEngine(1, 0.3), Voter("hangs_at_5", isolated=True))
    assert list(ballot.failures) == [5]
    assert "too long" in ballot.failures[5]
    assert ballot.answer.null_count == 1
    assert ballot.asked is None
    assert not ballot.stopped


def test_a_source_that_hangs_often_is_stopped_and_the_rest_is_not_asked():
    hangs, even = run(
        LocalEngine(1, 0.2, 2), Voter("hangs", isolated=True), Voter("even", isolated=True)
    )
    assert list(hangs.failures) == [0, 1]
    assert hangs.asked.tolist() == [True] * 2 + [False] * 38
    assert hangs.stopped.startswith("stopped for this run after 2 time-outs")
    assert list(even.failures) == [7]


def test_a_voter_that_cannot_say_where_it_hung_fails_its_slice():
    (ballot,) = run(LocalEngine(1, 0.2, 1), Voter("hangs_at_once", isolated=True))
    assert list(ballot.failures) == list(range(FIRST_ROWS))
    assert ballot.asked.tolist() == [n < FIRST_ROWS for n in range(40)]


def test_code_that_swallows_everything_is_ended_by_force(monkeypatch):
    monkeypatch.setattr("labelwright.engines.crew.GRACE_S", 0.3)
    (ballot,) = run(LocalEngine(1, 0.3, 1), Voter("swallows", isolated=True))
    assert "did not answer" in ballot.failures[0]
    assert not ballot.asked[-1]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("exits", "exit code 7"),
        ("kills", "killed by SIGKILL"),
        ("segfaults", "killed by SIGSEGV"),
    ],
)
def test_a_worker_that_dies_fails_its_slice_and_is_replaced(what, reason):
    died, even = run(
        LocalEngine(1, 30, 3), Voter(what, isolated=True), Voter("even", isolated=True)
    )
    # It dies in the first batch only.
    assert list(died.failures) == list(range(FIRST_ROWS))
    assert reason in died.failures[0]
    assert died.answer.null_count == FIRST_ROWS
    assert list(even.failures) == [7]
    assert not died.stopped


def test_a_worker_that_dies_between_two_batches_costs_no_vote():
    def with_a_pause():
        for number, batch in enumerate(batches_of(TABLE, 10)):
            yield batch
            time.sleep(2 if number == 0 else 0)

    voter = Voter("dies_afterwards", isolated=True)
    ballots = [ballots[0] for _, ballots in LocalEngine(1, 30, 3).run([voter], with_a_pause())]
    assert [len(ballot.answer) for ballot in ballots] == [10] * 4
    assert not any(ballot.failures or ballot.stopped for ballot in ballots)
    assert all(ballot.answer.null_count == 0 for ballot in ballots)


def test_deaths_count_towards_the_limit():
    (ballot,) = run(LocalEngine(2, 30, 2), Voter("always_exits", isolated=True), rows=5)
    assert "crashes" in ballot.stopped
    assert 10 <= len(ballot.failures) <= 15
    assert not ballot.asked[-1]


def test_what_raises_costs_its_votes_and_a_source_error_ends_the_run():
    (ballot,) = run(LocalEngine(1), Voter("raises", isolated=True))
    assert set(ballot.failures.values()) == {"ValueError: no"}
    with pytest.raises(SourceError, match="cannot run"):
        run(LocalEngine(1), Voter("cannot", isolated=True))
    with pytest.raises(SourceError, match="could not load"):
        run(LocalEngine(1), Voter("unloadable", isolated=True))


def test_a_voter_that_prints_and_asks_does_not_disturb(capfd):
    (ballot,) = run(LocalEngine(1), Voter("noisy", isolated=True))
    assert set(ballot.failures.values()) == {"EOFError: EOF when reading a line"}
    assert capfd.readouterr() == ("", "")


def test_a_slow_voter_is_not_taken_for_a_hanging_one():
    table = pa.table({ID: ["x"] * 600, "n": list(range(600))})
    (ballot,) = run(LocalEngine(1, 1.5), Voter("slow", isolated=True), rows=600, table=table)
    assert ballot.answer.null_count == 0


def test_stopping_early_leaves_no_process():
    before = children()
    running = LocalEngine(2).run([Voter("even", isolated=True)], batches_of(TABLE, 1))
    next(running)
    assert children() - before
    running.close()
    assert not children() - before


def children():
    """The worker processes that this process has."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if (
                parent == os.getpid()
                and b"engines.worker" in status.with_name("cmdline").read_bytes()
            ):
                found.add(status.parent.name)
    return found


SCRIPT = """
import sys, time
sys.path[:0] = [{place!r}]
import pyarrow as pa
from labelwright.engines import LocalEngine
from engines.voters_for_engines import Voter
batch = pa.record_batch({{"n": [1]}})
engine = LocalEngine(2, 60)
print("ready", flush=True)
try:
    for _ in engine.run([Voter("hangs", isolated=True)], [batch] * 5): pass
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_the_workers_and_the_run_at_once_and_without_a_word():
    # The script has no main guard, either: a worker must not run it again.
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT.format(place=PLACE)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    time.sleep(1.5)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - start < 5
    assert (out, err, process.returncode) == ("interrupted\n", "", 0)


@pytest.mark.parametrize(
    "settings", [{"processes": 0}, {"batch_timeout_s": 0}, {"max_timeouts": -1}]
)
def test_settings_must_be_positive(settings):
    with pytest.raises(SettingsError, match="must be positive"):
        LocalEngine(**settings)


def test_ballots_are_put_together():
    one = Ballot(pa.array(["a", None]), np.array([0.5, np.nan], np.float32))
    whole = joined([one, failed(2, "no"), unasked(1, "stopped"), Ballot(pa.array(["b"]))])
    assert whole.answer.to_pylist() == ["a", None, None, None, None, "b"]
    np.testing.assert_array_equal(whole.confidence, np.float32([0.5, *[np.nan] * 5]))
    assert whole.failures == {2: "no", 3: "no"}
    assert whole.asked.tolist() == [True] * 4 + [False, True]
    assert whole.stopped == "stopped"
    assert len(joined([]).answer) == 0


def test_engines_are_known_by_name():
    assert sorted(engines.__all__) == engines.__all__
    assert engine_class("local") is LocalEngine
    with pytest.raises(UnknownNameError, match="did you mean 'local'"):
        engine_class("locl")
    with pytest.raises(AttributeError):
        engines.nothing  # noqa: B018
