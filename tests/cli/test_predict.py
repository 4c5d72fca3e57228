"""`labelwright predict`. A failure here costs a wrong decision on somebody's data, or a model that
is believed to be perfect because its file told the answers."""

import csv
import json

import pytest

from pipeline.making import rows, write_csv


def read_back(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_predictions_stand_in_our_columns_and_the_file_s_own_beside_them(folder, tmp_path, lw):
    table = [row | {"label": "egg", "note": "n"} for row in rows(12, start=200)]
    path = write_csv(tmp_path / "new.csv", table)
    told = lw("predict", path, "--to", tmp_path / "out.csv", "-p", folder)
    assert told.code == 0, told.err
    assert f"wrote 12 predictions to {tmp_path / 'out.csv'}" in told.out
    assert "your column 'label' is called 'label_of_item'" in told.out
    got = read_back(tmp_path / "out.csv")
    assert [row["id"] for row in got] == [row["key"] for row in table]
    assert {row["label"] for row in got} <= {"spam", "ham"}
    assert {row["label_of_item"] for row in got} == {"egg"}
    for row in got:
        chances = {name: float(row[f"p_{name}"]) for name in ("spam", "ham")}
        assert sum(chances.values()) == pytest.approx(1)
        assert row["label"] == max(chances, key=chances.get)
        assert float(row["confidence"]) == max(chances.values())


def test_json_says_what_was_renamed_and_set_aside(folder, tmp_path, lw):
    path = tmp_path / "new.csv"
    path.write_text("key,text,truth,ID\nz1,free,x,7\nz2\n,dinner,x,8\n")
    told = lw(
        "predict", path, "--to", tmp_path / "out.jsonl", "-p", folder, "--id", "key", "--json"
    )
    found = json.loads(told.out)
    assert (found["rows"], found["set_aside"]) == (1, 2)
    assert found["renamed"] == {"ID": "ID_of_item"}
    (row,) = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert (row["id"], row["ID_of_item"]) == ("z1", 7)


def test_what_cannot_be_predicted_is_told_and_the_file_that_was_there_stays(folder, tmp_path, lw):
    out = tmp_path / "out.csv"
    out.write_text("before")
    lacking = write_csv(tmp_path / "lacking.csv", [{"key": "a", "txt": "free"}])
    for arguments, said in (
        ((lacking,), "'text', which is missing; did you mean 'txt'?"),
        ((tmp_path / "none.csv",), "no such file"),
        ((lacking, "--id", "kye"), "Did you mean 'key'?"),
    ):
        told = lw("predict", *arguments, "--to", out, "-p", folder)
        assert told.code == 2
        assert said in told.err
        assert out.read_text() == "before"


def test_an_ending_that_cannot_be_written_is_refused(folder, tmp_path, lw):
    path = write_csv(tmp_path / "new.csv", rows(2))
    told = lw("predict", path, "--to", tmp_path / "out.xlsx", "-p", folder)
    assert told.code == 2
    assert ".parquet" in told.err


def test_without_a_model_it_says_how_to_get_one(fresh, tmp_path, lw):
    told = lw("predict", tmp_path / "data.csv", "--to", tmp_path / "out.csv", "-p", fresh)
    assert told.code == 2
    assert "labelwright train" in told.err
    assert not (tmp_path / "out.csv").exists()
