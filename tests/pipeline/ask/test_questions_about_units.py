"""Questions where an item has several units: classes that belong, boxes, tokens."""

import json

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import NothingToDoError
from labelwright.pipeline.ask.next_questions import labels_or_guesses
from labelwright.pipeline.ask.pick_questions import answers_wanted, believed, make_pool
from labelwright.pipeline.plan.simulate import SimulationPlan
from labelwright.tasks import KINDS
from making_once import made_once
from pipeline.making import with_known_balance, write_csv
from tasks.tiny_kinds import TinyBoxes, TinySpans

ITEMS = 40

BOXES = """
import re
import labelwright as lw

def found(text, of):
    return [[name, int(x), 0, int(x) + 20, 20] for name, x in re.findall(r"(car|dog)@(\\d+)", text)
            if name in of]

@lw.source
def all_there(x):
    return found(x.text, ("car", "dog")) if "clear" in x.text else None

@lw.source
def cars(x):
    return found(x.text, ("car",)) or None

@lw.source
def clumsy(x):
    return [["dog", *box[1:]] for box in found(x.text, ("car", "dog"))] or None
"""

SPANS = """
import labelwright as lw

def found(text, of):
    words = text.split()
    return [[word, at, at + 1] for at, word in enumerate(words) if word in of]

@lw.source
def all_there(x):
    return found(x.text, ("car", "dog")) if "clear" in x.text else None

@lw.source
def cars(x):
    return found(x.text, ("car",)) or None

@lw.source
def clumsy(x):
    return [["dog", *at] for _, *at in found(x.text, ("car", "dog"))] or None
"""

TOPICS = """
import labelwright as lw

@lw.source
def all_there(x):
    return [name for name in ("car", "dog") if name in x.text] if "clear" in x.text else None

@lw.source
def cars(x):
    return {"car": True} if "car" in x.text else None

@lw.source
def clumsy(x):
    return {"dog": True} if "car" in x.text or "dog" in x.text else None
"""


def drawn(kind, number):
    """A truth, and a text from which it can be told, of 0 to 2 things."""
    things = [name for name, odd in (("car", number % 2), ("dog", number // 2 % 2)) if odd]
    clear = "clear" if number % 3 else "misty"
    if kind == "tiny_boxes":
        told = " ".join(f"{name}@{40 * at}" for at, name in enumerate(things))
        truth = [[name, 40 * at, 0, 40 * at + 20, 20] for at, name in enumerate(things)]
        # Nobody but gold sees this one.
        truth += [["car", 200, 0, 220, 20]] if number % 5 == 0 else []
        return truth, f"{clear} {told} n{number}"
    if kind == "tiny_spans":
        words = [clear, *things, f"n{number}"]
        truth = [[word, at, at + 1] for at, word in enumerate(words) if word in things]
        return truth, " ".join(words)
    return things, f"{clear} {' '.join(things)} n{number}"


KIND_NAMES = {"multilabel": TOPICS, "tiny_boxes": BOXES, "tiny_spans": SPANS}


@pytest.fixture(params=KIND_NAMES)
def kind(request, monkeypatch):
    """A kind whose units are not items; the tiny ones stand in the table while a test runs."""
    monkeypatch.setitem(KINDS, "tiny_boxes", TinyBoxes)
    monkeypatch.setitem(KINDS, "tiny_spans", TinySpans)
    return request.param


@made_once
def make(folder, kind, *, gold=False, split=None, extra=""):
    project = lw.init(folder / "p", classes=["car", "dog"], kind=kind)
    (project.folder / "sources.py").write_text(KIND_NAMES[kind])
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + extra)
    project = lw.open(project.folder)
    table = []
    for number in range(ITEMS):
        truth, text = drawn(kind, number)
        table.append({"key": f"k{number}", "text": text, "truth": json.dumps(truth)})
    project.import_items(
        write_csv(folder / "data.csv", table),
        id="key",
        text="text",
        fields=("text",),
        gold="truth" if gold else None,
        split=split,
        empty="none",
    )
    project.vote()
    return project


def pool_of(project):
    labels = labels_or_guesses(project.workspace)
    rng = np.random.default_rng(0)
    return labels, make_pool(project.workspace, labels, None, None, rng)


def answer(project, question, person):
    truth, _ = drawn(project.workspace.settings.task.kind, int(question.item.removeprefix("k")))
    project.answer(question.item, truth, person=person)


@pytest.mark.parametrize("gold", [True, False])
def test_people_are_asked_about_items_and_told_what_is_in_doubt(tmp_path, kind, gold):
    project = make(tmp_path, kind, gold=gold, split="train=0.5,test=0.5" if gold else None)
    project = with_known_balance(project) if kind == "multilabel" else project
    questions = project.next(6, person="anna")
    if gold:
        assert questions == []
        return
    assert len({question.item for question in questions}) == 6
    assert all("{" not in question.reason for question in questions)
    named = [question.reason.startswith(("car: ", "dog: ")) for question in questions]
    assert any(named) == (kind == "multilabel")
    for question in questions:
        answer(project, question, "anna")
    again = project.next(ITEMS, person="anna")
    assert len(again) == ITEMS - 6
    assert not {question.item for question in again} & {question.item for question in questions}


def test_the_pool_has_all_units_of_its_items_but_those_that_only_gold_names(tmp_path, kind):
    labels, pool = pool_of(make(tmp_path, kind, gold=True, split="train=0.5,test=0.5"))
    alone = labels.units.guests_only
    assert (alone is not None) == (kind != "multilabel")
    alone = np.zeros(len(labels.units.item), bool) if alone is None else alone
    assert len(pool.posterior) == len(labels.units.item) - alone.sum()
    assert pool.unit_item.tolist() == labels.units.item[~alone].tolist()
    assert pool.posterior.tolist() == labels.votes_posterior.probability[~alone].tolist()
    assert len(pool.lesson) == len(pool.covered) == len(pool.disagreement) == len(pool.posterior)
    probability, unit_item = believed(labels)
    assert (len(probability), unit_item.tolist()) == (len(pool.posterior), pool.unit_item.tolist())


def test_of_very_many_items_some_are_candidates_each_with_its_units(tmp_path, kind, monkeypatch):
    project = make(tmp_path, kind)
    everything = pool_of(project)[1]
    monkeypatch.setattr("labelwright.pipeline.ask.pick_questions.POOL_ITEMS", 7)
    some = pool_of(project)[1]
    assert len(some.item) == 7
    for place, item in enumerate(some.item):
        mine = some.posterior[some.unit_item == place]
        assert np.array_equal(mine, everything.posterior[everything.unit_item == item])


def test_an_item_is_asked_about_again_while_any_of_its_units_is_unsure(tmp_path, kind):
    extra = "\n[crowd]\nleast = 1\nmost = 3\nconfidence = 0.97\n"
    project = make(tmp_path, kind, extra=extra)
    for question in project.next(20, person="anna"):
        answer(project, question, "anna")
    labels, _ = pool_of(project)
    wanted = answers_wanted(project.workspace, labels)
    least_sure = labels.units.to_items(labels.posterior.confidence, "least")
    asked = np.unique(labels.votes.item[labels.votes.source == len(labels.votes.sources) - 1])
    assert wanted[asked].tolist() == (least_sure[asked] < 0.97).astype(int).tolist()
    assert wanted[asked].any()
    report = project.crowd.report()
    assert report.answered == 20
    assert report.unsure == report.wanted == wanted[asked].sum()


def test_simulated_people_answer_about_all_units_until_every_item_is_right(tmp_path, kind):
    project = make(tmp_path, kind, gold=True)
    plan = SimulationPlan(("uniform", "value"), targets=(1.0,), noise=(0.0,), seeds=1, batch=10)
    found = project.budget.simulate(plan)
    assert (found.items, found.classes) == (ITEMS, 2)
    assert found.start < 1
    for effort in found.efforts:
        assert effort.reached == 1
        assert effort.answers <= ITEMS
    assert all(course[-1].score == 1 for courses in found.replays.values() for course in courses)


def test_there_is_nothing_to_simulate_where_no_truth_is_known(tmp_path, kind):
    with pytest.raises(NothingToDoError, match="--gold"):
        make(tmp_path, kind).budget.simulate(SimulationPlan())
