"""Mistakes in labelwright.toml and sources.py are named with file and line."""

import pytest

from end_to_end.making import edit, make, ok, told, wrong


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A project that voted, was labelled and trained; each test breaks its settings."""
    import labelwright
    from end_to_end.making import messages, write_csv

    folder = tmp_path_factory.mktemp("settings")
    data = write_csv(folder / "d.csv", messages(40))
    project = labelwright.init(folder / "p", classes=["spam", "ham"])
    project.import_items(data, id="key", text="body", gold="truth", split="part")
    edit(folder / "p")
    labelwright.open(folder / "p").round()
    settings = folder / "p" / "labelwright.toml"
    return folder / "p", settings.read_text()


@pytest.fixture
def broken(lw, shared):
    """The message that a command gives for settings changed so, and the line of the change."""
    project, text = shared

    def run(command, *, add="", replace=("", "")):
        assert not replace[0] or replace[0] in text
        changed = text.replace(*replace) + add
        (project / "labelwright.toml").write_text(changed)
        return wrong(lw(command, project))

    yield run
    (project / "labelwright.toml").write_text(text)


def line_of(shared, part):
    """The number of the first line with this in it."""
    lines = shared[1].splitlines()
    return next(number for number, line in enumerate(lines, 1) if part in line)


@pytest.mark.parametrize(
    ("part", "instead", "words"),
    [
        ("classes = [", "classes [", ["Expected '='"]),
        ('["spam", "ham"]', '["spam"', ["column"]),
        ('kind = "classification"', 'kind = "boxs"', ["'boxs'", "multilabel"]),
        ('kind = "classification"', 'kindd = "classification"', ["task.kindd", "did you mean"]),
        ('["spam", "ham"]', '["spam"]', ["two classes"]),
        ('["spam", "ham"]', '["spam", "spam"]', ["twice"]),
        ('["spam", "ham"]', '"spam"', ["must be a list"]),
        ('["spam", "ham"]', "[1, 2]", ["must be text"]),
        ('name = "p"', "name = 3", ["must be text"]),
        ("format = 1", 'format = "one"', ["must be a number"]),
        ("wage_usd_per_hour = 30", "wage_usd_per_hour = -1", [">= 0"]),
        ("seconds_per_answer = 20", "seconds_per_answer = nan", [">= 0"]),
        ("[cost]", "[costs]", ["costs", "did you mean 'cost'"]),
    ],
)
def test_a_wrong_value_is_named_with_its_line(broken, shared, part, instead, words):
    message = broken("status", replace=(part, instead))
    place = f"labelwright.toml:{line_of(shared, part)}:"
    # What is unfinished is noticed one line later.
    later = f"labelwright.toml:{line_of(shared, part) + 1}:"
    assert place in message or ("column" in words and later in message), message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("command", "table", "line", "words"),
    [
        ("status", "[sources.free]\naccuracy = 2", 2, ["0..1"]),
        ("status", '[sources."free sms"]\nacuracy = 0.5', 2, ["did you mean 'accuracy'"]),
        ("status", "[engine]\nbatch_timeout_s = 0", 2, ["more than 0"]),
        ("status", "[engine]\nbatch_timeout_s = true", 2, ["must be a number"]),
        ("label", '[label_model]\nname = "nope"', 2, ["dawid_skene"]),
        ("label", '[label_model]\nname = "dawid_skene"\nstepps = 3', 2, ["did you mean 'steps'"]),
        ("label", '[label_model]\nname = "dawid_skene"\nsteps = "many"', 2, ["whole number"]),
        ("train", '[end_model]\nname = "nope"', 2, ["text"]),
        ("train", '[end_model]\nname = "text"\nnope = 1', 2, ["min_count"]),
        ("train", "[training]\nnope = 1", 1, ["nope"]),
        ("next", '[queue]\nname = "nope"', 2, ["mixed"]),
        ("next", '[queue]\nname = "mixed"\nrandom = "x"', 2, ["setting"]),
        ("vote", '[[rules]]\nname = "r"\nvote = "egg"\nwhen = {field = "body", regex = "a"}', 1,
         ["'egg'"]),
        ("vote", '[[rules]]\nname = "r"\nvote = "ham"\nwhen = {field = "nope", regex = "a"}', 1,
         ["'nope'", "body"]),
        ("vote", '[[rules]]\nname = "r"\nvote = "ham"\nwhen = {field = "body", regex = "("}', 1,
         ["regular expression"]),
        ("vote", '[[rules]]\nname = "r"\nvote = "ham"\nwhen = {field = "body", keywrd = ["a"]}', 1,
         ["did you mean 'keywords'"]),
        ("vote", '[[rules]]\nname = "r"\nvote = "ham"', 1, ["when"]),
        ("vote", '[[rules]]\nname = "r"\nvote = "ham"\nwhen = {dictionary = "none.txt"}', 1,
         ["none.txt"]),
    ],
)  # fmt: skip
def test_a_wrong_table_is_named_with_its_line(broken, shared, command, table, line, words):
    message = broken(command, add=f"\n{table}\n")
    # After the text comes an empty line, then the table.
    place = len(shared[1].splitlines()) + 1 + line
    assert f"labelwright.toml:{place}:" in message, message
    for word in words:
        assert word in message


def test_two_rules_of_one_name_are_refused(broken):
    rule = '\n[[rules]]\nname = "meets"\nvote = "ham"\nwhen = {field = "body", keywords = ["a"]}\n'
    assert "'meets'" in broken("vote", add=rule)


def test_an_empty_file_says_what_is_missing(broken, shared):
    assert "[task]" in broken("status", replace=(shared[1], ""))


def test_a_file_that_is_not_utf8_names_the_line(lw, shared):
    project, text = shared
    (project / "labelwright.toml").write_bytes(text.encode() + b"# caf\xe9\n")
    try:
        wrong(lw("status", project), f"labelwright.toml:{text.count(chr(10)) + 1}:", "UTF-8")
    finally:
        (project / "labelwright.toml").write_text(text)


def test_a_byte_order_mark_does_no_harm(lw, shared):
    project, text = shared
    (project / "labelwright.toml").write_text(text, encoding="utf-8-sig")
    ok(lw("status", project))
    (project / "labelwright.toml").write_text(text)


def test_a_project_of_a_newer_version_is_left_alone(lw, tmp_path):
    project = make(lw, tmp_path, 10)
    settings, kept = project / "labelwright.toml", project / ".labelwright" / "format.json"
    text, content = settings.read_text(), kept.read_text()
    settings.write_text(text.replace("format = 1", "format = 2"))
    wrong(lw("status", project), "upgrade")
    settings.write_text(text)
    kept.write_text('{"format": 99, "release": "9.0"}')
    for command in (["status"], ["vote"], ["import"]):
        files = [tmp_path / "data.csv"] if command == ["import"] else []
        wrong(lw(*command, project, *files), "9.0", "pip install --upgrade")
    kept.write_text('{"format"')
    wrong(lw("status", project), "damaged", "format.json")
    kept.write_text(content)
    assert told(lw("status", project, "--json"))["items"] == 10


@pytest.mark.parametrize(
    ("code", "line", "word"),
    [
        ("def broken(:\n    pass\n", 3, "syntax"),
        ("1 / 0\n", 3, "ZeroDivisionError"),
        ("import no_such_module_anywhere\n", 3, "no_such_module_anywhere"),
        ("import sys\nsys.exit(3)\n", 4, "SystemExit"),
        ("@lw.source(nmae='x')\ndef a(x):\n    return None\n", 3, "did you mean 'name'"),
        ("@lw.source\ndef a(x): return 1\n\n@lw.source\ndef a(x): return 2\n", 6, "'a'"),
    ],
)
def test_a_broken_sources_file_is_named_with_its_line(lw, shared, code, line, word):
    project, _ = shared
    text = (project / "sources.py").read_text()
    (project / "sources.py").write_text("import labelwright as lw\n\n" + code)
    try:
        message = wrong(lw("vote", project), f"sources.py:{line}")
        assert word.lower() in message.lower()
        # What was voted before stands, and reading runs no code.
        ok(lw("label", project))
        ok(lw("status", project))
    finally:
        (project / "sources.py").write_text(text)


def test_a_function_and_a_rule_may_not_share_a_name(lw, shared):
    project, _ = shared
    text = (project / "sources.py").read_text()
    (project / "sources.py").write_text(text + "\n@lw.source\ndef meets(x):\n    return None\n")
    try:
        wrong(lw("vote", project), "'meets'", "sources.py", "labelwright.toml")
    finally:
        (project / "sources.py").write_text(text)
