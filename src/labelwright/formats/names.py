"""Column names: made usable, and found again."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from labelwright.core.errors import DataError, shown
from labelwright.formats.chunk import Note
from labelwright.formats.settings import ImportSettings


def usable(names: Sequence[str]) -> list[str]:
    """The names, each usable as a field: not empty, unique, no leading underscore, no dot.

    Files with an unnamed index column, ``_id`` or ``petal.length`` are common, so such names are
    changed, always in the same way, rather than refused. A leading underscore belongs to our own
    columns, and a dot means a nested column to stores.
    """
    clean = [name.strip().lstrip("_").replace(".", "_").replace("\0", "") for name in names]
    taken = {new for new, old in zip(clean, names, strict=True) if new == old}
    found: list[str] = []
    for position, (new, old) in enumerate(zip(clean, names, strict=True), 1):
        name = stem = new or f"column_{position}"
        again = 2
        # A name that needed no change keeps it; the changed ones make way.
        while name in found or (name in taken and name != old):
            name, again = f"{stem}_{again}", again + 1
        found.append(name)
    return found


def renaming(file: str, names: Sequence[str]) -> tuple[dict[str, str], tuple[Note, ...]]:
    """File's name -> usable name (of duplicates, the first), and a note per changed name."""
    new_names = usable(names)
    pairs = list(zip(names, new_names, strict=True))
    notes = tuple(
        Note(file, f"column {shown(old)} is called {shown(new)}")
        for old, new in pairs
        if old.strip() != new
    )
    return dict(reversed(pairs)), notes


def resolved(name: str, columns: Iterable[str], renamed: Mapping[str, str]) -> str | None:
    """The usable name that a setting means: itself, or what it was in the file; None if absent."""
    return name if name in columns else renamed.get(name)


def check_named(
    settings: ImportSettings, columns: Sequence[str], renamed: Mapping[str, str]
) -> None:
    """Nothing, if every column that the settings name exists.

    Raises:
        DataError: one does not; lists those that do and the closest match.
    """
    for name, setting in settings.named.items():
        if resolved(name, columns, renamed) is None:
            raise missing_column(name, columns, f"setting {setting}")


def missing_column(name: str, columns: Sequence[str], where: str) -> DataError:
    """The error that there is no such column."""
    near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(map(repr, columns)) or "none"
    return DataError(f"{where}: there is no column {shown(name)}; the columns are {listed}.{hint}")
