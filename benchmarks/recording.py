"""Keeps the figures of a benchmark in a file; `benchmarks/README.md` and the floors read these.

A benchmark calls `record` once for each table, after it has printed it. Nothing is written unless
LABELWRIGHT_RESULTS names a folder, so that a trial leaves no trace; `run.py --record NAME` names
`benchmarks/results`. A file has one row a line, so that its history shows which figure moved when.
"""

import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
STARTED = time.monotonic()
# What may differ from the commit without a figure being another one.
NO_CODE = ("benchmarks/results", "benchmarks/README.md")


def record(
    table,
    *,
    title,
    columns,
    rows,
    measures,
    settings=None,
    digits=1,
    plays=None,
    peers=None,
):
    """Writes one table, as `quality/joint_words`: a room and a name, which starts as the script's.

    Args:
        title: What the table shows, in a line of Markdown, without its figures.
        columns: The heading of every column, the rows' names first.
        rows: A list for each row: its name, then a number, a text, None (nothing was measured) or
            a list of these, shown with slashes.
        measures: The files and folders, from the root of the repository, whose change makes the
            figures old.
        settings: What the figures depend on, by name: sets, sizes, steps.
        digits: Places after the point; by column where a dict, whose "" is for the others.
        plays: How many repetitions (seeds, replays, worlds) a figure is the mean or median of.
        peers: The version of each other program that was measured, by name.
    """
    folder = os.environ.get("LABELWRIGHT_RESULTS")
    if not folder:
        return
    of = digits if isinstance(digits, dict) else {"": digits}
    places = [of.get(column, of.get("", 1)) for column in columns]
    kept = [[plain(cell, to) for cell, to in zip(row, places, strict=True)] for row in rows]
    write(
        Path(folder) / f"{table}.json",
        {
            "title": title,
            "command": command(),
            "made": {**BEGAN_AT, **machine()},
            "plays": plays,
            "settings": settings or {},
            "peers": peers or {},
            "measures": sorted(measures),
            "digits": digits,
            "columns": list(columns),
            "rows": kept,
        },
    )


def plain(cell, places):
    """The cell as JSON has it, a number rounded; what is not a number at all is nothing."""
    if isinstance(cell, (list, tuple)):
        return [plain(one, places) for one in cell]
    if cell is None or isinstance(cell, str):
        return cell
    number = float(cell)
    if number != number:  # noqa: PLR0124 - the one value that is not equal to itself
        return None
    return int(number) if places == 0 else round(number, places)


def write(path, table):
    """A line a field, row and remark, the settings by name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, value in table.items():
        if value and name in {"rows", "remarks"}:
            each = ",\n".join(f"    {as_json(one)}" for one in value)
            lines.append(f'  "{name}": [\n{each}\n  ]')
        elif value or name == "digits":
            lines.append(f"  {as_json(name)}: {as_json(value)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def as_json(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def command():
    """How the figures are made again, without paths that are only of this machine."""
    given = sys.argv[1:]
    for place in [place for place, word in enumerate(given) if word.startswith("/")][::-1]:
        del given[place - 1 : place + 1]
    script = Path(sys.argv[0]).resolve()
    return " ".join([f"{script.parent.name}/{script.name}", *given])


def commit():
    """What is checked out, and whether code is changed in it."""
    aside = [f":!{path}" for path in NO_CODE]
    changed = git("status", "--porcelain", "--", "src", "benchmarks", *aside)
    found = {"commit": git("describe", "--always", "--abbrev=10") or "unknown"}
    return {**found, "dirty": True} if changed else found


def git(*words):
    """What git prints; nothing where there is no repository."""
    done = subprocess.run(
        ["git", *words], cwd=HERE.parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def machine():
    """When, how long, and how busy the machine was meanwhile, the benchmark itself included."""
    seconds = time.monotonic() - STARTED
    minute, five, fifteen = os.getloadavg()
    load = minute if seconds < 150 else five if seconds < 600 else fifteen
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "seconds": round(seconds),
        "load": round(load, 1),
        "cores": os.cpu_count(),
    }


def versions(python, *names):
    """The versions of installed packages, by name, in the environment of an interpreter."""
    code = (
        "import sys, json, importlib.metadata as m\n"
        "found = {d.metadata['Name'].lower(): d.version for d in m.distributions()}\n"
        "print(json.dumps({n: found[n.lower()] for n in sys.argv[1:] if n.lower() in found}))"
    )
    done = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=False)
    return json.loads(done.stdout or "{}")


# The code that runs is that of the start, whatever is committed before the end.
BEGAN_AT = commit() if os.environ.get("LABELWRIGHT_RESULTS") else {}
