"""The report: it says what is so, finds what is bad, changes nothing, and is safe to open."""

import json

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import DataError, NothingToDoError, SettingsError
from pipeline.making import make, rows, write_csv

GOLD_SPLIT = "train=0.6,test=0.4"
NASTY = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two rounds, a person, gold on a test split; nothing in the tests writes to it."""
    folder = tmp_path_factory.mktemp("report")
    made = make(folder, 150, gold=True, split=GOLD_SPLIT)
    about = '\n[about]\ndescription = "Messages & more"\nlicense = "CC-BY-4.0"\n'
    settings = made.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + about)
    made = lw.open(made.folder)
    made.round(note="first")
    made.answer("m0", "spam", person=f"eve {NASTY}", seconds=2)
    made.answer("m1", "spam", person="eve", seconds=2)
    path = write_csv(folder / "more.csv", [{"key": f"k{NASTY}", "text": f"free {NASTY}"}])
    made.import_items(path, id="key", text="text", fields=("text",))
    made.round(note="second")
    return made


@pytest.fixture(scope="module")
def report(project):
    return project.experiments.report()


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_report_holds_what_the_project_holds(project, report):
    data = report.data
    assert data.items == 151
    assert data.about.license == "CC-BY-4.0"
    assert {one.name for one in data.people} == {"eve", f"eve {NASTY}"}
    assert sum(data.balance.values()) == data.standing.labelled
    assert data.quality.accuracy.of > 0
    assert data.quality.accuracy.low <= data.quality.accuracy.value <= data.quality.accuracy.high
    assert [point.version.note for point in data.rounds] == ["first", "second"]
    assert [one.items for one in data.imports] == [150, 151]


def test_the_model_card_measures_on_the_test_items_alone(project, report):
    model = report.model
    quality = project.train().quality
    assert model.quality.accuracy.of == quality.items
    assert model.quality.accuracy.value == quality.accuracy
    assert model.versions == (report.version,)
    assert model.current
    wrong = quality.items - int(np.trace(quality.confusion))
    assert model.slices.wrong == wrong
    assert len(model.errors) == min(wrong, 12)


def test_the_story_tells_what_came_since_the_version_before(report):
    story = report.story
    assert story.note == "first"
    assert story.items == 1
    assert set(story.new) == {"eve", f"eve {NASTY}"}
    assert story.gone == story.edited == ()
    assert sum(move.units for move in story.moves) == story.labels


def test_a_page_is_one_file_with_every_part_and_no_script(report):
    page = report.text("html")
    for title in (
        "What changed", "Where it comes from", "Cleansing", "Who labelled", "Sources",
        "How good the labels are", "Where labels are worst", "Quality over rounds", "Cost",
        "Known gaps", "The model", "Limits",
    ):  # fmt: skip
        assert f">{title}</h" in page, title
    assert "<svg" in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Messages &amp; more" in page


def test_markdown_says_the_same(report):
    page = report.text("markdown")
    assert "## The data" in page
    assert "### Known gaps" in page
    assert "<script" not in page


def test_reporting_changes_nothing_in_the_project(project):
    before = files(project.folder)
    project.experiments.report(checks=False)
    assert files(project.folder) == before


def test_the_ending_of_the_name_chooses_the_format_and_others_are_refused(project, tmp_path, lw):
    assert lw("report", project.folder, "--no-checks", "--to", tmp_path / "a.md").code == 0
    assert (tmp_path / "a.md").read_text().startswith("# reviews")
    page = tmp_path / "page.txt"
    done = lw("report", project.folder, "--no-checks", "--to", page, "--format", "html")
    assert done.code == 0, done.err
    assert page.read_text().startswith("<!doctype html>")
    assert "note: " in done.out
    refused = lw("report", project.folder, "--to", tmp_path / "a.docx")
    assert refused.code == 2
    assert ".html" in refused.err
    with pytest.raises(SettingsError, match="html"):
        project.experiments.report(checks=False).write(tmp_path / "a.html", "pdf")


def test_json_for_scripts_holds_slices_gaps_and_limits_and_no_bytes(project, lw):
    done = lw("report", project.folder, "--no-checks", "--json")
    told = json.loads(done.out)
    assert told["model"]["slices"]["items"] == told["model"]["quality"]["accuracy"]["of"]
    assert told["data"]["slices"]["looked_at"] > 0
    assert "The checks of the data were not run for this report." in told["gaps"]
    assert told["limits"]


def test_a_slice_in_which_labels_are_wrong_is_found(tmp_path):
    table = rows(200)
    for number, row in enumerate(table):
        row["shop"] = "north" if number % 4 == 0 else "south"
        if row["shop"] == "north":
            row["truth"] = "ham" if row["truth"] == "spam" else "spam"
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    made = make(tmp_path, 0)
    for name in ("sources.py", "labelwright.toml"):
        (project.folder / name).write_text((made.folder / name).read_text())
    project = lw.open(project.folder)
    path = write_csv(tmp_path / "d.csv", table)
    project.import_items(path, id="key", text="text", gold="truth", fields=("text", "shop"))
    project.vote()
    report = project.experiments.report(checks=False)
    worse = {(one.facet, one.value) for one in report.data.slices.worst if one.worse}
    assert ("shop", "north") in worse
    assert ("shop", "south") not in worse


def test_a_project_without_items_has_nothing_to_report(tmp_path):
    with pytest.raises(NothingToDoError, match="labelwright import"):
        make(tmp_path, 0).experiments.report()


def test_items_without_votes_truth_or_model_make_a_report_that_says_so(tmp_path):
    report = make(tmp_path, 5).experiments.report(checks=False)
    assert report.model is None
    assert report.data.standing.labelled == 0
    assert report.story is None
    assert any(gap.startswith("No truth is known") for gap in report.gaps)
    page = report.text("html")
    assert "No end model is trained yet" in page
    assert "This is the first version" in page


def test_a_task_of_several_classes_an_item_is_reported_too(tmp_path):
    project = lw.init(tmp_path / "m", classes=["a", "b"], kind="multilabel")
    code = 'import labelwright as lw\n\n@lw.source\ndef first(x):\n    return ["a"]\n'
    (project.folder / "sources.py").write_text(code)
    table = [{"text": f"t{n} word", "gold": '["a"]' if n % 2 else '["b"]'} for n in range(40)]
    path = write_csv(tmp_path / "m.csv", table)
    project.import_items(path, text="text", gold="gold", fields=("text",))
    project.vote()
    report = project.experiments.report(checks=False)
    assert report.data.standing.items == 40
    assert report.data.quality.accuracy.of == 80
    assert report.data.balance == {"a": 20, "b": 20}
    assert [one.name for one in report.data.quality.classes] == ["a", "b"]
    assert "50.0% of the sets right as a whole on 40 items" in report.data.quality.sets
    report.text("html")


def test_croissant_names_every_column_of_the_exported_file_and_its_hash(project, report, tmp_path):
    import hashlib

    import polars as pl

    for ending in ("parquet", "csv", "jsonl"):
        path = tmp_path / f"train.{ending}"
        project.export(path)
        report.write(tmp_path / "croissant.json", exported=path)
        told = json.loads((tmp_path / "croissant.json").read_text())
        assert told["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
        assert told["distribution"][0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        fields = {one["name"]: one for one in told["recordSet"][0]["field"]}
        if ending == "parquet":
            assert list(fields) == list(pl.read_parquet_schema(path))
            assert fields["sources"]["repeated"]
        assert fields["confidence"]["dataType"] == "sc:Float"
        assert fields["label"]["dataType"] == "sc:Text"
        assert fields["p_spam"]["description"] == "the probability of the class spam"


def test_croissant_of_no_file_or_a_damaged_one_is_refused(report, tmp_path):
    with pytest.raises(SettingsError, match="labelwright export"):
        report.write(tmp_path / "croissant.json")
    with pytest.raises(SettingsError, match=r"\.parquet"):
        report.write(tmp_path / "croissant.json", exported=tmp_path / "train.zip")
    (tmp_path / "train.parquet").write_text("no parquet")
    with pytest.raises(DataError, match="export it again"):
        report.write(tmp_path / "croissant.json", exported=tmp_path / "train.parquet")
    assert not (tmp_path / "croissant.json").exists()


def test_a_hugging_face_card_has_a_head_of_yaml_before_the_report(report, tmp_path):
    report.write(tmp_path / "README.md", "hugging-face", tmp_path / "train.parquet")
    head, body = (tmp_path / "README.md").read_text().removeprefix("---\n").split("\n---\n\n", 1)
    told = {line.split(": ", 1)[0]: json.loads(line.split(": ", 1)[1]) for line in head.split("\n")}
    assert told["license"] == "cc-by-4.0"
    assert told["size_categories"] == ["n<1K"]
    assert told["task_categories"] == ["text-classification"]
    assert told["configs"][0]["data_files"] == [{"split": "train", "path": "train.parquet"}]
    assert body == report.text("markdown")


def test_a_messy_project_is_told_as_it_is(tmp_path):
    """Bad rows, copies, contradictions, guesswork as truth: all of it stands in the report."""
    rng = np.random.default_rng(0)
    table = rows(150)
    for row in table:
        row["truth"] = str(rng.choice(["spam", "ham"]))
        row["shop"], row["size"] = str(rng.choice(["north", "south"])), rng.integers(1000)
        row["mail"] = "a@example.org"
    table += [{**table[0], "key": "copy"}, {**table[1], "key": ""}]
    project = make(tmp_path, 0)
    fields = ("text", "shop", "size", "mail")
    path = write_csv(tmp_path / "messy.csv", table)
    project.import_items(path, id="key", text="text", gold="truth", split=GOLD_SPLIT, fields=fields)
    project.round()
    project.set_aside("duplicates")
    people = '{"item": "m%d", "source": "%s", "label": "%s"}\n'
    said = [people % (n, who, rng.choice(["spam", "ham"])) for n in range(40) for who in ("x", "y")]
    (tmp_path / "votes.jsonl").write_text("".join(said))
    project.import_votes(tmp_path / "votes.jsonl")
    settings = project.folder / "labelwright.toml"
    about = ["origin", "license", "url", "creators", "uses", "limits", "description"]
    told = "".join(f'{name} = "the {name}"\n' for name in about)
    settings.write_text(settings.read_text() + f"\n[about]\n{told}")
    report = lw.open(project.folder).experiments.report()
    page, plain = report.text("html"), report.text("markdown")
    for name in about:
        assert f"the {name}" in page
        assert f"the {name}" in plain
    assert report.data.rejected == 1
    assert "could not become items or votes" in page
    assert report.data.set_aside == {"duplicates": 1}
    assert "e-mail" in page
    assert len(report.model.errors) > 5
    assert "Errors to look at" in page
    assert not report.model.current
    gaps, limits = " ".join(report.gaps), " ".join(report.limits)
    assert "People agree little" in gaps
    assert "the limits" in gaps
    assert "The owner has not said" not in gaps
    assert "Labels have changed since it was trained" in limits


def test_of_images_the_errors_are_shown_as_pictures(tmp_path):
    from PIL import Image

    rng = np.random.default_rng(0)
    for number in range(80):
        light = number % 2
        name = ("dark", "light")[light if number % 5 else 1 - light]
        grey = np.clip(rng.normal(60 + 130 * light, 20, (12, 12)), 0, 255).astype(np.uint8)
        (tmp_path / "data" / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey).save(tmp_path / "data" / name / f"{number}.png")
    project = lw.init(tmp_path / "p", classes=["dark", "light"])
    project.import_items(tmp_path / "data", gold="folder", split="train=0.5,test=0.5")
    rule = '\n[[rules]]\nname = "{0}"\nvote = "{0}"\nwhen = {{ field = "brightness", {1} = 0.5 }}\n'
    both = rule.format("light", "above") + rule.format("dark", "below")
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + both)
    project = lw.open(project.folder)
    project.round()
    report = project.experiments.report(checks=False)
    assert report.data.media
    assert report.model.errors
    assert all(one.png.startswith(b"\x89PNG") for one in report.model.errors)
    page = report.text("html")
    assert page.count("data:image/png;base64,") == len(report.model.errors)
    assert "the image" in page
    assert "- " + report.model.errors[0].item.replace("_", "\\_") in report.text("markdown")
    report.write(tmp_path / "card.md", "hugging-face")
    assert '"image-classification"' in (tmp_path / "card.md").read_text()
