"""`labelwright train`. A failure here costs hours of computing, or a quality nobody measured."""

import json

import pytest

import labelwright as lib


def test_what_was_learnt_is_shown_and_on_record(folder, lw):
    told = json.loads(lw("train", folder, "--model", "text", "--force", "--json").out)
    run = lib.open(folder).workspace.runs.latest("train")
    assert told["rows"] == int(run.metrics["rows"])
    assert 0 <= told["quality"]["accuracy"] <= 1
    shown = lw("train", folder, "--model", "text").out
    assert f"trained {told['model']} on {told['rows']} labelled items" in shown
    assert f"right on {told['quality']['items']} test items" in shown


def test_the_same_again_is_not_trained_again_but_for_another_seed(folder, lw):
    def run():
        return lib.open(folder).workspace.runs.latest("train").id

    lw("train", folder, "--model", "text")
    first = run()
    lw("train", folder, "--model", "text")
    assert run() == first
    lw("train", folder, "--model", "text", "--seed", "1")
    assert run() != first


def test_without_gold_in_the_test_split_nothing_is_measured_and_it_says_so(fresh, lw):
    lw("vote", fresh)
    told = lw("train", fresh, "--model", "text")
    assert told.code == 0
    assert "no test items with known truth" in told.out
    assert "right on" not in told.out


@pytest.mark.parametrize(
    ("arguments", "said"), [(("--model", "txt"), "text"), (("--seed", "one"), "--seed")]
)
def test_a_mistake_is_refused(folder, lw, arguments, said):
    told = lw("train", folder, *arguments)
    assert told.code == 2
    assert said in told.err


def test_without_a_label_it_says_what_to_do_and_trains_nothing(fresh, lw):
    told = lw("train", fresh)
    assert told.code == 2
    assert "nobody has voted yet" in told.err
    assert lib.open(fresh).workspace.runs.latest("train") is None
