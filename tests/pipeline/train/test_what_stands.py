"""What is said of labels whose sources nobody measured: no assumption passes for a finding."""

import labelwright
from pipeline.making import FUNCTIONS, rows, write_csv

ONE = FUNCTIONS.split("@lw.source\ndef win")[0]
TWO = FUNCTIONS.split("@lw.source\ndef hello")[0]


def voted(folder, functions, settings="", **columns):
    folder.mkdir(exist_ok=True)
    project = labelwright.init(folder / "p", classes=["spam", "ham"])
    (project.folder / "sources.py").write_text(functions)
    file = project.folder / "labelwright.toml"
    file.write_text(file.read_text() + settings)
    project = labelwright.open(project.folder)
    table = write_csv(folder / "data.csv", rows(60))
    project.import_items(table, id="key", text="text", fields=("text",), **columns)
    project.vote()
    return project


def test_the_accuracy_of_a_single_source_is_called_assumed_wherever_labels_are_told(tmp_path, lw):
    project = voted(tmp_path, ONE)
    said = "the accuracy of 'free' (80% is assumed) was never measured"
    for command in ("round", "label", "status"):
        assert said in " ".join(lw(command, project.folder).out.split()), command
    assert said in project.standing().how_right


def test_so_it_is_of_two_that_cannot_judge_each_other_and_of_a_stated_one(tmp_path):
    project = voted(tmp_path, TWO, "\n[sources.win]\naccuracy = 0.9\n")
    said = "the accuracy of 'free' (80% is assumed) and of 'win' (90% is stated) was never"
    assert said in project.standing().how_right


def test_nothing_is_assumed_where_truth_is_known_or_sources_judge_each_other(tmp_path):
    three = voted(tmp_path / "three", FUNCTIONS)
    assert "nobody knows" in three.standing().how_right
    known = voted(tmp_path / "known", ONE, gold="truth")
    for project in (three, known):
        assert not project.standing().unmeasured
        assert "never measured" not in project.standing().how_right
