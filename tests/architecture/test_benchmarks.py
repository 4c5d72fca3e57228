"""The figures are true: the page of the benchmarks says what is on record, and floors can fail."""

import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
TABLE = {
    "title": "How right",
    "columns": ["method", "youtube", "mean"],
    "measures": ["src/labelwright/labelmodels"],
}


@pytest.fixture
def part(monkeypatch):
    """A module that lies beside the benchmarks, by name."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


def written(part, monkeypatch, folder, **table):
    monkeypatch.setenv("LABELWRIGHT_RESULTS", str(folder))
    monkeypatch.setattr(
        sys, "argv", [str(BENCHMARKS / "quality/joint.py"), "--peers", "/tmp/bin/python", "--full"]
    )
    part("recording").record("quality/joint_words", **TABLE | table)
    return json.loads((folder / "quality" / "joint_words.json").read_text())


def test_the_page_shows_the_figures_on_record(part):
    page = (BENCHMARKS / "README.md").read_text()
    assert page == part("tables").filled(page), "run: make bench"


def test_what_is_written_by_hand_between_the_tables_names_no_figure(part):
    page = part("tables").PLACE.sub("", (BENCHMARKS / "README.md").read_text())
    assert not re.findall(
        r"\d[.,]\d+ ?(?:%|s\b|ms\b|points)|\b0?\.\d+|\d+ (?:ms|points|times)", page
    )


def test_a_table_on_record_names_a_benchmark_and_code_that_exist(part):
    for name, table in part("tables").recorded().items():
        script = table["command"].split()[0]
        assert (BENCHMARKS / script).is_file(), name
        assert name.startswith(script.removesuffix(".py")), name
        for path in table["measures"]:
            assert (ROOT / path).exists(), f"{name}: {path}"


def test_every_benchmark_is_on_the_page_and_records_its_tables():
    page = (BENCHMARKS / "README.md").read_text()
    apart = {"peers.py", "activeml_peer.py"}  # run by others, in the peers' environment
    for script in [path for room in ("quality", "speed", "vision")
                   for path in (BENCHMARKS / room).glob("*.py")]:  # fmt: skip
        text = script.read_text()
        if "__main__" in text and script.name not in apart:
            name = f"{script.parent.name}/{script.stem}"
            assert f"| `{name}.py` |" in page
            assert re.search(r"\brecord\(", text), name
            assert re.search(rf'f?"{name}(?:_|")', text), name


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize(
    "command",
    [
        "quality/first_hour.py --fast --only one",
        "quality/gold.py --seeds 2 --sets youtube rte",
        "quality/joint.py --features tfidf --sets youtube --seeds 1 --most 200",
        "quality/label_efficiency.py --tfidf --no-rules --sets youtube --seeds 1",
        "quality/label_errors.py --sets youtube",
        "quality/noisy_crowd.py --sets bluebird --seeds 1",
        "quality/unit_price.py",
        "speed/answers.py --distinct 1000 --boxes 1000",
        "speed/apply.py --rows 1000 --stream 1000",
        "speed/head.py --items 2000 --features 16",
        "speed/import_rows.py --rows 1000",
        "speed/label_models.py --units 2000 --only source_kinds",
        "speed/stores.py 2000 3",
        "speed/versions.py --items 2000 --files 30",
    ],
)
def test_a_benchmark_still_runs_and_records(command, part, tmp_path):
    data = part("run").DATA
    script, *options = command.split()
    done = subprocess.run(
        [sys.executable, BENCHMARKS / script, *options],
        env={**os.environ, "LABELWRIGHT_RESULTS": str(tmp_path), "LABELWRIGHT_DATA": str(data)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    written = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")]
    assert written
    assert all(name.startswith(script.removesuffix(".py")) for name in written)


def test_a_trial_leaves_no_trace(part, monkeypatch):
    monkeypatch.delenv("LABELWRIGHT_RESULTS", raising=False)
    before = part("tables").recorded()
    part("recording").record("quality/joint_words", rows=[], **TABLE)
    assert part("tables").recorded() == before


def test_a_figure_is_kept_rounded_and_none_where_there_is_none(part, monkeypatch, tmp_path):
    rows = [["ours", 82.456, float("nan")], ["theirs", [0.98, None], 71.5]]
    kept = written(part, monkeypatch, tmp_path, rows=rows, digits={"": 1, "mean": 2})
    assert kept["rows"] == [["ours", 82.5, None], ["theirs", [1.0, None], 71.5]]
    assert kept["command"] == "quality/joint.py --full"  # no path of this machine
    assert {"date", "seconds", "load", "cores"} <= set(kept["made"])


def test_a_table_is_shown_with_its_digits_origin_and_remarks(part, monkeypatch, tmp_path):
    rows = [["ours", 82.456, float("nan")], ["theirs", [0.98, None], 1071.5]]
    kept = written(part, monkeypatch, tmp_path, rows=rows, digits={"": 1, "mean": 2}, plays=5,
                   peers={"snorkel": "0.10"})  # fmt: skip
    kept["made"] |= {"commit": "abc1234", "carried_over": True, "rows": {"theirs": "def5678"}}
    shown = part("tables").shown(kept | {"remarks": ["So it is."]})
    assert "| ours | 82.5 | - |\n| theirs | 1.0 / - | 1,071.50 |" in shown
    assert "Made at commit abc1234; theirs at def5678; " in shown
    assert "carried over" in shown
    assert "5 plays; snorkel 0.10.*" in shown
    assert shown.rstrip().endswith("So it is.")


def test_a_table_without_a_place_or_a_place_without_a_table_is_an_error(part):
    page = (BENCHMARKS / "README.md").read_text()
    tables = part("tables")
    with pytest.raises(SystemExit, match="quality/unheard"):
        tables.filled(page + "<!-- table quality/unheard -->\n<!-- end -->\n")
    with pytest.raises(SystemExit, match="quality/unit_price"):
        tables.filled(page.replace("table quality/unit_price -->", "quality/unit_price"))


@pytest.mark.parametrize(
    ("figure", "bound", "holds"),
    [
        (70.0, {"at_least": 70.0}, True),
        (69.9, {"at_least": 70.0}, False),
        (5.1, {"at_most": 5.0}, False),
        (None, {"at_least": 0.0}, False),
    ],
)
def test_a_figure_under_its_floor_is_told(part, monkeypatch, tmp_path, figure, bound, holds):
    written(part, monkeypatch, tmp_path, rows=[["ours", figure, 1.0]])
    floor = {"table": "quality/joint_words", "row": "ours", "column": "youtube", "why": "known"}
    told = list(part("floors").missed(floor | bound, tmp_path))
    assert bool(told) is not holds
    assert all("known" in line for line in told)


def test_a_floor_has_one_bound_and_a_reason():
    for run in tomllib.loads((BENCHMARKS / "floors.toml").read_text())["run"]:
        script, *_ = run["command"].split()
        assert (BENCHMARKS / script).is_file()
        for floor in run["floor"]:
            assert floor["table"].startswith(script.removesuffix(".py"))
            assert len({"at_least", "at_most"} & set(floor)) == 1
            assert floor["why"]
