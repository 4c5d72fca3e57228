"""What comes in, and what is set aside."""

import json

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import DataError, NothingToDoError
from pipeline.making import make, rows, write_csv


def test_the_same_file_twice_changes_nothing(tmp_path):
    project = make(tmp_path, 20, gold=True)
    version = project.workspace.items_digest()
    votes = project.workspace.log.count()
    report = project.import_items(
        tmp_path / "data.csv", id="key", text="text", gold="truth", fields=("text",)
    )
    assert (report.added, report.unchanged, report.gold) == (0, 20, 0)
    assert project.workspace.items_digest() == version
    assert project.workspace.log.count() == votes


def test_one_id_with_two_contents_is_set_aside_and_told(tmp_path):
    project = make(tmp_path, 3)
    other = [{"key": "m1", "text": "something else"}, {"key": "new", "text": "brand new"}]
    report = project.import_items(write_csv(tmp_path / "other.csv", other), id="key", text="text")
    assert (report.added, report.conflicts, report.set_aside) == (1, 1, 1)
    assert "m1" in report.examples[0].excerpt
    assert project.status().set_aside == 1


def test_a_conflict_is_told_with_its_file_and_line_and_takes_only_its_own_gold(tmp_path):
    project = make(tmp_path, 0)
    first = [{"key": "a", "text": "one", "truth": "spam"}]
    second = [
        {"key": "b", "text": "two", "truth": "ham"},
        {"key": "a", "text": "three", "truth": "ham"},
    ]
    files = [
        write_csv(tmp_path / "first.csv", first),
        write_csv(tmp_path / "second.csv", second),
    ]
    report = project.import_items(files, id="key", text="text", gold="truth")
    assert (report.added, report.conflicts, report.gold) == (2, 1, 2)
    (conflict,) = report.examples
    assert (conflict.file, conflict.line, conflict.excerpt) == (str(files[1]), 3, "a")


def test_gold_that_the_task_does_not_know_is_set_aside_but_not_its_item(tmp_path):
    project = make(tmp_path, 0)
    table = [{"key": "a", "text": "x", "truth": "spam"}, {"key": "b", "text": "y", "truth": "egg"}]
    path = write_csv(tmp_path / "gold.csv", table)
    report = project.import_items(path, id="key", text="text", gold="truth")
    assert (report.added, report.gold, report.set_aside) == (2, 1, 1)
    assert "egg" in report.examples[0].reason
    assert report.examples[0].line == 3


def test_votes_of_people_come_in_once(tmp_path):
    project = make(tmp_path, 5)
    table = [
        {"item": "m0", "source": "anna", "label": "spam"},
        {"item": "m1", "source": "anna", "label": ""},
        {"item": "m1", "source": "ben", "label": "ham"},
        {"item": "nobody", "source": "ben", "label": "ham"},
        {"item": "m2", "source": "ben", "label": "egg"},
    ]
    path = write_csv(tmp_path / "crowd.csv", table)
    first = project.import_votes(path)
    assert (first.added, first.unchanged, first.sources, first.set_aside) == (3, 0, 2, 2)
    again = project.import_votes(path)
    assert (again.added, again.unchanged) == (0, 3)
    tallies = project.workspace.tallies()
    assert [(tally.voted, tally.abstained) for tally in tallies] == [(1, 1), (1, 0)]


def test_a_file_without_rows_is_an_error_and_leaves_the_project_as_it_was(tmp_path):
    project = make(tmp_path, 3)
    empty = tmp_path / "empty.csv"
    empty.write_text("key,text\n")
    with pytest.raises((NothingToDoError, DataError)):
        project.import_items(empty, id="key", text="text")
    assert project.workspace.items.count() == 3


def test_a_missing_column_names_those_that_exist(tmp_path):
    project = make(tmp_path, 0)
    path = write_csv(tmp_path / "data.csv", rows(2))
    with pytest.raises(DataError, match="text"):
        project.import_items(path, id="key", text="txet")


def test_images_in_class_folders_bring_gold(tmp_path):
    from PIL import Image

    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for number in range(3):
            picture = np.full((8, 8), 40 * number + (label == "dog"), np.uint8)
            Image.fromarray(picture).save(tmp_path / "pets" / label / f"{number}.png")
    (tmp_path / "pets" / "dog" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    project = lw.init(tmp_path / "p", classes=["cat", "dog"])
    report = project.import_items(tmp_path / "pets", gold="folder")
    assert (report.added, report.gold, report.set_aside) == (6, 6, 1)


def test_what_was_set_aside_stands_in_a_file(tmp_path):
    project = make(tmp_path, 0)
    path = tmp_path / "bad.csv"
    path.write_text('key,text\na,fine\nb,"broken\n')
    project.import_items(path, id="key", text="text")
    lines = (project.folder / ".labelwright" / "rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in lines] == [3]


def test_a_later_file_may_lack_fields_have_new_ones_and_look_like_other_types(tmp_path):
    project = make(tmp_path, 0)
    first = [{"key": "a", "text": "x", "zip": "A-7"}]
    project.import_items(write_csv(tmp_path / "1.csv", first), id="key", text="text")
    second = [{"key": "b", "text": "12", "age": "30"}, {"key": "c", "text": "13", "age": "31"}]
    project.import_items(write_csv(tmp_path / "2.csv", second), id="key", text="text")
    third = [{"key": "d", "text": "y", "zip": "0123"}]
    project.import_items(write_csv(tmp_path / "3.csv", third), id="key", text="text")
    rows = project.workspace.items.take(np.arange(4), ["text", "zip", "age"]).to_pylist()
    assert [row["text"] for row in rows] == ["x", "12", "13", "y"]
    assert [row["zip"] for row in rows] == ["A-7", None, None, "0123"]
    assert [row["age"] for row in rows] == [None, 30, 31, None]


def test_a_worker_called_gold_is_no_source_of_truth(tmp_path):
    project = make(tmp_path, 2)
    path = write_csv(tmp_path / "crowd.csv", [{"item": "m0", "source": "gold", "label": "spam"}])
    report = project.import_votes(path)
    assert (report.added, report.set_aside) == (0, 1)
    assert "--kind gold" in report.examples[0].reason
    assert project.import_votes(path, kind="gold").added == 1
