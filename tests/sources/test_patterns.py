# ruff: noqa: E501 - a table reads better with one case a line
import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import SettingsError
from labelwright.sources import when
from labelwright.sources.expressions import evaluate
from labelwright.sources.patterns import ODD_ASCII, odd_characters, odd_texts, pattern_of

RUST = [
    r"free", r"fr[ea]{2}", r"\bfree\b", r"\d{2,}", r"[^\W\d]+x", r"(?i)STRASSE|k\b", r"^a|b$", r"(?m)^b$",
    r"a.c", r"(?s)a.c", r"\Aa", r"b\Z", r"\s+", r"[\s]\S", r"(a|b)*c", r"(?P<n>a)b", r"\$\d+(\.\d\d)?",
    r"[[a]", r"\<b", r"[a&&b]", r"x{,2}y", r"(?i:É)é", r"(?-i:A)", r"a{2}?", r"\u00e9", r"[\]\-^]", r"~~|--",
    r"", r"é|ü", r"(?x) a b # c", r"[^a]", r"\.", r"a|", r"(?:ab)+$",
]  # fmt: skip
PYTHON = [
    r"(?<!not )free", r"free(?= money)", r"(a)\1", r"(?a)\w", r"a++b", r"(?>ab)c", r"$\n", r"\Bb",
    r"a{1001}", "\ud800", r"(?(1)a|b)()",
]  # fmt: skip
TEXTS = [
    "", "free", "not free money", "freedom", "FREE", "12 34", "a\nb", "a\nb\n", "\nb\n", "abc", "a\x1cb", "aac",
    "straße STRASSE", "\u212a", "k", "x²", "²", "b", "<b>", "[a", "a&b", "é É", "e\u0301x", "नमस्ते", "مرحبا", "١٢٣", "aab",
    "ſ", "İ", "ı", "µ Μ", "ǅ", "x\u200dy", "$5.00 ~~ ^]-", "a\u2028b", "xxy", "ab", "a b", "\x85", "abab", "\0", "💶 b",
]  # fmt: skip


def found(pattern, texts, case=True):
    return evaluate([when.regex(pattern, "t", case=case)], batch(texts))["0"].to_list()


def batch(texts):
    import pyarrow as pa

    return pa.record_batch({"t": pa.array(texts, pa.string())})


@pytest.mark.parametrize("pattern", [*RUST, *PYTHON])
@pytest.mark.parametrize("case", [True, False])
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_pattern_means_what_it_means_in_python(pattern, case):
    expected = re.compile(pattern, 0 if case else re.IGNORECASE)
    assert found(pattern, [*TEXTS, None], case) == [
        *(expected.search(text) is not None for text in TEXTS), False
    ]  # fmt: skip


def test_what_rust_can_do_is_left_to_rust_and_the_rest_to_python():
    assert [p for p in RUST if pattern_of(p).rust is None] == []
    assert [p for p in PYTHON if pattern_of(p).rust is not None] == []
    assert all(pattern_of(p).explosive for p in PYTHON)
    assert pattern_of(r"(\w+)+$").explosive
    assert not pattern_of(r"\bfree\b").explosive


@settings(max_examples=60, deadline=None)
@given(
    pattern=st.from_regex(r"\A(\(\?i\))?([ab.k]|\\[dwsbDWS]|\[\^?[a-c\\d]\]|\(a\|b\)|a[*+?]){1,5}\$?\Z"),
    texts=st.lists(st.text(alphabet=st.sampled_from("abkKs12 _\n\x1cé²ſİıK\u0301ßΣς") | st.characters(codec="utf-8"), max_size=6)),
)  # fmt: skip
def test_on_any_text_rust_and_python_agree(pattern, texts):
    try:
        expected = re.compile(pattern)
    except re.error:
        return
    assert found(pattern, texts) == [expected.search(text) is not None for text in texts]


def test_odd_texts_are_found():
    ascii_characters = pl.Series([chr(c) for c in range(128)])
    assert ascii_characters.str.contains(odd_characters()).equals(
        ascii_characters.str.contains(ODD_ASCII)
    )
    for texts in (["a", None, "a\x1c", "ab"], ["a", None, "a\x1c", "é", "x²", "²\x1d"]):
        series = pl.Series(texts)
        slow = series.str.contains(odd_characters()).fill_null(value=False)
        assert odd_texts(series).to_list() == slow.to_list()


def test_every_character_that_is_not_odd_has_the_same_case_partners_in_both():
    cased = [chr(c) for c in range(0x250) if chr(c).lower() != chr(c) or chr(c).upper() != chr(c)]
    characters = pl.Series([chr(c) for c in range(0x20, 0x600)] + ["\u212a", "\u1e9e", "\u2126"])
    plain = characters.filter(~characters.str.contains(odd_characters()))
    for letter in cased:
        python = re.compile(re.escape(letter), re.IGNORECASE)
        rust = pattern_of(letter, case=False).rust
        if rust is not None:
            ours = plain.str.contains(rust).to_list()
            assert ours == [python.search(text) is not None for text in plain], letter


@pytest.mark.parametrize(
    ("pattern", "message"), [("a(", "at character 2"), ("*", "nothing to repeat"), (r"\p{L}", "bad escape")]
)  # fmt: skip
def test_a_wrong_pattern_says_where(pattern, message):
    with pytest.raises(SettingsError, match=message):
        when.regex(pattern)
