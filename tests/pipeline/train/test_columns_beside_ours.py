"""Columns of the user's that have a name of ours: nothing of theirs is told as a result of ours."""

import csv
import json
import unicodedata

import numpy as np
import polars as pl
import pytest

import labelwright as lw
from labelwright.core.errors import DataError
from labelwright.formats import DatasetAbout, croissant
from labelwright.pipeline.report.slicing import slices_of
from labelwright.pipeline.vote.apply_to_table import apply
from pipeline.making import FUNCTIONS, rows, write_csv

CLASSES = ("spam", "\u00e9t\u00e9")
DECOMPOSED = unicodedata.normalize("NFD", "p_\u00e9t\u00e9")
CLASHING = {
    "label": "theirs", "Label": "theirs too", "label_of_item": "taken", "split": "never",
    "confidence": "0.5 of theirs", "sources": "nobody", "basis": "none", "id": "their id",
    "p_spam": "low", "P_Spam": "high", DECOMPOSED: "autumn", "model_label": "?", "p_value": "small",
}  # fmt: skip
FUNCTIONS = FUNCTIONS.replace('"ham"', '"\u00e9t\u00e9"')


def clashing(count, start=0):
    """Items whose fields have names of ours."""
    return [{"key": row["key"], "text": row["text"], **CLASHING} for row in rows(count, start)]


def write_jsonl(path, table):
    path.write_text("".join(json.dumps(row) + "\n" for row in table), encoding="utf-8")
    return path


def write_parquet(path, table):
    pl.DataFrame(table).write_parquet(path)
    return path


WRITERS = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}


def read_back(path):
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    frames = {".jsonl": pl.read_ndjson, ".parquet": pl.read_parquet}
    return frames[path.suffix](path).to_dicts()


@pytest.fixture(scope="module", params=list(WRITERS))
def ending(request):
    return request.param


@pytest.fixture(scope="module")
def project(ending, tmp_path_factory):
    """A trained project whose items came from a file of each format."""
    folder = tmp_path_factory.mktemp(ending)
    project = lw.init(folder / "p", classes=CLASSES)
    (project.folder / "sources.py").write_text(FUNCTIONS)
    path = WRITERS[ending](folder / f"items.{ending}", clashing(60))
    project.import_items(path, id="key", text="text")
    project.vote()
    project.train("text")
    return project


def test_a_prediction_stands_in_its_own_column_whatever_the_file_has(project, ending, tmp_path):
    theirs = WRITERS[ending](tmp_path / f"new.{ending}", clashing(20, start=60))
    texts = [{name: row[name] for name in ("key", "text")} for row in clashing(20, start=60)]
    plain = WRITERS[ending](tmp_path / f"plain.{ending}", texts)
    told = project.predict(theirs, tmp_path / f"out.{ending}")
    project.predict(plain, tmp_path / f"plain-out.{ending}")
    got, right = (read_back(tmp_path / f"{name}.{ending}") for name in ("out", "plain-out"))
    ours = ["id", "label", "confidence", "p_spam", "p_\u00e9t\u00e9"]
    assert [[row[name] for name in ours] for row in got] == [
        [row[name] for name in ours] for row in right
    ]
    assert told.renamed == {
        "label": "label_of_item_3", "Label": "Label_of_item_2", "confidence": "confidence_of_item",
        "id": "id_of_item", "p_spam": "p_spam_of_item_2", "P_Spam": "P_Spam_of_item",
        DECOMPOSED: f"{DECOMPOSED}_of_item",
    }  # fmt: skip
    for name, value in CLASHING.items():
        assert {row[told.renamed.get(name, name)] for row in got} == {value}


def test_an_export_is_no_dead_end_and_holds_all_of_the_user_s_fields(project, ending, tmp_path):
    path = tmp_path / f"train.{ending}"
    told = project.export(path)
    got = read_back(path)
    assert {row["label"] for row in got} <= {*CLASSES, None, ""}
    assert [row["id"] for row in got] == [row["key"] for row in clashing(60)]
    assert not {"theirs", "theirs too"} & {row["label"] for row in got}
    for name, value in CLASHING.items():
        assert {row[told.renamed.get(name, name)] for row in got} == {value}
    assert told.renamed["sources"] == "sources_of_item"
    assert told.renamed["model_label"] == "model_label_of_item"
    again = lw.init(tmp_path / "again", classes=CLASSES)
    assert again.import_items(path, id="id", text="text").added == 60


def test_names_in_an_export_do_not_change_when_a_model_is_trained(tmp_path):
    project = lw.init(tmp_path / "p", classes=CLASSES)
    (project.folder / "sources.py").write_text(FUNCTIONS)
    project.import_items(write_csv(tmp_path / "items.csv", clashing(60)), id="key", text="text")
    project.vote()
    before = project.export(tmp_path / "before.csv").renamed
    project.train("text")
    assert project.export(tmp_path / "after.csv").renamed == before


def test_a_stream_gives_labels_under_label_and_fields_under_other_names(project):
    stream = project.history.stream(shuffle=False)
    first = next(stream.rows())
    assert first["label"] in CLASSES
    assert stream.renamed["label"] == "label_of_item_3"
    assert {first[stream.renamed.get(name, name)] for name in CLASHING} == set(CLASHING.values())
    chosen = project.history.stream(shuffle=False, fields=["Label"])
    assert chosen.renamed == {"Label": "Label_of_item"}
    assert next(chosen.rows())["Label_of_item"] == "theirs too"


def test_a_checkout_of_such_a_project_exports_the_same(project, tmp_path):
    project.freeze("now")
    made = lw.open(project.history.checkout(project.versions()[-1].id, tmp_path / "then"))
    assert made.export(tmp_path / "then.csv").renamed == project.export(tmp_path / "x.csv").renamed
    assert (tmp_path / "then.csv").read_bytes() == (tmp_path / "x.csv").read_bytes()


def test_croissant_takes_no_column_of_the_user_s_for_a_probability(project, tmp_path):
    project.export(tmp_path / "train.parquet")
    about = DatasetAbout(
        "n", "d", "", "", (), "1.0.0", "2020-01-01", "text-classification", 60, CLASSES
    )
    told = json.loads(croissant(about, tmp_path / "train.parquet"))
    fields = {field["name"]: field.get("description") for field in told["recordSet"][0]["field"]}
    assert fields["p_spam"] == "the probability of the class spam"
    assert fields["p_value"] is None
    assert fields["label_of_item_3"] is None


def test_a_slice_of_a_field_called_split_is_not_told_as_one_of_the_split(tmp_path):
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    table = [row | {"split": "a" if place < 20 else "b"} for place, row in enumerate(rows(40))]
    settings = {"id": "key", "text": "text", "gold": "truth", "fields": ("text", "split")}
    project.import_items(write_csv(tmp_path / "items.csv", table), **settings)
    wrong = np.arange(40) < 20
    found = slices_of(project.workspace, project.label(), np.arange(40), wrong)
    assert ("split_of_item", "a") in {(one.facet, one.value) for one in found.worst}
    assert "split" not in {one.facet for one in found.worst}


@pytest.mark.parametrize("name", ["_id", "_number", "_split"])
def test_a_table_with_a_column_that_is_ours_is_refused_by_apply(name):
    frame = pl.DataFrame({"text": ["free"], name: ["x"]})
    with pytest.raises(DataError, match=f"'{name}'.*another name"):
        apply([lambda x: None], frame, ["spam", "ham"])
