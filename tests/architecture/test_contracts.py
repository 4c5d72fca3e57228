"""The house stands: the import contracts hold, and each can fail."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def lint(folder):
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*command, "--config", str(folder / ".importlinter"), "--no-cache"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def copy_of_the_house(folder):
    import shutil

    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def test_the_house_keeps_its_contracts():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_sideways_import_breaks_the_build(tmp_path):
    house = copy_of_the_house(tmp_path)
    (house / "src/labelwright/queue/sideways.py").write_text("import labelwright.quality\n")
    done = lint(house)
    assert done.returncode == 1
    assert "The house" in done.stdout


def test_a_new_utils_package_breaks_the_build(tmp_path):
    house = copy_of_the_house(tmp_path)
    (house / "src/labelwright/utils").mkdir()
    (house / "src/labelwright/utils/__init__.py").write_text("")
    assert lint(house).returncode == 1
