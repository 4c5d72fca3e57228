"""Where few of many items changed, labels follow; the record says so, and nothing is kept twice."""

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import Votes
from labelwright.labelmodels.evidence import patterns
from labelwright.pipeline.label import incremental
from labelwright.stores import LanceVotes
from labelwright.stores.log import votes_in_force
from pipeline.making import voted

ITEMS = 120


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch):
    monkeypatch.setattr(incremental, "MANY_ITEMS", 100)
    monkeypatch.setattr(votes_in_force, "_WORTH_KEEPING", 0)


@pytest.fixture
def project(tmp_path):
    return voted(tmp_path, ITEMS)


def reopened(project):
    return lw.open(project.folder)


def answer_some(project, count, start=0):
    first = project.workspace.items.scan(["_id"])
    ids = [name for batch in first for name in batch.column("_id").to_pylist()]
    for name in ids[start : start + count]:
        project.answer(name, "spam")


def test_labels_follow_few_changes_and_are_those_of_a_full_fit(project):
    first = project.label()
    assert "follows" not in first.run.inputs
    answer_some(project, 3)
    second = reopened(project).label()
    assert second.run.inputs["follows"] == first.run.id
    assert second.run.metrics["changed_items"] == 3
    full = reopened(project).label(full=True)
    assert "follows" not in full.run.inputs
    # All items are witnesses here, so that only rounding differs.
    np.testing.assert_allclose(second.posterior.probability, full.posterior.probability, atol=1e-6)


def test_many_changes_in_all_are_learnt_from_all_votes(project):
    project.label()
    for start in (0, 3):
        answer_some(project, 3, start)
        labels = reopened(project).label()
        assert "follows" in labels.run.inputs
    answer_some(project, 3, 6)
    labels = reopened(project).label()
    assert "follows" not in labels.run.inputs
    assert labels.run.metrics["changed_items"] == 0


def test_labels_that_followed_are_found_again_without_reading_votes(project, monkeypatch):
    project.label()
    answer_some(project, 3)
    labels = reopened(project).label()

    def never(*_, **__):
        raise AssertionError("votes were read")

    monkeypatch.setattr(LanceVotes, "batches", never)
    again = reopened(project).label()
    assert again.cached
    assert again.run.id == labels.run.id


def test_other_settings_or_a_lost_cache_are_learnt_from_all_votes(project):
    project.label()
    answer_some(project, 2)
    labels = reopened(project).label("majority_vote")
    assert "follows" not in labels.run.inputs
    answer_some(project, 2, 2)
    (project.workspace.layout.cache / "labelled.npz").unlink()
    assert "follows" not in reopened(project).label().run.inputs


def test_a_model_that_cannot_follow_learns_from_all_votes(project):
    project.label("dawid_skene")
    answer_some(project, 2)
    assert "follows" not in reopened(project).label("dawid_skene").run.inputs


def test_few_patterns_of_votes_are_learnt_anew(project, monkeypatch):
    monkeypatch.setattr(patterns, "GLANCE_UNITS", 100)
    monkeypatch.setattr(patterns, "LEAST_REPEATED", 1)
    project.label()
    answer_some(project, 2)
    assert "follows" not in reopened(project).label().run.inputs


def test_a_new_function_is_learnt_from_all_votes(project):
    project.label()
    (project.folder / "sources.py").write_text(
        (project.folder / "sources.py").read_text()
        + '\n@lw.source\ndef cash(x):\n    return "spam" if "cash" in x.text else None\n'
    )
    again = reopened(project)
    again.vote()
    assert "follows" not in again.label().run.inputs


def test_what_an_owner_says_of_a_source_now_is_not_followed(project):
    project.label()
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + "\n[sources.free]\naccuracy = 0.7\n")
    assert "follows" not in reopened(project).label().run.inputs


def test_changed_items_are_the_new_and_those_with_other_votes():
    sources = (Source("f"), Source("p", SourceKind.PERSON))

    def votes(rows, items, answers=("a", "b")):
        item, source, answer = np.array(rows, np.int64).reshape(-1, 3).T
        return Votes(
            item, source.astype(np.int32), answer.astype(np.int32), answers, sources, items,
            np.zeros(2, bool),
        )  # fmt: skip

    before = votes([(0, 0, 0), (1, 0, 1), (1, 1, -1), (2, 1, 0)], 4)
    assert not incremental.changed_items(before, before).any()
    renamed = votes([(0, 0, 1), (1, 0, 2), (1, 1, -1), (2, 1, 1)], 4, ("Z", "a", "b"))
    assert not incremental.changed_items(before, renamed).any()
    after = votes([(0, 0, 0), (1, 0, 1), (2, 0, 0), (3, 0, 0)], 5)
    assert incremental.changed_items(before, after).tolist() == [False, True, True, True, True]
    nothing = votes([], 4)
    assert incremental.changed_items(nothing, before).tolist() == [True, True, True, False]
