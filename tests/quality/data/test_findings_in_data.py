"""Columns, texts, personal data, leaks, balance."""

import numpy as np
import pyarrow as pa
import pytest

from labelwright.quality import (
    Remedy,
    Severity,
    balance_findings,
    column_findings,
    leaked_answers,
    mask,
    masked,
    outliers,
    personal_data,
    text_findings,
)


def checks(findings):
    return [found.check for found in findings]


def test_a_sound_column_has_no_findings():
    assert column_findings("age", pa.array([1, 2, 3])) == []
    assert column_findings("name", pa.array(["a", "b"])) == []
    assert column_findings("none", pa.array([], pa.string())) == []


def test_an_empty_a_constant_and_a_mostly_missing_column_are_told():
    assert checks(column_findings("x", pa.nulls(3, pa.string()))) == ["empty_column"]
    assert checks(column_findings("x", pa.array([7, 7, 7]))) == ["constant_column"]
    assert checks(column_findings("x", pa.array([1, None, None]))) == ["missing_values"]
    assert column_findings("x", pa.array([7])) == []


def test_numbers_spoilt_by_a_few_texts_are_named():
    column = pa.array([*map(str, range(98)), "n/a", None, "-1e3"])
    (found,) = column_findings("price", column)
    assert (found.check, found.items.tolist()) == ("wrong_type", [98])
    assert "'n/a'" in found.message
    assert column_findings("price", pa.array(["1", "b", "c"])) == []


def test_numbers_far_from_the_others_are_outliers_worst_first():
    usual = np.linspace(0, 1, 100)
    one, two = usual.copy(), usual.copy()
    one[3], two[4], two[5] = 50, -80, np.nan
    columns = {"one": pa.array(one), "two": pa.array(two), "text": pa.array(["a"] * 100)}
    (found,) = outliers(columns)
    assert found.items.tolist() == [4, 3]
    assert "two = -80" in found.message
    assert "2 columns" in found.message


def test_few_or_equal_numbers_have_no_outliers():
    assert outliers({}) == []
    assert outliers({"few": pa.array([1, 2, 1000])}) == []
    assert outliers({"same": pa.array([1.0] * 99 + [9.0])}) == []
    assert outliers({"even": pa.array(list(range(100)))}) == []


def test_empty_short_long_and_garbled_texts_are_told():
    texts = ["a good sentence about nothing"] * 300
    texts += ["", None, "ok", "word " * 5_000, "caf\u00c3\u00a9 olé", "broken \ufffd"]
    found = {each.check: each for each in text_findings("body", pa.array(texts))}
    assert found["empty_text"].items.tolist() == [300, 301]
    assert found["empty_text"].remedy is Remedy.SET_ASIDE
    assert found["short_text"].items.tolist() == [302]
    assert found["long_text"].items.tolist() == [303]
    assert found["garbled_text"].items.tolist() == [304, 305]


def test_good_and_absent_texts_have_no_findings():
    assert (
        text_findings("body", pa.array(["a fine text", "Übung macht den Meister — naïve café"]))
        == []
    )
    assert text_findings("body", pa.nulls(2, pa.string())) == []
    assert text_findings("body", pa.array([], pa.string())) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("write to Ann.Lee+x@mail.example.org!", "write to [e-mail]!"),
        ("card 4111 1111 1111 1111 now", "card [card] now"),
        ("card 4111111111111111", "card [card]"),
        ("call +49 30 1234567 or 030/1234567-89", "call [phone] or [phone]"),
        ("(0171) 234 56 78", "([phone]"),
        ("tel. 555.123.4567", "tel. [phone]"),
    ],
)
def test_personal_data_are_masked(text, plain):
    if plain == "([phone]":
        assert "[phone]" in mask(text)
    else:
        assert mask(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # the check digit is wrong, and a telephone number is shorter
        "0000000000000000",
        "on 2024-11-05 12:30, for 1,299.00",
        "pi is 3.14159265358",
        "an id 1234567890123",
        "a @ b, 12345, user@localhost",
        "2024-11-05 1234",
    ],
)
def test_what_only_looks_like_personal_data_stays(text):
    assert mask(text) == text


def test_personal_data_are_counted_by_kind():
    texts = pa.array(["a@b.org", "nothing", None, "c@d.com or +1 202 555 0143"])
    found = personal_data("body", texts)
    assert [(each.items.tolist(), each.remedy) for each in found] == [
        ([0, 3], Remedy.MASK),
        ([3], Remedy.MASK),
    ]
    assert personal_data("body", pa.array(["clean", None])) == []


def test_masking_a_column_keeps_the_rest():
    made, changed = masked(pa.array(["a@b.org", None, "x"]))
    assert made.to_pylist() == ["[e-mail]", None, "x"]
    assert changed.tolist() == [True, False, False]


def test_a_column_that_knows_the_answer_is_an_error():
    truth = np.arange(400) % 2
    column = pa.array(["yes" if each else "no" for each in truth])
    (found,) = leaked_answers("paid_back", column, truth, ("bad", "good"))
    assert found.severity is Severity.ERROR
    assert "400 of 400" in found.message


def test_a_file_name_with_its_class_is_an_error():
    truth = np.arange(400) % 2
    names = [f"photos/{'cat' if each else 'dog'}/{place}.png" for place, each in enumerate(truth)]
    (found,) = leaked_answers("file", pa.array(names), truth, ("dog", "cat"))
    assert "holds the name" in found.message
    blank = pa.array([f"photos/{place}.png" for place in range(400)])
    assert leaked_answers("file", blank, truth, ("dog", "cat")) == []


def test_innocent_columns_leak_nothing():
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=400)
    classes = ("a", "b")
    assert leaked_answers("noise", pa.array(rng.integers(5, size=400)), truth, classes) == []
    assert leaked_answers("id", pa.array(np.arange(400)), truth, classes) == []
    assert leaked_answers("void", pa.nulls(400, pa.string()), truth, classes) == []
    assert leaked_answers("few", pa.array(["x", "y"] * 200), np.full(400, -1), classes) == []
    # Where nearly everything is one class, anything would know it.
    assert leaked_answers("half", pa.array(["x", "y"] * 200), np.zeros(400, int), classes) == []


def test_missing_values_may_leak_the_answer_too():
    truth = np.arange(400) % 2
    column = pa.array([None if each else f"v{place % 3}" for place, each in enumerate(truth)])
    assert checks(leaked_answers("closed_on", column, truth, ("a", "b"))) == ["leaked_answer"]


def test_absent_and_rare_classes_are_told():
    truth = np.array([0] * 500 + [1] * 3 + [-1] * 9)
    found = balance_findings(("a", "b", "c"), truth)
    assert checks(found) == ["absent_class", "rare_class"]
    assert "'c'" in found[0].message
    assert "'b' (3)" in found[1].message
    assert balance_findings(("a", "b"), np.array([0] * 50 + [1] * 50)) == []
    assert balance_findings(("a", "b"), np.array([-1])) == []
