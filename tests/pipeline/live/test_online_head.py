"""Between rounds suggestions and questions follow what people answer."""

import json

import numpy as np

import labelwright as lw
from labelwright.core.votes import Vote
from labelwright.pipeline.live.online_head import HeadKeeper
from pipeline.making import CLASSES, make, make_sets, rows_of_sets, write_csv

COLOURS = ("red", "green", "blue")


def project_of(folder, count=120, kind="classification"):
    """Texts about colours that no source knows anything about."""
    project = lw.Project.create(folder / "p", lw.Task(kind, ("warm", "cold")))
    table = [
        {"key": f"k{n}", "text": f"it is {('red', 'blue')[n % 2]} and number {n}"}
        for n in range(count)
    ]
    project.import_items(write_csv(folder / "items.csv", table), id="key", text="text")
    return lw.open(project.folder)


def answers(numbers, who="ann", **more):
    return [
        Vote(f"k{n}", who, ("warm", "cold")[n % 2], id=f"{who}-{n}", schema=0, **more)
        for n in numbers
    ]


def move(keeper, project, waiting, taken=()):
    return keeper.move(project.workspace, waiting, taken, count=5, seed=0)


def test_nothing_is_said_of_too_few_answers(tmp_path):
    keeper = HeadKeeper()
    assert move(keeper, project_of(tmp_path), answers(range(5))) is None


def test_suggestions_follow_answers_that_no_label_knows_yet(tmp_path):
    project, keeper = project_of(tmp_path), HeadKeeper()
    before = sorted(path.name for path in (project.folder / ".labelwright" / "runs").iterdir())
    moved = move(keeper, project, answers(range(30)), taken=[40])
    assert moved.answers == 30
    truth = np.arange(120) % 2
    assert (moved.prediction.argmax(axis=1) == truth).all()
    asked = {one.item for one in moved.questions}
    assert len(asked) == 5
    assert not asked & {*range(30), 40}
    # It writes nothing but where items lie, which picking questions needs in any case.
    after = sorted(path.name for path in (project.folder / ".labelwright" / "runs").iterdir())
    assert len(after) <= len(before) + 1
    turned = [Vote(f"k{n}", "ann", ("cold", "warm")[n % 2], id=f"n{n}") for n in range(60)]
    again = move(keeper, project, [*answers(range(30)), *turned])
    assert (again.prediction.argmax(axis=1) == 1 - truth).all()


def test_answers_of_people_stand_beside_the_labels(tmp_path):
    project, keeper = make(tmp_path), HeadKeeper()
    project.vote()
    project.label()
    moved = move(keeper, lw.open(project.folder), [])
    assert moved.answers == 0
    assert moved.prediction.shape == (60, 2)


def test_what_the_end_model_knows_stays_and_moves_with_the_answers(tmp_path):
    project, keeper = project_of(tmp_path), HeadKeeper()
    for number in range(60):
        project.answer(f"k{number}", ("warm", "cold")[number % 2], person="ann")
    trained = lw.open(project.folder).train()
    project = lw.open(project.folder)
    same = move(keeper, project, [])
    np.testing.assert_allclose(same.prediction, trained.prediction, atol=0.02)
    turned = [Vote(f"k{n}", "bob", "cold", id=f"t{n}") for n in range(60, 100, 2)]
    moved = move(keeper, project, turned)
    red = np.arange(100, 120, 2)
    assert moved.prediction[red, 0].mean() < same.prediction[red, 0].mean()


def test_answers_that_say_less_than_a_class_teach_nothing(tmp_path):
    project, keeper = project_of(tmp_path), HeadKeeper()
    lost = [Vote(f"k{n}", "bob", None, id=f"b{n}") for n in range(30)]
    stray = [Vote("nowhere", "bob", "warm", id="stray")]
    assert move(keeper, project, [*lost, *stray]) is None
    assert move(keeper, project, [*answers(range(25)), *lost, *stray]).answers == 25


def test_tasks_and_models_without_features_have_no_head(tmp_path):
    assert move(HeadKeeper(), project_of(tmp_path / "a", kind="multilabel"), []) is None
    project = project_of(tmp_path / "b")
    file = project.folder / "labelwright.toml"
    file.write_text(file.read_text() + '\n[end_model]\nname = "boosting"\ncolumns = ["text"]\n')
    assert move(HeadKeeper(), lw.open(project.folder), answers(range(30))) is None


def test_suggestions_of_sets_follow_answers_class_by_class(tmp_path):
    project, keeper = make_sets(tmp_path, 120, gold=False, functions=""), HeadKeeper()
    truth = [json.loads(row["truth"]) for row in rows_of_sets(120)]
    told = [Vote(f"m{n}", "ann", json.dumps(truth[n]), id=f"v{n}", schema=0) for n in range(80)]
    moved = move(keeper, project, told, taken=[100])
    assert moved.answers == 80
    assert moved.prediction.shape == (120 * len(CLASSES), 2)
    said = moved.prediction.argmax(axis=1).reshape(120, len(CLASSES)) == 1
    known = np.array([[name in names for name in CLASSES] for names in truth])
    assert np.mean(said == known) > 0.85
    assert not {one.item for one in moved.questions} & {*range(80), 100}


def test_where_no_end_model_learns_the_kind_no_head_moves(tmp_path):
    project = lw.Project.create(tmp_path / "p", lw.Task("boxes", ("car",)))
    table = [{"key": f"k{n}", "text": "seen"} for n in range(30)]
    project.import_items(write_csv(tmp_path / "i.csv", table), id="key", text="text")
    box = json.dumps([{"label": "car", "box": [1, 2, 3, 4]}], separators=(",", ":"))
    told = [Vote(f"k{n}", "ann", box, id=f"v{n}", schema=0) for n in range(30)]
    assert move(HeadKeeper(), lw.open(project.folder), told) is None
