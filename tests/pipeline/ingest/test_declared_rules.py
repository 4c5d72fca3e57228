"""Rules of columns in labelwright.toml: read, held on import, told by check."""

import pytest

from labelwright.core.errors import SettingsError
from pipeline.making import make, write_csv

TABLES = """
[check.columns.age]
type = "integer"
min = 0
max = 120
on_import = "set aside"
severity = "error"

[check.columns.city]
one_of = ["Basel", "Bern"]
"""


def people(tmp_path, *rows, name="people.csv"):
    return write_csv(
        tmp_path / name,
        [{"key": f"{name}{n}", "age": age, "city": city} for n, (age, city) in enumerate(rows)],
    )


@pytest.fixture
def project(tmp_path):
    return make(tmp_path, 0, rules=TABLES)


def test_an_import_warns_or_sets_aside_as_declared(project, tmp_path):
    report = project.import_items(
        people(tmp_path, (30, "Basel"), (-1, "Bern"), (40, "Paris")), id="key"
    )
    told = {each.check: each for each in report.findings}
    assert set(told) == {"age.min", "city.one_of"}
    assert (told["age.min"].examples, told["age.min"].standing) == (("people.csv1",), True)
    assert (told["city.one_of"].severity, told["city.one_of"].standing) == ("warning", False)
    assert project.status().items_set_aside == 1
    assert project.take_back("age.min") == 1


def test_an_import_tells_only_of_what_is_new(project, tmp_path):
    first = people(tmp_path, (30, "Basel"), (-1, "Bern"))
    project.import_items(first, id="key")
    assert project.import_items(first, id="key").findings == ()
    second = people(tmp_path, (31, "Basel"), name="more.csv")
    assert project.import_items(second, id="key").findings == ()


def test_check_tells_what_is_broken_and_fails_a_pipeline(project, tmp_path, lw):
    project.import_items(people(tmp_path, (30, "Basel"), (200, "Genf")), id="key")
    project.take_back("age.max")
    done = lw("check", project.folder, "--fail-on", "error")
    assert done.code == 1
    assert "age.max: age is above 120 in 1 of 2" in done.out
    done = lw("check", project.folder, "--set-aside", "age.max", "--fail-on", "error")
    assert done.code == 0
    assert lw("check", project.folder, "--set-aside", "city.one_of").code == 0


def test_the_import_command_shows_what_was_set_aside(project, tmp_path, lw):
    done = lw("import", project.folder, people(tmp_path, (30, "Genf"), (130, "Bern")), "--id=key")
    assert "error: age.max: age is above 120 in 1 of 2 (50 %) items, such as '130'; set aside" in (
        done.out
    )
    assert "warning: city.one_of" in done.out


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("[check]\ncolums = 1", "unknown setting"),
        ("[check.columns.age]\nmn = 1", "toml:.*mn.*did you mean 'min'"),
        ("[check.columns.age]\nmin = 'a'", "must be a number"),
        ("[check.columns.age]\nmin_length = -1", "whole number >= 0"),
        ("[check.columns.age]\nunique = 1", "true or false"),
        ("[check.columns.age]\nmatches = 1", "must be text"),
        ("[check.columns.age]\none_of = 'a'", "a list of values"),
        ("[check.columns.age]\nseverity = 'bad'", "error, warning, note"),
        ("[check.columns.age]\non_import = 'drop'", "warn or set aside"),
        ("[check.columns.age]\ntype = 'int'", "check.columns.age: type must be one of"),
        ("[check]\ncolumns = 1", "must be a table"),
        ("[drift]\nalpha = 2.0", "must lie in 1e-06..0.5"),
        ("[drift]\nignore = [1]", "a list of texts"),
        ("[gate]\ntolerence = 0.1", "did you mean 'tolerance'"),
        ("[watch]\nretrain_items = 1.5", "whole number"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, table, told):
    with pytest.raises(SettingsError, match=told):
        make(tmp_path, 0, rules=f"\n{table}\n")
