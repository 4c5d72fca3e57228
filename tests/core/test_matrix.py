"""The label matrix: what goes in comes out sorted, checked and sparse."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from labelwright.core.errors import VotesError
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.source import SourceKind
from labelwright.core.tables import NamedVotes, as_vote_matrix, from_table

DENSE = arrays(
    np.int64, array_shapes(min_dims=2, max_dims=2, min_side=0), elements=st.integers(-1, 4)
)
CROWD = {
    "task": ["b", "a", "b", "c"],
    "worker": ["w1", "w1", "w2", "w3"],
    "label": ["no", "yes", "yes", "no"],
}


def built(unit=(0, 1), source=(0, 0), label=(0, 1), **changes):
    sizes = {"units": 2, "classes": 2, "kinds": ["person"]}
    return VoteMatrix.build(unit, source, label, **{**sizes, **changes})


@given(DENSE)
def test_a_dense_array_comes_back(dense):
    matrix = VoteMatrix.from_dense(dense)
    np.testing.assert_array_equal(matrix.to_dense(), dense)
    assert (matrix.units, matrix.sources) == dense.shape
    assert matrix.classes == max(2, dense.max(initial=0) + 1)
    assert matrix.complete.all()


@given(DENSE, st.randoms(use_true_random=False))
def test_votes_are_sorted_by_unit_then_source_with_what_belongs_to_them(dense, random):
    unit, source = np.nonzero(dense != ABSTAINED)
    order = [*range(len(unit))]
    random.shuffle(order)
    confidence = np.linspace(0, 1, len(unit), dtype=np.float32)
    matrix = VoteMatrix.build(
        unit[order],
        source[order],
        dense[unit, source][order],
        units=len(dense),
        classes=5,
        kinds=["function"] * dense.shape[1],
        confidence=confidence[order],
    )
    np.testing.assert_array_equal(matrix.to_dense(), dense)
    np.testing.assert_array_equal(matrix.confidence, confidence)
    np.testing.assert_array_equal(matrix.unit, unit)


@given(DENSE)
def test_starts_covered_and_voted_follow_from_the_votes(dense):
    matrix = VoteMatrix.from_dense(dense)
    np.testing.assert_array_equal(matrix.covered, (dense >= 0).any(axis=1))
    np.testing.assert_array_equal(np.diff(matrix.start), (dense >= 0).sum(axis=1))
    assert matrix.voted.all()


def test_a_row_that_abstains_is_kept_and_covers_nothing():
    matrix = built(label=(-1, 1))
    np.testing.assert_array_equal(matrix.voted, [False, True])
    np.testing.assert_array_equal(matrix.covered, [False, True])
    np.testing.assert_array_equal(matrix.start, [0, 1, 2])


def test_a_vote_takes_ten_bytes():
    matrix = built()
    assert sum(column.itemsize for column in (matrix.unit, matrix.source, matrix.label)) == 10


def test_who_chooses_where_to_vote_counts_as_asked_about_everything():
    matrix = VoteMatrix.build([], [], [], units=1, classes=2, kinds=list(SourceKind))
    assert [k for k, c in zip(matrix.kinds, matrix.complete, strict=True) if c] == [
        kind for kind in SourceKind if kind.chooses
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unit": (0, 2)}, r"unit must lie in 0..1, got 0..2"),
        ({"unit": (-1, 0)}, r"unit must lie in"),
        ({"source": (0, 1)}, r"source must lie in 0..0, got 0..1"),
        ({"label": (0, 2)}, r"label must lie in -1..1, got 0..2"),
        ({"label": (-2, 1)}, r"label must lie in"),
        ({"label": (0.5, 1.0)}, r"label must hold whole numbers, got float64"),
        ({"unit": (0, 1, 1)}, r"must have the same length"),
        ({"unit": (1, 1)}, r"source 0 has two votes on unit 1 \(1 such pairs\)"),
        ({"classes": 1, "label": (0, 0)}, r"at least two classes, got 1"),
        ({"classes": 40_000}, r"at most 32767 classes, got 40000"),
        ({"units": -1, "unit": (), "source": (), "label": ()}, r"units must be"),
        ({"weight": (1.0,)}, r"weight must have shape \(2,\), got \(1,\)"),
        ({"weight": (1.0, 0.0)}, r"weights must be positive"),
        ({"weight": (1.0, np.nan)}, r"weights must be positive"),
        ({"weight": (1.0, np.inf)}, r"weights must be positive"),
        ({"complete": (True, False)}, r"complete must have shape \(1,\), got \(2,\)"),
        ({"accuracies": (0.9, 0.8)}, r"accuracies must have shape \(1,\), got \(2,\)"),
        ({"accuracies": (1.5,)}, r"accuracies must lie in 0..1"),
        ({"confidence": (0.5,)}, r"confidence must have shape \(2,\), got \(1,\)"),
    ],
)
def test_votes_that_contradict_their_sizes_are_refused(changes, message):
    with pytest.raises(VotesError, match=message):
        built(**changes)


def test_an_unknown_kind_is_refused():
    with pytest.raises(VotesError, match="'robot' is no kind of source; known: function"):
        built(kinds=["robot"])


@pytest.mark.parametrize(
    ("dense", "message"),
    [
        ([0, 1], "two dimensions"),
        ([[0.5, 1]], "whole numbers"),
        ([[np.nan, 1]], "fill missing votes with -1"),
        ([["a", "b"]], "whole numbers"),
        ([[-2, 1]], "start at -1"),
    ],
)
def test_arrays_that_are_no_label_matrix_are_refused(dense, message):
    with pytest.raises(VotesError, match=message):
        VoteMatrix.from_dense(dense)


def test_whole_numbers_in_floats_are_read():
    matrix = VoteMatrix.from_dense([[0.0, -1.0], [2.0, 1.0]], kinds=["person", "rule"], classes=4)
    np.testing.assert_array_equal(matrix.to_dense(), [[0, -1], [2, 1]])
    assert matrix.kinds == (SourceKind.PERSON, SourceKind.RULE)
    assert matrix.classes == 4


@pytest.mark.parametrize("frame", [pa.table, pl.DataFrame, pd.DataFrame])
def test_a_table_of_votes_keeps_its_names_in_order_of_appearance(frame):
    named = from_table(frame(CROWD))
    assert named.units == ("b", "a", "c")
    assert named.sources == ("w1", "w2", "w3")
    assert named.classes == ("no", "yes")
    np.testing.assert_array_equal(named.matrix.to_dense(), [[0, 1, -1], [1, -1, -1], [-1, -1, 0]])
    assert not named.matrix.complete.any()
    assert named.matrix.kinds == (SourceKind.PERSON,) * 3


def test_columns_may_have_other_names_and_several_chunks():
    one = pa.table({"doc": [1, 2], "who": ["a", "a"], "class": [5, 6]})
    table = pa.concat_tables([one, pa.table({"doc": [3], "who": ["b"], "class": [6]})])
    named = from_table(table, unit="doc", source="who", label="class", kind="model")
    assert (named.units, named.classes) == ((1, 2, 3), (5, 6))
    assert named.matrix.kinds == (SourceKind.MODEL,) * 2


def test_a_column_of_categories_is_read():
    frame = pd.DataFrame(CROWD).astype("category")
    assert from_table(frame).matrix.units == 3


def test_a_table_without_rows_has_no_units():
    table = pa.table({name: pa.array([], pa.string()) for name in CROWD})
    named = from_table(table)
    assert (named.matrix.units, named.matrix.sources, named.matrix.classes) == (0, 0, 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"worker": None}, r"lacks the column 'worker'; it has \['task', 'label'\]"),
        ({"label": ["no", None, "yes", "no"]}, "column 'label' has 1 empty values"),
        ({"worker": ["w1", "w1", "w1", "w3"]}, "source 0 has two votes on unit 0"),
    ],
)
def test_tables_that_hold_no_votes_are_refused(changes, message):
    table = {name: column for name, column in {**CROWD, **changes}.items() if column is not None}
    with pytest.raises(VotesError, match=message):
        from_table(pa.table(table))


def test_whatever_people_have_becomes_a_matrix():
    named = from_table(pa.table(CROWD))
    assert isinstance(named, NamedVotes)
    assert as_vote_matrix(named) is named.matrix
    assert as_vote_matrix(named.matrix) is named.matrix
    for frame in (pa.table, pl.DataFrame, pd.DataFrame):
        assert as_vote_matrix(frame(CROWD)).units == 3
    assert as_vote_matrix([[0, 1], [1, -1]]).units == 2
    assert as_vote_matrix(np.array([[0, 1]], np.int8)).sources == 2


def test_disagreement_is_none_where_all_agree_and_one_where_all_differ():
    matrix = VoteMatrix.from_dense([[0, 0, 0], [0, 1, 2], [0, -1, -1], [-1] * 3, [0, 0, 1]])
    np.testing.assert_allclose(matrix.disagreement, [0, 1, 0, 0, 2 / 3])


def test_weights_are_ones_where_none_are_given():
    np.testing.assert_array_equal(built().weights(), [1, 1])
    np.testing.assert_array_equal(built(weight=(1, 2.5)).weights(), [1, 2.5])


@given(DENSE)
def test_votes_are_counted_by_source_in_pieces_of_any_size(dense):
    matrix = VoteMatrix.from_dense(dense)
    np.testing.assert_array_equal(matrix.vote_count, (dense >= 0).sum(axis=0))


def test_many_votes_are_gone_through_in_pieces(monkeypatch):
    monkeypatch.setattr("labelwright.core.matrix.PIECE_ROWS", 2)
    matrix = built(unit=(0, 1, 2, 3, 4), source=(0,) * 5, label=(0, -1, 1, 0, 1), units=6)
    np.testing.assert_array_equal(matrix.covered, [True, False, True, True, True, False])
    assert matrix.vote_count.tolist() == [4]


def test_a_known_balance_is_a_share_of_each_class_and_is_checked():
    votes = {"units": 1, "classes": 2, "kinds": ["person"]}
    known = VoteMatrix.build([0], [0], [1], balance=[0.9, 0.1], balance_answers=20, **votes)
    assert known.balance.tolist() == [0.9, 0.1]
    assert known.balance_answers == 20
    for wrong in ([0.9, 0.2], [1.0, 0.0], [1.0]):
        with pytest.raises(VotesError, match="balance"):
            VoteMatrix.build([0], [0], [1], balance=wrong, **votes)


def test_what_is_said_of_units_goes_with_them_under_new_numbers():
    votes = VoteMatrix.build(
        [0, 1, 1, 3], [0, 0, 1, 1], [0, 1, 0, 1], units=4, classes=2, kinds=["function", "gold"],
        weight=[1, 2, 3, 4], picked=[False, True, False, True],
    )  # fmt: skip
    some = votes.on_units(np.array([1, 3]), np.array([1, 2, 3]), np.array([0, 0, 1]), 2)
    assert (some.units, some.weight.tolist(), some.picked.tolist()) == (2, [2, 4], [True, True])
    assert some.to_dense().tolist() == [[1, 0], [-1, 1]]
    rest = votes.on_units(slice(0, 1), slice(0, 1), np.zeros(1), 1)
    assert (rest.weight.tolist(), rest.picked.tolist()) == ([1], [False])


def test_which_units_were_picked_is_a_flag_for_each():
    votes = {"units": 2, "classes": 2, "kinds": ["gold"]}
    assert VoteMatrix.build([0], [0], [1], **votes).was_picked().tolist() == [False, False]
    with pytest.raises(VotesError, match="picked must have shape"):
        VoteMatrix.build([0], [0], [1], picked=[True], **votes)
