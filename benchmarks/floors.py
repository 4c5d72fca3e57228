"""Runs what is quick and known to be good, and fails where a figure is under its floor.

    python benchmarks/floors.py

`floors.toml` says what runs and what must hold, with the reason. Only figures of quality have
floors, so that a busy machine changes nothing; where the data sets are absent, benchmarks that
need them are left out.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from recording import HERE
from run import DATA

FLOORS = HERE / "floors.toml"


def main():
    failed = []
    for each in tomllib.loads(FLOORS.read_text("utf-8"))["run"]:
        if each["needs_data"] and not DATA.is_dir():
            print(f"{each['command']}: left out, no data sets in {DATA} (LABELWRIGHT_DATA)")
            continue
        failed += checked(each)
    for line in failed:
        print(f"under its floor: {line}")
    sys.exit(bool(failed))


def checked(run):
    """Runs one benchmark, and returns a line for each figure that does not hold."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "LABELWRIGHT_RESULTS": folder, "LABELWRIGHT_DATA": str(DATA)}
        # One thread: the machine is shared, and sums come out the same on all.
        env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        script, *options = run["command"].split()
        done = subprocess.run(
            [sys.executable, str(HERE / script), *options],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return [f"{run['command']} ended with {done.returncode}\n{done.stdout}"]
        failed = [line for floor in run["floor"] for line in missed(floor, Path(folder))]
    held = f"{len(run['floor']) - len(failed)} of {len(run['floor'])} floors hold"
    print(f"{run['command']}: {held}, {time.perf_counter() - began:.0f} s", flush=True)
    return failed


def missed(floor, folder):
    """What the floor says and the figure is, if that is worse."""
    found = figure(floor, folder)
    least, most = floor.get("at_least", float("-inf")), floor.get("at_most", float("inf"))
    # Written so that a figure that is none does not hold.
    if found is not None and least <= found <= most:
        return
    bound = f"at least {least}" if "at_least" in floor else f"at most {most}"
    place = f"{floor['table']}, {floor['row']}, {floor['column']}"
    yield f"{place}: {found}, should be {bound}: {floor['why']}"


def figure(floor, folder):
    """The figure of a table, by the first cell of its row and the heading of its column."""
    table = json.loads((folder / f"{floor['table']}.json").read_text("utf-8"))
    place = table["columns"].index(floor["column"])
    return next((row[place] for row in table["rows"] if row[0] == floor["row"]), None)


if __name__ == "__main__":
    main()
