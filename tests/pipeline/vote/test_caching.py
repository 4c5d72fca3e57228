"""Nothing is computed twice, proved by counting calls."""

import re

import labelwright as lw
from pipeline.making import FUNCTIONS, make, rows, voted, write_csv

COUNTING = """
import labelwright as lw
from pathlib import Path

CALLS = Path(__file__).with_name("calls.txt")

def note(name):
    with CALLS.open("a") as file:
        file.write(name + "\\n")

@lw.source
def free(x):
    note("free")
    return "spam" if "free" in x.text else None

@lw.source
def hello(x):
    note("hello")
    return "ham" if "hello" in x.text else None
"""


def calls(project):
    path = project.folder / "calls.txt"
    names = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return {name: names.count(name) for name in set(names)}


def test_a_second_vote_asks_nobody_again(tmp_path):
    project = voted(tmp_path, 30, functions=COUNTING)
    assert calls(project) == {"free": 30, "hello": 30}
    report = project.vote()
    assert calls(project) == {}
    assert report.sources == ()
    assert set(report.cached) == {"free", "hello", "meet"}


def test_editing_one_function_reruns_only_that_one(tmp_path):
    project = voted(tmp_path, 30, functions=COUNTING)
    calls(project)
    code = (project.folder / "sources.py").read_text()
    (project.folder / "sources.py").write_text(code.replace('"free" in', '"cash" in'))
    project.vote()
    assert calls(project) == {"free": 30}


def test_a_comment_or_reordering_reruns_nothing(tmp_path):
    project = voted(tmp_path, 30, functions=COUNTING)
    calls(project)
    code = (project.folder / "sources.py").read_text()
    first, second = re.split(r"(?=@lw.source\ndef hello)", code)
    head, free = re.split(r"(?=@lw.source\ndef free)", first)
    (project.folder / "sources.py").write_text(f"{head}# said otherwise\n{second}\n\n{free}")
    project.vote()
    assert calls(project) == {}


def test_adding_items_asks_only_about_them(tmp_path):
    project = voted(tmp_path, 30, functions=COUNTING)
    calls(project)
    more = write_csv(tmp_path / "more.csv", rows(5, start=30))
    project.import_items(more, id="key", text="text", fields=("text",))
    project.vote()
    assert calls(project) == {"free": 5, "hello": 5}


def test_editing_a_rule_reruns_only_that_rule(tmp_path):
    project = voted(tmp_path, 30, functions=COUNTING)
    calls(project)
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text().replace('"dinner"]', '"dinner", "tomorrow"]'))
    report = lw.open(project.folder).vote()
    assert calls(project) == {}
    assert [tally.name for tally in report.sources] == ["meet"]


def test_going_back_to_an_old_function_finds_its_old_votes(tmp_path):
    project = voted(tmp_path, 30, functions=COUNTING)
    before = project.label().posterior.probability
    code = (project.folder / "sources.py").read_text()
    (project.folder / "sources.py").write_text(code.replace('"free" in', '"cash" in'))
    project.vote()
    assert project.label().fit.id
    (project.folder / "sources.py").write_text(code)
    calls(project)
    project.vote()
    assert calls(project) == {}
    assert (project.label().posterior.probability == before).all()


def test_labels_and_training_are_read_from_the_record_the_second_time(tmp_path):
    project = voted(tmp_path, 60)
    assert not project.label().cached
    assert project.label().cached
    assert not project.train().cached
    assert project.train().cached
    assert not project.train(seed=1).cached


def test_a_round_with_nothing_new_gives_the_same_version(tmp_path):
    project = make(tmp_path, 60)
    first = project.round().version
    second = project.round().version
    assert first.id == second.id
    project.answer("m1", "ham")
    third = project.round().version
    assert third.id != first.id
    assert third.parent == first.id


def test_the_same_project_made_twice_has_the_same_version(tmp_path):
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made.append(make(tmp_path / name, 60, functions=FUNCTIONS).round().version.id)
    assert made[0] == made[1]
