"""Disks that are full or read-only, met by whole commands."""

import os
import subprocess

import pytest

from end_to_end.making import edit, messages, ok, told, write_csv, wrong
from small_disk import small_disk_at

OPTIONS = ["--text", "body", "--id", "key"]


@pytest.fixture
def small_disk(tmp_path):
    with small_disk_at(tmp_path / "disk", 4) as folder:
        yield folder


@pytest.fixture
def project(lw, small_disk, tmp_path):
    folder = small_disk / "p"
    ok(lw("init", folder, "--classes", "spam,ham"))
    first = write_csv(tmp_path / "first.csv", messages(40))
    ok(lw("import", folder, first, *OPTIONS))
    edit(folder)
    ok(lw("vote", folder))
    return folder


def fill(disk, leave=0):
    """A file that takes all the room but so many bytes."""
    room = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        file.write(b"x" * max(0, room.f_bavail * room.f_frsize - leave))


def big(path, count=4_000):
    """Rows that need more than the disk has; random, so that they hardly compress."""
    rows = [{"key": f"b{n}", "body": os.urandom(1_500).hex()} for n in range(count)]
    return write_csv(path, rows)


def test_an_import_that_fills_the_disk_is_refused_as_a_whole(lw, project, tmp_path):
    wrong(lw("import", project, big(tmp_path / "big.csv"), *OPTIONS), "the disk is full")
    assert told(lw("status", project, "--json"))["items"] == 40
    few = write_csv(tmp_path / "few.csv", [{"key": "x", "body": "hello there"}])
    assert told(lw("import", project, few, *OPTIONS, "--json"))["items"]["added"] == 1
    assert told(lw("label", project, "--json"))["items"] == 41


def test_no_step_loses_anything_on_a_full_disk(lw, project, small_disk, tmp_path):
    before = told(lw("label", project, "--json"))
    fill(small_disk)
    (tmp_path / "new.csv").write_text("key,body\nx,hello\n")
    for command in (["round"], ["train"], ["import", tmp_path / "new.csv", *OPTIONS]):
        name, *rest = command
        wrong(lw(name, project, *rest), "full")
    wrong(lw("export", project, "--to", small_disk / "train.csv"))
    assert not list(small_disk.glob("*train*"))
    (small_disk / "filler").unlink()
    assert told(lw("label", project, "--json"))["run"] == before["run"]
    assert told(lw("status", project, "--json"))["items"] == 40
    ok(lw("round", project))
    ok(lw("export", project, "--to", small_disk / "train.csv"))


def test_a_read_only_project_can_be_looked_at_and_says_so_otherwise(
    lw, project, small_disk, tmp_path
):
    (tmp_path / "new.csv").write_text("key,body\nx,hello\n")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    try:
        assert told(lw("status", project, "--json"))["items"] == 40
        ok(lw("version", "log", "-p", project))
        for command in (["vote"], ["round"], ["import", tmp_path / "new.csv", *OPTIONS]):
            name, *rest = command
            wrong(lw(name, project, *rest), "read-only")
        wrong(lw("init", small_disk / "other", "--classes", "a,b"))
        wrong(lw("export", project, "--to", small_disk / "train.csv"))
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    ok(lw("round", project))
