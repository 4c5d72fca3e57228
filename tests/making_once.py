"""Projects that tests need alike: made once in a process, then copied."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import labelwright as lw


def made_once(make):
    """The same as `make(folder, ...)`; what was made once before is only copied.

    What `make` gives is a project in that folder and hangs on nothing but the other arguments.
    Whoever tests that making twice gives the same calls `make` itself.
    """

    @functools.cache
    def template(*how, **more):
        folder = Path(tempfile.mkdtemp(prefix="labelwright-made-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder, make(folder, *how, **more).folder.relative_to(folder)

    @functools.wraps(make)
    def copied(folder, *how, **more):
        made, place = template(*how, **more)
        shutil.copytree(made, folder, dirs_exist_ok=True)
        return lw.open(folder / place)

    return copied
