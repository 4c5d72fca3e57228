"""A package that is installed, as far as entry points tell."""

from pathlib import Path

import tasks


def install(folder, kinds, name="bringing-kinds"):
    """Writes what an installed package that brings these kinds of task leaves in a folder.

    Args:
        folder: to be put on ``sys.path`` or ``PYTHONPATH``.
        kinds: by name where their class is, as in ``module:Class``.
        name: of the package.
    """
    told = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{kind} = {place}" for kind, place in kinds.items()]
    (told / "entry_points.txt").write_text("\n".join(["[labelwright.tasks]", *lines, ""]))
    return folder


def tests_folder():
    """Where the modules of the tests are found."""
    (folder, *_) = tasks.__path__  # a folder may be named twice
    return Path(folder).parent
