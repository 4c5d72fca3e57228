"""What content says is held against truth only as it would be if nobody had known that truth."""

from dataclasses import replace

import numpy as np
import pytest

from labelwright.pipeline.analysis.machine_labels import machine_labels
from labelwright.pipeline.label.label import latest_fit
from labelwright.pipeline.train import content_reading
from labelwright.pipeline.train.joint_labels import read_content, with_content
from labelwright.pipeline.train.known_truth import known_truths
from making_once import made_once
from pipeline.making import make, write_csv

SIGN = """
import labelwright as lw

@lw.source
def sign(x):
    for name in ("spam", "ham"):
        if "sign" + name in x.text:
            return name
"""
TOPICS = 30


def make_unlearnable(folder, **more):
    """Eight texts to a topic, of classes drawn at random: one of each topic is gold.

    The words of a text say its topic and itself, nothing of its class: content can be right half
    of the time; a few texts of words of their own have a vote.
    """
    rng = np.random.default_rng(5)
    project = make(folder, 0, functions=SIGN)
    table = [
        {"key": f"s{n}", "text": f"sign{('spam', 'ham')[n % 2]} n{n}", "truth": None}
        for n in range(20)
    ]
    for topic in range(TOPICS):
        table += [
            {
                "key": f"t{topic}-{n}",
                "text": f"topic{topic} about{topic} of{topic} own{topic}x{n}",
                "truth": None if n else str(rng.choice(["spam", "ham"])),
            }
            for n in range(8)
        ]
    path = write_csv(folder / "data.csv", table)
    project.import_items(path, id="key", text="text", fields=("text",), gold="truth", **more)
    project.vote()
    return project


unlearnable = made_once(make_unlearnable)


def leaky(project, joint):
    """How often content is right of gold items, read by models that did not see them."""
    truth = joint.units.truth
    known = truth >= 0
    said = read_content(project.workspace, joint.joint.run, joint.units)
    return (said.argmax(axis=1) == truth)[known].mean()


def test_labels_are_not_called_right_for_what_gold_taught_their_neighbours(tmp_path):
    project = unlearnable(tmp_path)
    joint = project.join()
    # Its neighbours learnt the label of each gold item, and say it again.
    assert leaky(project, joint) > 0.7
    assert joint.quality.items == TOPICS
    assert joint.quality.accuracy < 0.65
    (gold,) = known_truths(project.workspace, joint)
    rows = gold.rows
    told = (gold.posterior.label[rows] == gold.units.truth[rows]).mean()
    assert told == pytest.approx(joint.quality.accuracy, abs=0.1)


def test_only_units_of_known_truth_are_read_twice(tmp_path):
    project = unlearnable(tmp_path)
    joint = project.join()
    kept = project.workspace.objects.get_arrays(joint.joint.run.outputs["content"])
    assert sorted(kept["judged"].tolist()) == np.flatnonzero(joint.units.truth >= 0).tolist()
    assert kept["judged_probability"].sum(axis=1) == pytest.approx(np.ones(TOPICS))


def test_few_items_beside_teach_the_models_that_judge(tmp_path, monkeypatch):
    monkeypatch.setattr(content_reading, "MOST_BESIDE", 60)
    project = make_unlearnable(tmp_path)
    joint = project.join()
    assert joint.quality.items == TOPICS
    assert joint.quality.accuracy < 0.75


def test_answers_to_random_items_have_no_say_in_what_they_are_held_against(tmp_path):
    project = make(tmp_path, 0, functions=SIGN)
    table = [
        {
            "key": f"{n}",
            "text": f"sign{('spam', 'ham')[n % 2]} n{n}" if n < 20 else f"topic{n // 9}",
        }
        for n in range(200)
    ]
    path = write_csv(tmp_path / "data.csv", table)
    project.import_items(path, id="key", text="text", fields=("text",))
    project.vote()
    rng = np.random.default_rng(1)
    for question in project.next(20):
        project.answer(question.item, str(rng.choice(["spam", "ham"])), person="ann")
    joint = project.join()
    (answers,) = known_truths(project.workspace, joint)
    judged = project.workspace.objects.get_arrays(joint.joint.run.outputs["content"])["judged"]
    assert set(answers.rows) <= set(judged.tolist())
    machine = machine_labels(
        project.workspace, latest_fit(project.workspace), joint.units, joint.votes
    )
    said = np.array([one.as_py() for one in machine.answer], object)[
        answers.units.item[answers.rows]
    ]
    names = np.array(answers.units.class_names, object)
    assert said.tolist() == names[answers.posterior.label[answers.rows]].tolist()


def test_what_an_earlier_release_read_is_joined_as_it_is(tmp_path):
    project = unlearnable(tmp_path)
    joint = project.join()
    objects, run = project.workspace.objects, joint.joint.run
    kept = objects.get_arrays(run.outputs["content"])
    older = objects.put_arrays({"probability": kept["probability"]})
    project.workspace.runs.record(replace(run, seed=9, outputs={"content": older}))
    found = with_content(project.workspace, project.label())
    assert found.quality.items == TOPICS
    assert np.isfinite(found.posterior.probability).all()
