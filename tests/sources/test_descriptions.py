import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import SourceError
from labelwright.core.source import SourceKind
from labelwright.core.task import Task
from labelwright.sources import Compass, DescriptionVoter, lines_of
from labelwright.sources.description import hundredths
from labelwright.tasks import kind_of
from labelwright.testing import sources as laws

TASK = Task("classification", ("spam", "ham", "news"))
PLACES = np.random.default_rng(0).normal(size=(3, 8))


def items(count, seed=1):
    """Texts that say where they lie: near the description of class n % 3."""
    rng = np.random.default_rng(seed)
    truth = np.arange(count) % 3
    vectors = PLACES[truth] + rng.normal(size=(count, 8)) * 0.7 + 2.0
    return truth, pa.record_batch({"text": [" ".join(f"{x:.4f}" for x in row) for row in vectors]})


def embed(table):
    rows = [text.split() or [np.nan] * 8 for text in table.column("text").to_pylist()]
    return np.array(rows, float).reshape(-1, 8)


def voter(sample, lines=PLACES):
    return DescriptionVoter(TASK, Compass.of(lines + 2.0, embed(sample)), embed, "v1", ("text",))


def test_an_item_gets_the_class_that_its_description_is_nearest_to():
    truth, batch = items(300)
    ballot = voter(batch).vote(batch)
    shares = [kind_of(TASK).read(text, TASK) for text in ballot.answer.to_pylist()]
    first = np.array([TASK.index(max(one, key=one.get)) for one in shares])
    assert (first == truth).mean() > 0.8
    assert all(abs(sum(one.values()) - 1) < 1e-9 for one in shares)


def test_descriptions_keep_the_laws_of_voters():
    _, batch = items(30)
    laws.check_voter(voter(batch), batch, TASK)


def test_a_description_that_is_near_to_everything_does_not_take_everything():
    truth, batch = items(300)
    lines = PLACES.copy()
    lines[0] += 40.0  # as near to each item as a description can be
    shares = Compass.of(lines + 2.0, embed(batch)).shares(embed(batch))
    taken = np.bincount(shares.argmax(axis=1), minlength=3) / 300
    assert taken.max() < 0.6
    assert len(truth) == 300


def test_where_items_cannot_be_told_apart_nothing_is_said_of_them():
    same = np.ones((5, 8))
    shares = Compass.of(PLACES, same).shares(same)
    assert np.allclose(shares, 1 / 3)


def test_an_item_that_cannot_be_read_is_a_failure_and_no_vote():
    _, batch = items(6)
    texts = batch.column("text").to_pylist()
    texts[2] = ""
    ballot = voter(batch).vote(pa.record_batch({"text": texts}))
    assert list(ballot.failures) == [2]
    assert [one.is_valid for one in ballot.answer].count(False) == 1


def test_the_centre_of_no_readable_item_is_nothing():
    nothing = np.full((2, 8), np.nan)
    assert np.isfinite(Compass.of(PLACES, nothing).shares(PLACES)).all()


def test_another_description_model_field_or_centre_is_another_version():
    _, batch = items(30)
    one = voter(batch)
    laws.check_same_version(one, voter(batch))
    laws.check_other_version(one, voter(batch, PLACES[::-1]))
    laws.check_other_version(one, voter(batch.slice(0, 20)))
    laws.check_other_version(one, DescriptionVoter(TASK, one.compass, embed, "v2", ("text",)))
    laws.check_other_version(one, DescriptionVoter(TASK, one.compass, embed, "v1", ("body",)))


def test_descriptions_and_items_of_different_spaces_are_refused():
    with pytest.raises(SourceError, match="8 dimensions"):
        Compass.of(PLACES, np.ones((4, 3)))


def test_descriptions_answer_what_they_are_given():
    _, batch = items(6)
    source = voter(batch).source
    assert source.kind is SourceKind.DESCRIPTION
    assert not source.kind.chooses


def test_a_class_without_description_is_told_by_the_guidelines_or_by_its_name():
    guidelines = "# Spam - what we do not want\n\n* **ham**: private mail\nnewsy: not this one\n"
    task = Task("classification", TASK.classes, guidelines)
    assert lines_of(task, {}) == ("what we do not want", "private mail", "news")
    assert lines_of(task, {"ham": "from friends"})[1] == "from friends"


def test_shares_are_rounded_to_hundredths_that_add_up():
    rng = np.random.default_rng(0)
    for classes in (2, 3, 150):
        shares = rng.dirichlet(np.ones(classes) * 0.3, 50)
        rounded = hundredths(shares)
        assert (rounded.sum(axis=1) == 100).all()
        assert np.abs(rounded / 100 - shares).max() <= 0.011
    assert (hundredths(np.full((1, 150), 1 / 150)).sum(axis=1) == 100).all()
