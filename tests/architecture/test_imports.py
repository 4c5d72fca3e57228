"""Importing is quick and pulls in nothing heavy."""

import json
import subprocess
import sys

HEAVY = ("lance", "polars", "sklearn", "scipy", "torch", "PIL", "pandas", "onnxruntime")


def modules_after(code):
    """The names of the modules loaded in a fresh interpreter that ran `code`."""
    script = f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def seconds_of(*command):
    """The least processor time of five runs: what else the machine does only ever adds."""
    script = (
        "import resource, subprocess, sys\n"
        "def used():\n"
        "    usage = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "    return usage.ru_utime + usage.ru_stime\n"
        "def once():\n"
        "    start = used()\n"
        "    subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
        "    return used() - start\n"
        "print(min(once() for _ in range(5)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def test_import_labelwright_pulls_in_no_heavy_library():
    loaded = modules_after("import labelwright")
    assert not loaded & set(HEAVY)


def test_help_pulls_in_no_heavy_library():
    loaded = modules_after(
        "import sys; sys.argv = ['labelwright', '--help']\n"
        "from labelwright.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass"
    )
    assert not loaded & set(HEAVY)


def test_import_takes_less_than_0_3_seconds_over_a_bare_interpreter():
    bare = seconds_of(sys.executable, "-c", "pass")
    assert seconds_of(sys.executable, "-c", "import labelwright") - bare < 0.3


def test_help_takes_less_than_0_5_seconds_over_a_bare_interpreter():
    bare = seconds_of(sys.executable, "-c", "pass")
    assert seconds_of(sys.executable, "-m", "labelwright", "--help") - bare < 0.5
