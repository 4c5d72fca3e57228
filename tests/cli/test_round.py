"""`labelwright round`. A failure here costs a round of people's work: answers not taken in, or a
version that is none."""

import json

import labelwright as lib


def test_a_round_takes_answers_in_and_freezes_what_it_shows(folder, lw):
    lib.open(folder).answer("m3", "spam", person="ann")
    told = json.loads(lw("round", folder, "-m", "first answers", "--json").out)
    project = lib.open(folder)
    (version,) = project.versions()
    assert (version.id, version.note) == (told["version"], "first answers")
    assert told["answers"] == 1
    assert "ann" in [source.name for source in project.known_sources()]
    shown = lw("round", folder).out
    assert "took in" not in shown
    assert "5 sources had nothing new to vote on" in shown
    assert "questions wait: labelwright next" in shown
    assert f"version {lib.open(folder).versions()[-1].id[:12]}" in shown


def test_a_round_without_votes_says_what_to_do_and_freezes_nothing(tmp_path, lw):
    folder, items = tmp_path / "p", tmp_path / "items.csv"
    lw("init", folder, "--classes", "spam,ham")
    items.write_text("text\none\ntwo\n")
    lw("import", folder, items)
    told = lw("round", folder)
    assert told.code == 2
    assert "nobody has voted yet" in told.err
    assert lib.open(folder).versions() == []


def test_settings_that_are_wrong_are_told_with_their_line_and_nothing_is_frozen(folder, lw):
    settings = folder / "labelwright.toml"
    settings.write_text(settings.read_text() + '\n[label_model]\nname = "none"\n')
    told = lw("round", folder)
    assert told.code == 2
    assert "labelwright.toml:" in told.err
    assert "source_kinds" in told.err
    settings.write_text(settings.read_text().replace('name = "none"', 'name = "source_kinds"'))
    assert lib.open(folder).versions() == []
