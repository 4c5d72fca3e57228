import pytest

from labelwright.sources import parse_rule, spans
from labelwright.sources.highlight import MOST


def found(when, **fields):
    condition = parse_rule({"name": "r", "vote": "x", "when": when}, "").when
    return [
        (span.field, fields[span.field][span.start : span.end]) for span in spans(condition, fields)
    ]


def test_keywords_are_found_as_whole_words_whatever_their_case():
    when = {"field": "text", "keywords": ["free", "cash now"]}
    assert found(when, text="FREE freedom, Cash now") == [("text", "FREE"), ("text", "Cash now")]


def test_parts_of_words_are_found_where_the_rule_says_so():
    when = {"field": "text", "keywords": ["free"], "whole_word": False, "case": True}
    assert found(when, text="freedom Free") == [("text", "free")]


def test_patterns_and_counts_are_found():
    assert found({"field": "text", "regex": r"\d+"}, text="a 12 b 3") == [
        ("text", "12"),
        ("text", "3"),
    ]
    assert found({"field": "text", "count": "!", "above": 1}, text="a! b!") == [("text", "!")] * 2
    assert found({"field": "text", "count_regex": "b+", "above": 0}, text="abba") == [
        ("text", "bb")
    ]


def test_conditions_combine_and_each_place_is_told_once():
    when = {
        "any": [{"field": "text", "keywords": ["a"]}, {"all": [{"field": "text", "regex": "a|b"}]}]
    }
    assert found(when, text="a b") == [("text", "a"), ("text", "b")]


@pytest.mark.parametrize(
    "when",
    [
        {"not": {"field": "text", "keywords": ["a"]}},
        {"field": "price", "above": 3},
        {"field": "text", "missing": True},
        {"field": "text", "regex": "(a+)+$"},
        {"field": "text", "regex": "x*"},
        {"field": "gone", "keywords": ["a"]},
    ],
)
def test_what_finds_no_words_has_no_place(when):
    assert found(when, text="a b", price=4.0) == []


def test_a_value_that_is_equal_is_found_as_a_whole():
    assert found({"field": "text", "equals": "a b"}, text="a b") == [("text", "a b")]


def test_a_dictionary_finds_the_terms_that_occur(tmp_path):
    (tmp_path / "terms.txt").write_text("free\nprize\n")
    spec = {"name": "r", "vote": "x", "when": {"field": "text", "dictionary": "terms.txt"}}
    condition = parse_rule(spec, "", tmp_path).when
    assert [(one.start, one.end) for one in spans(condition, {"text": "a prize"})] == [(2, 7)]


def test_only_so_many_places_are_told():
    assert len(found({"field": "text", "keywords": ["a"]}, text="a " * 500)) == MOST
