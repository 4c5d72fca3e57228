"""Projects of every kind in two stages, made once and copied, and what a test is handed of one."""

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import labelwright
from end_to_end.every_kind.falls_short import FAILURES, FALLS_SHORT
from end_to_end.every_kind.kinds import (
    BROUGHT,
    ITEMS,
    Kind,
    owner_writes,
    votes_of_people,
    write_items,
)
from end_to_end.making import ok, told, write_csv, wrong
from installing import install, tests_folder
from labelwright.core.errors import LabelwrightError

GOLD = "gold"
NOTHING = {"empty": "none"}
"""An empty list in a file says that there is nothing here."""
VOTED, ROUND = "voted", "round"
"""A project where everybody has voted; one that went through a round, with one version."""


@dataclass
class Case:
    """A project of one kind in the hands of a test.

    Attributes:
        kind: of its task.
        gold: whether truth is known of some items.
        folder: of the project.
        tmp: where the test may write.
        lw: the command line.
        office: the state of a server of it, where a route is tested.
        client: who asks that server, an owner.
    """

    kind: Kind
    gold: bool
    folder: Path
    tmp: Path
    lw: Any
    office: Any = None
    client: Any = None

    @cached_property
    def project(self):
        """It, opened."""
        return labelwright.open(self.folder)

    def ok(self, *arguments):
        """What a command prints that goes well."""
        return ok(self.lw(*arguments)).out

    def told(self, *arguments):
        """What a command with --json says."""
        return told(self.lw(*arguments, "--json"))

    def exits(self, codes, *arguments):
        """What a command prints that ends with one of these codes and without an error."""
        done = self.lw(*arguments)
        assert done.code in codes, (done.code, done.err)
        assert "error:" not in done.err
        return done.out

    def refused(self, words, *arguments):
        """The message of a command that is refused; it holds these words."""
        return wrong(self.lw(*arguments), *words)

    def asked(self, method, path, given=None, status=200):
        """What a route answers that goes well."""
        answer = self.client.request(method, f"/api/v1{path}", json=given)
        assert answer.status_code == status, (answer.status_code, answer.text[:2000])
        return answer.json()

    def get(self, path):
        """What can be read there."""
        return self.asked("GET", path)

    def post(self, path, given, status=200):
        """What comes of sending this there."""
        return self.asked("POST", path, given, status)

    def problem(self, method, path, status, given=None):
        """What a route says that refuses."""
        return self.asked(method, path, given, status)["detail"]

    def new_items(self, count=30):
        """A file of further items."""
        rows = [{**row, "key": f"new{n}", "text": f"{row['text']} too", "part": "train"}
                for n, row in enumerate(self.kind.items()[:count])]  # fmt: skip
        return write_items(self.kind, self.tmp / "new.jsonl", gold=self.gold, rows=rows)

    def answered(self, item):
        """The item after somebody gave it the right answer, which is counted."""
        vote = self.project.answer(item, self.kind.truth(item), person="dora", seconds=2)
        assert self.kind.same(vote.answer, self.kind.truth(item))
        return vote


def marks_of(key):
    """What is known of a test by its kind, gold or not, and name: is it slow, does it fall short.

    The half without gold runs where the slow ones do, in `make check`.
    """
    marks = [] if key[1] == GOLD else [pytest.mark.slow]
    if key in FALLS_SHORT:
        short = FALLS_SHORT[key]
        marks.append(pytest.mark.xfail(strict=True, raises=FAILURES, reason=short))
    return marks


@contextlib.contextmanager
def installed_kinds(folder):
    """The package that brings the tiny kinds is installed, for child processes too."""
    install(folder, BROUGHT, "tiny-kinds")
    places = [str(folder), str(tests_folder())]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*places, *sys.path])
        known = [*places, os.environ.get("PYTHONPATH", "")]
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, known)))
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.sqlite")
        yield


class Stages:
    """Makes each stage of each project once, and remembers why it could not."""

    def __init__(self, folder):
        self.folder = folder
        self.made = {}

    def of(self, kind, gold, stage):
        """The folder of the project at this stage; raises again what making it raised."""
        key = (kind.name, gold, stage)
        if key not in self.made:
            folder = self.folder / f"{len(self.made)}" / "project"
            self.made[key] = folder
            try:
                MAKE[stage](self, kind, gold, folder)
            except Exception as error:  # noqa: BLE001 - raised again by every test that needs it
                self.made[key] = error
        made = self.made[key]
        if isinstance(made, Exception):
            raise made.with_traceback(None)
        return made

    def copied(self, folder, to):
        """The project copied into the folder `to`."""
        return shutil.copytree(folder, to / "project")

    def voted(self, kind, gold, folder):
        labelwright.init(folder, classes=kind.classes, kind=kind.name)
        owner_writes(kind, folder)
        project = labelwright.open(folder)
        data = write_items(kind, folder.parent / "items.jsonl", gold=gold)
        known = {"gold": "truth", **NOTHING} if gold else {}
        report = project.import_items(data, id="key", text="text", split="part", **known)
        assert (report.added, report.set_aside) == (ITEMS, 0)
        votes = votes_of_people(kind)
        taken = project.import_votes(write_csv(folder.parent / "votes.csv", votes), **NOTHING)
        assert (taken.added, taken.set_aside) == (len(votes), 0)
        done = project.vote()
        assert all(tally.failures == 0 for tally in done.sources)

    def rounded(self, kind, gold, folder):
        shutil.copytree(self.of(kind, gold, VOTED), folder)
        assert labelwright.open(folder).round(note="the first").version.note == "the first"


MAKE = {VOTED: Stages.voted, ROUND: Stages.rounded}


@dataclass(frozen=True)
class Entry:
    """A line of a table: how something is called, at which stage, and whether it only reads."""

    call: Any
    stage: str
    reads: bool


class Table(dict):
    """What is called by name; functions are put into it with `line`."""

    def line(self, name, stage=VOTED, *, reads=False):
        """Decorates the function that calls `name` and looks at what comes out."""

        def keep(call):
            assert name not in self, name
            self[name] = Entry(call, stage, reads)
            return call

        return keep

    def check(self, there, what):
        """Returns if exactly the things that there are have a line."""
        there = {*there}
        new, gone = sorted(there - {*self}), sorted({*self} - there)
        assert not new, "; ".join(f"new {what} {name} has no line in the table" for name in new)
        assert not gone, "; ".join(f"{what} {name} is gone, its line is not" for name in gone)


@contextlib.contextmanager
def refuses(error, *words):
    """What is inside raises this error and says these words."""
    assert issubclass(error, LabelwrightError)
    with pytest.raises(error) as caught:
        yield
    for word in words:
        assert word in str(caught.value), (word, str(caught.value))
