"""What the commands take on a project of many short texts, each in a process of its own.

    python benchmarks/speed/project.py [--rows 200000 | --full]

Wall seconds and peak memory of whole commands, start-up included; commands that only read are the
median of three runs. Memory is that of the command's own process and of the largest one that it
started (those that run functions are about equal). The references are what the same file costs
pyarrow and the same conditions cost Polars, without a project around them. `--full` is a million
rows, then five million voted on by rules alone.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

WORDS = [
    *("free", "prize", "dinner", "tonight", "call", "win", "claim", "home", "hello", "cash"),
    *("phone", "meeting", "love", "urgent", "sorry", "thanks", "offer", "later", "mum", "bus"),
]
RULES = [("free", "spam"), ("prize", "spam"), ("win", "spam"), ("cash", "spam"),
         ("dinner", "ham"), ("home", "ham"), ("love", "ham"), ("mum", "ham")]  # fmt: skip
FUNCTIONS = """
import labelwright as lw

@lw.source
def urgent_call(x):
    return "spam" if "urgent" in x.text and "call" in x.text else None

@lw.source
def polite(x):
    return "ham" if "thanks" in x.text or "sorry" in x.text else None
"""
PEAK = """
import resource
own = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print("PEAK", own, started, file=sys.stderr)
"""
WATCHED = f"""
import runpy, sys
sys.argv = ["labelwright", *sys.argv[1:]]
try:
    runpy.run_module("labelwright", run_name="__main__", alter_sys=True)
except SystemExit as exit_:
    code = exit_.code
{PEAK}
sys.exit(code)
"""
REFERENCE = {
    "pyarrow: read and write the file": """
import sys
import pyarrow.parquet as pq
pq.write_table(pq.read_table(sys.argv[1]), sys.argv[1] + ".copy")
""",
    "polars: the 8 conditions on the file": """
import sys
import polars as pl
text = pl.col("text").str.to_lowercase()
words = "free prize win cash dinner home love mum".split()
pl.read_parquet(sys.argv[1]).select([text.str.contains(rf"\\b{w}\\b").alias(w) for w in words])
""",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--full", action="store_true", help="a million rows, and five million")
    chosen = parser.parse_args()
    rows = 1_000_000 if chosen.full else chosen.rows
    show("speed/project", f"{rows:,} texts, 8 rules and 2 Python functions", ten_sources, rows)
    if chosen.full:
        show("speed/project_rules", "5,000,000 texts, 8 rules", rules_alone, 5_000_000)


def show(table, title, measure, rows):
    told = []
    print(f"\n{title}\n\n{'':40} {'seconds':>8} {'peak MB':>8} {'started MB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, seconds, own, started in measure(Path(folder), rows):
            print(f"{name:40} {seconds:8.2f} {own:8.0f} {started:10.0f}", flush=True)
            told.append([name, seconds, own, started])
    record(
        table,
        title=f"Whole commands, {title}: wall seconds, peak memory of the command and of the "
        "largest process that it started",
        columns=["", "seconds", "peak MB", "started MB"],
        rows=told,
        digits={"": 0, "seconds": 2},
        measures=[f"src/labelwright/{each}" for each in
                  ("cli", "engines", "formats", "pipeline", "sources", "stores")],
    )  # fmt: skip


def ten_sources(folder, rows):
    data, project = folder / "texts.parquet", folder / "p"
    write_texts(data, rows)
    for name, code in REFERENCE.items():
        yield name, *watched([sys.executable, "-c", f"{code}{PEAK}", str(data)])
    run("init", project, "--classes", "spam,ham")
    yield "import", *run("import", project, data, "--id", "key", "--text", "text")
    write_rules(project)
    (project / "sources.py").write_text(FUNCTIONS)
    yield "vote, 10 sources", *run("vote", project)
    yield "vote again, nothing changed", *median("vote", project)
    edit(project / "labelwright.toml", '["free"]', '["free", "gratis"]')
    yield "vote, one of ten rules edited", *run("vote", project)
    edit(project / "sources.py", '"thanks" in', '"thank" in')
    yield "vote, one of two functions edited", *run("vote", project)
    yield "label", *run("label", project)
    yield "label again, nothing changed", *median("label", project)
    yield "sources", *median("sources", project)
    yield "status", *median("status", project)
    yield "explain ITEM", *median("explain", f"m{rows // 2}", "-p", project)
    yield "export to Parquet", *median("export", project, "--to", folder / "out.parquet")
    count = "import sys, labelwright as lw\nlw.open(sys.argv[1]).workspace.items.count()"
    opened = [sys.executable, "-c", f"{count}{PEAK}", str(project)]
    yield "open in Python, start-up included", *middle([watched(opened) for _ in range(3)])


def rules_alone(folder, rows):
    data, project = folder / "texts.parquet", folder / "p"
    write_texts(data, rows)
    run("init", project, "--classes", "spam,ham")
    yield "import", *run("import", project, data, "--id", "key", "--text", "text")
    write_rules(project)
    (project / "sources.py").write_text("")
    yield "vote, 8 rules", *run("vote", project)
    yield "vote again, nothing changed", *run("vote", project)
    yield "label", *run("label", project)
    yield "explain ITEM", *run("explain", f"m{rows // 2}", "-p", project)


def write_texts(path, rows, chunk=250_000):
    rng = np.random.default_rng(0)
    schema = pa.schema({"key": pa.string(), "text": pa.string()})
    with pq.ParquetWriter(path, schema) as file:
        for first in range(0, rows, chunk):
            numbers = range(first, min(first + chunk, rows))
            words = np.array(WORDS)[rng.integers(0, len(WORDS), (len(numbers), 8))]
            texts = [" ".join(line) for line in words.tolist()]
            file.write_table(pa.table({"key": [f"m{n}" for n in numbers], "text": texts}, schema))


def write_rules(project):
    with (project / "labelwright.toml").open("a") as file:
        for word, vote in RULES:
            file.write(f'\n[[rules]]\nname = "{word}"\nvote = "{vote}"\n')
            file.write(f'when = {{ keywords = ["{word}"] }}\n')


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def median(*arguments, times=3):
    return middle([run(*arguments) for _ in range(times)])


def middle(measures):
    return tuple(map(statistics.median, zip(*measures, strict=True)))


def run(*arguments):
    return watched([sys.executable, "-c", WATCHED, *map(str, arguments)])


def watched(command):
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{command[3:]} failed:\n{done.stdout}{done.stderr}")
    peak = next(line for line in done.stderr.splitlines()[::-1] if line.startswith("PEAK"))
    return (seconds, *(int(kilobytes) / 1024 for kilobytes in peak.split()[1:]))


if __name__ == "__main__":
    main()
