"""Fixtures that several test folders share."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest

# Before numpy is imported, here and in every worker and program that a test starts: two threads
# that spin on a busy machine are ten times slower than one that works.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]
# What helpers assert is told as well as what tests do.
pytest.register_assert_rewrite("end_to_end.every_kind")


class Done(NamedTuple):
    code: int
    out: str
    err: str


def pytest_collection_modifyitems(items):
    if data_folder().is_dir():
        return
    absent = pytest.mark.skip(reason=f"no real data sets in {data_folder()} (LABELWRIGHT_DATA)")
    for item in items:
        if "data" in item.keywords:
            item.add_marker(absent)


def data_folder():
    return Path(os.environ.get("LABELWRIGHT_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture
def real_data():
    return data_folder()


@pytest.fixture
def lw(capsys, monkeypatch):
    """Runs the command line in this process: lw("status", folder) -> code, out, err."""
    from labelwright.cli.main import main

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["labelwright", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code or 0
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run
