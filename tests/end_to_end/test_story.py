"""The whole story by command line, as a newcomer would go through it."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from end_to_end.making import (
    edit,
    environment,
    labelwright,
    make,
    messages,
    ok,
    told,
    write_csv,
    wrong,
)


def read_export(path):
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in file]
        return list(csv.DictReader(file))


def test_the_whole_story_in_the_order_of_the_readme(lw, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = write_csv(tmp_path / "data.csv", messages(160))
    done = ok(lw("init", "reviews", "--task", "classification", "--classes", "spam,ham"))
    assert "labelwright import reviews FILE" in done.out
    assert "import data" in ok(lw("status", "reviews")).out
    options = ["--text", "body", "--id", "key", "--gold", "truth", "--split", "part"]
    done = ok(lw("import", "reviews", "data.csv", *options))
    assert "160 items added" in done.out
    assert "160 gold answers" in done.out
    assert (
        "0 items added, 160 were there already"
        in ok(lw("import", "reviews", "data.csv", *options)).out
    )
    assert "labelwright vote" in ok(lw("status", "reviews")).out
    edit(tmp_path / "reviews")
    done = ok(lw("vote", "reviews"))
    assert all(name in done.out for name in ("free", "cash", "greets", "meets", "wins"))
    assert "160 items have a label" not in done.out
    assert "items have a label" in ok(lw("label", "reviews")).out
    assert "on gold" in ok(lw("sources", "reviews")).out
    assert "test items" in ok(lw("train", "reviews")).out
    done = ok(lw("round", "reviews", "--note", "the first"))
    assert "version" in done.out
    assert "the first" in ok(lw("version", "log", "-p", "reviews")).out
    done = ok(lw("explain", "m3", "--project", "reviews"))
    assert all(word in done.out for word in ("label:", "gold:", "end model:", "greets", "odds"))
    assert "wrote 160 items" in ok(lw("export", "reviews", "--to", "train.parquet")).out
    assert (
        "160 predictions"
        in ok(lw("predict", "data.csv", "--to", "new.csv", "--project", "reviews")).out
    )
    assert "versions   1" in ok(lw("status", "reviews")).out
    assert data.exists()


def test_every_command_speaks_json(lw, tmp_path):
    project = make(lw, tmp_path)
    data = tmp_path / "data.csv"
    options = ["--text", "body", "--id", "key", "--gold", "truth", "--split", "part"]
    imported = told(lw("import", project, data, *options, "--json"))
    assert imported["items"]["unchanged"] == 120
    votes = told(lw("vote", project, "--json"))
    assert {tally["name"] for tally in votes["sources"]} == {
        "free", "cash", "greets", "meets", "wins"
    }  # fmt: skip
    labels = told(lw("label", project, "--json"))
    assert labels["items"] == 120
    assert labels["quality"]["accuracy"] > 0.9
    sources = told(lw("sources", project, "--json"))
    assert {row["name"] for row in sources["sources"]} >= {"free", "gold"}
    trained = told(lw("train", project, "--json"))
    assert trained["quality"]["accuracy"] > 0.8
    questions = told(lw("next", project, "--json", "-n", 4))
    assert len(questions) == 4
    done = told(lw("round", project, "--json"))
    assert done["version"]
    story = told(lw("explain", "m1", "--project", project, "--json"))
    assert story["item"] == "m1"
    assert sum(story["units"][0]["probability"].values()) == pytest.approx(1)
    exported = told(lw("export", project, "--to", tmp_path / "x.csv", "--json"))
    assert exported["rows"] == 120
    assert told(lw("status", project, "--json"))["version"] == done["version"]
    assert [v["id"] for v in told(lw("version", "log", "--json", "-p", project))] == [
        done["version"]
    ]
    predicted = told(
        lw("predict", data, "--to", tmp_path / "p.jsonl", "--project", project, "--json")
    )
    assert predicted["rows"] == 120


def test_from_inside_the_project_no_name_is_needed(lw, tmp_path, monkeypatch):
    project = make(lw, tmp_path, 40)
    (project / "notes" / "deep").mkdir(parents=True)
    monkeypatch.chdir(project / "notes" / "deep")
    for command in ("vote", "label", "sources", "train", "next", "round", "status"):
        ok(lw(command))
    ok(lw("version", "log"))
    ok(lw("explain", "m1"))
    ok(lw("export", "--to", "train.csv"))
    assert (project / "notes" / "deep" / "train.csv").exists()
    monkeypatch.chdir(tmp_path)
    wrong(lw("vote"), "is in no project", "labelwright init")


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_an_export_holds_hard_and_soft_labels_confidence_and_sources(lw, tmp_path, ending):
    project = make(lw, tmp_path)
    ok(lw("round", project))
    path = tmp_path / f"train.{ending}"
    ok(lw("export", project, "--to", path))
    rows = read_export(path)
    assert len(rows) == 120
    truth = {row["key"]: row["truth"] for row in messages(120)}
    labelled = [row for row in rows if row["label"]]
    assert 80 < len(labelled) <= 120
    for row in labelled:
        p_spam, p_ham = float(row["p_spam"]), float(row["p_ham"])
        assert p_spam + p_ham == pytest.approx(1)
        assert row["label"] == ("spam" if p_spam > p_ham else "ham")
        assert float(row["confidence"]) == pytest.approx(max(p_spam, p_ham))
        said = row["sources"] if isinstance(row["sources"], list) else json.loads(row["sources"])
        assert said
        assert all(vote.partition("=")[2] in ("spam", "ham") for vote in said)
        assert row["body"]
        assert row["model_label"] in ("spam", "ham")
    assert np.mean([row["label"] == truth[row["id"]] for row in labelled]) > 0.9
    assert all(not row["label"] and float(row["confidence"]) == 0 for row in rows
               if row not in labelled)  # fmt: skip
    ok(lw("export", project, "--to", path, "--only-labelled"))
    assert len(read_export(path)) == len(labelled)


def test_explain_adds_up_to_the_posterior(lw, tmp_path):
    project = make(lw, tmp_path)
    ok(lw("vote", project))
    for item in ("m1", "m2", "m3"):
        story = told(lw("explain", item, "--project", project, "--json"))
        (unit,) = story["units"]
        if unit["label"] is None:
            continue
        odds = unit["before"] + sum(effect["effect"] or 0 for effect in unit["effects"])
        assert 1 / (1 + np.exp(-odds)) == pytest.approx(unit["probability"][unit["label"]])
        said = {effect["source"]: effect["answer"] for effect in unit["effects"]}
        assert set(said) >= {"free", "cash", "greets", "meets", "wins"}


def test_predict_reads_new_rows_as_the_import_read_the_old(lw, tmp_path):
    project = make(lw, tmp_path)
    ok(lw("round", project))
    new = write_csv(
        tmp_path / "new.csv",
        [{"key": "001", "body": "hello dinner tomorrow"}, {"key": "002", "body": "12345"}],
    )
    ok(lw("predict", new, "--to", tmp_path / "p.csv", "--project", project))
    rows = read_export(tmp_path / "p.csv")
    assert [row["id"] for row in rows] == ["001", "002"]
    assert rows[0]["label"] == "ham"
    assert rows[1]["body"] == "12345"


def test_predict_says_which_column_is_missing(lw, tmp_path):
    project = make(lw, tmp_path)
    wrong(lw("predict", tmp_path / "data.csv", "--to", tmp_path / "p.csv", "-p", project), "train")
    ok(lw("round", project))
    new = write_csv(tmp_path / "new.csv", [{"key": "1", "bdy": "hello"}])
    message = wrong(lw("predict", new, "--to", tmp_path / "p.csv", "-p", project), "'body'")
    assert "'bdy'" in message
    assert not (tmp_path / "p.csv").exists()


def test_votes_of_a_crowd_come_in_by_the_names_of_crowd_kit(lw, tmp_path):
    project = make(lw, tmp_path, 12, gold="none")
    table = [
        {"task": f"m{n}", "worker": who, "label": "spam" if n % 2 else "ham"}
        for n in range(12)
        for who in ("ada", "bea", "cem")
    ]
    votes = write_csv(tmp_path / "crowd.csv", table)
    done = ok(lw("import", project, "--votes", votes))
    assert "36 votes of 3 sources added" in done.out
    assert (
        "0 votes of 3 sources added, 36 were there"
        in ok(lw("import", project, "--votes", votes)).out
    )
    assert told(lw("label", project, "--json"))["labelled"] == 12


def test_items_and_votes_come_in_one_command(lw, tmp_path):
    ok(lw("init", tmp_path / "p", "--classes", "a,b"))
    items = write_csv(tmp_path / "i.csv", [{"key": "1", "text": "x"}, {"key": "2", "text": "y"}])
    votes = write_csv(tmp_path / "v.csv", [{"item": "1", "source": "anna", "label": "a"}])
    done = told(lw("import", tmp_path / "p", items, "--id", "key", "--votes", votes, "--json"))
    assert done["items"]["added"] == 2
    assert done["votes"]["added"] == 1


def test_jsonl_parquet_and_globs_give_the_same_items_as_csv(lw, tmp_path):
    import labelwright

    table = messages(30)
    parts = tmp_path / "parts"
    parts.mkdir()
    write_csv(tmp_path / "all.csv", table)
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in table))
    pq.write_table(pa.Table.from_pylist(table), tmp_path / "all.parquet")
    for place in range(3):
        write_csv(parts / f"{place}.csv", table[place * 10 : place * 10 + 10])
    made = {}
    for given in ("all.csv", "all.jsonl", "all.parquet", "parts/*.csv", "parts"):
        project = tmp_path / given.replace("/", "-").replace("*", "x")
        project = project.with_name(f"p-{project.name}")
        ok(lw("init", project, "--classes", "spam,ham"))
        options = ["--id", "key", "--text", "body", "--gold", "truth", "--split", "part"]
        ok(lw("import", project, tmp_path / given, *options))
        opened = labelwright.open(project)
        made[given] = (opened.workspace.items_digest(), opened.status().votes["gold"])
    assert len(set(made.values())) == 1, made


def test_sample_and_shares_are_the_same_every_time(lw, tmp_path):
    data = write_csv(tmp_path / "data.csv", messages(200))
    kept = []
    for name in ("a", "b"):
        ok(lw("init", tmp_path / name, "--classes", "spam,ham"))
        done = told(
            lw("import", tmp_path / name, data, "--id", "key", "--text", "body", "--sample", 50,
               "--split", "train=0.6,test=0.4", "--json")
        )  # fmt: skip
        assert done["items"]["added"] == 50
        kept.append(told(lw("status", tmp_path / name, "--json"))["splits"])
    assert kept[0] == kept[1]
    assert set(kept[0]) == {"train", "test"}
    assert sum(kept[0].values()) == 50


def picture(shade):
    from PIL import Image

    return Image.fromarray(np.full((8, 8), shade, np.uint8))


def test_a_folder_of_images_with_and_without_class_folders(lw, tmp_path):
    rng = np.random.default_rng(0)
    for name, low in (("dark", 0), ("light", 180)):
        (tmp_path / "known" / name).mkdir(parents=True)
        for number in range(8):
            picture(low + int(rng.integers(60))).save(tmp_path / "known" / name / f"{number}.png")
    (tmp_path / "new").mkdir()
    for number in range(10):
        picture(20 * number).save(tmp_path / "new" / f"{number}.png")
    (tmp_path / "new" / "torn.png").write_bytes((tmp_path / "new" / "1.png").read_bytes()[:40])
    (tmp_path / "new" / "text.jpg").write_text("no image")
    project = tmp_path / "p"
    ok(lw("init", project, "--classes", "dark,light"))
    done = ok(lw("import", project, tmp_path / "known", "--gold", "folder", "--split", "test=1"))
    assert "16 gold answers" in done.out
    done = told(lw("import", project, tmp_path / "new", "--json"))["items"]
    assert (done["added"], done["set_aside"]) == (10, 2)
    assert {example["file"].rpartition("/")[2] for example in done["examples"]} == {
        "torn.png", "text.jpg"
    }  # fmt: skip
    edit(project, sources="""
import labelwright as lw
import numpy as np

@lw.source
def dark(x):
    return "dark" if np.asarray(x.image).mean() < 90 else None

@lw.source
def light(x):
    return "light" if np.asarray(x.image).mean() > 100 else None
""", rules="")  # fmt: skip
    done = told(lw("round", project, "--json"))
    assert [tally["failures"] for tally in done["votes"]["sources"]] == [0, 0]
    assert done["labels"]["quality"]["accuracy"] == 1
    story = told(lw("explain", "3.png", "-p", project, "--json"))
    assert story["answer"] == "dark"
    ok(lw("predict", tmp_path / "new", "--to", tmp_path / "p.jsonl", "-p", project))
    assert len(read_export(tmp_path / "p.jsonl")) == 10
    ok(lw("export", project, "--to", tmp_path / "train.parquet"))


def test_a_multilabel_project_goes_all_the_way(lw, tmp_path):
    project = tmp_path / "p"
    data = write_csv(tmp_path / "d.csv", messages(60))
    ok(lw("init", project, "--task", "multilabel", "--classes", "spam,ham"))
    ok(lw("import", project, data, "--id", "key", "--text", "body"))
    edit(project, sources=(
        "import labelwright as lw\n\n@lw.source\ndef both(x):\n"
        "    return ['spam', 'ham'] if 'free' in x.body else ['ham']\n"
    ), rules="")  # fmt: skip
    ok(lw("vote", project))
    ok(lw("label", project))
    ok(lw("sources", project))
    ok(lw("explain", "m1", "-p", project))
    assert "trained" in ok(lw("train", project)).out
    version = told(lw("round", project, "--json"))["version"]
    assert version in ok(lw("version", "log", "--json", "-p", project)).out
    ok(lw("export", project, "--to", tmp_path / "out.csv"))
    ok(lw("predict", data, "--to", tmp_path / "new.csv", "-p", project))
    for path in ("out.csv", "new.csv"):
        for row in read_export(tmp_path / path):
            likely = [name for name in ("spam", "ham") if float(row[f"p_{name}"]) > 0.5]
            assert json.loads(row["label"]) == likely
    with_both = [row for row in read_export(tmp_path / "new.csv") if "free" in row["body"]]
    assert with_both
    assert all(json.loads(row["label"]) == ["spam", "ham"] for row in with_both)


def test_where_no_end_model_learns_the_kind_a_round_says_so_and_freezes(lw, tmp_path):
    project = tmp_path / "p"
    data = write_csv(tmp_path / "d.csv", messages(20))
    ok(lw("init", project, "--task", "boxes", "--classes", "car"))
    ok(lw("import", project, data, "--id", "key", "--text", "body"))
    box = json.dumps([{"label": "car", "box": [1, 2, 3, 4]}])
    votes = [{"item": f"m{n}", "source": "ann", "label": box} for n in range(20)]
    ok(lw("import", project, "--votes", write_csv(tmp_path / "votes.csv", votes)))
    done = ok(lw("round", project))
    assert "no end model learns boxes tasks yet" in done.out
    assert "version" in done.out
    wrong(lw("train", project), "no end model learns boxes tasks yet", "export")
    wrong(lw("gate", project), "no end model learns boxes tasks yet", "export")
    wrong(lw("predict", data, "--to", tmp_path / "x.csv", "-p", project), "boxes", "export")
    ok(lw("export", project, "--to", tmp_path / "out.jsonl"))
    (piece,) = read_export(tmp_path / "out.jsonl")[0]["pieces"]
    assert (piece["label"], piece["box"]) == ("car", [1, 2, 3, 4])


def test_a_copy_opens_elsewhere_and_the_original_may_go(lw, tmp_path):
    project = make(lw, tmp_path / "here")
    version = told(lw("round", project, "--json"))["version"]
    shutil.copytree(project, tmp_path / "there" / "other")
    shutil.rmtree(tmp_path / "here")
    copy = tmp_path / "there" / "other"
    assert told(lw("status", copy, "--json"))["version"] == version
    ok(lw("explain", "m1", "-p", copy))
    again = told(lw("round", copy, "--json"))
    assert again["votes"]["sources"] == []
    assert again["version"] == version


def test_the_same_inputs_give_the_same_version_in_two_folders(lw, tmp_path):
    versions = [
        told(lw("round", make(lw, tmp_path / name), "--json"))["version"] for name in ("a", "b")
    ]
    assert versions[0] == versions[1]


def test_a_process_of_its_own_helps_and_ends_well(tmp_path):
    done = labelwright("--help")
    assert done.returncode == 0
    assert "demo" in done.stdout
    assert labelwright("--version").stdout.startswith("labelwright ")
    done = labelwright("status", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


PROGRAM = Path(sys.executable).with_name("labelwright")


@pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not installed beside Python")
def test_tab_completion_completes_commands_and_options():
    def completed(words):
        typed = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
        done = subprocess.run(
            [PROGRAM],
            env=environment(_LABELWRIGHT_COMPLETE="complete_bash", **typed),
            capture_output=True,
            text=True,
            check=True,
        )
        return set(done.stdout.split())

    assert completed("labelwright ex") == {"explain", "export"}
    assert "--only-labelled" in completed("labelwright export --")


@pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not installed beside Python")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_tab_completion_is_made(shell):
    source = environment(_LABELWRIGHT_COMPLETE=f"source_{shell}")
    done = subprocess.run([PROGRAM], env=source, capture_output=True, text=True, check=True)
    assert "labelwright" in done.stdout
    assert "COMPLETE" in done.stdout


@pytest.mark.parametrize("command", [
    "init", "import", "vote", "label", "sources", "train", "next", "round", "explain", "export",
    "predict", "status", "version", "clone", "demo",
])  # fmt: skip
def test_every_command_explains_itself(lw, command):
    done = ok(lw(command, "--help"))
    assert "Usage" in done.out
    assert len(done.out.splitlines()) > 5
