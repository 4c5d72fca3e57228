"""What the commands take on a project of many short texts, each in a process of its own.

    python benchmarks/speed/project.py [--rows 200000 | --full]

Wall seconds and peak memory of whole commands, start-up included. The references are what the same
file costs pyarrow and the same conditions cost Polars, without a project around them.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

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
WATCHED = """
import runpy, sys
sys.argv = ["labelwright", *sys.argv[1:]]
try:
    runpy.run_module("labelwright", run_name="__main__", alter_sys=True)
except SystemExit as exit_:
    code = exit_.code
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("PEAK", peak.split()[1], file=sys.stderr)
sys.exit(code)
"""
REFERENCE = {
    "pyarrow: read and write the file": """
import sys, pyarrow.parquet as pq
pq.write_table(pq.read_table(sys.argv[1]), sys.argv[1] + ".copy")
""",
    "polars: the 8 conditions on the file": """
import sys, polars as pl
text = pl.col("text").str.to_lowercase()
words = "free prize win cash dinner home love mum".split()
pl.read_parquet(sys.argv[1]).select([text.str.contains(rf"\\b{w}\\b").alias(w) for w in words])
""",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--full", action="store_true", help="a million rows")
    chosen = parser.parse_args()
    rows = 1_000_000 if chosen.full else chosen.rows
    with tempfile.TemporaryDirectory() as folder:
        table = measure(Path(folder), rows)
    print(f"{rows:,} texts, 8 rules and 2 Python functions\n")
    print(f"{'':44} {'seconds':>8} {'peak MB':>8}")
    for name, seconds, megabytes in table:
        print(f"{name:44} {seconds:8.2f} {megabytes:8.0f}")


def measure(folder, rows):
    data = folder / "texts.parquet"
    write_texts(data, rows)
    table = [(name, *watched_code(code, data)) for name, code in REFERENCE.items()]
    run("init", folder / "p", "--classes", "spam,ham")
    step = [("import", ["import", folder / "p", data, "--id", "key", "--text", "text"])]
    table += [(name, *run(*command)) for name, command in step]
    write_sources(folder / "p")
    plain = [
        ("vote, 10 sources", "vote"),
        ("vote again, nothing changed", "vote"),
    ]
    table += [(name, *run(command, folder / "p")) for name, command in plain]
    edit(folder / "p" / "labelwright.toml", '["free"]', '["free", "gratis"]')
    table.append(("vote, one of ten rules edited", *run("vote", folder / "p")))
    edit(folder / "p" / "sources.py", '"thanks" in', '"thank" in')
    table.append(("vote, one of two functions edited", *run("vote", folder / "p")))
    for name, command in [("label", "label"), ("label again", "label"), ("sources", "sources"),
                          ("status", "status")]:  # fmt: skip
        table.append((name, *run(command, folder / "p")))
    table.append(("explain ITEM", *run("explain", f"m{rows // 2}", "-p", folder / "p")))
    table.append(("export to Parquet", *run("export", folder / "p", "--to", folder / "o.parquet")))
    table.append(("open the project (Python)", *opened(folder / "p")))
    return table


def write_texts(path, rows):
    rng = np.random.default_rng(0)
    words = np.array(WORDS)[rng.integers(0, len(WORDS), (rows, 8))]
    texts = [" ".join(line) for line in words.tolist()]
    keys = [f"m{number}" for number in range(rows)]
    pq.write_table(pa.table({"key": keys, "text": texts}), path)


def write_sources(project):
    (project / "sources.py").write_text(FUNCTIONS)
    with (project / "labelwright.toml").open("a") as file:
        for word, vote in RULES:
            file.write(f'\n[[rules]]\nname = "{word}"\nvote = "{vote}"\n')
            file.write(f'when = {{ keywords = ["{word}"] }}\n')


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def run(*arguments):
    return watched([sys.executable, "-c", WATCHED, *map(str, arguments)])


def watched_code(code, path):
    peak = "\nprint('PEAK', next(l for l in open('/proc/self/status') if l.startswith('VmHWM'))"
    peak += ".split()[1], file=sys.stderr)"
    return watched([sys.executable, "-c", code + peak, str(path)])


def opened(project):
    code = "import sys, time, labelwright as lw\nlw.open(sys.argv[1]).workspace.items.count()"
    return watched_code(code, project)


def watched(command):
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{command[3:]} failed:\n{done.stdout}{done.stderr}")
    peak = next(line for line in done.stderr.splitlines()[::-1] if line.startswith("PEAK"))
    return seconds, int(peak.split()[1]) / 1024


if __name__ == "__main__":
    main()
