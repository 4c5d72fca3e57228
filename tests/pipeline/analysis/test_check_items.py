"""What the checks find in a project, and what setting items aside does."""

import json

import numpy as np
import pytest
from PIL import Image

import labelwright as lw
from labelwright.core.errors import NothingToDoError, UnknownNameError
from pipeline.making import make, rows, write_csv


def found(project):
    return {told.check: told for told in project.check().findings}


def with_copies(tmp_path):
    """60 texts, the last ones copies of the first; one holds an address, one is empty."""
    table = rows(60)
    table += [{**table[0], "key": "copy"}, {**table[1], "key": "twin", "truth": "ham"}]
    table += [{"key": "mail", "text": "hello ann@example.org, dinner tomorrow?", "truth": "ham"}]
    table += [{"key": "void", "text": "  ", "truth": "ham"}]
    project = make(tmp_path, 0)
    path = write_csv(tmp_path / "all.csv", table)
    project.import_items(path, id="key", text="text", gold="truth", fields=("text",))
    return project


def test_copies_contradictions_empty_texts_and_addresses_are_found(tmp_path):
    project = with_copies(tmp_path)
    told = found(project)
    assert set(told["duplicates"].examples) == {"m0", "copy", "m1", "twin"}
    assert (told["duplicates"].spare, told["duplicates"].standing) == (2, False)
    errors = [each for each in project.check().findings if each.severity == "error"]
    assert [(each.check, set(each.examples)) for each in errors] == [
        ("contradicting_truth", {"m1", "twin"})
    ]
    assert told["empty_text"].examples == ("void",)
    assert told["personal_data"].examples == ("mail",)


def test_an_empty_project_has_nothing_to_find(tmp_path):
    report = make(tmp_path, 0).check()
    assert (report.items, report.findings, report.worst()) == (0, (), None)


def test_set_aside_items_have_no_label_question_or_row_until_taken_back(tmp_path):
    project = with_copies(tmp_path)
    project.vote()
    before = project.label()
    number = project.workspace.items.find(["twin"])[0]
    assert before.answers.answer[int(number)].is_valid
    assert project.set_aside("duplicates") == 2
    after = project.label()
    assert after.run.id != before.run.id
    assert not after.answers.answer[int(number)].is_valid
    assert found(project)["duplicates"].standing
    report = project.export(tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    exported = [json.loads(line)["id"] for line in lines]
    assert report.rows == len(exported) == 62
    assert "twin" not in exported
    asked = {question.id for question in project.next(60)}
    assert not {"twin", "copy"} & asked
    assert project.status().items_set_aside == 2
    assert project.take_back("duplicates") == 2
    assert project.label().run.id == before.run.id


def test_set_aside_items_teach_nothing_and_are_part_of_the_version(tmp_path):
    project = with_copies(tmp_path)
    project.vote()
    rows_before = project.train().rows
    first = project.freeze()
    project.set_aside("duplicates")
    assert project.train().rows == rows_before - 2
    second = project.freeze()
    assert first != second
    assert "set_aside" in project.versions()[-1].items


def test_unknown_and_needless_decisions_are_refused(tmp_path):
    project = with_copies(tmp_path)
    with pytest.raises(UnknownNameError, match="duplicates"):
        project.set_aside("duplicate")
    with pytest.raises(NothingToDoError):
        project.take_back("duplicates")
    project.set_aside("duplicates")
    with pytest.raises(UnknownNameError, match="duplicates"):
        project.take_back("empty_text")
    clean = make(tmp_path / "clean", 8)
    with pytest.raises(NothingToDoError, match="nothing"):
        clean.set_aside("duplicates")


def test_near_copies_across_splits_leak(tmp_path):
    text = "a rather long text about free things that somebody wrote on a long evening, number "
    table = [
        {"key": f"k{place}", "text": f"{text}{place}", "part": "test" if place else "train"}
        for place in range(2)
    ]
    table += [{"key": f"o{n}", "text": f"other {n * 7919}", "part": "train"} for n in range(9)]
    project = make(tmp_path, 0)
    path = write_csv(tmp_path / "all.csv", table)
    project.import_items(path, id="key", text="text", split="part")
    told = found(project)["leaking_near_duplicates"]
    assert (told.count, told.spare, told.severity) == (2, 1, "warning")


def test_a_leaking_column_is_found(tmp_path):
    table = [{**row, "closed": row["truth"] == "ham"} for row in rows(300)]
    project = make(tmp_path, 0)
    path = write_csv(tmp_path / "all.csv", table)
    project.import_items(path, id="key", text="text", gold="truth")
    assert found(project)["leaked_answer"].field == "closed"


def test_answers_unlike_those_to_similar_items_are_found(tmp_path):
    rng = np.random.default_rng(0)
    fillers = [f"word{place}" for place in range(30)]
    table = [
        {"key": f"k{n}", "text": " ".join([("dinner", "cash")[n % 2], *rng.choice(fillers, 4)])}
        for n in range(200)
    ]
    project = make(tmp_path, 0)
    project.import_items(write_csv(tmp_path / "t.csv", table), id="key", text="text")
    votes = [
        {"item": f"k{n}", "source": "ann", "label": ("ham", "spam")[n % 2] if n else "spam"}
        for n in range(200)
    ]
    project.import_votes(write_csv(tmp_path / "votes.csv", votes))
    assert found(project)["unlikely_answers"].examples == ("k0",)


def test_an_answer_against_all_other_sources_is_found(tmp_path):
    project = make(tmp_path, 60)
    # Each errs somewhere else: models that never differ would be copies, and count as one.
    other = {"spam": "ham", "ham": "spam"}
    models = [
        {
            "item": row["key"],
            "source": f"model {n}",
            "label": other[row["truth"]] if (place + 6) % 7 == n else row["truth"],
        }
        for place, row in enumerate(rows(60))
        for n in range(6)
    ]
    project.import_votes(write_csv(tmp_path / "models.csv", models), kind="model")
    project.import_votes(
        write_csv(tmp_path / "ann.csv", [{"item": "m0", "source": "ann", "label": "ham"}])
    )
    told = found(project)["answers_against_sources"]
    assert (told.examples, told.remedy) == (("m0",), "look")


def test_two_people_who_differ_gave_no_answer_to_doubt(tmp_path):
    project = make(tmp_path, 10)
    votes = [
        {"item": "m0", "source": who, "label": what} for who, what in (("a", "spam"), ("b", "ham"))
    ]
    project.import_votes(write_csv(tmp_path / "votes.csv", votes))
    assert "unlikely_answers" not in found(project)


def test_images_are_looked_at(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for place in range(12):
        smooth = np.kron(rng.integers(0, 255, (8, 9)), np.ones((8, 8)))
        Image.fromarray(smooth.astype(np.uint8)).save(folder / f"{place}.png")
    Image.open(folder / "0.png").point(lambda grey: grey * 0.97).save(folder / "again.png")
    Image.new("L", (64, 64), 0).save(folder / "black.png")
    project = lw.init(tmp_path / "p", classes=["a", "b"])
    project.import_items(folder)
    told = found(project)
    assert set(told["near_duplicates"].examples) == {"0.png", "again.png"}
    assert told["dark_image"].examples == ("black.png",)
    assert "constant_column" not in told


def test_an_image_that_broke_after_the_import_is_damaged(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("good", "bad"):
        Image.effect_noise((32, 32), 90).save(folder / f"{name}.png")
    project = lw.init(tmp_path / "p", classes=["a", "b"])
    project.import_items(folder, media="link")
    (folder / "bad.png").write_bytes(b"no image any more")
    told = found(project)["damaged_image"]
    assert (told.examples, told.severity, told.spare) == (("bad.png",), "error", 1)


def test_tasks_whose_units_are_not_items_are_checked_too(tmp_path):
    project = lw.init(tmp_path / "p", classes=["a", "b"], kind="multilabel")
    table = [
        {"key": "x", "text": "one and the same text"},
        {"key": "y", "text": "One and the same text!"},
    ]
    project.import_items(write_csv(tmp_path / "t.csv", table), id="key", text="text")
    project.answer("x", ["a"])
    assert "near_duplicates" in found(project)


def test_masking_on_export_hides_addresses(tmp_path):
    project = with_copies(tmp_path)
    project.vote()
    project.export(tmp_path / "out.csv", mask_personal_data=True)
    content = (tmp_path / "out.csv").read_text()
    assert "ann@example.org" not in content
    assert "[e-mail]" in content


def test_the_command_shows_findings_and_fails_when_asked_to(command, tmp_path):
    project = with_copies(tmp_path)
    done = command("check", project.folder)
    assert done.code == 0
    assert "error    contradicting_truth" in done.out
    assert "labelwright check --set-aside duplicates" in done.out
    assert "--mask-personal-data" in done.out
    assert command("check", project.folder, "--fail-on", "error").code == 1
    done = command(
        "check", project.folder, "--set-aside", "duplicates", "--set-aside", "empty_text"
    )
    assert "2 items set aside: duplicates" in done.out
    assert "undo with: labelwright check --take-back duplicates" in done.out
    assert "left out   3 items" in command("status", project.folder).out
    done = command("check", project.folder, "--take-back", "duplicates", "--json")
    assert json.loads(done.out)["set_aside"] == {"empty_text": 1}
    path = tmp_path / "masked.csv"
    assert command("vote", project.folder).code == 0
    assert command("export", project.folder, "--to", path, "--mask-personal-data").code == 0
    assert "[e-mail]" in path.read_text()


@pytest.fixture
def command(request):
    return request.getfixturevalue("lw")
