"""Bad input gives a clear error and loses nothing: every case once, by command line."""

import json

import numpy as np
import pytest

from end_to_end.making import SOURCES, edit, make, messages, ok, told, write_csv, wrong


@pytest.fixture
def project(lw, tmp_path):
    """A project with two items that must survive whatever is done to it."""
    folder = tmp_path / "p"
    ok(lw("init", folder, "--classes", "spam,ham"))
    data = tmp_path / "first.csv"
    data.write_text("key,body\nfirst,hello\nsecond,free cash\n")
    ok(lw("import", folder, data, "--id", "key", "--text", "body"))
    return folder


@pytest.fixture
def imported(lw, project, tmp_path):
    """Imports a file of this content and says what came of it; the first two items stay."""

    def run(content, *options, name="bad.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        done = lw("import", project, path, "--id", "key", "--text", "body", *options, "--json")
        for item in ("first", "second"):
            assert (
                lw("predict", path, "--to", tmp_path / "x.csv", "-p", project).code == 2
            )  # not trained
            assert stored(lw, project)[item] in ("hello", "free cash")
        return json.loads(done.out)["items"] if done.code == 0 else wrong(done)

    return run


def stored(lw, project):
    """The bodies by id, as they are kept."""
    import labelwright

    opened = labelwright.open(project)
    rows = [row for batch in opened.workspace.items.scan(["_id", "body"])
            for row in batch.to_pylist()]  # fmt: skip
    return {row["_id"]: row["body"] for row in rows}


def test_a_missing_column_is_named_with_the_nearest_one(imported):
    message = imported("key,bdoy\nx,1\n")
    assert "'body'" in message
    assert "'bdoy'" in message


def test_an_extra_column_becomes_a_field_and_is_missing_for_the_others(lw, imported, project):
    assert imported("key,body,length\nx,hi,2\n")["added"] == 1
    assert told(lw("explain", "x", "-p", edit_and_vote(lw, project), "--json"))["fields"] == {
        "body": "hi", "length": 2
    }  # fmt: skip
    assert told(lw("explain", "first", "-p", project, "--json"))["fields"]["length"] is None


def edit_and_vote(lw, project):
    edit(project)
    ok(lw("vote", project))
    return project


def test_a_cell_of_another_type_costs_its_row_alone(imported, lw, project):
    assert imported("key,body,size\nx,hi,2\n")["added"] == 1
    report = imported("key,body,size\ny,ho,3\nz,ha,big\n")
    assert (report["added"], report["set_aside"]) == (1, 1)
    (example,) = report["examples"]
    assert example["line"] == 3
    assert "'size'" in example["reason"]
    assert set(stored(lw, project)) == {"first", "second", "x", "y"}


def test_a_field_of_another_type_is_refused_as_a_whole(imported, lw, project):
    assert imported("key,body,size\nx,hi,2\n")["added"] == 1
    message = imported("key,body,size\ny,ho,true\nz,ha,false\n")
    assert "'size'" in message
    assert set(stored(lw, project)) == {"first", "second", "x"}


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "cp1252"])
def test_other_encodings_are_found_out(imported, lw, project, encoding):
    assert imported("key,body\nx,café crème\n".encode(encoding))["added"] == 1
    assert stored(lw, project)["x"] == "café crème"


def test_bytes_that_are_no_text_name_their_place(imported):
    content = b"key,body\n" + "é,è\n".encode() * 30 + b"x,\xff\xfe\n"
    assert "0xff at offset" in imported(content)
    assert "klingon" in imported("key,body\nx,y\n", "--encoding", "klingon")


def test_a_broken_quote_costs_its_row_alone(imported):
    report = imported('key,body\nx,fine\ny,"broken\nz,fine too\n')
    assert (report["added"], report["set_aside"]) == (2, 1)
    (example,) = report["examples"]
    assert example["line"] == 3
    assert "quote" in example["reason"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ""), ("b.csv", "\n\n"), ("c.csv", "key,body\n"), ("d.jsonl", ""),
        ("e.parquet", ""), ("f.parquet", "PAR1 nothing PAR1"),
    ],
)  # fmt: skip
def test_a_file_without_data_is_an_error(imported, name, content):
    assert name in imported(content, name=name)


def test_an_id_with_two_contents_keeps_the_first_and_reports_the_other(imported, lw, project):
    report = imported("key,body\nfirst,other\nx,one\nx,two\nx,one\n")
    assert (report["added"], report["conflicts"]) == (1, 2)
    assert stored(lw, project) == {"first": "hello", "second": "free cash", "x": "one"}
    assert told(lw("status", project, "--json"))["set_aside"] == 2


def test_an_id_of_ten_kilobytes_or_with_nul_is_set_aside(imported):
    report = imported(f"key,body\n{'k' * 10_240},a\nn\0n,b\n,c\nfine,d\n")
    assert (report["added"], report["set_aside"]) == (1, 3)
    reasons = " ".join(example["reason"] for example in report["examples"])
    assert "1024 bytes" in reasons
    assert "NUL" in reasons


def test_nul_bytes_in_text_are_kept_and_travel_through_everything(imported, lw, project, tmp_path):
    assert imported("key,body\nx,a\0b free\n")["added"] == 1
    edit_and_vote(lw, project)
    assert told(lw("explain", "x", "-p", project, "--json"))["answer"] == "spam"
    ok(lw("export", project, "--to", tmp_path / "out.csv"))
    ok(lw("train", project))


def test_nan_and_infinity_are_taken_in_and_trained_on(lw, tmp_path):
    rng = np.random.default_rng(0)
    table = [
        {"key": f"k{n}", "size": size, "note": note}
        for n, (size, note) in enumerate(
            zip(
                [*rng.normal(0, 1, 40).round(3).tolist(), "nan", "inf", "-inf", ""],
                ["a", "b"] * 22,
                strict=True,
            )
        )
    ]
    project = tmp_path / "p"
    ok(lw("init", project, "--classes", "low,high"))
    path = write_csv(tmp_path / "d.csv", table)
    done = told(lw("import", project, path, "--id", "key", "--json"))["items"]
    assert done["added"] == 44
    assert any("infinite" in note for note in done["notes"])
    edit(project, sources="""
import labelwright as lw

@lw.source
def high(x):
    return "high" if x.size is not None and x.size > 0 else "low"
""", rules="""
[[rules]]
name = "large"
vote = "high"
when = { field = "size", above = 0.5 }
""")  # fmt: skip
    done = told(lw("round", project, "--json"))
    assert sum(tally["failures"] for tally in done["votes"]["sources"]) == 0
    for ending in ("csv", "jsonl", "parquet"):
        ok(lw("export", project, "--to", tmp_path / f"o.{ending}"))
    story = told(lw("explain", "k41", "-p", project, "--json"))
    assert story["fields"]["size"] is None  # JSON knows no infinity


def test_a_gold_class_that_the_task_lacks_is_reported_and_its_item_kept(imported):
    report = imported("key,body,truth\nx,hi,egg\ny,ho,spam\n", "--gold", "truth")
    assert (report["added"], report["gold"], report["set_aside"]) == (2, 1, 1)
    assert "egg" in report["examples"][0]["reason"]


def test_votes_for_classes_or_items_that_are_not_there_are_set_aside(lw, project, tmp_path):
    table = [("first", "anna", "spam"), ("first", "ben", "egg"), ("nobody", "ben", "spam")]
    votes = write_csv(
        tmp_path / "v.csv", [dict(zip(("item", "source", "label"), row, strict=True))
                             for row in table]
    )  # fmt: skip
    done = told(lw("import", project, "--votes", votes, "--json"))["votes"]
    assert (done["added"], done["set_aside"]) == (1, 2)
    assert {example["line"] for example in done["examples"]} == {3, 4}


def test_a_class_taken_from_the_task_is_said_and_can_be_given_back(lw, tmp_path):
    project = make(lw, tmp_path, 30)
    before = told(lw("round", project, "--json"))
    settings = project / "labelwright.toml"
    text = settings.read_text()
    settings.write_text(text.replace('classes = ["spam", "ham"]', 'classes = ["junk", "ham"]'))
    wrong(lw("label", project), "'spam'", "junk", "labelwright classes")
    settings.write_text(text)
    after = told(lw("round", project, "--json"))
    assert after["version"] == before["version"]


def test_classes_in_another_order_are_not_mixed_up(lw, tmp_path):
    project = make(lw, tmp_path, 60)
    ok(lw("round", project))
    before = told(lw("explain", "m1", "-p", project, "--json"))
    settings = project / "labelwright.toml"
    settings.write_text(settings.read_text().replace('["spam", "ham"]', '["ham", "spam"]'))
    after = told(lw("explain", "m1", "-p", project, "--json"))
    assert after["answer"] == before["answer"]
    assert after["prediction"] is None  # the model was trained for the other order
    wrong(lw("predict", tmp_path / "data.csv", "--to", tmp_path / "x.csv", "-p", project), "train")
    ok(lw("train", project))
    again = told(lw("explain", "m1", "-p", project, "--json"))["prediction"]
    for name, probability in before["prediction"].items():
        assert again[name] == pytest.approx(probability, abs=0.05)


ODD = ["not spam", "a,b", "😀", "ünïcode", "{x}", "%s", '"q"', "a\\d", "=1+1", "x" * 200, "<b>"]


def test_classes_with_odd_names_go_all_the_way(lw, tmp_path):
    project = tmp_path / "p"
    given = ",".join('"' + name.replace('"', '""') + '"' for name in ODD)
    ok(lw("init", project, "--classes", given))
    assert told(lw("status", project, "--json"))["classes"] == ODD
    table = [{"key": f"k{n}", "body": f"word{n % len(ODD)} n{n}", "truth": ODD[n % len(ODD)]}
             for n in range(44)]  # fmt: skip
    data = write_csv(tmp_path / "d.csv", table)
    done = told(
        lw("import", project, data, "--id", "key", "--text", "body", "--gold", "truth", "--json")
    )
    assert done["items"]["gold"] == 44
    rules = "".join(
        f'\n[[rules]]\nname = "r{n}"\nvote = {json.dumps(name, ensure_ascii=False)}\n'
        f'when = {{ field = "body", keywords = ["word{n}"], whole_word = true }}\n'
        for n, name in enumerate(ODD)
    )
    edit(project, sources=(project / "sources.py").read_text("utf-8"), rules=rules)
    done = told(lw("round", project, "--json"))
    assert done["labels"]["labelled"] == 44
    assert set(done["labels"]["classes"]) == set(ODD)
    for ending in ("csv", "parquet", "jsonl"):
        ok(lw("export", project, "--to", tmp_path / f"o.{ending}"))
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text("utf-8").splitlines()]
    assert {row["id"]: row["label"] for row in rows} == {row["key"]: row["truth"] for row in table}
    ok(lw("sources", project))
    ok(lw("explain", "k2", "-p", project))


@pytest.mark.parametrize(
    "classes",
    [
        "",
        "one",
        "a,a",
        "é,e\u0301",
        "a, a",
        "a,,b",
        "x" * 201 + ",b",
        "a\nb,c",
        "a,\tb\x07",
        '"a,b',
    ],
)
def test_classes_that_are_none_are_refused_and_no_folder_is_made(lw, tmp_path, classes):
    wrong(lw("init", tmp_path / "p", "--classes", classes))
    assert not (tmp_path / "p").exists()


def test_an_answer_spelled_in_another_unicode_form_is_the_class(lw, tmp_path):
    project = tmp_path / "p"
    ok(lw("init", project, "--classes", "caf\u00e9,bar"))
    data = write_csv(tmp_path / "d.csv", [{"key": "1", "body": "x", "truth": "cafe\u0301 "}])
    options = ["--id", "key", "--text", "body", "--gold", "truth"]
    assert told(lw("import", project, data, *options, "--json"))["items"]["gold"] == 1


@pytest.mark.parametrize("task", ["boxs", "", "Classification"])
def test_an_unknown_kind_of_task_leaves_no_folder_behind(lw, tmp_path, task):
    wrong(lw("init", tmp_path / "p", "--classes", "a,b", "--task", task), "classification")
    assert not (tmp_path / "p").exists()


def test_guidelines_of_any_text_are_kept_and_unreadable_ones_refused(lw, tmp_path):
    text = 'Say """spam""" \\n if \\ it is;\n\ttabs, "quotes", 😀\n'
    (tmp_path / "g.md").write_text(text, encoding="utf-8")
    ok(lw("init", tmp_path / "p", "--classes", "a,b", "--guidelines", tmp_path / "g.md"))
    import labelwright

    assert labelwright.open(tmp_path / "p").settings.task.guidelines == text
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe\xff")
    for path in (tmp_path / "bad.md", tmp_path / "none.md"):
        wrong(lw("init", tmp_path / "q", "--classes", "a,b", "--guidelines", path), path)
        assert not (tmp_path / "q").exists()


def test_unreadable_and_truncated_images_are_set_aside_and_the_rest_votes(lw, tmp_path):
    from PIL import Image

    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        Image.fromarray(np.full((16, 16, 3), number * 60, np.uint8)).save(folder / f"{number}.png")
    whole = (folder / "1.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.jpg").write_text("I am no image")
    project = tmp_path / "p"
    ok(lw("init", project, "--classes", "dark,light"))
    done = told(lw("import", project, folder, "--json"))["items"]
    assert (done["added"], done["set_aside"]) == (4, 3)
    assert all(example["reason"] for example in done["examples"])


BAD_SOURCES = """
import labelwright as lw

@lw.source
def nonsense(x):
    return object()

@lw.source
def other_class(x):
    return "egg"

@lw.source
def raises(x):
    raise ValueError("boo " + x.body)

@lw.source
def prints(x):
    print("looking at", x.body)
    return "spam"

@lw.source
def leaves(x):
    import sys
    sys.exit("bye")

@lw.source
def no_such_field(x):
    return "spam" if x.txt else None

@lw.source
def abstains(x):
    return None
"""


def test_bad_sources_lose_their_own_votes_and_say_why(lw, project):
    edit(project, sources=BAD_SOURCES, rules="")
    done = ok(lw("vote", project, "--json"))
    report = {tally["name"]: tally for tally in json.loads(done.out)["sources"]}
    assert report["prints"]["votes"] == 2
    assert "looking at" in report["prints"]["printed"]
    for name in ("nonsense", "other_class", "raises", "leaves", "no_such_field"):
        assert report[name]["failures"] == 2, name
        assert report[name]["votes"] == 0
    assert "boo" in report["raises"]["reason"]
    assert "sources.py:14" in report["raises"]["reason"]
    assert "'egg'" in report["other_class"]["reason"]
    assert "'txt'" in report["no_such_field"]["reason"]
    assert "body" in report["no_such_field"]["reason"]
    assert (report["abstains"]["votes"], report["abstains"]["failures"]) == (0, 0)
    done = ok(lw("sources", project))
    assert "'raises' failed on 2 items" in done.out
    story = told(lw("explain", "first", "-p", project, "--json"))
    states = {effect["source"]: effect["state"] for effect in story["units"][0]["effects"]}
    assert states["raises"] == "failed"
    assert states["abstains"] == "abstained"
    assert states["prints"] == "voted"


def test_a_source_that_hangs_is_stopped_and_the_others_vote(lw, project):
    hanging = "\n@lw.source\ndef hangs(x):\n    while True:\n        pass\n"
    edit(project, sources=SOURCES + hanging, rules="\n[engine]\nbatch_timeout_s = 0.5\n")
    done = ok(lw("vote", project, "--json"))
    report = {tally["name"]: tally for tally in json.loads(done.out)["sources"]}
    assert report["hangs"]["failures"] == 2
    assert "time" in report["hangs"]["reason"]
    assert report["cash"]["votes"] == 1
    assert told(lw("label", project, "--json"))["labelled"] == 2


def test_zero_sources_is_no_error_but_labels_are(lw, project):
    edit(project, sources="", rules="")
    assert "no functions" in ok(lw("vote", project)).out
    for command in ("label", "train", "sources", "round", "export"):
        options = ["--to", project / "x.csv"] if command == "export" else []
        wrong(lw(command, project, *options), "nobody has voted", "labelwright vote")
    wrong(lw("explain", "first", "-p", project), "nobody has voted")
    assert told(lw("next", project, "--json"))  # people can start all the same


def test_without_sources_file_rules_vote(lw, project):
    edit(project)
    (project / "sources.py").unlink()
    done = told(lw("vote", project, "--json"))
    assert {tally["name"] for tally in done["sources"]} == {"meets", "wins"}


def test_one_source_on_one_item_goes_all_the_way(lw, tmp_path):
    project = tmp_path / "p"
    ok(lw("init", project, "--classes", "spam,ham"))
    data = write_csv(tmp_path / "d.csv", [{"key": "only", "body": "free cash for you"}])
    ok(lw("import", project, data, "--id", "key", "--text", "body"))
    edit(project, sources="import labelwright as lw\n\n@lw.source\ndef f(x):\n    return 'spam'\n",
         rules="")  # fmt: skip
    done = told(lw("round", project, "--json"))
    assert done["labels"]["labelled"] == 1
    assert told(lw("explain", "only", "-p", project, "--json"))["answer"] == "spam"
    ok(lw("sources", project))
    ok(lw("next", project))
    ok(lw("export", project, "--to", tmp_path / "o.csv"))
    ok(lw("predict", data, "--to", tmp_path / "o.csv", "-p", project))


def test_when_all_abstain_there_is_nothing_to_label(lw, project):
    edit(project, sources="import labelwright as lw\n\n@lw.source\ndef f(x):\n    return None\n",
         rules="")  # fmt: skip
    ok(lw("vote", project))
    wrong(lw("label", project), "nobody has voted")
    wrong(lw("round", project), "nobody has voted")


def test_a_project_without_items_says_what_to_do(lw, tmp_path):
    ok(lw("init", tmp_path / "p", "--classes", "spam,ham"))
    edit(tmp_path / "p")
    ok(lw("vote", tmp_path / "p"))
    for command in ("label", "train", "next", "round", "sources"):
        wrong(lw(command, tmp_path / "p"), "no items", "labelwright import")


@pytest.mark.parametrize(
    "arguments",
    [
        ["import"], ["import", "p"], ["import", "p", ""], ["import", "p", "nothing.csv"],
        ["import", "p", "*.nothing"], ["import", "p", "d.csv", "--sample", "0"],
        ["import", "p", "d.csv", "--sample", "few"], ["import", "p", "d.csv", "--split", "a=1"],
        ["import", "p", "d.csv", "--split", "train=2"], ["import", "p", "d.csv", "--fields", "x"],
        ["import", "p", "--votes", "d.csv"], ["explain", "nobody", "-p", "p"], ["explain"],
        ["export", "p"], ["export", "p", "--to", "x.xlsx"], ["export", "p", "--to", "no/x.csv"],
        ["export", "p", "--to", "."], ["predict", "nothing.csv", "--to", "x.csv", "-p", "p"],
        ["predict", "d.csv", "--to", "x.doc", "-p", "p"], ["label", "p", "--model", "nope"],
        ["train", "p", "--model", "nope"], ["next", "p", "-n", "0"], ["next", "p", "-n", "some"],
        ["status", "nowhere"], ["status", "d.csv"], ["vote", "p", "--nope"], ["vot", "p"],
        ["init", "p", "--classes", "a,b"], ["init", "d.csv", "--classes", "a,b"], ["init", "q"],
        ["init", "d.csv/q", "--classes", "a,b"], ["demo", "nope"], ["train", "p", "--seed", "x"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_mistake_at_the_command_line_gives_two_and_no_traceback(
    lw, tmp_path, monkeypatch, finished, arguments
):
    monkeypatch.chdir(finished)
    before = sorted(path for path in finished.rglob("*") if path.is_file())
    wrong(lw(*arguments))
    left = sorted(path for path in finished.rglob("*") if path.is_file())
    assert [path for path in left if path not in before and ".labelwright" not in path.parts] == []


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder with a project that went once around, and its data."""
    import labelwright

    folder = tmp_path_factory.mktemp("finished")
    data = write_csv(folder / "d.csv", messages(40))
    project = labelwright.init(folder / "p", classes=["spam", "ham"])
    project.import_items(data, id="key", text="body", gold="truth", split="part")
    edit(folder / "p")
    labelwright.open(folder / "p").round()
    return folder


def test_bad_rows_are_not_reported_twice_when_the_file_comes_again(imported, lw, project):
    for _ in range(2):
        imported('key,body\nx,fine\ny,"broken\nfirst,other\n')
    assert told(lw("status", project, "--json"))["set_aside"] == 2
    rejects = (project / ".labelwright" / "rejects.jsonl").read_text().splitlines()
    assert len(rejects) == 2
