"""Gold for items that are there, by their ids; and what an empty answer means."""

import json

import pytest

import labelwright as lw
from labelwright.core.errors import DataError, SettingsError, UnknownNameError
from labelwright.core.task import Task
from labelwright.core.votes import VoteState
from pipeline.making import make, rows, write_csv


def gold_of(project):
    """The gold answers in force, by id."""
    sources = project.known_sources()
    ids = [id_ for batch in project.workspace.items.scan(["_id"]) for id_ in batch[1].to_pylist()]
    found = {}
    for row in project.workspace.log.scan().to_pylist():
        if sources[row["source"]].kind == "gold":
            found[ids[row["item"]]] = row["answer"] if row["state"] == VoteState.VOTED else None
    return found


def several(folder, count=6):
    """A project in which any number of classes may belong."""
    project = lw.Project.create(folder / "p", Task("multilabel", ("spam", "ham", "news")))
    path = write_csv(folder / "items.csv", rows(count))
    project.import_items(path, id="key", text="text", fields=("text",))
    return project


GOLD = [
    {"key": "m1", "truth": "spam"},
    {"key": "nobody", "truth": "ham"},
    {"key": "m2", "truth": "egg"},
    {"key": "m3", "truth": ""},
    {"key": "m4", "truth": "ham"},
]


def test_a_file_of_ids_and_answers_alone_gives_gold_to_the_items_that_are_there(tmp_path):
    project = make(tmp_path, 6)
    path = write_csv(tmp_path / "gold.csv", GOLD)
    report = project.import_items(path, id="key", gold="truth")
    assert (report.added, report.conflicts, report.gold, report.set_aside) == (0, 0, 2, 2)
    assert [(one.line, one.reason) for one in report.examples] == [
        (3, "there is no such item in the project"),
        (4, "the task does not allow this answer"),
    ]
    assert "ids and gold alone" in report.notes[0]
    assert gold_of(project) == {"m1": "spam", "m4": "ham"}
    assert project.status().set_aside == 2
    again = project.import_items(path, id="key", gold="truth")
    assert (again.gold, again.unchanged) == (0, 2)
    assert project.workspace.items.count() == 6


def test_the_text_field_of_the_project_is_the_same_after_gold_by_id(tmp_path):
    project = make(tmp_path, 6)
    project.import_items(write_csv(tmp_path / "gold.csv", GOLD), id="key", gold="truth")
    assert project.workspace.text_field() == "text"


@pytest.mark.parametrize("name", ["key", "id"])
def test_the_column_of_ids_need_not_be_named_where_items_have_such_ids(tmp_path, name):
    project = make(tmp_path, 6)
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({name: "m1", "truth": "spam"}) + "\n")
    assert project.import_items(path, gold="truth").gold == 1
    assert project.workspace.items.count() == 6


def test_ids_that_look_like_numbers_stay_as_they_are_spelled(tmp_path):
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    (tmp_path / "items.csv").write_text("key,text\n007,hello\n08,free\n")
    project.import_items(tmp_path / "items.csv", id="key", text="text")
    (tmp_path / "gold.csv").write_text("key,y\n007,ham\n08,spam\n")
    assert project.import_items(tmp_path / "gold.csv", gold="y").gold == 2
    assert gold_of(project) == {"007": "ham", "08": "spam"}


def test_items_without_a_key_get_gold_by_the_id_that_the_export_tells(tmp_path):
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    (tmp_path / "items.csv").write_text("text\nhello\nfree\n")
    project.import_items(tmp_path / "items.csv")
    (first,) = project.workspace.items.take([0], ["_id"])["_id"].to_pylist()
    path = write_csv(tmp_path / "gold.csv", [{"id": first, "y": "ham"}])
    assert project.import_items(path, gold="y").gold == 1
    assert gold_of(project) == {first: "ham"}


def test_a_new_file_of_short_texts_is_not_taken_for_ids(tmp_path):
    project = make(tmp_path, 6)
    path = write_csv(tmp_path / "more.csv", [{"text": "m1", "y": "ham"}])
    report = project.import_items(path, gold="y")
    assert (report.added, report.gold) == (1, 1)


def test_gold_that_meets_other_content_is_told_how_it_could_come_in(tmp_path):
    project = make(tmp_path, 6)
    path = write_csv(tmp_path / "other.csv", [{"key": "m1", "text": "other", "truth": "ham"}])
    report = project.import_items(path, id="key", gold="truth")
    assert (report.conflicts, report.gold) == (1, 0)
    assert report.examples[0].reason.endswith("import it with --votes FILE --kind gold")
    told = project.import_votes(path, item="key", label="truth", kind="gold")
    assert (told.added, gold_of(project)) == (1, {"m1": "ham"})


def test_gold_as_votes_needs_no_source_and_is_the_same_gold_either_way(tmp_path):
    project = make(tmp_path, 6)
    path = write_csv(
        tmp_path / "gold.csv", [{"id": "m1", "label": "ham"}, {"id": "x", "label": "ham"}]
    )
    first = project.import_votes(path, kind="gold")
    assert (first.added, first.set_aside) == (1, 1)
    assert (first.examples[0].line, first.examples[0].reason) == (
        3, "there is no such item in the project",
    )  # fmt: skip
    assert project.import_items(path, id="id", gold="label").gold == 0
    assert project.import_votes(path, kind="gold").unchanged == 1
    with pytest.raises(DataError, match="no column 'item'"):
        project.import_votes(path)


def test_a_kind_of_source_that_there_is_not_is_refused_with_those_there_are(tmp_path):
    project = make(tmp_path, 6)
    with pytest.raises(UnknownNameError, match="'golden'; did you mean 'gold'"):
        project.import_votes(tmp_path / "data.csv", kind="golden")


@pytest.mark.parametrize("cell", ["spam", "spam|news", '["spam", "news"]', " news | spam "])
def test_cells_of_several_classes_are_read_for_gold_and_for_votes(tmp_path, cell):
    classes = ["spam", "news"] if "news" in cell else ["spam"]
    project = several(tmp_path)
    path = write_csv(tmp_path / "a.csv", [{"item": "m1", "source": "ann", "label": cell}])
    assert project.import_votes(path).added == 1
    path = write_csv(tmp_path / "b.csv", [{"key": "m1", "truth": cell}])
    assert project.import_items(path, id="key", gold="truth").gold == 1
    said = [json.loads(row["answer"]) for row in project.workspace.log.scan().to_pylist()]
    assert said == [classes, classes]


@pytest.mark.parametrize("cell", ["", "[]", " [ ] "])
def test_what_an_empty_answer_means_is_asked_and_not_guessed(tmp_path, cell):
    project = several(tmp_path)
    votes = write_csv(
        tmp_path / "v.csv",
        [
            {"item": "m1", "source": "ann", "label": "spam"},
            {"item": "m2", "source": "ann", "label": cell},
        ],
    )
    gold = write_csv(
        tmp_path / "g.csv", [{"key": "m1", "truth": "ham"}, {"key": "m2", "truth": cell}]
    )
    asked = r"csv:3: .*none belongs .*--empty none or --empty unknown"
    with pytest.raises(DataError, match=asked):
        project.import_votes(votes)
    with pytest.raises(DataError, match=asked):
        project.import_items(gold, id="key", gold="truth")
    assert project.workspace.log.count() == 0
    assert project.import_items(gold, id="key", gold="truth", empty="unknown").gold == 1
    assert gold_of(project) == {"m1": '["ham"]'}
    assert project.import_items(gold, id="key", gold="truth", empty="none").gold == 1
    assert gold_of(project) == {"m1": '["ham"]', "m2": "[]"}
    assert project.import_votes(votes, empty="unknown").added == 2
    states = [row["state"] for row in project.workspace.log.scan().to_pylist()[-2:]]
    assert states == [VoteState.VOTED, VoteState.ABSTAINED]


def test_new_items_with_an_empty_gold_cell_are_not_taken_in_before_it_is_said_what_it_means(
    tmp_path,
):
    project = several(tmp_path, 1)
    table = [{"key": f"n{place}", "text": f"new {place}", "truth": ""} for place in range(3)]
    path = write_csv(tmp_path / "new.csv", table)
    with pytest.raises(DataError, match="empty cell"):
        project.import_items(path, id="key", gold="truth")
    assert project.workspace.items.count() == 1
    assert project.import_items(path, id="key", gold="truth", empty="none").gold == 3


def test_a_value_that_is_missing_in_json_is_not_known_and_nobody_is_asked(tmp_path):
    project = several(tmp_path)
    path = tmp_path / "gold.jsonl"
    lines = [{"key": "m1", "truth": ["spam"]}, {"key": "m2", "truth": None}, {"key": "m3"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert project.import_items(path, id="key", gold="truth").gold == 1


def test_an_empty_cell_of_a_task_with_one_class_is_no_answer_and_nobody_is_asked(tmp_path):
    project = make(tmp_path, 6)
    path = write_csv(tmp_path / "gold.csv", [{"key": "m1", "truth": " "}])
    report = project.import_items(path, id="key", gold="truth")
    assert (report.gold, report.set_aside) == (0, 0)


def test_a_meaning_that_there_is_not_is_refused(tmp_path):
    project = make(tmp_path, 6)
    for call in (project.import_items, project.import_votes):
        with pytest.raises(SettingsError, match="'none' or 'unknown', got 'maybe'"):
            call(tmp_path / "data.csv", empty="maybe")


def test_gold_that_says_several_things_of_an_item_is_told_and_the_last_counts(tmp_path):
    project = make(tmp_path, 6)
    said = [("m1", "spam"), ("m1", "ham"), ("m2", "ham"), ("m2", "ham")]
    path = write_csv(tmp_path / "gold.csv", [{"key": id_, "truth": one} for id_, one in said])
    report = project.import_items(path, id="key", gold="truth")
    told = (
        "gold says several things of 1 item, such as 'm1' ('spam', 'ham'): the last of each counts"
    )
    assert report.notes[1:] == (told,)
    assert gold_of(project) == {"m1": "ham", "m2": "ham"}
    again = write_csv(tmp_path / "again.csv", [{"key": "m1", "truth": "spam"}])
    assert project.import_items(again, id="key", gold="truth").notes[1:] == ()
    table = [
        {"key": "n1", "text": "a b", "truth": "spam"},
        {"key": "n1", "text": "a b", "truth": "ham"},
    ]
    path = write_csv(tmp_path / "items.csv", table)
    told = project.import_items(path, id="key", text="text", gold="truth", fields=("text",)).notes
    assert "gold says several things of 1 item, such as 'n1'" in told[-1]


@pytest.mark.parametrize("way", ["gold by id", "gold with its items", "votes"])
def test_an_answer_that_is_no_class_is_told_with_the_class_that_it_may_mean(tmp_path, way):
    project = make(tmp_path, 4)
    table = [
        {"id": "m1", "source": "ann", "said": "2: Spam"},
        {"id": "m2", "source": "ann", "said": "egg"},
    ]
    if way == "votes":
        path = write_csv(tmp_path / "votes.csv", table)
        told = project.import_votes(path, item="id", label="said")
    elif way == "gold by id":
        path = write_csv(
            tmp_path / "gold.csv", [{"id": row["id"], "said": row["said"]} for row in table]
        )
        told = project.import_items(path, id="id", gold="said")
    else:
        path = write_csv(
            tmp_path / "new.csv", [{**row, "id": f"n{row['id']}", "text": "x"} for row in table]
        )
        told = project.import_items(path, id="id", text="text", gold="said")
    near, unlike = told.examples
    assert "did you mean 'spam'?" in near.reason
    assert "did you mean" not in unlike.reason
