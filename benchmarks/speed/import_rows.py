"""Seconds and peak memory of reading text rows to item batches, beside plain readers.

    python benchmarks/speed/import_rows.py [--rows 1000000]

Every row of the table is one fresh process. The plain readers only parse: they make no ids, no
content hashes, and check nothing; they say what the disk and the parser alone take.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

WORDS = [
    "free",
    "call",
    "now",
    "lunch",
    "tonight",
    "prize",
    "claim",
    "meet",
    "home",
    "love",
    "winner",
    "text",
    "reply",
    "urgent",
    "ok",
]


def make(folder, rows):
    import polars as pl

    draw = random.Random(0)
    texts = [" ".join(draw.choices(WORDS, k=draw.randint(5, 20))) for _ in range(rows)]
    table = pl.DataFrame(
        {
            "key": [f"row-{number:08d}" for number in range(rows)],
            "text": [f'{text}, "quoted"' if n % 20 == 0 else text for n, text in enumerate(texts)],
            "length": [len(text) for text in texts],
        }
    )
    table.write_parquet(folder / "rows.parquet")
    table.write_csv(folder / "rows.csv")


def ours(path, key):
    from labelwright.formats import ImportSettings, items, read

    settings = ImportSettings(id=key, text="text")
    return sum(batch.items.num_rows for batch in items(read(path, settings), settings))


def polars(path):
    import polars as pl

    return len(pl.read_csv(path) if path.endswith("csv") else pl.read_parquet(path))


def arrow(path):
    from pyarrow import csv, parquet

    return len(csv.read_csv(path) if path.endswith("csv") else parquet.read_table(path))


JOBS = {
    "labelwright, id column": lambda path: ours(path, "key"),
    "labelwright, content id": lambda path: ours(path, None),
    "polars, parse only": polars,
    "pyarrow, parse only": arrow,
}


def measure(job, path):
    start = time.perf_counter()
    rows = JOBS[job](path)
    seconds = time.perf_counter() - start
    # Not getrusage: its peak is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.job:
        measure(*chosen.job)
        return
    rows = []
    print("| file | reader | rows | seconds | peak MB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, chosen.rows)
        for ending in ("parquet", "csv"):
            for job in JOBS:
                command = [sys.executable, __file__, "--job", job, str(folder / f"rows.{ending}")]
                told = subprocess.run(command, capture_output=True, check=True, text=True)
                found = json.loads(told.stdout)
                print(
                    f"| {ending} | {job} | {found['rows']:,} | {found['seconds']:.2f} "
                    f"| {found['peak_mb']:.0f} |"
                )
                rows.append([ending, job, found["seconds"], found["peak_mb"]])
    record(
        "speed/import_rows",
        title="Reading text rows to batches of items, beside plain readers, which only parse",
        columns=["file", "reader", "seconds", "peak MB"],
        rows=rows,
        digits={"seconds": 2, "peak MB": 0},
        measures=["src/labelwright/formats"],
        settings={"rows": chosen.rows},
    )


if __name__ == "__main__":
    main()
