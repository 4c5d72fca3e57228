"""Processes that are really killed, and processes that really write at once."""

import random
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pytest

from labelwright.core.items import HASH, ID, NUMBER
from labelwright.core.source import Source
from labelwright.stores import JournalDesk, LanceItems, LanceVotes, Layout, Objects, asked

START = """
import sys
from pathlib import Path
import pyarrow as pa
from labelwright.core.source import Source
from labelwright.core.votes import VOTE_SCHEMA, Vote
from labelwright.stores import *
layout, first = Layout(Path(sys.argv[1])), int(sys.argv[2])
def say(*words): print(*words, flush=True)
"""
# Each adds for ever from `first` on, and says what was acknowledged.
ADD = {
    "items": """
import lance, polars
items, n = LanceItems(layout.items), first
say("ready")
while True:
    def batches():
        for k in range(3):
            ids = [f"{n}-{k}-{i}" for i in range(50)]
            columns = {"_id": ids, "_hash": ids, "text": [id_ * 20 for id_ in ids]}
            # Now and then a new field, and fractions where whole numbers were.
            columns[f"f{n // 5}"] = [n + k / 2] * 50 if n % 5 == 4 and k == 2 else [n] * 50
            yield pa.record_batch(columns)
    items.append(batches())
    say(n)
    n += 1
""",
    "votes": """
import lance
log, n = LanceVotes(layout.votes), first
say("ready")
while True:
    number = int(log.register([Source(f"source {n}")])[0])
    rows = [
        {"item": i, "source": number, "state": 0, "answer": f"{n}", "round": 0, "id": f"{n}-{i}"}
        for i in range(100)
    ]
    log.append(pa.Table.from_pylist(rows, schema=VOTE_SCHEMA))
    say(n)
    n += 1
""",
    "journal": """
desk, n = JournalDesk(layout.desk / "journal.jsonl"), first
say("ready")
while True:
    desk.answer(Vote(f"item {n}", "ann", "x" * 5_000, id=str(n)))
    say(n)
    n += 1
""",
    "objects": """
objects, n = Objects(layout.objects), first
say("ready")
while True:
    say(objects.put_folder(lambda folder: [(folder / f"{i}").write_text(f"{n}") for i in range(9)]))
    n += 1
""",
}


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    layout.create("0.1")
    return layout


def killed_while_adding(layout, what, first, delay_s):
    """What a process had acknowledged when it was killed at a random moment."""
    command = [sys.executable, "-c", START + ADD[what], str(layout.project), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read().split("\n")
        assert process.wait() == -signal.SIGKILL
    # What follows the last line break was not said in full.
    return said[:-1]


def check_items(layout, said):
    items = LanceItems(layout.items)
    read = pa.Table.from_batches(list(items.scan([ID, HASH])) or [], items_schema())
    ids = read[ID].to_pylist()
    assert len(ids) == len(set(ids)) == items.count()
    assert read[NUMBER].to_pylist() == list(range(len(ids)))
    wanted = [f"{n}-{k}-{i}" for n in said for k in range(3) for i in range(50)]
    found = items.find(wanted)
    assert (found >= 0).all()
    assert items.take(found, [ID])[ID].to_pylist() == wanted
    assert all(items.take(found)[NUMBER].to_numpy() == found)


def items_schema():
    return pa.schema([(NUMBER, pa.int64()), (ID, pa.string()), (HASH, pa.string())])


def check_votes(layout, said):
    log = LanceVotes(layout.votes)
    ids = log.scan(columns=["id"])["id"].to_pylist()
    assert len(ids) == len(set(ids))
    names = [source.name for source in log.sources()]
    assert len(names) == len(set(names))
    numbers = [names.index(f"source {n}") for n in said]
    assert asked(log, numbers, 100).all()
    # One commit holds all of a source's rows or none.
    assert all(row.all() or not row.any() for row in asked(log, range(len(names)), 100))


def check_journal(layout, said):
    ids = [vote.id for vote in JournalDesk(layout.desk / "journal.jsonl").drain()]
    assert len(ids) == len(set(ids))
    assert set(said) <= set(ids)


def check_objects(layout, said):
    objects = Objects(layout.objects)
    for digest in said:
        assert len(list(objects.folder(digest).iterdir())) == 9


CHECK = {
    "items": check_items,
    "votes": check_votes,
    "journal": check_journal,
    "objects": check_objects,
}


def kill_often(layout, what, times, seed):
    rng, said = random.Random(seed), []
    for turn in range(times):
        delay_s = rng.uniform(0.0, 0.4)
        said += killed_while_adding(layout, what, 1_000 * turn, delay_s)
        CHECK[what](layout, said)
    assert said


@pytest.mark.parametrize(
    ("what", "times"), [("items", 2), ("votes", 2), ("journal", 2), ("objects", 2)]
)
def test_what_was_acknowledged_survives_kills(layout, what, times):
    kill_often(layout, what, times, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("what", sorted(ADD))
def test_what_was_acknowledged_survives_many_kills(layout, what):
    kill_often(layout, what, 25, seed=2)


def test_two_processes_that_vote_at_once_lose_nothing(layout):
    once = (START + ADD["votes"]).replace("while True", "while n < first + 8")
    shared = once.replace('f"source {n}")]', 'f"source {n}"), Source("shared")]')
    processes = [
        subprocess.Popen([sys.executable, "-c", shared, str(layout.project), first])
        for first in ("0", "1000")
    ]
    assert [process.wait() for process in processes] == [0, 0]
    check_votes(layout, [*range(8), *range(1000, 1008)])
    log = LanceVotes(layout.votes)
    assert log.count() == 1_600
    names = {source.name for source in log.sources()}
    assert len(log.sources()) == len(names) == 17
    assert log.sources()[log.register([Source("shared")])[0]] == Source("shared")
    # A row's source is the one that wrote it, whoever registered first.
    for row in log.scan(columns=["source", "answer"]).to_pylist():
        assert log.sources()[row["source"]].name == f"source {row['answer']}"
