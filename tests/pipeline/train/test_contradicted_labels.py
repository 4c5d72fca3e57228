"""Labels that known truth contradicts go no further. A failure here costs a training set that is
worse than none, frozen and handed out as if it were one."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import ContradictedError
from labelwright.core.pool import Assignment
from labelwright.core.posterior import Posterior
from labelwright.pipeline.train.contradicted_labels import CONTRADICTIONS, contradicted
from labelwright.pipeline.train.joint_labels import with_content
from labelwright.pipeline.versions.push_pull import clone
from pipeline.making import write_csv

COUNTED = """
[label_model]
name = "majority_vote"
"""
WRONG = """
[[rules]]
name = "greets"
vote = "spam"
when = { field = "text", keywords = ["hello", "free"] }

[[rules]]
name = "shouts"
vote = "ham"
when = { field = "text", keywords = ["win"] }
"""


def texts(count, *, known=lambda number: number % 2 == 1):
    """One in ten is spam, all of it held out, and says free or win; half of the items have gold."""
    made = []
    for number in range(count):
        spam = number % 10 == 3
        word = ("win" if number % 20 == 3 else "free") if spam else "hello"
        row = {"key": f"m{number}", "text": f"{word} n{number}"}
        row["part"] = "test" if number % 2 else "train"
        row["truth"] = ("spam" if spam else "ham") if known(number) else ""
        made.append(row)
    return made


def make(folder, table, *, settings=COUNTED + WRONG, classes=("spam", "ham")):
    project = lw.init(folder / "reviews", classes=list(classes))
    file = project.folder / "labelwright.toml"
    file.write_text(file.read_text() + settings)
    project = lw.open(project.folder)
    path = write_csv(folder / "data.csv", table)
    project.import_items(
        path, id="key", text="text", split="part", gold="truth", empty="unknown", fields=("text",)
    )
    project.vote()
    return project


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("made"), texts(200)).folder


@pytest.fixture
def project(made, tmp_path):
    return lw.open(shutil.copytree(made, tmp_path / "reviews"))


@pytest.fixture(scope="module")
def forced(made, tmp_path_factory):
    """The same, trained and saved anyway."""
    folder = shutil.copytree(made, tmp_path_factory.mktemp("forced") / "reviews")
    lw.open(folder).round(anyway=True)
    return folder


DOORS = {
    "round": lambda project, **how: project.round(**how),
    "train": lambda project, **how: project.train(**how),
    "save": lambda project, **how: project.history.save(**how),
    "freeze": lambda project, **how: project.freeze(**how),
    "export": lambda project, **how: project.export(project.folder / "out.csv", **how),
    "stream": lambda project, **how: project.history.stream(**how),
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_lets_contradicted_labels_through_unless_asked_to(project, door):
    with pytest.raises(ContradictedError) as told:
        DOORS[door](project)
    for word in ("100 items", "gold", "right on 10", "saying 'ham' on 80", "--anyway", "random"):
        assert word in str(told.value)
    assert project.versions() == []
    assert project.workspace.runs.latest("train") is None
    assert not (project.folder / "out.csv").exists()
    assert DOORS[door](project, anyway=True) is not None


def test_a_joined_model_and_labels_that_are_handed_in_are_held_against_truth_too(project):
    with pytest.raises(ContradictedError):
        project.train(labels=project.join())
    with pytest.raises(ContradictedError):
        project.export(project.folder / "out.csv", votes_only=True)


def test_what_was_done_anyway_is_on_record(forced):
    project = lw.open(forced)
    head = project.history.find()
    (said, *_) = head.labels["contradicted"]
    assert "right on 10" in said
    assert project.workspace.runs.latest("train").metrics[CONTRADICTIONS] == len(
        head.labels["contradicted"]
    )
    report = project.experiments.report(checks=False)
    for format_ in ("markdown", "html"):
        assert "right on 10, always saying" in report.text(format_)
        assert "saved anyway, against known truth" in report.text(format_)
    assert any(said in gap for gap in report.gaps)
    assert any("--anyway" in limit for limit in report.limits)


def test_the_same_version_is_not_saved_again(forced):
    project = lw.open(forced)
    assert project.history.save(anyway=True).id == project.history.find().id


def test_a_model_that_learnt_from_such_labels_does_nothing_unasked(forced, tmp_path):
    project = lw.open(shutil.copytree(forced, tmp_path / "reviews"))
    path = write_csv(tmp_path / "new.csv", [{"text": "hello"}])
    for use in (
        lambda: project.predict(path, tmp_path / "said.csv"),
        project.experiments.track,
        project.drift.gate,
    ):
        with pytest.raises(ContradictedError, match="trained with --anyway"):
            use()
    assert project.workspace.published.list() == []
    assert project.drift.gate(publish=False).passed
    assert project.predict(path, tmp_path / "said.csv", anyway=True).rows == 1
    assert project.drift.gate(anyway="to show it").published


def test_a_model_of_labels_that_are_contradicted_only_since_is_not_published(tmp_path):
    project = make(tmp_path, texts(200, known=lambda number: False))
    project.train()
    path = write_csv(tmp_path / "gold.csv", texts(200))
    project.import_items(
        path, id="key", text="text", split="part", gold="truth", empty="unknown", fields=("text",)
    )
    with pytest.raises(ContradictedError, match="right on 10"):
        project.drift.gate()


def test_a_model_is_let_through_once_the_truth_that_spoke_against_it_is_mended(tmp_path):
    project = make(tmp_path, texts(200))
    project.train(anyway=True)
    mended = texts(200)
    for row in mended[1::2]:
        row["truth"] = "ham" if "win" in row["text"] else "spam"
    path = write_csv(tmp_path / "gold.csv", mended)
    project.import_items(
        path, id="key", text="text", split="part", gold="truth", empty="unknown", fields=("text",)
    )
    assert project.train().cached
    assert project.drift.gate().published


def test_what_was_saved_anyway_is_pushed_only_anyway(forced, tmp_path):
    project = lw.open(shutil.copytree(forced, tmp_path / "reviews"))
    with pytest.raises(ContradictedError, match="was saved anyway"):
        project.history.push(tmp_path / "depot")
    assert not (tmp_path / "depot").exists()
    assert project.history.push(tmp_path / "depot", anyway=True).versions == 1


def test_a_version_of_contradicted_labels_is_streamed_only_anyway(forced):
    history = lw.open(forced).history
    with pytest.raises(ContradictedError):
        history.stream("head")
    assert len(history.stream("head", anyway=True)) == 1


def test_a_merge_of_contradicted_labels_is_left_for_its_owner_to_save(forced, tmp_path):
    ours = lw.open(shutil.copytree(forced, tmp_path / "ours"))
    ours.history.push(tmp_path / "depot", anyway=True)
    clone(str(tmp_path / "depot"), tmp_path / "theirs")
    theirs = lw.open(tmp_path / "theirs")
    for project, item in ((ours, "m0"), (theirs, "m2")):
        project.answer(item, "ham")
        project.history.save(anyway=True)
    theirs.history.push(tmp_path / "depot", anyway=True)
    merge = ours.history.pull().merge
    assert (merge.version, merge.conflicts) == ("", ())
    assert "right on 10" in merge.contradicted
    saved = ours.history.save("merged", anyway=True)
    assert saved.merged == merge.theirs


def test_a_watched_folder_trains_nothing_on_contradicted_labels(project, tmp_path):
    project.import_items(
        write_csv(tmp_path / "more.csv", [{"key": "x", "text": "hello x", "part": "train"}]),
        id="key", text="text", split="part", fields=("text",),
    )  # fmt: skip
    (tmp_path / "in").mkdir()
    project.workspace.arrivals.note("started", items=200)
    report = project.drift.watch(tmp_path / "in")
    assert "right on 10" in report.contradicted
    assert report.refused
    assert (report.gate, report.version, project.versions()) == (None, "", [])


@pytest.mark.parametrize(
    "known",
    [lambda number: False, lambda number: number == 1, lambda number: number in (1, 5, 7)],
    ids=["no gold", "one gold", "three gold"],
)
def test_of_too_little_truth_nothing_is_stopped(tmp_path, known):
    project = make(tmp_path, texts(60, known=known))
    assert contradicted(project.workspace, project.label()) == ()
    assert project.history.save()


def test_gold_of_one_class_contradicts_labels_of_the_other_alone(tmp_path):
    rows = texts(60, known=lambda number: number % 2 == 1 and number % 10 != 3)
    with pytest.raises(ContradictedError, match="saying 'ham' on 24"):
        make(tmp_path, rows).history.save()


def test_good_labels_are_let_through(tmp_path):
    right = WRONG.replace('"hello", "free"', '"free", "win"').replace('["win"]', '["hello"]')
    project = make(tmp_path, texts(100), settings=COUNTED + right)
    assert project.standing().contradicted == ()
    assert project.standing().right.share == 1
    assert "contradicted" not in project.history.save().labels


def test_answers_to_random_questions_contradict_as_gold_does(tmp_path):
    project = make(tmp_path, texts(200, known=lambda number: False))
    drawn = [
        Assignment(number, "", 0.1, random=True, reason="", lease_until=0.0)
        for number in range(0, 80, 4)
    ]
    project.workspace.drawn.add(drawn, "2026-11-30T12:00:00+00:00")
    for one in drawn:
        project.answer(f"m{one.item}", "ham")
    assert project.standing().right is None
    project.label()
    with pytest.raises(ContradictedError, match=r"answers to items drawn at random.*right on 0"):
        project.history.save()
    right = project.standing().right
    assert (right.share, right.of, right.truth) == (0, 20, "answers to items drawn at random")


def test_labels_that_lose_to_counting_votes_are_told_so(project):
    """Whatever a label model makes of the votes: here the opposite."""
    labels = project.label()
    units, posterior = labels.ungilded
    truth = units.truth
    said = np.where(truth >= 0, 1 - posterior.label, posterior.label)
    flipped = Posterior(np.eye(2)[said], posterior.covered)
    good = replace(labels, ungilded=(units, flipped))
    assert contradicted(project.workspace, good) == ()
    votes = units.matrix.label.copy()
    votes[:] = np.where(truth[units.matrix.unit] >= 0, truth[units.matrix.unit], votes)
    units = replace(units, matrix=replace(units.matrix, label=votes))
    found = contradicted(project.workspace, replace(labels, ungilded=(units, posterior)))
    (counting,) = (one for one in found if one.found.rival.value == "counting votes")
    assert "counting votes on 100" in counting.sentence
    assert "majority_vote" in counting.remedy


def test_very_many_classes_with_names_like_ours_are_told_apart(tmp_path):
    names = ["gold", "nobody knows", "votes", "content", *(f"class {k}" for k in range(146))]
    rows = [
        {"key": f"m{n}", "text": f"is{n % 150} x", "part": "test", "truth": names[n % 150]}
        for n in range(300)
    ]
    rules = "".join(
        f'\n[[rules]]\nname = "r{k}"\nvote = {json.dumps(name)}\n'
        f'when = {{ field = "text", keywords = ["is{k}"], whole_word = true }}\n'
        for k, name in enumerate(names[:100])
    )
    project = make(tmp_path, rows, settings=COUNTED + rules, classes=names)
    project.label()
    found = project.standing()
    assert found.basis == {"votes": 200, "nobody knows": 100}
    assert (found.labelled, found.right.share, found.contradicted) == (200, 1, ())
    assert project.history.save().labels["labelled"] == 200


def test_content_that_is_joined_in_is_held_against_truth(project):
    labels = with_content(project.workspace, project.join())
    one, other = project.label(), labels
    assert other.joint is not None or one.id == other.id
    assert contradicted(project.workspace, labels)


def test_gold_that_was_chosen_does_not_say_what_is_common(tmp_path):
    chosen = '\n[items]\ngold_sample = "chosen"\n' + COUNTED + WRONG
    project = make(tmp_path, texts(200), settings=chosen)
    assert project.label().quality.accuracy == pytest.approx(0.1)
    assert project.standing().contradicted == ()
    assert project.history.save()
