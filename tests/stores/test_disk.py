"""Disks that are full, and folders that cannot be written to."""

import os
import subprocess
from contextlib import contextmanager

import pyarrow as pa
import pytest

from labelwright.core.errors import StorageError
from labelwright.core.items import HASH, ID
from labelwright.core.record import Run
from labelwright.core.source import Source
from labelwright.core.votes import VOTE_SCHEMA, Vote
from labelwright.stores import (
    JournalDesk,
    LanceItems,
    LanceVotes,
    Layout,
    Objects,
    Reject,
    Rejects,
    Runs,
    storage_errors,
    write_atomic,
    writing,
)
from small_disk import small_disk_at


@pytest.fixture
def small_disk(tmp_path):
    with small_disk_at(tmp_path / "disk", 1) as folder:
        yield folder


@pytest.fixture
def layout(small_disk):
    layout = Layout(small_disk)
    layout.create("0.1")
    fill(layout)
    return layout


def batch(*ids, size=10):
    # Random, so that it does not compress.
    texts = [os.urandom(size).hex() for _ in ids]
    return pa.record_batch({ID: list(ids), HASH: list(ids), "text": texts})


def rows(*ids, size=10):
    made = [
        {
            "item": 0,
            "source": 0,
            "state": 0,
            "answer": os.urandom(size).hex(),
            "round": 0,
            "id": id_,
        }
        for id_ in ids
    ]
    return pa.Table.from_pylist(made, schema=VOTE_SCHEMA)


def fill(layout):
    """Something of everything, with the id "first"."""
    LanceItems(layout.items).append([batch("first")])
    log = LanceVotes(layout.votes)
    log.register([Source("first")])
    log.append(rows("first"))
    JournalDesk(layout.desk / "journal").answer(Vote("i", "ann", "x", id="first"))
    Rejects(layout.rejects).add([Reject("f", "first", 1, "bad")])
    Runs(layout.runs).record(Run("first", {}, {}))
    Objects(layout.objects).put_bytes(b"first")


def check_still_there(layout):
    assert LanceItems(layout.items).find(["first"]).tolist() == [0]
    log = LanceVotes(layout.votes)
    assert [source.name for source in log.sources()] == ["first"]
    assert log.scan()["id"].to_pylist() == ["first"]
    assert [vote.id for vote in JournalDesk(layout.desk / "journal").drain()] == ["first"]
    assert [reject.file for reject in Rejects(layout.rejects).list()] == ["f"]
    assert [run.step for run in Runs(layout.runs).list()] == ["first"]


def large_writes(layout):
    """Work that needs more than a megabyte."""
    many = [str(i) for i in range(2_000)]
    big = "x" * 2_000_000

    def source():
        LanceVotes(layout.votes).register([Source("big", description=big)])

    return {
        "items": lambda: LanceItems(layout.items).append([batch(*many, size=1_000)]),
        "votes": lambda: LanceVotes(layout.votes).append(rows(*many, size=1_000)),
        "sources": source,
        "journal": lambda: JournalDesk(layout.desk / "journal").answer(Vote("i", "a", big, id="2")),
        "rejects": lambda: Rejects(layout.rejects).add(
            [Reject("f", "h", line, "x" * 500) for line in range(5_000)]
        ),
        "runs": lambda: Runs(layout.runs).record(Run("big", {}, {"text": big})),
        "objects": lambda: Objects(layout.objects).put_bytes(os.urandom(2_000_000)),
        "table": lambda: Objects(layout.objects).put_table(pa.table({"t": [big]})),
        "folder": lambda: Objects(layout.objects).put_folder(
            lambda folder: (folder / "w").write_text(big)
        ),
        "file": lambda: write_atomic(layout.root / "big", os.urandom(2_000_000)),
    }


def small_writes(layout):
    """Work that any disk has room for."""
    return {
        "items": lambda: LanceItems(layout.items).append([batch("more")]),
        "new items": lambda: LanceItems(layout.root / "new.lance").append([batch("more")]),
        "votes": lambda: LanceVotes(layout.votes).append(rows("more")),
        "sources": lambda: LanceVotes(layout.votes).register([Source("more")]),
        "journal": lambda: JournalDesk(layout.desk / "journal").answer(Vote("i", "a", "y", id="2")),
        "rejects": lambda: Rejects(layout.rejects).add([Reject("f", "h", 2, "bad")]),
        "runs": lambda: Runs(layout.runs).record(Run("more", {}, {})),
        "objects": lambda: Objects(layout.objects).put_bytes(b"more"),
        "project": lambda: Layout(layout.root / "inner").create("0.1"),
        "lock": lambda: enter(writing(layout.root)),
    }


@contextmanager
def read_only(folder):
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


def enter(context):
    with context:
        pass


def test_a_full_disk_is_said_and_nothing_is_lost(layout):
    for name, write in large_writes(layout).items():
        with pytest.raises(StorageError, match="the disk is full, or a quota"):
            write()
        check_still_there(layout)
        left = [path for path in layout.root.rglob("*") if ".new-" in path.name]
        assert not left, name
    for write in small_writes(layout).values():
        write()


def test_a_read_only_folder_is_said_and_can_be_read(layout):
    with read_only(layout.project):
        for write in small_writes(layout).values():
            with pytest.raises(StorageError, match="no permission, or the folder is read-only"):
                write()
            check_still_there(layout)


def test_a_full_disk_in_the_middle_of_a_new_field_leaves_the_fields_as_they_were(layout):
    items = LanceItems(layout.items)
    before = items.schema()

    def batches():
        yield batch("a").append_column("new", pa.array([1]))
        yield batch(*map(str, range(2_000)), size=1_000).append_column(
            "newest", pa.array([0.5] * 2_000)
        )

    with pytest.raises(StorageError, match="the disk is full"):
        items.append(batches())
    assert LanceItems(layout.items).schema() == before
    check_still_there(layout)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(StorageError, match="a file is missing"), storage_errors("read", tmp_path):
        (tmp_path / "nothing").read_bytes()


def test_an_exception_that_is_no_matter_of_disks_passes():
    with pytest.raises(KeyError), storage_errors("read", None):
        raise KeyError("mine")


def test_a_panic_of_lance_is_a_storage_error(tmp_path):
    # The class that Rust code raises; it is no Exception and cannot be imported.
    panic = type("PanicException", (BaseException,), {})
    with pytest.raises(StorageError, match="index out of bounds"), storage_errors("read", tmp_path):
        raise panic("index out of bounds")
    with pytest.raises(KeyboardInterrupt), storage_errors("read", tmp_path):
        raise KeyboardInterrupt
