"""Runs every benchmark and prints its table: what `make bench` calls.

    python benchmarks/run.py [--full] [NAME ...]

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

HERE = Path(__file__).resolve().parent
ROOMS = ("quality", "speed", "vision")
PEERS = HERE.parent / ".bench-venv"
DATA = Path(os.environ.get("LABELWRIGHT_DATA", HERE.parent.parent / "shared" / "data"))
NEEDS_DATA = {
    "quality/crowdkit_parity",
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
    chosen = parser.parse_args()
    found = sorted(path for room in ROOMS for path in HERE.glob(f"{room}/*.py"))
    scripts = {f"{script.parent.name}/{script.stem}": script for script in found}
    del scripts["quality/peers"]  # run by quality/label_models, in the peers' environment
    unknown = set(chosen.names) - set(scripts)
    if unknown:
        parser.error(f"no benchmark {min(unknown)}; there are {', '.join(scripts)}")
    names = chosen.names or list(scripts)
    python = peers() if TAKES_PEERS.keys() & set(names) else None
    for name in names:
        run(name, scripts[name], python, full=chosen.full)


def run(name, script, python, *, full):
    print(f"\n=== {name}", flush=True)
    if name in NEEDS_DATA and not DATA.is_dir():
        print(f"skipped: needs the data sets in {DATA} (LABELWRIGHT_DATA)")
        return
    command = [sys.executable, str(script)]
    if python and name in TAKES_PEERS:
        command += [TAKES_PEERS[name], str(python)]
    if full and name in TAKES_FULL:
        command.append("--full")
    if not full:
        command += QUICK.get(name, [])
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
