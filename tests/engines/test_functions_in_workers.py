"""Labeling functions of a `sources.py` in the workers of the local engine, all the way."""

import pyarrow as pa
import pytest

from labelwright.core.errors import SourceError
from labelwright.core.items import ID
from labelwright.core.task import Task
from labelwright.engines import LocalEngine
from labelwright.engines.ballots import joined
from labelwright.sources import function_voter, function_voters, rule_voters
from labelwright.testing.engines import batches_of, check_engine

TASK = Task("classification", ("spam", "ham"))
BODIES = ["free", None, "a" * 40 + "b", "Ünïcode 💶", "", "lunch", "free", "x"]
TABLE = pa.table({ID: [str(n) for n in range(8)], "body": BODIES})
FILE = """
import os, re, time
import labelwright.sources as lw
import nearby_words
print("loading")

@lw.source
def free(x):
    return "spam" if nearby_words.FREE in x.body else ("ham", 0.25)

@lw.source(batch=True)
def batchwise(items):
    return items["body"].str.contains("u").replace_strict({True: 1, False: None}, default=None)

@lw.source
def odd(x):
    print("looking at", x.body)
    return input() if x.id == "5" else "eggs" if x.id == "6" else None
"""
HANGING = """
import re
import labelwright.sources as lw

@lw.source
def hangs(x):
    try:
        return 0 if re.search(r"(a+)+$", x.body or "") else None
    except Exception:
        return 1

@lw.source
def fine(x):
    return 0
"""


@pytest.fixture
def voters(tmp_path):
    def load(text):
        (tmp_path / "nearby_words.py").write_text("FREE = 'free'\n")
        (tmp_path / "sources.py").write_text(text)
        return function_voters(tmp_path / "sources.py", TASK)

    return load


@pytest.mark.parametrize("processes", [1, 2])
def test_functions_and_rules_vote_as_they_do_alone(voters, capfd, processes):
    rules = rule_voters(
        [
            {"name": "keyword", "vote": "spam", "when": {"keywords": ["free"]}},
            {"name": "slow", "vote": "ham", "when": {"regex": "(?<!x)u"}},
        ],
        TASK,
        text="body",
    )
    session = function_voter(lambda x: 1 if x.body == "x" else None, TASK, name="session")
    team = [*voters(FILE), *rules, session]
    assert [voter.isolated for voter in team] == [True, True, True, False, True, False]
    check_engine(LocalEngine(processes), team, TABLE)
    assert capfd.readouterr().out == ""


def test_a_catastrophic_pattern_fails_its_item_alone(voters):
    (_, (hangs, fine)), *_ = LocalEngine(1, 0.5).run(voters(HANGING), TABLE.to_batches())
    assert list(hangs.failures) == [2]
    assert "too long" in hangs.failures[2]
    assert hangs.asked is None
    assert fine.answer.to_pylist() == ["spam"] * 8


def test_what_is_printed_comes_back_with_the_ballot(voters):
    odd = voters(FILE)[2]
    ballot = joined([b for _, (b,) in LocalEngine(1).run([odd], batches_of(TABLE, 8))])
    assert ballot.printed.startswith("looking at free\nlooking at None\n")
    assert sorted(ballot.failures) == [5, 6]


def test_a_file_that_is_edited_while_it_runs_is_noticed(voters):
    before = voters(FILE)
    voters(FILE.replace("0.25", "0.75"))
    with pytest.raises(SourceError, match=r"sources\.py was edited while"):
        list(LocalEngine(1).run(before, TABLE.to_batches()))
