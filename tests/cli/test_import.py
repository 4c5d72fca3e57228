"""What comes in by command. A failure here costs data: rows lost in silence, or answers that
nobody gave in the log for good."""

import json

import pytest

import labelwright as lib
from pipeline.making import rows, write_csv


def votes_of(folder):
    """Source, item's id and answer of every row of the vote log."""
    workspace = lib.open(folder).workspace
    ids = [id_ for batch in workspace.items.scan(["_id"]) for id_ in batch[1].to_pylist()]
    names = [source.name for source in workspace.log.sources()]
    return [
        (names[row["source"]], ids[row["item"]], row["answer"])
        for row in workspace.log.scan().to_pylist()
    ]


@pytest.fixture
def empty(tmp_path, lw):
    assert lw("init", tmp_path / "p", "--classes", "spam,ham").code == 0
    return tmp_path / "p"


def test_what_was_taken_in_and_what_was_not_is_said_in_text_and_json_alike(empty, tmp_path, lw):
    table = [*rows(4), {"key": "", "text": "x", "truth": "ham"}]
    path = write_csv(tmp_path / "items.csv", table)
    told = lw("import", empty, path, "--id", "key", "--gold", "truth", "--json")
    (found,) = json.loads(told.out).values()
    assert (found["added"], found["gold"], found["set_aside"]) == (4, 4, 1)
    assert found["examples"][0]["line"] == 6
    again = lw("import", empty, path, "--id", "key", "--gold", "truth")
    assert again.code == 0
    assert "0 items added, 4 were there already" in again.out
    assert "1 row set aside" in again.out
    assert f"{path}:6: the id is missing" in again.out
    assert votes_of(empty) == [("gold", row["key"], row["truth"]) for row in rows(4)]


def test_every_option_reaches_the_import(empty, tmp_path, lw):
    path = tmp_path / "items.txt"
    path.write_bytes("k;body;extra;y\n01;na\xefve;z;ham\n02;plain;z;spam\n".encode("latin-1"))
    told = lw(
        "import", empty, path, "--format", "csv", "--encoding", "latin-1", "--id", "k", "--text",
        "body", "--gold", "y", "--split", "train=1", "--fields", "body", "--sample", "1.0",
    )  # fmt: skip
    assert told.code == 0, told.err
    items = lib.open(empty).workspace.items
    assert items.take([0, 1], ["_id", "_split", "body"]).to_pylist() == [
        {"_number": 0, "_id": "01", "_split": "train", "body": "na\xefve"},
        {"_number": 1, "_id": "02", "_split": "train", "body": "plain"},
    ]
    assert "extra" not in items.schema().names


def test_votes_of_people_come_in_with_whatever_their_columns_are_called(fresh, tmp_path, lw):
    table = [
        {"q": "m0", "who": "ann", "a": "spam", "sure": "0.5"},
        {"q": "m1", "who": "bob", "a": "", "sure": ""},
        {"q": "nobody", "who": "bob", "a": "ham", "sure": "1"},
    ]
    path = write_csv(tmp_path / "crowd.csv", table)
    told = lw(
        "import", fresh, "--votes", path, "--item-column", "q", "--source-column", "who",
        "--label-column", "a", "--confidence-column", "sure",
    )  # fmt: skip
    assert "2 votes of 2 sources added, 0 were there already" in told.out
    assert f"{path}:4: there is no such item in the project" in told.out
    assert votes_of(fresh) == [("ann", "m0", "spam"), ("bob", "m1", None)]


@pytest.mark.parametrize(
    "options", [("--id", "key", "--gold", "truth"), ("--gold", "truth"), None], ids=str
)
def test_gold_comes_in_by_id_alone(fresh, tmp_path, lw, options):
    table = [{"key": "m1", "truth": "ham"}, {"key": "zz", "truth": "ham"}]
    path = write_csv(tmp_path / "gold.csv", table)
    columns = ("--item-column", "key", "--label-column", "truth")
    if options is None:
        told = lw("import", fresh, "--votes", path, "--kind", "gold", *columns)
    else:
        told = lw("import", fresh, path, *options)
    assert told.code == 0, told.err
    assert "1 gold answer" in told.out or "1 vote of 1 source added" in told.out
    assert f"{path}:3: there is no such item in the project" in told.out
    assert votes_of(fresh) == [("gold", "m1", "ham")]


def test_what_an_empty_answer_means_is_asked_by_an_option_that_there_is(tmp_path, lw):
    folder = tmp_path / "topics"
    lw("init", folder, "--classes", "art,news", "--task", "multilabel")
    path = tmp_path / "items.csv"
    path.write_text("key,text,y\na,one,art|news\nb,two,\n")
    asked = lw("import", folder, path, "--id", "key", "--gold", "y")
    assert asked.code == 2
    assert f"{path}:3" in asked.err
    assert "--empty none or --empty unknown" in asked.err
    assert lib.open(folder).workspace.items.count() == 0
    told = lw("import", folder, path, "--id", "key", "--gold", "y", "--empty", "none")
    assert told.code == 0, told.err
    assert [answer for _, _, answer in votes_of(folder)] == ['["art", "news"]', "[]"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a file to import"),
        (("none.csv",), "none.csv: no such file"),
        (("DATA", "--id", "kye"), "Did you mean 'key'?"),
        (("DATA", "--gold", "truht"), "Did you mean 'truth'?"),
        (("DATA", "--sample", "some"), "--sample must be a number of rows"),
        (("DATA", "--split", "train=2"), "train=2"),
        (("DATA", "--empty", "maybe"), "'none' or 'unknown', got 'maybe'"),
        (("DATA", "--format", "xml"), "unknown format"),
        (("DATA", "--kind", "gold"), "--kind says what cast the votes"),
        (("--votes", "DATA"), "no column 'item'"),
        (("--votes", "DATA", "--kind", "golden"), "did you mean 'gold'?"),
        (("--votes", "DATA", "--gold", "truth"), "--kind gold and --label-column truth"),
    ],
)
def test_a_mistake_is_told_in_a_line_and_nothing_was_taken_in(fresh, tmp_path, lw, arguments, said):
    data = tmp_path / "data.csv"
    told = lw("import", fresh, *(data if one == "DATA" else one for one in arguments))
    assert told.code == 2
    assert told.err.startswith("error: ")
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert votes_of(fresh) == []
    assert lib.open(fresh).workspace.items.count() == 30
