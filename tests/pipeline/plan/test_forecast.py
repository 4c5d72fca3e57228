"""What more answers would bring, and what policies would have cost."""

import pytest

from pipeline.making import make, rows

TRUTH = {row["key"]: row["truth"] for row in rows(240)}


def answered(project, count):
    for question in project.next(count, person="anna"):
        project.answer(question.item, TRUTH[question.item], person="anna", seconds=6.0)
    project.round()


def test_there_is_no_forecast_before_two_rounds_with_answers(tmp_path):
    project = make(tmp_path, count=80)
    assert "no forecast yet" in project.budget.outlook().words
    project.round()
    assert project.budget.outlook().needed is None


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
    found = project.budget.outlook(0.9)
    assert found.measured > 0
    assert found.now is not None
    assert found.minutes.value == pytest.approx(found.needed.value * 6 / 60)
    assert len(found.kappas) == 3
    assert "kappa" in found.words
