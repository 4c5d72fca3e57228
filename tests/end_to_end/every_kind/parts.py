"""How every method of the parts of a project is called: crowd, classes, drift, budget, runs."""

import contextlib
import os

from end_to_end.every_kind.kinds import ERRING, ITEMS, PERFECT
from end_to_end.every_kind.project import ROUND, Table, refuses
from labelwright import Project
from labelwright.core.errors import NothingToDoError, SettingsError, UnknownNameError
from labelwright.pipeline.plan.simulate import SimulationPlan

PARTS = Table()
line = PARTS.line


def labelled(c):
    """How many items have a label as the project stands now."""
    labels = Project.open(c.folder).label()
    return len(labels.answers.answer) - labels.answers.answer.null_count


@line("crowd.report", reads=True)
def _(c):
    found = c.project.crowd.report()
    people = {one.name: one for one in found.people}
    assert {*people} == {PERFECT, "bea", ERRING}
    assert -1 <= found.alpha <= 1
    assert found.answered == (32 if c.gold else 48)
    assert all(0 <= one.agreement <= 1 for one in found.people)
    assert people[PERFECT].agreement > people[ERRING].agreement
    if c.gold:
        assert people[PERFECT].right == people[PERFECT].tested > 3
        assert (people[PERFECT].state, people[ERRING].state) == ("counts", "held back")


@line("crowd.verdict")
def _(c):
    truth = c.kind.truth("k1")
    right = c.project.answer("k1", c.kind.near(truth), person="dora")
    assert c.project.crowd.verdict(right) == ""
    wrong = c.project.answer("k1", c.kind.wrong(truth), person="eva")
    assert bool(c.project.crowd.verdict(wrong)) is c.gold


@line("crowd.forgive")
def _(c):
    assert c.project.crowd.forgive("k1", ERRING, note="contested")
    assert not c.project.crowd.forgive("k1", ERRING)


def votes_for(c):
    return {row.name: row.votes for row in c.project.classes.list()}


@line("classes.list", reads=True)
def _(c):
    assert tuple(votes_for(c)) == c.kind.classes
    assert all(votes_for(c).values())


@line("classes.history", reads=True)
def _(c):
    assert c.project.classes.history() == ()


@line("classes.describe")
def _(c):
    made = c.project.classes.describe(c.kind.classes[0], "what belongs into it")
    assert "do not vote" in made.note
    assert Project.open(c.project.folder).classes.list()[0].description == "what belongs into it"


@line("classes.rename")
def _(c):
    before = votes_for(c)
    changed = c.project.classes.rename(c.kind.classes[0], "renamed")
    assert changed.classes == ("renamed", *c.kind.classes[1:])
    assert votes_for(c)["renamed"] == before[c.kind.classes[0]]
    assert labelled(c) == ITEMS


@line("classes.merge")
def _(c):
    c.project.classes.add("third")
    c.project.classes.merge(c.kind.classes[:2], "both")
    assert votes_for(c)["both"] > 0
    assert labelled(c) == ITEMS


@line("classes.add")
def _(c):
    before = votes_for(c)
    c.project.classes.add("third")
    assert votes_for(c) == before | {"third": 0}


@line("classes.remove")
def _(c):
    c.project.classes.add("third")
    c.project.classes.remove(c.kind.classes[0], "third")
    assert c.kind.classes[0] not in votes_for(c)
    assert votes_for(c)["third"] > 0
    assert labelled(c) == ITEMS


@line("classes.undo")
def _(c):
    before = votes_for(c)
    c.project.classes.rename(c.kind.classes[0], "renamed")
    c.project.classes.undo()
    assert votes_for(c) == before
    assert len(c.project.classes.history()) == 2


@line("drift.report", ROUND)
def _(c):
    c.project.import_items(c.new_items(), id="key", text="text", split="part")
    c.project.vote()
    found = c.project.drift.report()
    assert (found.before, found.after) == (ITEMS, 30)
    assert {"hit rate", "labels"} <= {shift.aspect for shift in found.shifts}


@line("drift.gate", ROUND)
def _(c):
    if not c.kind.learns:
        with refuses(SettingsError, "no end model learns"):
            c.project.drift.gate()
        return
    assert c.project.drift.gate(publish=False).run
    assert c.project.drift.gate(anyway="a first one").published


@line("drift.watch", ROUND)
def _(c):
    arrived = c.tmp / "arrives"
    arrived.mkdir()
    file = c.new_items()
    os.utime(file, (1, 1))
    file.rename(arrived / file.name)
    with (c.folder / "labelwright.toml").open("a") as settings:
        settings.write('\n[watch]\nempty = "none"\n')
    found = c.project.drift.watch(arrived, predictions=c.tmp / "said")
    assert (found.added, found.votes > 0) == (30, True)
    assert labelled(c) == ITEMS + 30


@line("budget.outlook", ROUND, reads=True)
def _(c):
    found = c.project.budget.outlook(0.9)
    assert found.target == 0.9
    assert found.words


@line("budget.random_first", reads=True)
def _(c):
    found, balance = c.project.budget.random_first(), c.project.label().balance
    # Units that are found in votes are never silent.
    assert (balance is not None) is bool(c.project.label().units.heads)
    assert found.missing == (0 if balance is None else balance.missing.max())
    assert bool(found.sentence) is (found.missing > 0)


@line("budget.simulate", reads=True)
def _(c):
    plan = SimulationPlan(policies=("uniform",), seeds=1, answers=30, batch=15)
    if not c.gold:
        with refuses(NothingToDoError, "--gold"):
            c.project.budget.simulate(plan)
        return
    found = c.project.budget.simulate(plan)
    assert found.items > 0
    assert 0 <= found.start <= 1


@line("experiments.runs", ROUND, reads=True)
def _(c):
    assert len(c.project.experiments.runs()) == c.kind.learns
    assert {"label", "vote"} <= {run.step for run in c.project.experiments.runs(None)}


@line("experiments.show", ROUND, reads=True)
def _(c):
    assert c.project.experiments.show("label").run.step == "label"
    if not c.kind.learns:
        with refuses(UnknownNameError, "train"):
            c.project.experiments.show("train")


@line("experiments.compare", ROUND)
def _(c):
    c.answered("k9")
    c.project.label()
    first, *_, last = [run.id for run in c.project.experiments.runs("label")]
    assert c.project.experiments.compare(first, last).inputs


@line("experiments.repeat", ROUND)
def _(c):
    if not c.kind.learns:
        with refuses(UnknownNameError, "train"):
            c.project.experiments.repeat()
        return
    assert c.project.experiments.repeat().identical


@line("experiments.track", ROUND)
def _(c):
    if not c.kind.learns:
        with refuses(UnknownNameError, "train"):
            c.project.experiments.track()
        return
    # MLflow keeps its files where it is begun.
    with contextlib.chdir(c.tmp):
        assert c.project.experiments.track(stage="tried").id


@line("experiments.report", ROUND, reads=True)
def _(c):
    found = c.project.experiments.report(checks=False)
    assert found.data.items == ITEMS
    assert (found.model is not None) is c.kind.learns
