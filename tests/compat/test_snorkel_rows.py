"""Labeling functions on frames see what pandas shows them, and appliers count what goes wrong."""

import copy
import inspect
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from labelwright.compat.snorkel.augmentation import PandasTFApplier, TFApplier
from labelwright.compat.snorkel.labeling import (
    LabelingFunction,
    LFApplier,
    PandasLFApplier,
    filter_unlabeled_dataframe,
    labeling_function,
)
from labelwright.compat.snorkel.labeling.apply.core import BaseLFApplier
from labelwright.compat.snorkel.labeling.row import frame_rows
from labelwright.compat.snorkel.map.core import content_key
from labelwright.compat.snorkel.preprocess import Preprocessor, preprocessor
from labelwright.compat.snorkel.slicing import PandasSFApplier, SFApplier

FRAMES = {
    "text and numbers": pd.DataFrame({"t": ["a", "b"], "i": [1, 2], "f": [0.5, np.nan]}),
    "numbers": pd.DataFrame({"i": [1, 2], "f": [0.5, 2]}),
    "whole numbers": pd.DataFrame({"i": [1, 2], "j": np.array([3, 4], np.int8)}),
    "truth and numbers": pd.DataFrame({"b": [True, False], "i": [1, 2]}),
    "times": pd.DataFrame({"d": pd.to_datetime(["2020-01-01", None]), "t": ["a", None]}),
    "only times": pd.DataFrame({"d": pd.to_datetime(["2020-01-01", "2020-01-02"])}),
    "lists": pd.DataFrame({"l": [[1], []], "é f": ["x", "y"]}),
    "categories": pd.DataFrame({"c": pd.Categorical(["x", "y"]), "i": [1, 2]}),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_row_has_the_values_of_the_types_that_pandas_gives_it(frame):
    def typed(row):
        fields = [row[name] for name in frame.columns]
        return [(type(value), repr(value)) for value in [*fields, *row]]

    theirs = []
    frame.apply(lambda row: theirs.append(typed(row)) or 0, axis=1)
    assert [typed(row) for row in frame_rows(frame)] == theirs


def test_a_row_does_what_its_series_does():
    frame = pd.DataFrame({"text": ["Hi"], "name": ["field"], "n": [3]}, index=["label"])
    (row,) = frame_rows(frame)
    (series,) = [series for _, series in frame.iterrows()]
    assert row.text == row["text"] == series.text
    assert row.name == series.name == "label"  # not the field: a Series has a name of its own
    assert row["name"] == "field"
    assert list(row) == list(series)
    assert len(row) == 3
    assert "n" in row
    assert "label" not in row
    assert row.get("absent", 7) == 7
    assert dict(row) == dict(series)
    assert row[["n"]].tolist() == [3]
    assert repr(row) == repr(series)
    row.n, row["text"], row.fresh = 4, "Ho", "made"
    assert (row.n, row.text, row.fresh) == (4, "Ho", "made")
    twin = copy.deepcopy(row)
    twin.n, twin.fresh = 5, "other"
    assert (row.n, row.fresh, twin.n, twin.text) == (4, "made", 5, "Ho")
    assert not hasattr(row, "__array__")  # a protocol of Python's or numpy's, no field
    with pytest.raises(AttributeError):
        _ = row.absent
    with pytest.raises(KeyError):
        _ = row["absent"]


def test_two_columns_of_one_name_are_a_series_as_in_pandas():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    (row,) = frame_rows(frame)
    assert row.a.tolist() == [1, 2]
    assert next(frame_rows(pd.DataFrame(index=[0, 1]))).name == 0


def number(x):
    return x


def test_an_applier_takes_every_whole_number_and_refuses_the_rest():
    taken = [3, np.int8(2), True, np.bool_(True), 1.0, np.float32(2), -1, -5, -1.5, float("nan")]
    applier = LFApplier([LabelingFunction("number", number)])
    labels = applier.apply(taken, progress_bar=False)
    assert labels.tolist() == [[3], [2], [1], [1], [1], [2], [-1], [-1], [-1], [-1]]
    assert labels.dtype == np.int64
    for refused in (None, "spam", 0.5):
        with pytest.raises(ValueError, match=r"'number' gave .* on row 0; expected a whole"):
            applier.apply([refused])


def test_a_fault_abstains_and_is_counted_where_faults_are_tolerated():
    def fragile(x):
        return 1 // x

    applier = LFApplier([LabelingFunction("fragile", fragile), LabelingFunction("n", number)])
    with pytest.raises(ZeroDivisionError):
        applier.apply([1, 0])
    labels, meta = applier.apply([1, 0, 0], fault_tolerant=True, return_meta=True)
    assert labels.tolist() == [[1, 1], [-1, 0], [-1, 0]]
    assert meta.faults == {"fragile": 2}
    frame = pd.DataFrame({"n": [0]})
    by_field = [LabelingFunction("fragile", lambda x: 1 // int(x.n))]
    labels, meta = PandasLFApplier(by_field).apply(frame, False, True, return_meta=True)
    assert (labels.tolist(), meta.faults) == ([[-1]], {"fragile": 1})


def test_nothing_to_label_gives_a_matrix_without_rows():
    applier = PandasLFApplier([LabelingFunction("n", number)])
    assert applier.apply(pd.DataFrame({"a": []})).shape == (0, 1)
    assert LFApplier([]).apply([1, 2]).shape == (2, 0)


def test_the_doors_say_what_is_wrong():
    twins = [LabelingFunction("n", number)] * 2
    for applier in (LFApplier, PandasLFApplier):
        with pytest.raises(ValueError, match="2 functions are called 'n'"):
            applier(twins)
        assert repr(applier(twins[:1])) == f"{applier.__name__}, LFs: ['n']"
    with pytest.raises(ValueError, match="pandas DataFrame, got list"):
        PandasLFApplier([]).apply([1])
    with pytest.raises(ValueError, match=r"write @labeling_function\(\)"):
        labeling_function(number)
    with pytest.raises(ValueError, match=r"write @preprocessor\(\)"):
        preprocessor(number)
    with pytest.raises(ValueError, match="as long as each other: 1, 2, 1"):
        filter_unlabeled_dataframe(pd.DataFrame({"a": [1]}), np.zeros(2), np.zeros((1, 1)))


def test_progress_shows_on_a_terminal_only(capsys, monkeypatch):
    LFApplier([LabelingFunction("n", number)]).apply([1])
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    LFApplier([LabelingFunction("n", number)]).apply([1])
    assert "Labeling" in capsys.readouterr().err


def test_preprocessors_run_in_order_on_copies_and_remember_what_they_shall():
    runs = []

    @preprocessor()
    def lower(x):
        runs.append("lower")
        x.text = x.text.lower()
        return x

    @preprocessor(name="count", pre=[lower], memoize=True)
    def counted(x):
        x.words = len(x.text.split())
        return x

    @labeling_function(pre=[counted], resources={"least": 2})
    def wordy(x, least):
        return int(x.words >= least and x.text.islower())

    frame = pd.DataFrame({"text": ["One Two", "One Two", "ONE"]})
    assert PandasLFApplier([wordy]).apply(frame).tolist() == [[1], [1], [0]]
    assert frame.text[0] == "One Two"
    assert runs == ["lower"] * 2
    counted.reset_cache()
    point = SimpleNamespace(text="One")
    assert (counted(point).words, point.text, len(runs)) == (1, "One", 3)
    assert repr(wordy).startswith("LabelingFunction wordy, Preprocessors: [LambdaPreprocessor")


def test_a_preprocessor_with_fields_renames_them():
    class Length(Preprocessor):
        def run(self, text):
            return {"length": len(text)} if text else None

    x = SimpleNamespace(body="four")
    made = Length("length", {"text": "body"}, {"length": "size"})(x)
    assert (made.size, hasattr(x, "size")) == (4, False)
    assert Length("plain")(SimpleNamespace(text="ab")).length == 2
    refusing = LabelingFunction("f", number, pre=[Length("plain")])
    with pytest.raises(ValueError, match="gave None"):
        refusing(SimpleNamespace(text=""))
    with pytest.raises(NotImplementedError):
        Preprocessor("bare", field_names={})(x)


def test_items_of_one_content_have_one_key():
    one = {"a": [1, {"b": np.arange(2)}]}
    assert content_key(one) == content_key(copy.deepcopy(one))
    assert content_key(np.arange(2)) != content_key(np.arange(2.0))
    assert content_key(SimpleNamespace(a=1)) == content_key({"a": 1})
    with pytest.raises(ValueError, match="give the mapper a memoize_key"):
        content_key({1, 2})


APPLYING = {"progress_bar": True, "fault_tolerant": False, "return_meta": False}
ARGUMENTS = {
    LFApplier: ("lfs", {"data_points": ..., **APPLYING}),
    PandasLFApplier: ("lfs", {"df": ..., **APPLYING}),
    SFApplier: ("lfs", {"data_points": ..., **APPLYING}),
    PandasSFApplier: ("lfs", {"df": ..., **APPLYING}),
    TFApplier: ("tfs policy", {"data_points": ..., "progress_bar": True}),
    PandasTFApplier: ("tfs policy", {"df": ..., "progress_bar": True}),
}
"""What Snorkel 0.10 documents: of the constructor, and of `apply` with its defaults."""


@pytest.mark.parametrize("applier", ARGUMENTS)
def test_appliers_take_the_arguments_that_snorkel_documents_by_name_and_no_others(applier):
    made, applied = ARGUMENTS[applier]
    assert " ".join(inspect.signature(applier).parameters) == made
    known = list(inspect.signature(applier.apply).parameters.values())[1:]
    found = {one.name: ... if one.default is one.empty else one.default for one in known}
    assert found == applied
    with pytest.raises(TypeError, match="'workers'"):
        applier(**{name: [] for name in made.split()}, workers=2)


def test_appliers_share_what_they_do_with_functions():
    for applier in (LFApplier, PandasLFApplier, SFApplier, PandasSFApplier):
        assert issubclass(applier, BaseLFApplier)
        made = applier(lfs=[LabelingFunction("n", int)])
        assert repr(made) == f"{applier.__name__}, LFs: ['n']"
