"""`labelwright gate`. A failure here costs a worse model in use: what continuous integration reads
is the exit code alone. (That a worse model is refused stands with the gate.)"""

import json

import labelwright as lib


def published(folder):
    return [one["run"] for one in lib.open(folder).workspace.published.list()]


def test_the_first_model_is_published_and_used(folder, lw):
    run = lib.open(folder).workspace.runs.latest("train").id
    dry = lw("gate", folder, "--dry-run")
    assert (dry.code, published(folder)) == (0, [])
    assert dry.out.startswith(f"passes: model {run[:12]}")
    told = json.loads(lw("gate", folder, "--json").out)
    assert (told["published"], told["run"]) == (True, run)
    assert published(folder) == [run]


def test_a_model_is_published_anyway_for_a_reason_that_is_on_record(folder, lw):
    lw("gate", folder)
    lw("train", folder, "--model", "text", "--seed", "1")
    run = lib.open(folder).workspace.runs.latest("train").id
    told = json.loads(lw("gate", folder, "--anyway", "the rules were wrong", "--json").out)
    assert (told["run"], told["published"]) == (run, True)
    last = lib.open(folder).workspace.published.list()[-1]
    assert (last["run"], last["published"]) == (run, True)
    assert "the rules were wrong" in json.dumps(last)


def test_what_cannot_be_judged_is_an_error_and_no_refusal(folder, fresh, lw):
    told = lw("gate", folder, "--run", "0123456789")
    assert told.code == 2
    assert "0123456789" in told.err
    assert lw("gate", fresh).code == 2
    assert published(folder) == []
