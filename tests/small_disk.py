"""Disks so small that a test can fill them."""

import os
import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def small_disk_at(folder, megabytes):
    """A disk of so many megabytes, as tmpfs; the test is skipped where none can be had."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root and a kernel that lets it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
