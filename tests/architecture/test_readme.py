"""The README's commands work, word for word."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_the_quickstart_runs_as_it_stands(tmp_path):
    (quickstart,) = [block for block in blocks("sh") if "labelwright init" in block]
    commands = quickstart.replace("pip install .\n", "")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "reviews" / "train.parquet").exists()
    assert "Traceback" not in done.stderr


def test_the_notebook_lines_run_as_they_stand(tmp_path, monkeypatch):
    import pandas as pd

    import labelwright as lw

    (lines,) = blocks("python")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.csv").write_text("key,body\n5,a prize for you\n6,dinner\n")
    project = lw.init("reviews", classes=["spam", "ham"])
    code = "import labelwright as lw\n@lw.source\ndef a(x):\n    return int('dinner' in x.body)\n"
    (project.folder / "sources.py").write_text(code)
    project.import_items("d.csv", id="key", text="body")
    names = {"data_frame": pd.DataFrame({"body": ["a prize", "dinner"]})}
    exec(compile(lines, "README.md", "exec"), names)
    assert names["posterior"].label[0] == 0
