"""`labelwright export`. A failure here costs the training set: labels beside the wrong items, or
personal data that leaves the house."""

import csv
import json

import labelwright as lib


def read_back(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_item_is_written_with_its_own_label(folder, tmp_path, lw):
    out = tmp_path / "train.csv"
    told = lw("export", folder, "--to", out, "--votes-only")
    assert told.code == 0, told.err
    labels = lib.open(folder).label()
    got = read_back(out)
    assert [row["label"] or None for row in got] == labels.answers.answer.to_pylist()
    assert [row["id"] for row in got] == [f"m{place}" for place in range(90)]
    known = sum(row["label"] != "" for row in got)
    assert f"wrote 90 items, {known} with a label (votes alone), to {out}" in told.out


def test_content_is_joined_unless_votes_alone_are_wanted(folder, tmp_path, lw):
    told = json.loads(lw("export", folder, "--to", tmp_path / "a.jsonl", "--json").out)
    assert (told["content"], told["rows"], told["renamed"]) == (True, 90, {})
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert all(row["label"] for row in rows)
    assert {"votes_label", "model_label"} <= set(rows[0])


def test_items_without_a_label_can_be_left_out(fresh, tmp_path, lw):
    (fresh / "sources.py").write_text(
        "import labelwright as lw\n\n@lw.source\ndef free(x):\n"
        '    return "spam" if "free" in x.text else None\n'
    )
    settings = fresh / "labelwright.toml"
    settings.write_text(settings.read_text().split("[[rules]]")[0])
    lw("vote", fresh)
    lw("export", fresh, "--to", tmp_path / "all.csv")
    lw("export", fresh, "--to", tmp_path / "some.csv", "--only-labelled")
    everything, some = read_back(tmp_path / "all.csv"), read_back(tmp_path / "some.csv")
    assert some == [row for row in everything if row["label"]]
    assert 0 < len(some) < len(everything) == 30


def test_personal_data_is_masked_when_asked_for(tmp_path, lw):
    folder, items = tmp_path / "p", tmp_path / "items.csv"
    lw("init", folder, "--classes", "spam,ham")
    items.write_text("key,text,y\na,write to ann@example.org,ham\n")
    lw("import", folder, items, "--id", "key", "--gold", "y")
    lw("export", folder, "--to", tmp_path / "plain.csv")
    lw("export", folder, "--to", tmp_path / "masked.csv", "--mask-personal-data")
    assert "ann@example.org" in (tmp_path / "plain.csv").read_text()
    assert "ann@example.org" not in (tmp_path / "masked.csv").read_text()
    assert read_back(tmp_path / "masked.csv")[0]["text"] == "write to [e-mail]"


def test_a_field_that_has_a_name_of_ours_is_no_dead_end_and_is_told(tmp_path, lw):
    folder, items = tmp_path / "p", tmp_path / "items.csv"
    lw("init", folder, "--classes", "spam,ham")
    items.write_text("key,text,label,split,y\na,one,theirs,mine,ham\n")
    lw("import", folder, items, "--id", "key", "--gold", "y")
    told = lw("export", folder, "--to", tmp_path / "out.csv")
    assert told.code == 0, told.err
    assert "your column 'split' is called 'split_of_item'" in told.out
    (row,) = read_back(tmp_path / "out.csv")
    assert (row["label"], row["label_of_item"], row["split_of_item"]) == ("ham", "theirs", "mine")


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_left_there(folder, tmp_path, lw):
    for to, said in (
        (tmp_path / "none" / "a.csv", "does not exist"),
        (tmp_path, "cannot write files ending in"),
        (tmp_path / "a.xlsx", ".parquet"),
    ):
        told = lw("export", folder, "--to", to)
        assert told.code == 2
        assert said in told.err
    assert [one.name for one in tmp_path.iterdir()] == ["reviews"]


def test_without_a_label_it_says_what_to_do(fresh, tmp_path, lw):
    told = lw("export", fresh, "--to", tmp_path / "a.csv")
    assert told.code == 2
    assert "nobody has voted yet" in told.err
    assert not (tmp_path / "a.csv").exists()
