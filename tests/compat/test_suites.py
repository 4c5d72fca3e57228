"""The command that runs the peers' own tests says what became of each."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
TESTS = """
import unittest
import pytest
import a_library_that_is_absent as absent
from snorkel.classification import Task
from snorkel.labeling import LabelingFunction, something_we_lack
from snorkel.labeling.model import LabelModel
import snorkel.utils.core


class OfTheirs(unittest.TestCase):
    def _made(self):
        return LabelModel()._hidden

    def test_passes(self):
        self.assertEqual(LabelingFunction("f", lambda x: x)(3), 3)
        self.assertEqual(snorkel.utils.core.preds_to_probs([1], 2).tolist(), [[0, 1]])

    def test_messages_are_ours(self):
        with self.assertRaisesRegex(ValueError, "their words"):
            LabelModel(cardinality=1)

    def test_fails(self):
        self.assertEqual(LabelModel().cardinality, 3)

    def test_lacks(self):
        something_we_lack()

    def test_needs_a_library(self):
        absent.part.made(3)

    def test_needs_what_is_not_offered(self):
        Task("name")

    def test_looks_at_private_names(self):
        self._made()

    def test_looks_inside(self):
        LabelModel().mu


@pytest.fixture
def hidden():
    return LabelModel()._fit


def test_of_a_fixture(hidden):
    assert hidden is None


def test_messages_are_ours_here_too():
    with pytest.raises(ValueError, match="their words"):
        LabelModel(cardinality=1)
"""


@pytest.fixture
def command(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS / "quality")
    return importlib.import_module("compat_suites")


def test_a_test_passes_fails_or_is_not_applicable_for_a_reason(command, tmp_path, capsys):
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "test_theirs.py").write_text(TESTS)
    counts = command.suite("snorkel", tmp_path)
    assert counts["passed"] == 3
    assert [name.rsplit(".", 1)[1] for name in counts["failed"]] == ["test_fails", "test_lacks"]
    assert counts["skipped"] == {
        "needs a_library_that_is_absent, absent here": 1,
        "not offered: classifiers on torch": 1,
        "private names": 2,
        "internals of Snorkel's gradient descent": 1,
    }
    told = capsys.readouterr().out
    assert "snorkel: 3 passed, 2 failed (60.0 % of 5); 5 not applicable" in told
    assert "snorkel.labeling.something_we_lack is missing in labelwright.compat" in told


def test_a_folder_without_tests_is_refused(command, tmp_path):
    with pytest.raises(SystemExit, match="has no folder 'tests'"):
        command.suite("crowdkit", tmp_path)
