"""`labelwright label`. A failure here costs the product's one promise: labels that are printed but
are not those that are trained on, or a share that is none."""

import json

import labelwright as lib
from labelwright.pipeline.train.joint_labels import with_content


def test_the_numbers_printed_are_those_of_the_labels(folder, lw):
    told = json.loads(lw("label", folder, "--json").out)
    # The project is trained: labels are those of an export, content joined in.
    project = lib.open(folder)
    answer = with_content(project.workspace, project.label()).answers.answer.to_pylist()
    assert told["labelled"] == sum(one is not None for one in answer)
    assert told["items"] == len(answer)
    counts = {name: pair[0] for name, pair in told["classes"].items()}
    assert counts == {name: answer.count(name) for name in ("spam", "ham")}
    shown = lw("label", folder).out
    assert f"{told['labelled']} of {told['items']} items have a label" in shown
    assert "known" in shown


def test_another_model_by_name_labels_and_the_settings_stay(folder, lw):
    settings = (folder / "labelwright.toml").read_bytes()
    told = json.loads(lw("label", folder, "--model", "majority_vote", "--json").out)
    assert told["model"] == "majority_vote"
    assert (folder / "labelwright.toml").read_bytes() == settings
    assert json.loads(lw("label", folder, "--json").out)["model"] == "source_kinds"


def test_learning_from_all_votes_gives_the_same_labels(folder, lw):
    assert lw("label", folder, "--full", "--json").out == lw("label", folder, "--json").out


def test_a_model_that_there_is_not_is_refused_with_those_there_are(folder, lw):
    for arguments in (("--model", "majority"), ("--compare", "--methods", "majority")):
        told = lw("label", folder, *arguments)
        assert told.code == 2
        assert "majority_vote" in told.err


def test_without_a_vote_it_says_what_to_do(fresh, lw):
    told = lw("label", fresh)
    assert told.code == 2
    assert "nobody has voted yet" in told.err
    assert "labelwright vote" in told.err
