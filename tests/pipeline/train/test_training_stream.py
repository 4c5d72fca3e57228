"""A training set in a stream: every item once, in an order that can be had again."""

import pytest

import labelwright as lw
from labelwright.core.errors import SettingsError, UnknownNameError
from making_once import made_once

FUNCTIONS = """
import labelwright as lw

@lw.source
def free(x):
    return "spam" if "free" in x.text else None

@lw.source
def dinner(x):
    return "ham" if "dinner" in x.text else None
"""


def rows(first, last):
    words = ["free prize", "dinner at eight", "nothing to say"]
    return "".join(
        f"m{n},{words[n % 3]} {n},{'test' if n % 10 == 9 else ''}\n" for n in range(first, last)
    )


@pytest.fixture
def project(tmp_path):
    return mail(tmp_path)


@made_once
def mail(folder):
    opened = lw.init(folder / "mail", classes=["spam", "ham"])
    (opened.folder / "sources.py").write_text(FUNCTIONS)
    (folder / "data.csv").write_text("id,text,split\n" + rows(0, 60))
    opened.import_items(folder / "data.csv", id="id", split="split")
    opened.vote()
    return opened


def ids(batches):
    return [id_ for batch in batches for id_ in batch.column("id").to_pylist()]


def test_an_epoch_gives_every_labelled_item_of_the_part_once(project):
    stream = project.history.stream(batch_rows=7)
    batches = list(stream.batches())
    assert len(batches) == len(stream)
    found = ids(batches)
    labelled = [n for n in range(60) if n % 3 != 2 and n % 10 != 9]
    assert sorted(found) == sorted(f"m{n}" for n in labelled)
    for row in stream.rows():
        number = int(row["id"][1:])
        assert row["label"] == ("spam" if number % 3 == 0 else "ham")
        assert row["p_spam"] + row["p_ham"] == pytest.approx(1)
        assert row["text"].endswith(f" {number}")
    assert set(ids(project.history.stream(part="test").batches())) == {"m9", "m19", "m39", "m49"}


def test_every_epoch_has_an_order_of_its_own_that_can_be_had_again(project):
    stream, again = (project.history.stream(batch_rows=8, seed=3) for _ in range(2))
    assert ids(stream.batches(0)) == ids(again.batches(0))
    assert ids(stream.batches(0)) != ids(stream.batches(1))
    plain = project.history.stream(shuffle=False)
    assert (
        ids(plain.batches(0))
        == ids(plain.batches(5))
        == sorted(ids(plain.batches()), key=lambda id_: int(id_[1:]))
    )


def test_a_stopped_epoch_is_taken_up_where_it_stopped(project):
    stream = project.history.stream(batch_rows=5)
    whole = ids(stream.batches(2))
    assert ids(stream.batches(2, start=3)) == whole[15:]
    assert ids(stream.batches(2, start=len(stream))) == []


def test_shards_share_an_epoch_out(project):
    parts = [project.history.stream(batch_rows=4, shard=(part, 3)) for part in range(3)]
    given = [ids(part.batches(1)) for part in parts]
    assert [len(list(part.batches(1))) for part in parts] == [len(part) for part in parts]
    assert sorted(id_ for part in given for id_ in part) == sorted(
        ids(project.history.stream().batches())
    )


def test_a_version_streams_the_labels_and_items_that_it_had(project, tmp_path):
    before = dict(zip(*_labels(project.history.stream()), strict=True))
    version = project.history.save("first").id
    (tmp_path / "more.csv").write_text("id,text,split\n" + rows(60, 80))
    project.import_items(tmp_path / "more.csv", id="id", split="split")
    project.vote()
    project.answer("m0", "ham")
    now = dict(zip(*_labels(project.history.stream()), strict=True))
    assert len(now) > len(before)
    assert now["m0"] == "ham"
    assert dict(zip(*_labels(project.history.stream(version)), strict=True)) == before


def _labels(stream):
    found = list(stream.rows())
    return [row["id"] for row in found], [row["label"] for row in found]


def test_what_cannot_be_streamed_is_refused(project):
    with pytest.raises(UnknownNameError, match="no field 'txt'; did you mean 'text'"):
        project.history.stream(fields=["txt"])
    with pytest.raises(UnknownNameError, match="no item is of the part 'tst'; there are: test, t"):
        project.history.stream(part="tst")
    with pytest.raises(SettingsError, match="at least 1 row"):
        project.history.stream(batch_rows=0)
    with pytest.raises(SettingsError, match=r"shard must be \(part, parts\)"):
        project.history.stream(shard=(2, 2))
    assert ids(project.history.stream(fields=[]).batches())
