import json


def test_classes_are_changed_listed_and_taken_back(tmp_path, lw):
    folder = tmp_path / "mail"
    assert lw("init", folder, "--classes", "spam,scam,ham").code == 0
    items = tmp_path / "items.csv"
    items.write_text("key,text,gold\n1,a,spam\n2,b,scam\n3,c,ham\n")
    assert lw("import", folder, items, "--id", "key", "--gold", "gold").code == 0
    assert "'spam' is new" not in lw("classes", "add", "spam", "-p", folder).out
    merged = lw("classes", "merge", "scam", "--into", "spam", "-p", folder)
    assert merged.out.startswith("'scam' became part of 'spam'; the classes are spam, ham\n")
    listed = lw("classes", "list", "-p", folder, "--json").out
    assert [one["votes"] for one in json.loads(listed)["classes"]] == [2, 1]
    shown = lw("classes", "list", "-p", folder).out
    assert "'scam' became part of 'spam'" in shown
    assert "'more' is new" in lw("classes", "add", "more", "-p", folder).out
    renamed = lw("classes", "rename", "more", "news", "-p", folder, "--json").out
    assert json.loads(renamed)["number"] == 3
    assert "abstentions" in lw("classes", "remove", "news", "-p", folder).out
    for _ in range(4):
        assert "taken back" in lw("classes", "undo", "-p", folder).out
    assert lw("classes", "undo", "-p", folder).code == 2
    listed = lw("classes", "list", "-p", folder, "--json").out
    assert [one["votes"] for one in json.loads(listed)["classes"]] == [1, 1, 1]


def test_a_change_that_cannot_be_made_is_refused_and_nothing_changes(fresh, lw):
    """A failure here costs votes: a class that is gone takes its answers with it."""
    before = (fresh / "labelwright.toml").read_bytes()
    for arguments, said in (
        (("rename", "egg", "ham"), "'egg'"),
        (("rename", "ham", "spam"), "'spam'"),
        (("merge", "egg", "--into", "ham"), "'egg'"),
        (("remove", "egg"), "'egg'"),
        (("add", "ham"), "'ham'"),
        (("add", " "), "name"),
        (("undo",), "change"),
        (("split", "ham"), "split"),
    ):
        told = lw("classes", *arguments, "-p", fresh)
        assert told.code == 2, arguments
        assert said in told.err, arguments
    assert (fresh / "labelwright.toml").read_bytes() == before


def test_lines_of_code_that_name_a_lost_class_are_listed(tmp_path, lw):
    folder = tmp_path / "mail"
    lw("init", folder, "--classes", "spam,ham")
    (folder / "sources.py").write_text('def f(x):\n    return "ham"\n')
    with (folder / "labelwright.toml").open("a") as file:
        file.write(
            '\n[[rules]]\nname = "r"\nvote = "ham"\nwhen = { field = "t", keywords = ["a"] }\n'
        )
    told = lw("classes", "rename", "ham", "fine", "-p", folder).out
    assert "rules that vote anew: r" in told
    assert 'sources.py:2: return "ham"' in told


def test_a_class_is_described_in_a_line(tmp_path, lw):
    folder = tmp_path / "mail"
    lw("init", folder, "--classes", "spam,ham")
    told = lw("classes", "describe", "spam", "wants your money", "-p", folder).out
    assert told.startswith("'spam': wants your money\n")
    assert "[embedding] model" in told
    assert "wants your money" in lw("classes", "list", "-p", folder).out
    listed = json.loads(lw("classes", "list", "-p", folder, "--json").out)["classes"]
    assert [one["description"] for one in listed] == ["wants your money", ""]
    assert "note: class descriptions do not vote" in lw("vote", folder).out
    made = lw("classes", "describe", "spam", "", "-p", folder, "--json").out
    assert json.loads(made) == {"name": "spam", "description": "", "note": ""}
    assert "description" not in lw("classes", "list", "-p", folder).out
    assert lw("classes", "describe", "egg", "x", "-p", folder).code == 2
