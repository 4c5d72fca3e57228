# ruff: noqa: E501 - a table reads better with one case a line
import pickle

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from labelwright import sources
from labelwright.core.errors import SettingsError, SourceError
from labelwright.core.items import ID
from labelwright.core.task import Task
from labelwright.sources import ModelVoter, function_voter, load_functions, source
from labelwright.sources.functions import function_voters
from labelwright.testing.sources import check_ballot, check_voter

TASK = Task("classification", ("spam", "ham"))
BODIES = ["free money", "lunch?", None, "FREE", "überweisung 💶", ""]
BATCH = pa.RecordBatch.from_pydict({ID: list("abcdef"), "body": BODIES})


def votes(function, batch=BATCH, task=TASK):
    ballot = function_voter(function, task).vote(batch)
    check_ballot(ballot, batch.num_rows, task)
    return ballot


def test_a_decorated_function_is_still_a_function():
    @source
    def short(x):
        """Says ham of short texts."""
        return "ham" if len(x) < 5 else None

    assert short("abc") == "ham"
    assert (short.name, short.__name__, short.description) == ("short", "short", "Says ham of short texts.")  # fmt: skip


def test_settings_of_the_decorator_reach_the_source():
    @source(
        name="a b", fields="body", kind="knowledge_base", accuracy=0.8, cost_usd=0.01, seconds=2
    )
    def f(x):
        return None

    voter = function_voter(f, TASK)
    assert voter.fields == ("body",)
    assert not voter.isolated
    assert (voter.source.name, voter.source.kind, voter.source.accuracy) == ("a b", "knowledge_base", 0.8)  # fmt: skip
    assert (voter.source.cost_usd, voter.source.seconds) == (0.01, 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bach": True}, "unknown setting 'bach'; did you mean 'batch'"),
        ({"kind": "oracle"}, "oracle.*known: function"),
        ({"resources": {"words": "nowhere.txt"}}, "'words' is no file"),
    ],
)
def test_wrong_settings_are_explained(settings, message):
    with pytest.raises(SourceError, match=message):
        source(**settings)(lambda x: None)


def test_only_functions_are_decorated_and_only_once():
    with pytest.raises(SourceError, match="decorates a function, got 3"):
        source(3)
    with pytest.raises(SourceError, match="twice"):
        source(source(lambda x: None))


@pytest.mark.parametrize("answer", ["spam", " spam ", 0, np.int64(0), ("spam", 0.5), (0, 1)])
def test_an_answer_is_a_name_or_an_index_with_or_without_confidence(answer):
    ballot = votes(lambda x: answer)
    assert set(ballot.answer.to_pylist()) == {"spam"}
    if isinstance(answer, tuple):
        assert ballot.confidence.tolist() == [answer[1]] * 6
    else:
        assert ballot.confidence is None


@pytest.mark.parametrize("answer", ["eggs", 2, -1, True, 1.0, [0], {}, ("spam", 2), ("spam", "x"), float("nan")])  # fmt: skip
def test_nonsense_is_a_failure_of_the_item_not_a_crash(answer):
    ballot = votes(lambda x: answer if x.id == "b" else None)
    assert list(ballot.failures) == [1]
    assert ballot.failures[1].startswith("AnswerError")


def test_equal_keys_of_other_types_are_no_answers():
    answers = iter([1, True, 1.0, "ham", 0, False])
    ballot = votes(lambda x: next(answers))
    assert ballot.answer.to_pylist() == ["ham", None, None, "ham", "spam", None]
    assert list(ballot.failures) == [1, 2, 5]


def test_an_abstention_with_confidence_is_an_abstention():
    ballot = votes(lambda x: (None, 0.3))
    assert ballot.answer.null_count == 6
    assert ballot.confidence is None
    assert not ballot.failures


def test_what_raises_loses_that_vote_and_says_why():
    ballot = votes(lambda x: "spam" if "free" in x.body else None)
    assert ballot.answer.to_pylist() == ["spam", None, None, None, None, None]
    assert ballot.failures == {2: "TypeError: argument of type 'NoneType' is not iterable"} or (
        "TypeError" in ballot.failures[2]
    )


def test_an_endless_message_is_cut():
    def f(x):
        raise ValueError("a\nb" * 1000)

    assert len(votes(f).failures[0]) < 400
    assert "\n" not in votes(f).failures[0]


def test_leaving_recursing_and_asking_are_failures():
    def leaves(x):
        raise SystemExit(2)

    def recurses(x):
        return recurses(x)

    assert votes(leaves).failures[0] == "SystemExit: 2"
    assert "RecursionError" in votes(recurses).failures[0]
    assert "cannot ask for input" in votes(lambda x: input("what?")).failures[0]


def test_what_is_printed_is_kept_and_not_shown(capsys):
    def chatty(x):
        print("looking at", x.id)  # noqa: T201 - the point of the test
        print("and again")  # noqa: T201

    ballot = votes(chatty)
    assert capsys.readouterr() == ("", "")
    assert ballot.printed.splitlines() == [
        "looking at a", "and again", "looking at b", "and again", "looking at c", "… and 7 lines more"
    ]  # fmt: skip
    assert votes(lambda x: None).printed == ""


def test_an_undeclared_field_is_not_there_wherever_it_runs():
    f = source(fields=[])(lambda x: x.body)
    assert "no field 'body'" in votes(f).failures[0]


def batchwise(function):
    return votes(source(batch=True)(function))


@pytest.mark.parametrize(
    "function",
    [
        lambda d: ["spam", None, None, "spam", None, None],
        lambda d: pl.when(pl.col("body").str.to_lowercase().str.contains("free")).then(pl.lit("spam")),
        lambda d: d["body"].str.to_lowercase().str.contains("free").replace_strict({True: "spam", False: None}, default=None),
        lambda d: np.array(["spam", None, None, "spam", None, None], object),
        lambda d: pa.array(["spam", None, None, "spam", None, None]),
        lambda d: [0, None, float("nan"), 0, None, None],
    ],
)  # fmt: skip
def test_a_batchwise_function_returns_any_kind_of_column(function):
    assert batchwise(function).answer.to_pylist() == ["spam", None, None, "spam", None, None]


def test_a_batchwise_function_may_ask_for_an_arrow_batch():
    def f(batch: pa.RecordBatch):
        assert isinstance(batch, pa.RecordBatch)
        return ["ham"] * batch.num_rows

    assert batchwise(f).answer.to_pylist() == ["ham"] * 6
    assert batchwise(lambda d: None).answer.null_count == 6


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda d: ["spam"], "got 1 answers for 6 items"),
        (lambda d: "spammm", "sequence of answers"),
        (lambda d: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_batchwise_function_that_goes_wrong_fails_the_batch(function, reason):
    failures = batchwise(function).failures
    assert len(failures) == 6
    assert reason in failures[5]


def test_one_nonsense_answer_of_a_batch_fails_its_item():
    assert list(batchwise(lambda d: ["spam", "eggs", None, 7, 1, 0]).failures) == [1, 3]


@pytest.mark.parametrize(
    "function", [lambda x: "spam" if "e" in (x.body or "") else None, lambda x: x.body, lambda x: 1]
)
def test_the_laws_of_voters_hold_for_functions(function):
    check_voter(function_voter(function, TASK), BATCH, TASK)
    check_voter(function_voter(source(batch=True)(lambda d: d["body"]), TASK), BATCH, TASK)


def test_multilabel_answers_are_lists():
    task = Task("multilabel", ("a", "b"))
    ballot = votes(lambda x: ["b", "a"], task=task)
    assert ballot.answer[0].as_py() == '["a", "b"]'
    assert votes(lambda x: (["b"], 0.5), task=task).confidence[0] == 0.5


@pytest.fixture
def project(tmp_path):
    def write(text, name="sources.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_functions_are_loaded_in_order_and_only_those(project):
    path = project(
        "import labelwright.sources as lw\n"
        "def plain(x): return None\n"
        "@lw.source\ndef b(x): return plain(x)\n"
        "@lw.source(name='other')\ndef a(x): return 0\n"
        "for word in ['u', 'v']:\n"
        "    lw.source(name=f'has_{word}')(lambda x, word=word: 0 if word in x.body else None)\n"
    )
    assert [f.name for f in load_functions(path)] == ["b", "other", "has_u", "has_v"]
    voters = function_voters(path, TASK)
    assert len({voter.source.version for voter in voters}) == 4
    assert all(voter.isolated for voter in voters)
    assert load_functions(project("x = 1", "empty.py")) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ndef f(:\n", r"sources.py:2: "),
        ("x = 1\n1 / 0\n", r"sources.py:2: .*ZeroDivisionError"),
        ("open('/nowhere/file')\n", r"sources.py:1: .*FileNotFoundError"),
        ("import sys\nsys.exit(3)\n", r"sources.py:2: .*SystemExit"),
        ("import labelwright.sources as lw\n\nlw.source(3)\n", r"sources.py:3: @source decorates"),
        (
            "import labelwright.sources as lw\n@lw.source\ndef f(x): 0\n@lw.source\ndef f(x): 1\n",
            r"sources.py:4: a second source is called 'f', after line 2",
        ),
        ("x = 1\0", r"sources.py"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_where(project, text, message):
    with pytest.raises(SourceError, match=message):
        load_functions(project(text))


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        load_functions(tmp_path / "sources.py")


def test_a_failure_names_the_line_in_the_file(project):
    path = project(
        "import labelwright.sources as lw\ndef deep(x):\n    raise KeyError('k')\n"
        "@lw.source\ndef f(x):\n    return deep(x)\n"
    )
    (voter,) = function_voters(path, TASK)
    assert voter.vote(BATCH).failures[0] == "KeyError: 'k' (sources.py:3)"


def test_modules_beside_the_file_are_found_and_forgotten(project):
    text = "import labelwright.sources as lw\nimport nearby_terms\n@lw.source\ndef f(x):\n    import nearby_late\n    return nearby_terms.WORD\n"
    project("WORD = 'spam'", "nearby_terms.py")
    project("", "nearby_late.py")
    (first,) = function_voters(project(text), TASK)
    assert set(first.vote(BATCH).answer.to_pylist()) == {"spam"}
    project("WORD = 'ham' ", "nearby_terms.py")
    (second,) = function_voters(project(text), TASK)
    assert set(second.vote(BATCH).answer.to_pylist()) == {"ham"}
    assert first.source.version != second.source.version


def test_a_voter_of_a_file_travels_by_pickle_and_one_of_a_session_does_not(project):
    path = project("import labelwright.sources as lw\n@lw.source\ndef f(x): return 0\n")
    (voter,) = function_voters(path, TASK)
    again = pickle.loads(pickle.dumps(voter))
    assert again.vote(BATCH).answer.equals(voter.vote(BATCH).answer)
    project("import labelwright.sources as lw\n@lw.source\ndef f(x): return 1\n")
    (edited,) = function_voters(path, TASK)
    with pytest.raises(SourceError, match="edited while"):
        pickle.loads(pickle.dumps(edited))
    with pytest.raises(SourceError, match="no file"):
        pickle.dumps(function_voter(lambda x: None, TASK))


class Certain:
    def __init__(self, rows, heads=1):
        self.rows, self.heads = np.array(rows), heads

    def predict(self, items):
        return self.rows[: len(items) * self.heads]

    def save(self, folder):
        raise NotImplementedError


def test_a_model_votes_where_it_is_sure_and_abstains_elsewhere():
    predictor = Certain([[0.9, 0.1], [0.4, 0.6], [np.nan, np.nan], [0.2, 0.8], [0.5, 0.5], [1, 0]])
    voter = ModelVoter(predictor, "model", "v1", TASK, 0.7, ("body",))
    ballot = voter.vote(BATCH)
    check_ballot(ballot, 6, TASK)
    assert ballot.answer.to_pylist() == ["spam", None, None, "ham", None, "spam"]
    assert ballot.confidence[0] == np.float32(0.9)
    assert len(voter.vote(BATCH.slice(0, 0)).answer) == 0
    assert (voter.fields, voter.isolated, voter.source.kind) == (("body",), False, "model")
    assert voter.source.version != ModelVoter(predictor, "model", "v1", TASK).source.version


def test_a_model_votes_with_sets_of_classes_as_sure_as_its_least_sure_word():
    task = Task("multilabel", ("spam", "ham"))
    yes = np.array([[0.9, 0.2], [0.8, 0.6], [0.1, 0.05]]).ravel()
    voter = ModelVoter(Certain(np.stack([1 - yes, yes], axis=1), heads=2), "m", "v1", task, 0.7)
    ballot = voter.vote(BATCH.slice(0, 3))
    assert ballot.answer.to_pylist() == ['["spam"]', None, "[]"]
    assert ballot.confidence.tolist() == pytest.approx([0.8, np.nan, 0.9], nan_ok=True)
    with pytest.raises(SourceError, match=r"shape \(6, 2\) for 12 questions"):
        voter.vote(BATCH)


def test_a_model_that_does_not_fit_the_task_cannot_vote():
    with pytest.raises(SourceError, match=r"shape \(1, 2\)"):
        ModelVoter(Certain([[0.5, 0.5]]), "m", "", TASK).vote(BATCH)
    with pytest.raises(SettingsError, match="must lie in"):
        ModelVoter(Certain([]), "m", "", TASK, 2)


def test_the_package_offers_what_it_lists():
    assert sorted(sources.__all__) == sources.__all__
    assert all(getattr(sources, name) for name in sources.__all__)
    with pytest.raises(AttributeError):
        sources.nothing  # noqa: B018
