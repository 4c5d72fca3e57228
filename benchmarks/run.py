"""Runs benchmarks and prints their tables.

    python benchmarks/run.py [--full] [NAME ...]
    python benchmarks/run.py --record NAME [-- OPTION ...]

`--record` runs one with the settings that its published tables were made with, or with those given,
and writes what it finds to benchmarks/results; `make bench` then writes benchmarks/README.md.

Peers (Snorkel, crowd-kit, HyperLM, FlyingSquid) are installed into an environment of their own from
benchmarks/requirements.txt and run beside us in the same run. Without a network the tables are
printed without them.
"""

import argparse
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

from tables import RESULTS, recorded

HERE = Path(__file__).resolve().parent
ROOMS = ("quality", "speed", "vision")
PEERS = HERE.parent / ".bench-venv"
DATA = Path(os.environ.get("LABELWRIGHT_DATA", HERE.parent.parent / "shared" / "data"))
NEEDS_DATA = {
    "quality/crowdkit_parity",
    "quality/descriptions",
    "quality/gold",
    "quality/joint",
    "quality/label_efficiency",
    "quality/label_errors",
    "quality/label_models",
    "quality/noisy_crowd",
    "quality/snorkel_parity",
}
TAKES_PEERS = {
    "quality/crowdkit_parity": "--crowdkit",
    "quality/descriptions": "--peers",
    "quality/label_efficiency": "--peers",
    "quality/label_errors": "--peers",
    "quality/joint": "--peers",
    "quality/label_models": "--peers",
    "quality/snorkel_parity": "--snorkel",
    "speed/label_models": "--peers",
    "speed/apply": "--snorkel",
    "speed/versions": "--peers",
}
TAKES_FULL = {
    "quality/crowdkit_parity",
    "quality/drift",
    "quality/joint",
    "quality/label_efficiency",
    "quality/label_models",
    "quality/noisy_crowd",
    "speed/label_models",
    "speed/project",
    "speed/versions",
    "vision/merge_boxes",
}
# Those that are large by themselves.
QUICK = {
    "quality/descriptions": ["--seeds", "1", "--sets", "youtube"],
    "quality/first_hour": ["--fast"],
    "quality/gold": ["--seeds", "3"],
    "quality/label_errors": ["--sets", "youtube", "sms", "trec"],
    "speed/apply": ["--stream", "1000000"],
    "speed/import_rows": ["--rows", "200000"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="such as speed/apply; all by default")
    parser.add_argument("--full", action="store_true", help="the large settings")
    parser.add_argument("--record", metavar="NAME", help="run it as published; keep its figures")
    parser.add_argument("--no-peers", action="store_true", help="without installing them")
    own, _, given = " ".join(sys.argv[1:]).partition(" -- ")
    chosen = parser.parse_args(own.split())
    found = sorted(path for room in ROOMS for path in HERE.glob(f"{room}/*.py"))
    scripts = {f"{script.parent.name}/{script.stem}": script for script in found}
    del scripts["quality/peers"]  # run by quality/label_models, in the peers' environment
    wanted = [chosen.record] if chosen.record else chosen.names
    unknown = set(wanted) - set(scripts)
    if unknown:
        parser.error(f"no benchmark {min(unknown)}; there are {', '.join(scripts)}")
    names = wanted or list(scripts)
    asked = TAKES_PEERS.keys() & set(names) and not chosen.no_peers
    python = peers() if asked else None
    if chosen.record:
        os.environ["LABELWRIGHT_RESULTS"] = str(RESULTS)
        for options in {given} if given else published(chosen.record):
            run(chosen.record, scripts[chosen.record], python, options.split())
        return
    for name in names:
        large = ["--full"] if name in TAKES_FULL else []
        run(name, scripts[name], python, large if chosen.full else QUICK.get(name, []))


def published(name):
    """The options of every command whose tables are on record; none where there is no table."""
    commands = dict.fromkeys(table["command"] for table in recorded().values())
    words = [command.partition(" ") for command in commands]
    return [options for script, _, options in words if script == f"{name}.py"] or [""]


def run(name, script, python, options):
    print(f"\n=== {name}", flush=True)
    if name in NEEDS_DATA and not DATA.is_dir():
        print(f"skipped: needs the data sets in {DATA} (LABELWRIGHT_DATA)")
        return
    command = [sys.executable, str(script)]
    if python and name in TAKES_PEERS:
        command += [TAKES_PEERS[name], str(python)]
    command += options
    started = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, "LABELWRIGHT_DATA": str(DATA)}, check=False)
    print(f"--- {name}: exit {done.returncode}, {time.perf_counter() - started:.0f} s", flush=True)


def peers():
    """The interpreter that has the peers; None if they cannot be installed."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
    install = [python, "-m", "pip", "install", "--quiet",
               "--constraint", HERE.parent / "constraints.txt",
               "--requirement", HERE / "requirements.txt"]  # fmt: skip
    if subprocess.run(install, check=False).returncode:
        print("the peers could not be installed; the tables come without them")
        return None
    return python


if __name__ == "__main__":
    main()
