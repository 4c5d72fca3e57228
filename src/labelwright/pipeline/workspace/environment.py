"""Where something was computed: code, libraries, machine."""

from __future__ import annotations

import getpass
import os
import platform
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from labelwright._version import __version__

LIBRARIES = (
    "numpy", "scipy", "scikit-learn", "polars", "pyarrow", "pylance", "pillow", "onnxruntime",
    "tokenizers",
)  # fmt: skip
GIT_S = 10.0


def environment(folder: Path) -> dict[str, str]:
    """What a result may depend on beside its inputs and settings; unknown things are left out.

    Args:
        folder: of the project, whose git commit is named, and ``dirty`` if files that git knows
            differ from it.
    """
    return {"labelwright": __version__, **_git(folder), **_libraries(), **_machine()}


@cache
def _libraries() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # an extra that is not installed
    return found


@cache
def _machine() -> dict[str, str]:
    found = {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": str(os.cpu_count() or 1),
        "threads": os.environ.get("OMP_NUM_THREADS", ""),
        "memory_gb": _memory_gb(),
    }
    return {name: value for name, value in found.items() if value}


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


def _memory_gb() -> str:
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return ""  # not told by every system
    return f"{pages * size / 2**30:.0f}"


def _git(folder: Path) -> dict[str, str]:
    program = shutil.which("git")
    commit = None if program is None else _said(program, folder, "rev-parse", "HEAD")
    if program is None or not commit:
        return {}
    changed = _said(program, folder, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit.strip(), "dirty": "yes" if changed else "no"}


def _said(program: str, folder: Path, *arguments: str) -> str | None:
    """What git says, None where it fails."""
    # A repository may name a program that git is to start in order to see changes.
    command = [program, "-c", "core.fsmonitor=false", "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - nothing of it comes from outside
            command, cwd=folder, capture_output=True, text=True, check=True, timeout=GIT_S
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def author() -> str:
    """Who works here, as the system knows them; empty where it does not."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a user number that has no name.
        return ""
