"""What more answers would bring, and what policies would have cost."""

import sys
from pathlib import Path

import numpy as np
import pytest

from labelwright.core.errors import NothingToDoError, SettingsError
from labelwright.pipeline.simulate import Simulation

sys.path.insert(0, str(Path(__file__).parent))

from making import make, rows

TRUTH = {row["key"]: row["truth"] for row in rows(240)}


def answered(project, count):
    for question in project.next(count, person="anna"):
        project.answer(question.item, TRUTH[question.item], person="anna", seconds=6.0)
    project.round()


def test_there_is_no_forecast_before_two_rounds_with_answers(tmp_path):
    project = make(tmp_path, count=80)
    assert "no forecast yet" in project.outlook().words
    project.round()
    assert project.outlook().needed is None


def test_random_checks_answered_later_measure_earlier_versions(tmp_path):
    project = make(tmp_path, count=240)
    toml = project.folder / "labelwright.toml"
    toml.write_text(toml.read_text() + "\n[queue]\nrandom = 0.8\n")
    project = type(project).open(project.folder)
    project.round()
    for _ in range(3):
        # Draws of the same second as a version are not counted as later.
        import time

        time.sleep(1.1)
        answered(project, 15)
    found = project.outlook(0.9)
    assert found.measured > 0
    assert found.now is not None
    assert found.minutes.value == pytest.approx(found.needed.value * 6 / 60)
    assert len(found.kappas) == 3
    assert "kappa" in found.words


def test_gold_of_a_test_split_makes_a_forecast_in_words(tmp_path):
    project = make(tmp_path, count=240, gold=True, split=None)
    with pytest.raises(NothingToDoError, match="20 items"):
        make(tmp_path / "few", count=30, gold=True).simulate()
    assert project.outlook().words


def test_a_simulation_compares_policies_in_answers_minutes_and_money(tmp_path):
    project = make(tmp_path, count=240, gold=True)
    project.vote()
    simulation = Simulation(policies=("value", "uniform"), answers=40, seeds=2, target=0.9)
    report = project.simulate(simulation)
    assert [one.policy for one in report.results] == ["value", "uniform"]
    assert report.items + report.tested == 240
    first = report.results[0]
    assert first.curve[0][0] == 0
    assert first.minutes == pytest.approx(first.answers * 20 / 60)
    assert report.wanted == pytest.approx(0.9 * report.full)


def test_without_rules_and_with_noisy_people_a_simulation_starts_from_nothing(tmp_path):
    project = make(tmp_path, count=240, gold=True)
    project.vote()
    simulation = Simulation(
        policies=("margin",), answers=20, seeds=1, rules=False, people=3, accuracy=0.7
    )
    (result,) = project.simulate(simulation).results
    assert result.curve[0][1] <= 0.7
    assert np.isfinite(result.score)


@pytest.mark.parametrize(
    "settings", [{"target": 0}, {"accuracy": 1.5}, {"answers": 0}, {"seeds": 0}, {"people": 0}]
)
def test_nonsense_simulations_are_refused(settings):
    with pytest.raises(SettingsError):
        Simulation(**settings)
