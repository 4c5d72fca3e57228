"""Planning a budget: gold plays the people, and the project stays as it is."""

import json

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import NothingToDoError, SettingsError, UnknownNameError
from labelwright.pipeline.plan.simulate import SimulationPlan
from labelwright.queue import Redundancy
from pipeline.making import FUNCTIONS, make, rows, voted, write_csv


@pytest.fixture
def project(tmp_path):
    return voted(tmp_path, 80, gold=True, split="train=0.7,test=0.3")


def simulate(project, *policies, **plan):
    return project.budget.simulate(SimulationPlan(policies, **plan))


def scores(found, name):
    return [[step.score for step in course] for course in found.replays[name]]


def content(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_every_policy_is_costed_and_nothing_in_the_project_changes(project):
    before = content(project.folder)
    found = simulate(project, noise=(0.0,), seeds=2, batch=10, targets=(0.8, 1.0))
    assert content(project.folder) == before
    assert found.items == 80
    assert [(e.target, e.policy) for e in found.efforts] == [
        (target, name) for target in (0.8, 1.0) for name in ("uniform", "margin", "value")
    ]
    for effort in found.efforts:
        assert effort.reached == 2
        assert effort.fewest <= effort.answers <= effort.most <= 80
        assert effort.minutes == pytest.approx(effort.answers * 20 / 60)
        assert effort.usd == pytest.approx(effort.minutes / 60 * 30)


def test_rules_help_before_anybody_answers(project, tmp_path):
    bare = make(tmp_path / "bare", 80, gold=True, functions="", rules="")
    assert simulate(bare, "uniform", seeds=1, answers=20).start == 0
    assert simulate(project, "uniform", seeds=1, answers=20).start > 0.5


def test_answers_on_record_have_no_part_but_their_time_has(project):
    before = simulate(project, "margin", seeds=1)
    for number in range(20):
        project.answer(f"m{number}", "spam", person="anna", seconds=8)
    project.next(1)
    after = simulate(project, "margin", seeds=1)
    assert scores(before, "margin") == scores(after, "margin")
    assert (before.seconds, after.seconds) == (20, 8)


def test_a_noisy_crowd_needs_several_votes(project):
    ends = []
    for votes in (1, 7):
        plan = Redundancy(votes, votes)
        found = simulate(project, "uniform", people=7, redundancy=plan, noise=(0.35,), seeds=2,
                         targets=(1.0,))  # fmt: skip
        ends.append(np.mean([course[-1] for course in scores(found, "uniform")]))
    assert ends[0] < ends[1]


def test_as_many_people_as_need_be_cost_less_than_always_the_most(project):
    spent = []
    for plan in (Redundancy(2, 5, 0.9), Redundancy(5, 5)):
        found = simulate(project, "uniform", redundancy=plan, noise=(0.1,), seeds=2, targets=(1.0,))
        spent.append(found.replays["uniform"][0][-1].answers)
    assert spent[0] < spent[1]


def test_people_may_differ_and_must_be_enough():
    confusion = SimulationPlan(noise=(0.0, 0.4), people=3).confusion(3, 1)
    np.testing.assert_allclose(confusion[:, 0, 0], [1, 0.6, 1])
    np.testing.assert_allclose(confusion[1, 0], [0.6, 0.2, 0.2])
    assert len(SimulationPlan(noise=(0.1, 0.2)).confusion(2, 5)) == 5
    with pytest.raises(SettingsError, match="fewer answers"):
        SimulationPlan(people=2).confusion(2, 3)


def test_the_project_s_own_policy_has_its_settings_and_others_their_defaults(project):
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + '\n[queue]\nname = "mixed"\nrandom = 1.0\n')
    all_random = simulate(lw.open(project.folder), "mixed", "margin", seeds=1, batch=5)
    first = simulate(project, "mixed", "margin", seeds=1, batch=5)
    assert scores(all_random, "mixed") != scores(first, "mixed")
    assert scores(all_random, "margin") == scores(first, "margin")


def test_columns_of_numbers_can_be_replayed(tmp_path):
    project = lw.init(tmp_path / "p", classes=["low", "high"])
    table = [
        {"key": f"k{n}", "x": (n * 37) % 100 / 100, "truth": "high" if n * 37 % 100 > 50 else "low"}
        for n in range(60)
    ]
    project.import_items(write_csv(tmp_path / "x.csv", table), id="key", gold="truth")
    end_model = '\n[end_model]\nname = "boosting"\n'
    for name in ("", end_model):
        settings = project.folder / "labelwright.toml"
        settings.write_text(settings.read_text() + name)
        found = simulate(lw.open(project.folder), "uniform", noise=(0.0,), seeds=1, targets=(0.9,))
        assert found.efforts[0].answers < 60


def test_sources_that_say_only_what_it_is_not_are_replayed(tmp_path):
    functions = FUNCTIONS + (
        "\n@lw.source\ndef no_offer(x):\n"
        '    return lw.not_("spam") if "dinner" in x.text else None\n'
    )
    made = lw.init(tmp_path / "p", classes=["spam", "ham", "other"])
    (made.folder / "sources.py").write_text(functions)
    project = lw.open(made.folder)
    table = write_csv(tmp_path / "x.csv", rows(60))
    project.import_items(table, id="key", text="text", fields=("text",), gold="truth")
    project.vote()
    found = simulate(project, "value", noise=(0.0,), seeds=1, targets=(1.0,))
    assert found.efforts[0].reached == 1


def test_without_gold_or_with_one_class_there_is_nothing_to_replay(tmp_path):
    with pytest.raises(NothingToDoError, match="--gold"):
        simulate(make(tmp_path, 20))


def test_what_cannot_be_simulated_is_told(project, tmp_path):
    with pytest.raises(UnknownNameError, match="margin"):
        simulate(project, "margim")
    for wrong in ({"targets": ()}, {"targets": (0.0,)}, {"targets": (1.1,)}, {"batch": 0},
                  {"seeds": 0}, {"seconds": -1}, {"usd_per_hour": float("nan")},
                  {"noise": (2.0,)}, {"noise": ()}, {"people": 0}):  # fmt: skip
        with pytest.raises(SettingsError):
            simulate(project, **wrong)


def test_the_command_shows_a_table_or_json(project, lw):
    options = ["--seeds", 2, "--noise", 0, "--targets", "0.9, 1.0", "--batch", 10]
    shown = lw("simulate", project.folder, *options)
    assert shown.code == 0, shown.err
    assert "80 items of 2 classes" in shown.out
    assert "2 of 2" in shown.out
    told = json.loads(lw("simulate", project.folder, *options, "--json").out)
    assert len(told["efforts"]) == 6
    assert set(told["replays"]) == {"uniform", "margin", "value"}
    short = lw("simulate", project.folder, "--policies", "uniform", "--answers", 1, "--batch", 1,
               "--targets", "1", "--people", 2, "--votes", 2)  # fmt: skip
    assert "never" in short.out
    assert "0.9x" in lw("simulate", project.folder, "--targets", "0.9x").err
    assert "2-x" in lw("simulate", project.folder, "--votes", "2-x").err
