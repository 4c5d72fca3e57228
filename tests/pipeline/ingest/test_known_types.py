"""One bad cell costs its row, not the file: a comma in one number must not lose a day's data."""

import csv
import json

import polars as pl
import pytest

import labelwright as lw
from labelwright.core.errors import DataError
from making_once import made_once

BAD = "1.234,50"


def table(count, start=0):
    """Amounts whose size says the class, whole numbers, and shops called by a number."""
    return [
        {
            "key": f"k{at}",
            "amount": 10.5 + 20 * (at % 2),
            "count": at % 3 + 5 * (at % 2),
            "shop": f"0{at % 2}",
            "truth": ("ok", "fraud")[at % 2],
        }
        for at in range(start, start + count)
    ]


def write(path, rows):
    """The rows in the format of the ending; in Parquet all is text, as a table with a bad cell."""
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".parquet":
        texts = [{name: str(value) for name, value in row.items()} for row in rows]
        pl.DataFrame(texts).write_parquet(path)
    else:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    return path


@made_once
def make_trained(folder):
    project = lw.init(folder / "p", classes=["fraud", "ok"])
    project.import_items(write(folder / "items.csv", table(40)), id="key", gold="truth")
    project.train("tabular")
    return project


@pytest.fixture
def project(tmp_path):
    return make_trained(tmp_path)


@pytest.fixture(params=["csv", "jsonl", "parquet"])
def ending(request):
    return request.param


def predicted(path):
    with path.open(newline="") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def test_a_row_with_a_bad_cell_is_not_predicted_and_named_the_others_are(project, ending, tmp_path):
    rows = table(6, start=100)
    rows[3]["amount"] = BAD
    told = project.predict(write(tmp_path / f"new.{ending}", rows), tmp_path / "out.csv")
    right = {row["key"]: row["truth"] for row in rows if row["amount"] != BAD}
    assert predicted(tmp_path / "out.csv") == right
    assert (told.rows, told.set_aside) == (5, 1)
    (aside,) = told.examples
    assert aside.line == {"csv": 5, "jsonl": 4, "parquet": 4}[ending]
    assert "'amount'" in aside.reason
    assert "mend it or empty the cell" in aside.reason
    assert BAD in aside.excerpt


def test_what_the_model_does_not_read_sets_no_row_aside(project, tmp_path):
    settings = project.folder / "labelwright.toml"
    settings.write_text(
        settings.read_text() + '\n[end_model]\nname = "tabular"\ncolumns = ["amount"]\n'
    )
    project = lw.open(project.folder)
    project.train()
    rows = table(6, start=100)
    rows[3]["count"] = "many"
    told = project.predict(write(tmp_path / "new.csv", rows), tmp_path / "out.csv")
    assert (told.rows, told.set_aside) == (6, 0)


def test_where_no_row_can_be_predicted_it_says_why_and_writes_nothing(project, tmp_path):
    rows = [row | {"amount": BAD} for row in table(3, start=100)]
    with pytest.raises(DataError, match=r"no row.*new\.csv:2.*'amount'.*mend it"):
        project.predict(write(tmp_path / "new.csv", rows), tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_missing_column_is_answered_with_the_columns_of_the_file(project, tmp_path):
    rows = [{"key": row["key"], "Amount": 3.5} for row in table(3)]
    with pytest.raises(DataError, match="did you mean 'Amount'") as told:
        project.predict(write(tmp_path / "new.csv", rows), tmp_path / "out.csv")
    assert "_id" not in str(told.value)


def test_an_import_keeps_the_rows_without_a_bad_cell(project, ending, tmp_path):
    rows = table(6, start=100)
    rows[3]["amount"] = BAD
    path = write(tmp_path / f"new.{ending}", rows)
    told = project.import_items(path, id="key", gold="truth")
    assert (told.added, told.set_aside, told.gold) == (5, 1, 5)
    assert "'amount'" in told.examples[0].reason
    assert project.workspace.rejects.count() == 1
    kept = project.workspace.items.take(range(40, 45), ["amount", "count", "shop"])
    wanted = [row for row in rows if row["amount"] != BAD]
    for name in ("amount", "count", "shop"):
        assert kept.column(name).to_pylist() == [row[name] for row in wanted]


def test_a_column_of_numbers_that_is_empty_in_a_new_file_is_missing_there(project, tmp_path):
    rows = [row | {"amount": ""} for row in table(6, start=100)]
    assert (
        project.import_items(write(tmp_path / "new.csv", rows), id="key", gold="truth").added == 6
    )
    assert project.workspace.items.take(range(40, 46), ["amount"])["amount"].null_count == 6


def test_a_type_that_the_import_names_is_that_of_its_rows(project, tmp_path):
    rows = table(3, start=100)
    rows[1]["amount"] = BAD
    path = write(tmp_path / "new.csv", rows)
    with pytest.raises(DataError, match="another name"):
        project.import_items(path, id="key", gold="truth", types={"amount": "text"})
