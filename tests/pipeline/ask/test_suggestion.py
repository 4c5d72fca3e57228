"""What is suggested is what the label says, and what an explanation explains."""

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.task import Task
from labelwright.pipeline.ask.suggestion import suggestion
from labelwright.pipeline.live.explain_live import why
from labelwright.pipeline.live.snapshot import take_snapshot
from pipeline.making import make, rows, write_csv


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """A project after a round: votes and content together make its labels."""
    folder = tmp_path_factory.mktemp("suggested")
    project = make(folder, count=0)
    table = [row | {"truth": row["truth"] if n % 5 == 0 else ""} for n, row in enumerate(rows(120))]
    path = write_csv(folder / "data.csv", table)
    project.import_items(path, id="key", text="text", gold="truth", fields=("text",))
    project.round()
    return take_snapshot(lw.open(project.folder).workspace)


def following(snapshot):
    """What an end model says that moved towards the last class, most on every third item."""
    moved = snapshot.trained.prediction.astype(np.float32).copy()
    moved[::3, -1] *= 30
    moved[:, -1] *= 2
    return moved / moved.sum(axis=1, keepdims=True)


def test_the_terminal_suggests_the_label_of_votes_and_content_as_it_is_explained(snapshot):
    assert snapshot.labels.joint is not None
    project = lw.open(snapshot.workspace.folder)
    questions = project.next(12, person="ann")
    assert questions
    for question in questions:
        told = project.explain(question.item)
        if question.random:
            assert question.suggestion is None
            continue
        assert question.suggestion == told.answer
        assert question.confidence == pytest.approx(told.confidence, abs=1e-9)


@pytest.mark.parametrize("moves", [False, True])
def test_the_app_suggests_what_its_why_explains_also_while_the_model_follows(snapshot, moves):
    moved = following(snapshot) if moves else None
    changed = 0
    for number in range(snapshot.items):
        guess, story = snapshot.guess(number, moved), why(snapshot, number, moved)
        assert guess.answer == story.answer
        assert guess.confidence == pytest.approx(story.confidence, abs=1e-6)
        changed += guess.answer != snapshot.guess(number).answer
    assert (changed > 0) == moves


def test_gold_is_suggested_whatever_the_model_says_since(snapshot):
    known = np.flatnonzero(snapshot.labels.joint.settled)
    assert len(known)
    for number in known[:10].tolist():
        assert snapshot.guess(number, following(snapshot)) == snapshot.guess(number)


def test_without_a_label_the_end_model_s_word_is_suggested_and_else_nothing(tmp_path):
    project = make(tmp_path, 40)
    project.vote()
    project.label()
    there = take_snapshot(lw.open(project.folder).workspace)
    voted = there.labels.posterior.covered
    (silent, *_) = np.flatnonzero(~voted)
    (spoken, *_) = np.flatnonzero(voted)
    assert suggestion(None, None, 0, Task("classification", ("a", "b"))) is None
    assert there.guess(int(silent)) is None
    moved = np.tile(np.float32([0.2, 0.8]), (40, 1))
    found = there.guess(int(silent), moved)
    assert (found.answer, found.by) == ("ham", "end model")
    assert found.confidence == pytest.approx(0.8)
    # Votes explain themselves: the model's word would be another number than their why.
    assert there.guess(int(spoken), moved) == there.guess(int(spoken))
    assert there.guess(int(spoken)).by == "label model"


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """A project of sets of classes after a round."""
    folder = tmp_path_factory.mktemp("sets")
    project = lw.init(folder / "tags", classes=["free", "long", "dull"], kind="multilabel")
    (project.folder / "sources.py").write_text(
        "import labelwright as lw\n\n@lw.source\ndef free(x):\n"
        '    return {"free": "free" in x.text}\n\n@lw.source\ndef long(x):\n'
        '    return ["long"] if "evening" in x.text else ["dull"]\n'
    )
    project = lw.open(project.folder)
    path = write_csv(folder / "data.csv", rows(90))
    project.import_items(path, id="key", text="text", fields=("text",))
    project.round()
    return take_snapshot(lw.open(project.folder).workspace)


def test_sets_of_classes_follow_the_model_as_their_why_does(sets):
    moved = following(sets)
    changed = 0
    for number in range(0, sets.items, 3):
        guess, story = sets.guess(number, moved), why(sets, number, moved)
        assert guess.answer == list(sets.read(story.answer))
        assert guess.confidence == pytest.approx(story.confidence, abs=1e-6)
        before, told = sets.guess(number), why(sets, number)
        assert before.confidence == pytest.approx(told.confidence, abs=1e-6)
        changed += guess != before
    assert changed
