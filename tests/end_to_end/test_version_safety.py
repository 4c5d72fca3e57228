"""Processes that are really killed while they save, push, pull, restore and clean up versions."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import labelwright as lw
from labelwright.core.errors import StorageError
from labelwright.pipeline.versions.push_pull import clone
from labelwright.stores import get_column
from pipeline.making import make
from small_disk import small_disk_at

WORKER = Path(__file__).parent / "version_worker.py"


class Worker:
    """A process whose children do the steps."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def begin(self, step, folder, other, number):
        self.process.stdin.write(json.dumps([step, str(folder), str(other), number]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def ended(self):
        """How the child ended: 0 well, 9 killed."""
        return int(self.process.stdout.readline())

    def close(self):
        self.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def worker():
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A project with two versions, a place that it was pushed to, and a colleague's project."""
    folder = tmp_path_factory.mktemp("template")
    project = make(folder, 30)
    project.vote()
    project.history.save("base")
    project.history.tag("base")
    project.history.push(folder / "depot")
    clone(str(folder / "depot"), folder / "colleague")
    colleague = lw.open(folder / "colleague")
    colleague.answer("m1", "ham", person="bob")
    colleague.history.save("bob's")
    project.answer("m2", "spam", person="anna")
    project.history.save("tip")
    project.history.tag("tip")
    return folder


def kill(worker, rng, step, folder, other, number, longest):
    """Kills the step at a random moment; gives whether it was done before."""
    child = worker.begin(step, folder, other, number)
    time.sleep(rng.uniform(0, longest))
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return worker.ended() == 0


def whole(project, versions):
    """Every version that there was is there, opens, and nothing is damaged."""
    opened = lw.open(project)
    assert opened.history.verify().damage == ()
    there = {version.id: version for version in opened.versions()}
    assert versions <= there.keys()
    for id_ in versions:
        get_column(opened.workspace.objects, there[id_].labels["column"])
    return set(there)


# What each step works on: the project itself or the colleague's, and the other folder it is given.
STEPS = {
    "save": ("reviews", "."),
    "tag": ("reviews", "."),
    "push": ("reviews", "depot"),
    "pull": ("colleague", "reviews"),
    "clone": ("reviews", "."),
    "fetch": ("reviews", "depot"),
    "restore": ("reviews", "."),
    "clean": ("reviews", "."),
    "checkout": ("reviews", "."),
}


def kill_often(worker, template, tmp_path, step, times, seed):
    rng = random.Random(seed)
    where, other = STEPS[step]
    # How long it takes when nobody kills it.
    trial = shutil.copytree(template, tmp_path / "trial")
    began = time.monotonic()
    worker.begin(step, trial / where, trial / other, 0)
    assert worker.ended() == 0
    longest = time.monotonic() - began
    root = shutil.copytree(template, tmp_path / "root")
    versions = whole(root / where, set())
    for number in range(times):
        if step in ("pull", "push"):
            # The same work again, on what the killed ones left.
            done = kill(worker, rng, step, root / where, root / other, number, longest)
            if done:
                root = shutil.copytree(template, tmp_path / f"root {number}")
                versions = whole(root / where, set())
                continue
        else:
            kill(worker, rng, step, root / where, root / other, number, longest)
        versions = whole(root / where, versions)
        if (root / "depot").exists() and step == "push":
            clone(str(root / "depot"), root / f"copy {number}")
            whole(root / f"copy {number}", set())
    worker.begin(step, root / where, root / other, 1_000)
    assert worker.ended() == 0, "what was killed can be done again"
    whole(root / where, versions)
    assert lw.open(root / where).history.verify(recompute=True).damage == ()


@pytest.mark.parametrize("step", sorted(STEPS))
def test_versions_survive_kills(worker, template, tmp_path, step):
    kill_often(worker, template, tmp_path, step, 2, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("step", sorted(STEPS))
def test_versions_survive_many_kills(worker, template, tmp_path, step):
    kill_often(worker, template, tmp_path, step, 15, seed=2)


def test_two_who_save_at_once_both_succeed(template, tmp_path):
    root = shutil.copytree(template, tmp_path / "root")
    workers = [Worker(), Worker()]
    try:
        for turn in range(2):
            for number, one in enumerate(workers):
                one.begin("save", root / "reviews", ".", 10 * turn + number)
            assert [one.ended() for one in workers] == [0, 0]
    finally:
        for one in workers:
            one.close()
    project = lw.open(root / "reviews")
    whole(root / "reviews", set())
    answers = project.status().votes["person"]
    assert project.history.save().cost["votes_person"] == answers == 5


@pytest.fixture
def small_disk(tmp_path):
    with small_disk_at(tmp_path / "disk", 3) as folder:
        yield folder


@pytest.mark.parametrize("left", [0, 4_096, 20_000])
def test_a_full_disk_costs_no_version(template, tmp_path, small_disk, left):
    project = shutil.copytree(template / "reviews", small_disk / "reviews")
    versions = whole(project, set())
    lw.open(project).answer("m5", "ham", person="anna")
    room = os.statvfs(small_disk)
    (small_disk / "filler").write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - left))
    for step in (
        lambda p: p.history.save("no room"),
        lambda p: p.history.push(small_disk / "depot"),
        lambda p: clone(str(project), small_disk / "copy"),
        lambda p: p.history.restore("base"),
    ):
        # With a little room left, one of them may just fit.
        with contextlib.suppress(StorageError):
            step(lw.open(project))
    assert not (small_disk / "copy").exists() or whole(small_disk / "copy", set())
    whole(project, versions)
    (small_disk / "filler").unlink()
    opened = lw.open(project)
    opened.history.save("room again")
    assert opened.history.verify(recompute=True).damage == ()
