"""Every example has one README and one script of at most 100 lines, and runs."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").iterdir())


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_the_example_is_short_and_runs(folder, tmp_path):
    (script,) = folder.glob("*.py")
    assert (folder / "README.md").exists()
    assert len(script.read_text().splitlines()) <= 100
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout
