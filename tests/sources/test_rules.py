# ruff: noqa: E501 - a table reads better with one case a line
import json
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import SettingsError, SourceError
from labelwright.core.task import Task
from labelwright.sources import Rule, parse_rule, rule_spec, rule_voter, rule_voters, when
from labelwright.sources.conditions import MEASURES, AllOf, AnyOf, Limits, Not
from labelwright.sources.expressions import evaluate
from labelwright.testing.sources import check_other_version, check_same_version, check_voter

TASK = Task("classification", ("spam", "ham"))
TEXTS = [
    "Free money!", "freedom of speech", "FREE", None, "", "carefree", "c++ and C#", "win-win",
    "ÜBER alles", "İstanbul", "one two\nthree 42",
]  # fmt: skip
BATCH = pa.record_batch(
    {
        "body": TEXTS,
        "price": [1.0, 2.5, None, float("nan"), -3.0, 0.0, 10.0, 11.0, float("inf"), 5.0, 2.0],
        "count": pa.array([1, 2, None, 4, 5, 6, 7, 2**60, 2**60 + 1, 10, 11], pa.int64()),
        "code": ["1", " 2.5 ", "x", None, "", "3", "1e3", "nan", "7", "8", "9"],
        "flag": [True, False, None, *[True] * 8],
        "day": pa.array([date(2024, 1, n + 1) for n in range(10)] + [None], pa.date32()),
        "sent": ["2024-01-01", "2024-01-02T10:00:00", "2024-01-02T10:00:00+02:00", "soon", None, "",
                 "2024-01-03 09:30:00", "2024-01-04T00:00:00Z", "2025-01-01", "1999-12-31", "x"],
        "lang": ["en", "de", None, "EN", "en ", "en", "fr", "fr", "de", "tr", "en"],
        "nothing": pa.nulls(11),
        "list": [[1]] * 11,
    }
)  # fmt: skip


def holds(condition, batch=BATCH, embed=None):
    """The positions at which a condition holds."""
    column = evaluate([condition], batch, embed)["0"]
    assert column.null_count() == 0
    return column.arg_true().to_list()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (when.keywords("body", any=["free"]), [0, 2]),
        (when.keywords("body", any=["free"], whole_word=False), [0, 1, 2, 5]),
        (when.keywords("body", any=["FREE"], case=True), [2]),
        (when.keywords("body", any=["Free", "FREE"], case=True, whole_word=False), [0, 2]),
        (when.keywords("body", any=["free money"]), [0]),
        (when.keywords("body", all=["free", "money"]), [0]),
        (when.keywords("body", any=["free"], none=["money"]), [2]),
        (when.keywords("body", none=["free"]), [1, 4, 5, 6, 7, 8, 9, 10]),
        (when.keywords("body", any=["c++"]), [6]),
        (when.keywords("body", any=["win"]), [7]),
        (when.keywords("body", any=["über"]), [8]),
        (when.keywords("body", any=["İSTANBUL"]), [9]),
        (when.keywords("body", any="$^.*"), []),
        (when.keywords("price", any=["2.5"]), [1]),
        (when.keywords("nothing", any=["x"]), []),
        (when.regex(r"(?i)free\b", "body"), [0, 2, 5]),
        (when.regex(r"free", "body", case=False), [0, 1, 2, 5]),
        (when.limits("price", above=2.5), [6, 7, 8, 9]),
        (when.limits("price", at_least=2, below=10), [1, 9, 10]),
        (when.limits("price", between=(-3, 0)), [4, 5]),
        (when.limits("count", at_least=2**60 + 1), [8]),
        (when.limits("code", at_most=3), [0, 1, 5]),
        (when.limits("flag", above=0.5), [0, 3, 4, 5, 6, 7, 8, 9, 10]),
        (when.limits("body", measure="length", above=12), [1, 10]),
        (when.limits("body", measure="words", at_least=3), [1, 6, 10]),
        (when.limits("body", measure="lines", above=1), [10]),
        (when.limits("body", measure="digits", at_least=1), [10]),
        (when.limits("body", measure="digit_share", above=0.1), [10]),
        (when.limits("body", measure="uppercase_share", at_least=1), [2]),
        (when.limits("body", measure="uppercase_share", at_most=0), [1, 4, 5, 7, 10]),
        (when.limits("body", count="e", at_least=3), [0, 1, 5, 10]),
        (when.limits("body", count_regex=r"\w+", at_least=4), [10]),
        (when.limits("body", count_regex=r"x*", at_least=13), [10, 1]),
        (when.limits("day", above=date(2024, 1, 8)), [8, 9]),
        (when.limits("day", below=datetime(2024, 1, 2)), [0]),  # noqa: DTZ001 - as in TOML
        (when.limits("sent", at_least=date(2024, 1, 2), at_most=date(2024, 1, 3)), [1, 2, 6]),
        (when.limits("sent", below=datetime(2024, 1, 2, 9, tzinfo=UTC)), [0, 2, 9]),
        (when.equals("lang", "en"), [0, 5, 10]),
        (when.equals("lang", "de", "fr"), [1, 6, 7, 8]),
        (when.equals("price", 2.5), [1]),
        (when.equals("code", 2.5), [1]),
        (when.equals("flag", False), [1]),
        (when.equals("flag", 1), []),
        (when.equals("day", date(2024, 1, 3)), [2]),
        (when.missing("price"), [2, 3]),
        (when.missing("body"), [3]),
        (when.missing("nothing"), list(range(11))),
        (when.present("count") & ~when.present("price"), [3]),
        (~when.keywords("body", any=["free"]), [1, 3, 4, 5, 6, 7, 8, 9, 10]),
        (when.equals("lang", "tr") | when.limits("price", above=10) & when.present("body"), [7, 8, 9]),
    ],
)  # fmt: skip
def test_a_condition_holds_where_it_says(condition, expected):
    assert holds(condition) == sorted(expected)
    assert holds(~condition) == sorted(set(range(11)) - set(expected))


def test_operators_build_flat_trees():
    a, b, c = when.missing("a"), when.missing("b"), when.missing("c")
    assert a & b & c == AllOf((a, b, c))
    assert a | b | c == AnyOf((a, b, c))
    assert ~(a & b) == Not(AllOf((a, b)))


WORDS = [f"word{n}" for n in range(10_000)]


def test_a_word_of_a_script_without_spaces_is_found_inside_a_sentence():
    texts = [
        "アプリにログインできません",
        "Ticket: ログイン",
        "Konto gesperrt",
        "Kontonummer",
        "入金した",
    ]
    batch = pa.record_batch({"body": texts})
    assert holds(when.keywords("body", any=["ログイン"]), batch) == [0, 1]
    assert holds(when.keywords("body", any=["konto", "入金"]), batch) == [2, 4]
    assert holds(when.keywords("body", any=["Ticket", "できません"]), batch) == [0, 1]
    # Where only one side is of such a script, the other still has to end there.
    assert holds(when.keywords("body", any=["ticketを"]), pa.record_batch(
        {"body": ["ticketを開く", "eticketを開く"]}
    )) == [0]  # fmt: skip


@pytest.mark.parametrize("whole_word", [True, False])
def test_ten_thousand_keywords_are_looked_for(whole_word):
    texts = ["nothing here", "WORD9999 it is", "aword5", "word12345", None, "é word1"]
    condition = when.keywords("t", any=[*WORDS, "WORD1", "é x"], whole_word=whole_word)
    expected = [1, 5] if whole_word else [1, 2, 3, 5]
    assert holds(condition, pa.record_batch({"t": texts})) == expected


@settings(max_examples=50, deadline=None)
@given(
    words=st.lists(st.text("abé.+ ", min_size=1, max_size=3).filter(str.strip), min_size=1, max_size=4),
    texts=st.lists(st.text("abé.+ \n", max_size=8)),
    whole=st.booleans(),
)  # fmt: skip
def test_keywords_are_found_as_a_loop_would(words, texts, whole):
    def is_word(character):
        return character.isalnum() or character == "_"

    def occurs(text, word):
        starts = [p for p in range(len(text)) if text.startswith(word, p)]
        return any(
            not whole
            or (
                not (p and is_word(text[p - 1]))
                and not (text[p + len(word) :] and is_word(text[p + len(word)]))
            )
            for p in starts
        )

    expected = [p for p, text in enumerate(texts) if any(occurs(text, word) for word in words)]
    condition = when.keywords("t", any=words, whole_word=whole)
    assert holds(condition, pa.record_batch({"t": pa.array(texts, pa.string())})) == expected


def test_dictionary_files_hold_a_term_a_line(tmp_path):
    (tmp_path / "terms.txt").write_text("\ufeff# terms\n\n free \r\n#hash\nfree\n", "utf-8")
    terms = when.dictionary("terms.txt", "body", folder=tmp_path)
    assert terms.terms == ("free", "#hash")
    assert holds(terms) == [0, 2]
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1"))
    for name, message in [("empty.txt", "no term"), ("none.txt", "cannot be read"), ("latin.txt", "cannot be read")]:  # fmt: skip
        with pytest.raises(SettingsError, match=message):
            when.dictionary(name, folder=tmp_path)


def letters(table):
    (column,) = table.columns
    return np.array([[text.count(letter) for letter in "abc"] for text in column.to_pylist()])


def test_similarity_asks_for_embeddings():
    near = when.similar(["aab"], "t", at_least=0.9)
    batch = pa.record_batch({"t": ["abaaba", "ccc", None, "", "aab"]})
    assert holds(near, batch, letters) == [0, 4]
    assert holds(near, batch.slice(2, 1), letters) == []
    with pytest.raises(SourceError, match="needs embeddings"):
        holds(near, batch)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (when.keywords("bdy", any=["x"]), "'bdy'; did you mean 'body'"),
        (when.keywords(any=["x"]), "no main text field"),
        (when.keywords("list", any=["x"]), "'list' as text"),
        (when.limits("list", above=1), "'list' as a number"),
        (when.limits("price", above=date(2024, 1, 1)), "'price' as a date"),
    ],
)
def test_a_field_that_cannot_be_read_is_a_source_error(condition, message):
    with pytest.raises(SourceError, match=message):
        holds(condition)


def rule(name="r", vote="spam", **when_table):
    return {"name": name, "vote": vote, "when": when_table}


RULES = [
    rule(keywords=["free", "win"]),
    rule(keywords={"any": ["a"], "all": ["b"], "none": ["c"]}, field="t", whole_word=False, case=True),
    rule(keywords={"none": ["c"]}),
    rule(regex=r"\d+", case=False),
    rule(field="price", above=1, at_most=2.5),
    rule(field="price", between=[1, 2]),
    rule(field="d", at_least=date(2024, 1, 1)),
    rule(field="d", below="2024-01-01T10:00:00"),
    rule(field="d", below={"date": "2024-01-01"}),
    rule(measure="words", above=3), rule(count="!", above=3), rule(count_regex="!+", below=3),
    rule(equals="en", field="lang"), rule(**{"in": ["en", 3, True, date(2024, 1, 1)]}, field="lang"),
    rule(missing=True), rule(missing=False, field="x"), rule(similar=["a b"], at_least=0.5),
    rule(any=[{"keywords": "x"}, {"not": {"all": [{"regex": "y"}, {"missing": True}]}}]),
    {**rule(missing=True), "confidence": 0.5, "accuracy": 0.9, "cost_usd": 1.5, "seconds": 2.0, "description": "d"},
]  # fmt: skip


@pytest.mark.parametrize("spec", RULES)
def test_a_rule_and_its_table_are_one(spec):
    read = parse_rule(spec, "here")
    table = json.loads(json.dumps(rule_spec(read)))
    assert parse_rule(table, "here") == read
    assert rule_spec(parse_rule(table, "here")) == table


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({**rule(missing=True), "wen": 1}, "here: wen: unknown setting; did you mean 'when'"),
        ({"name": "x", "vote": "spam"}, "here: when: is missing"),
        (rule(), "here: when: names no condition; known: keywords"),
        (rule(keyword=["x"]), "here: when.keyword: unknown condition; did you mean 'keywords'"),
        (rule(keywords=["x"], regex="y"), "here: when: says keywords and regex at once"),
        (rule(keywords=["x"], feild="y"), "here: when.feild: unknown setting; did you mean 'field'"),
        (rule(any=[{"keywords": 3}]), r"here: when.any\[0\].keywords: must be a list or text or a table, got 3"),
        (rule(any=[{"keywords": ["a", 3]}]), r"here: when.any\[0\].keywords\[1\]: must be text"),
        (rule(keywords={"some": ["a"]}), "here: when.keywords.some: unknown setting"),
        (rule(keywords=[]), "here: when.keywords: give at least one keyword"),
        (rule(keywords=[" "]), "here: when.keywords: .*not empty"),
        (rule(keywords=["a"], case=1), "here: when.case: must be true or false, got 1"),
        (rule(regex="a("), r"here: when.regex: 'a\(' is no regular expression: .* at character"),
        (rule(dictionary="nowhere.txt"), "here: when.dictionary: the file 'nowhere.txt' cannot be read"),
        (rule(any=[]), "here: when.any: give at least one condition"),
        (rule(**{"not": [1]}), "here: when.not: must be a table"),
        (rule(measure="words"), "here: when: give a limit"),
        (rule(measure="wrds", above=1), "here: when: unknown measure 'wrds'; did you mean 'words'"),
        (rule(measure="words", count="x", above=1), "one of measure, count"),
        (rule(count="", above=1), "empty text"),
        (rule(count_regex="(", above=1), "no regular expression"),
        (rule(above=True), "here: when: a limit must be a finite number or a date, got True"),
        (rule(above=float("nan")), "finite"),
        (rule(above="soon"), "'soon' is no date"),
        (rule(above=2, below=1), "no value lies between 2 and 1"),
        (rule(above=2, at_least=1), "one lower and one upper"),
        (rule(above=1, below=date(2024, 1, 1)), "mix a date and a number"),
        (rule(measure="words", above=date(2024, 1, 1)), "compared with a number"),
        (rule(between=[1]), r"here: when.between: must be \[least, greatest\]"),
        (rule(between=[1, 2], above=1), "between is both limits"),
        (rule(**{"in": []}), "here: when.in: give at least one value"),
        (rule(equals={"a": 1}), "cannot be compared"),
        (rule(similar=[]), "at least one example"),
        (rule(similar=["a"], at_least=3), "cosine"),
        ({**rule(missing=True), "confidence": 2}, "here: confidence: must lie between 0 and 1, got 2.0"),
        ({**rule(missing=True), "name": 3}, "here: name: must be text, got 3"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(spec, message):
    with pytest.raises(SettingsError, match=message):
        parse_rule(spec, "here")


def test_the_place_of_a_rule_has_its_line_number_and_name():
    for spec, message in [
        (rule("free money", keywords=3), r'labelwright.toml:12: rules\[0\] "free money": when.keywords: must be'),
        (rule("free money", vote="eggs", missing=True), r'labelwright.toml:12: rules\[0\] "free money": vote: \'eggs\' is no class'),
        (rule("", missing=True, field="x"), "a source needs a printable name"),
        (rule(missing=True), "missing.* names no field"),
        ({"vote": 1}, r"labelwright.toml:12: rules\[0\]: name: is missing"),
    ]:  # fmt: skip
        with pytest.raises(SettingsError, match=message):
            rule_voters([spec], TASK, places=["labelwright.toml:12"])


def voters(*specs, **settings):
    return rule_voters(specs, TASK, text="body", **settings)


def test_rules_vote_together_as_each_would_alone():
    team = voters(
        rule("a", keywords=["free"]), rule("b", "ham", field="price", above=2),
        {**rule("c", vote=1, regex="(?<!c)free"), "confidence": 0.75},
    )  # fmt: skip
    together = team[0].vote_together(team, BATCH)
    for voter, ballot in zip(team, together, strict=True):
        check_voter(voter, BATCH, TASK)
        assert voter.vote(BATCH).answer.equals(ballot.answer)
    assert together[0].answer.to_pylist()[:3] == ["spam", None, "spam"]
    assert together[2].answer.to_pylist()[:3] == [None, "ham", None]
    assert together[2].confidence[1] == 0.75
    assert [voter.fields for voter in team] == [("body",), ("price",), ("body",)]


def test_only_rules_whose_pattern_may_take_for_ever_are_isolated():
    quick, slow, count = voters(
        rule(regex=r"\bfree\b"), rule(regex=r"(?<!c)free"), rule(count_regex=r"(\w+)+x", above=1)
    )
    assert [quick.isolated, slow.isolated, count.isolated] == [False, True, True]


def test_the_version_of_a_rule_is_what_it_says_not_how_or_where(tmp_path):
    (one,) = voters(rule(keywords=["free"]))
    for spec in [
        rule(keywords={"any": ["free"]}, field="body", case=False),
        {**rule("other name", vote=0, keywords="free"), "accuracy": 0.9, "cost_usd": 2},
    ]:
        check_same_version(one, voters(spec)[0])
    for spec in [
        rule(keywords=["Free"]), rule(vote="ham", keywords=["free"]), rule(keywords=["free"], case=True),
        rule(keywords=["free"], field="t"), {**rule(keywords=["free"]), "confidence": 0.5},
    ]:  # fmt: skip
        check_other_version(one, voters(spec)[0])


def test_the_terms_of_a_dictionary_and_the_embedding_are_part_of_the_version(tmp_path):
    (tmp_path / "t.txt").write_text("a\n")
    spec = rule(dictionary="t.txt")
    (before,) = voters(spec, folder=tmp_path)
    check_same_version(before, voters(spec, folder=tmp_path)[0])
    (tmp_path / "t.txt").write_text("b\n")
    check_other_version(before, voters(spec, folder=tmp_path)[0])
    spec = rule(similar=["a"])
    one, two = (voters(spec, embed=letters, embed_version=v)[0] for v in "12")
    check_other_version(one, two)
    check_voter(one, pa.record_batch({"body": ["aa", None, "ccc"]}), TASK)
    assert not one.isolated


def test_rules_can_be_written_in_python():
    written = Rule("r", "spam", when.keywords(any=["free"]) & when.limits("price", above=0))
    assert rule_voter(written, TASK, text="body").vote(BATCH).answer[0].as_py() == "spam"


def test_every_measure_is_measured():
    for measure in MEASURES:
        assert 4 in holds(Limits("body", measure, at_most=1))


def test_one_class_stands_for_the_set_of_it_as_it_does_in_a_file():
    task = Task("multilabel", ("news", "sport", "money"))
    for vote, answer in (
        ("sport", ["sport"]),
        ("money|news", ["news", "money"]),
        (["news"], ["news"]),
    ):
        rule = parse_rule({"name": "r", "vote": vote, "when": {"keywords": ["x"]}}, "here")
        assert json.loads(rule_voter(rule, task, text="text").answer) == answer
