"""Answers and probabilities as columns of a file: single classes, sets, pieces."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

import labelwright as lw
from labelwright.core.task import Task
from labelwright.pipeline.train.answer_columns import answer_columns, class_counts, class_shares
from labelwright.sources import ballot_of, beliefs_of_items
from pipeline.making import write_csv

SINGLE = Task("classification", ("a", "b", "c"))
SETS = Task("multilabel", ("a", "b", "c"))
CHANCE = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])


def questions(shares):
    """The two classes no and yes of every item and class."""
    yes = np.asarray(shares).ravel()
    return np.stack([1 - yes, yes], axis=1)


def test_single_classes_are_told_with_the_probability_of_each():
    told = answer_columns(beliefs_of_items(CHANCE, SINGLE), SINGLE)
    assert told["label"].to_pylist() == ["b", "a"]
    assert told["confidence"].to_pylist() == [0.5, 0.6]
    assert [told[f"p_{name}"].to_pylist() for name in "abc"] == CHANCE.T.tolist()


def test_sets_are_told_with_the_probability_that_each_class_belongs():
    shares = [[0.9, 0.6, 0.1], [0.2, 0.2, 0.3]]
    told = answer_columns(beliefs_of_items(questions(shares), SETS), SETS)
    assert told["label"].to_pylist() == ['["a", "b"]', "[]"]
    assert told["confidence"].to_pylist() == pytest.approx([0.6, 0.7])
    assert np.stack([told[f"p_{name}"] for name in "abc"], axis=1) == pytest.approx(
        np.array(shares)
    )


def test_shares_of_one_class_and_of_no_items_have_their_shape():
    assert class_shares(questions([[0.3], [0.8]]), 2, ["a"]) == pytest.approx(
        np.array([[0.3], [0.8]])
    )
    assert class_shares(np.zeros((0, 2)), 0, ["a", "b", "c"]).shape == (0, 3)


def test_classes_are_counted_where_they_are_the_label_or_belong_to_it():
    assert class_counts(beliefs_of_items(CHANCE, SINGLE), ("",)) == {
        "a": 1, "b": 1, "c": 0
    }  # fmt: skip
    found = beliefs_of_items(questions([[0.9, 0.6, 0.1], [0.2, 0.7, 0.3]]), SETS)
    assert class_counts(found, SETS.classes) == {"a": 1, "b": 2, "c": 0}


def test_a_ballot_is_cast_where_the_least_sure_part_is_sure_enough():
    beliefs = beliefs_of_items(questions([[0.9, 0.95, 0.1], [0.2, 0.6, 0.3]]), SETS)
    ballot = ballot_of(beliefs, SETS, 0.8)
    assert ballot.answer.to_pylist() == ['["a", "b"]', None]
    assert ballot.confidence.tolist() == pytest.approx([0.9, np.nan], nan_ok=True)
    unknown = questions([[0.9, np.nan, 0.1], [0.9, 0.9, 0.9]])
    assert ballot_of(beliefs_of_items(unknown, SETS), SETS).answer.to_pylist() == [
        None,
        '["a", "b", "c"]',
    ]


def boxes(folder, answers):
    project = lw.init(folder / "things", classes=["car", "bus"], kind="boxes")
    rows = [{"key": f"k{n}", "text": "seen"} for n in range(4)]
    project.import_items(write_csv(folder / "d.csv", rows), id="key", text="text", fields=("text",))
    for person, said in answers.items():
        for key, found in said.items():
            project.answer(key, found, person=person)
    return project


CAR = {"label": "car", "box": [1, 2, 31, 42]}
BUS = {"label": "bus", "box": [100, 100, 150, 160]}


def test_pieces_are_told_each_with_its_own_probability(tmp_path):
    project = boxes(
        tmp_path,
        {
            "ann": {"k0": [CAR, BUS], "k1": []},
            "bea": {"k0": [CAR], "k1": []},
            "cem": {"k0": [CAR, BUS], "k2": [BUS]},
        },
    )
    done = project.round()
    assert done.trained is None
    project.export(tmp_path / "out.parquet")
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    second, first = rows[0]["pieces"]  # in the order of the answer
    assert (first["label"], first["box"]) == ("car", [1, 2, 31, 42])
    assert (second["label"], second["box"]) == ("bus", [100, 100, 150, 160])
    assert 0.5 < second["probability"] < first["probability"] <= 1
    assert rows[1]["pieces"] == []
    assert [piece["label"] for piece in rows[2]["pieces"]] == ["bus"]
    assert (rows[3]["label"], rows[3]["pieces"]) == (None, None)
    assert not any(name.startswith("p_") for name in rows[0])
    project.export(tmp_path / "out.csv")


def test_an_export_without_any_piece_has_the_column_all_the_same(tmp_path):
    project = boxes(tmp_path, {"ann": {"k0": [], "k1": []}})
    project.export(tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    assert table["pieces"].to_pylist() == [[], [], None, None]
    names = [field.name for field in table.schema.field("pieces").type.value_type]
    assert names == ["label", "box", "probability"]


def test_the_pieces_of_an_item_with_gold_are_those_of_gold(tmp_path):
    shifted = {"label": "car", "box": [3, 4, 33, 44]}
    project = boxes(tmp_path, {"ann": {"k0": [shifted]}, "bea": {"k0": [shifted]}})
    gold = write_csv(tmp_path / "gold.csv", [{"item": "k0", "label": json.dumps([CAR])}])
    project.import_votes(gold, kind="gold")
    project.round()
    project.export(tmp_path / "out.parquet")
    (row,) = pq.read_table(tmp_path / "out.parquet").slice(0, 1).to_pylist()
    assert json.loads(row["label"]) == [CAR]
    assert [(one["label"], one["box"]) for one in row["pieces"]] == [("car", [1, 2, 31, 42])]
