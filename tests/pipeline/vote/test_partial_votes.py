"""Partial votes, confidences and hierarchies, from functions and files to labels and words."""

import json

import pytest
from typer.testing import CliRunner

import labelwright as lw
from labelwright.cli.main import app
from labelwright.core.errors import SettingsError

TOML = """
name = "pets"
[task]
classes = ["cat", "dog", "car"]
parents = {cat = "animal", dog = "animal"}
[label_model]
name = "dawid_skene"
class_balance = {dog = 0.3, car = 0.2, cat = 0.5}
[sources.ben]
accuracy = 0.9
"""

FUNCTIONS = """
import labelwright as lw

@lw.source
def fur(x):
    return "animal" if "fur" in x.text else None

@lw.source
def barks(x):
    return ("dog", 0.9) if "bark" in x.text else lw.not_("dog")

@lw.source
def guess(x):
    return {"car": 0.75, "dog": 0.25} if "wheel" in x.text else lw.one_of("cat", "dog")
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "pets"
    made = lw.init(folder, classes=["cat", "dog", "car"])
    del made
    (folder / "labelwright.toml").write_text(TOML)
    (folder / "sources.py").write_text(FUNCTIONS)
    texts = ["fur that barks", "fur that purrs", "wheels"]
    rows = "\n".join(f"i{number},{text}" for number, text in enumerate(texts))
    (tmp_path / "items.csv").write_text(f"id,text\n{rows}\n")
    crowd = [
        "item,source,label,sure", "i0,ben,!cat,0.9", "i1,ben,cat|car,", "i2,ben,car,1",
        "i1,eve,animal,0.4", "i2,eve,eggs|car,0.5",
    ]  # fmt: skip
    (tmp_path / "crowd.csv").write_text("\n".join(crowd) + "\n")
    opened = lw.open(folder)
    opened.import_items(tmp_path / "items.csv", id="id")
    return opened


def test_partial_votes_of_functions_and_crowds_become_labels(project, tmp_path):
    project.vote()
    took = project.import_votes(tmp_path / "crowd.csv", confidence="sure")
    assert (took.added, took.set_aside) == (4, 1)
    labels = project.label()
    assert labels.answers.answer.to_pylist() == ["dog", "cat", "car"]
    assert labels.fit.class_prior.tolist() == [0.5, 0.3, 0.2]
    ben = [source.name for source in labels.active.sources].index("ben")
    assert labels.units.matrix.accuracies[ben] == 0.9
    assert project.label().cached
    row = {one.source: one for one in project.explain("i0").units[0].effects}
    assert row["fur"].answer == "animal"
    assert row["guess"].answer == "animal"
    assert row["ben"].answer == "!cat"
    assert row["ben"].confidence == pytest.approx(0.9)
    assert row["ben"].effect > 0
    report = {one["name"]: one for one in project.sources().report.rows()}
    assert report["fur"]["partial"] == report["fur"]["votes"] == 2


def test_the_command_line_says_partial_votes_in_words(project, tmp_path):
    run = CliRunner().invoke
    folder = str(project.workspace.folder)
    votes = str(tmp_path / "crowd.csv")
    for command in (
        ["vote", folder],
        ["import", folder, "--votes", votes, "--confidence-column", "sure"],
        ["label", folder],
    ):
        assert run(app, command).exit_code == 0
    found = run(app, ["explain", "i0", "--project", folder], catch_exceptions=False)
    assert found.exit_code == 0
    told = found.output
    assert "not cat (90% sure)" in told
    assert "animal" in told
    told = run(app, ["explain", "i2", "--project", folder]).output
    assert "dog 25%, car 75%" in told
    out = tmp_path / "out.jsonl"
    project.export(out)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert "ben=!cat" in rows[0]["sources"]


def test_functions_on_a_frame_may_answer_in_part():
    import pyarrow as pa

    def no_spam(x):
        return lw.not_("spam") if "hi" in x.text else {"spam": 0.7, "ham": 0.2, "news": 0.1}

    found = lw.apply([no_spam], pa.table({"text": ["hi", "buy"]}), ["spam", "ham", "news"])
    assert found.matrix.members[found.matrix.label[0]].tolist() == [False, True, True]
    assert found.matrix.label[1] == 0
    assert found.matrix.confidence[1] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('parents = {cat = "dog"}', "'dog' is a class"),
        ("parents = 3", "must be a table"),
    ],
)
def test_a_hierarchy_that_makes_no_sense_is_told_with_its_place(tmp_path, line, what):
    lw.init(tmp_path / "p", classes=["cat", "dog", "car"])
    text = f'[task]\nclasses = ["cat", "dog", "car"]\n{line}\n'
    (tmp_path / "p" / "labelwright.toml").write_text(text)
    with pytest.raises(SettingsError, match=what):
        lw.open(tmp_path / "p")


def test_only_classification_has_inner_classes(tmp_path):
    lw.init(tmp_path / "p", classes=["cat", "dog"], kind="multilabel")
    text = '[task]\nkind = "multilabel"\nclasses = ["cat", "dog"]\nparents = {cat = "pet"}\n'
    (tmp_path / "p" / "labelwright.toml").write_text(text)
    with pytest.raises(SettingsError, match="multilabel tasks have no inner classes"):
        lw.open(tmp_path / "p")


def test_a_class_balance_by_name_names_every_class(project):
    path = project.workspace.folder / "labelwright.toml"
    path.write_text(TOML.replace("cat = 0.5}", "cow = 0.5}"))
    project = lw.open(path.parent)
    project.vote()
    with pytest.raises(SettingsError, match="look at 'c"):
        project.label()
