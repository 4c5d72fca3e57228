"""Gold is known by what it is, and read once."""

import json
from dataclasses import replace

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.labelmodels import MajorityVote
from labelwright.pipeline.label.reduce_votes import answers_of, gold_votes, units_of
from labelwright.tasks import kind_of
from labelwright.testing import tasks as laws
from pipeline.making import rows, write_csv

TASK = Task("boxes", ("car", "dog"))
TRUE, NEAR = [("car", 0, 0, 20, 20)], [("car", 1, 1, 22, 22)]


def box_of(sources, *drawn):
    """The one box that sources of so many kinds draw together."""
    ballots = [[boxes] for boxes in drawn]
    votes = laws.votes_of(kind_of(TASK), TASK, ballots)
    units = units_of(replace(votes, sources=tuple(sources)), TASK)
    model = MajorityVote()
    fit = model.fit(units.matrix)
    unsure = replace(fit, accuracy=np.full(len(sources), 0.8))
    answer = answers_of(units, model.posterior(fit, units.matrix), unsure, TASK).answer[0].as_py()
    return json.loads(answer)[0]["box"]


@pytest.mark.parametrize("place", [0, 1])
def test_a_box_of_gold_stands_where_it_was_put_however_good_the_model_takes_it_to_be(place):
    sources = [Source("ann", SourceKind.PERSON), Source("bob", SourceKind.PERSON)]
    sources[place] = Source("gold", SourceKind.GOLD)
    drawn = [NEAR, NEAR]
    drawn[place] = TRUE
    assert box_of(sources, *drawn) == [0, 0, 20, 20]


def test_a_person_who_is_taken_at_their_word_draws_as_people_do():
    sources = [
        Source("ann", SourceKind.PERSON, accuracy=1.0),
        Source("bob", SourceKind.PERSON, accuracy=1.0),
    ]
    assert box_of(sources, TRUE, NEAR) == [0.5, 0.5, 21, 21]


def test_gold_is_read_once_for_a_state_of_the_log(tmp_path):
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    path = write_csv(tmp_path / "items.csv", rows(20))
    project.import_items(path, id="key", text="text", gold="truth", fields=("text",))
    workspace = project.workspace
    assert workspace.gold() is workspace.gold()
    assert len(gold_votes(workspace).item) == 20
    project.import_items(
        write_csv(tmp_path / "more.csv", rows(5, start=20)),
        id="key", text="text", gold="truth", fields=("text",),
    )  # fmt: skip
    assert len(gold_votes(workspace).item) == 25
    workspace.set_aside.add("no use", [0], who="me", when="now")
    assert len(gold_votes(workspace).item) == 24
