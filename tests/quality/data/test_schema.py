"""Rules of columns: what breaks them, and which rules are none."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import SettingsError
from labelwright.quality import ColumnRules, Remedy, Severity, schema_findings


def broken(column, **rules):
    """The checks that a column breaks, with the items that do."""
    found = schema_findings([ColumnRules("x", **rules)], {"x": column})
    return {each.check: each.items.tolist() for each in found}


def test_a_column_that_keeps_its_rules_has_no_findings():
    ages = pa.array([0, 17, None, 120])
    assert broken(ages, type="integer", min=0, max=120, max_missing=0.3) == {}
    assert broken(pa.array([], pa.string()), required=True, unique=True, max_missing=0) == {}


def test_a_declared_column_that_no_item_has_is_told():
    (found,) = schema_findings([ColumnRules("age", severity=Severity.ERROR)], {})
    assert (found.check, found.severity, found.count) == ("age.column", Severity.ERROR, 0)
    assert found.remedy is Remedy.LOOK


def test_missing_values_are_nulls_blanks_and_nan():
    texts, numbers = pa.array(["a", " ", None]), pa.array([1.0, float("nan"), None])
    assert broken(texts, required=True) == {"x.required": [1, 2]}
    assert broken(numbers, required=True) == {"x.required": [1, 2]}
    assert broken(texts, max_missing=0.5) == {"x.max_missing": [1, 2]}
    assert broken(texts, max_missing=0.7) == {}


def test_too_many_missing_values_are_no_reason_to_set_items_aside():
    (found,) = schema_findings([ColumnRules("x", max_missing=0)], {"x": pa.array([1, None])})
    assert (len(found.spare), found.remedy) == (0, Remedy.LOOK)
    (found,) = schema_findings([ColumnRules("x", required=True)], {"x": pa.array([1, None])})
    assert (found.spare.tolist(), found.remedy) == ([1], Remedy.SET_ASIDE)


def test_a_missing_value_breaks_no_other_rule():
    column = pa.array([None, " "], pa.string())
    rules = {"type": "integer", "min": 1, "one_of": ("a",), "matches": "b", "unique": True}
    assert broken(column, **rules, min_length=3) == {}


def test_limits_hold_for_numbers_and_texts_that_spell_them():
    assert broken(pa.array([-1, 5, 11]), min=0, max=10) == {"x.min": [0], "x.max": [2]}
    assert broken(pa.array(["-1", "+5", "11", "n/a"]), min=0, max=10) == {
        "x.min": [0],
        "x.max": [2],
    }


def test_lengths_are_counted_in_characters():
    column = pa.array(["äöü", "a", "abcdef"])
    assert broken(column, min_length=3, max_length=3) == {"x.min_length": [1], "x.max_length": [2]}


def test_allowed_values_are_compared_as_numbers_texts_or_truth_values():
    assert broken(pa.array([1.0, 3.0]), one_of=(1, 2, "3")) == {"x.one_of": [1]}
    assert broken(pa.array(["a", "b"]), one_of=("a",)) == {"x.one_of": [1]}
    assert broken(pa.array([True, False]), one_of=(True,)) == {"x.one_of": [1]}


def test_an_expression_must_match_the_whole_text():
    assert broken(pa.array(["A-1", "A-1x", "A-22"]), matches=r"A-\d|A-22") == {"x.matches": [1]}


def test_of_values_that_must_be_unique_the_first_may_stay():
    assert broken(pa.array(["a", "b", "a", "a"]), unique=True) == {"x.unique": [2, 3]}


@pytest.mark.parametrize(
    ("name", "column", "wrong"),
    [
        ("integer", pa.array([1, 2]), []),
        ("integer", pa.array([1.0, 1.5, float("inf")]), [1, 2]),
        ("integer", pa.array(["1", "2.0", "2.5", "x"]), [2, 3]),
        ("number", pa.array(["1", "2.5e3", "x"]), [2]),
        ("text", pa.array(["1"]), []),
        ("text", pa.array([1]), [0]),
        ("boolean", pa.array([True]), []),
        ("boolean", pa.array(["True", "yes"]), [1]),
        ("date", pa.array([dt.date(2026, 1, 2)]), []),
        ("date", pa.array(["2026-01-02", "2026-01-02T10:00:00Z", "02.01.2026"]), [2]),
        ("date", pa.array([["2026-01-02"]]), [0]),
    ],
)
def test_types_are_told_by_what_values_spell(name, column, wrong):
    assert broken(column, type=name) == ({"x.type": wrong} if wrong else {})


def test_the_message_counts_and_shows_a_value():
    column = pa.array(np.arange(200) - 2)
    (found,) = schema_findings([ColumnRules("age", min=0)], {"age": column})
    assert found.message == "age is below 0 in 2 of 200 (1 %) items, such as '-2'"


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"type": "int"}, "type must be one of"),
        ({"min": 2, "max": 1}, "no value lies"),
        ({"min_length": 2, "max_length": 1}, "no value lies"),
        ({"max_missing": 2}, "a share"),
        ({"matches": "("}, "no regular expression"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(rules, told):
    with pytest.raises(SettingsError, match=told):
        ColumnRules("x", **rules)
