"""Files -> chunks: find the files, look at all of them, then read one after the other."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import cast

from labelwright.formats.chunk import Chunk
from labelwright.formats.find import Found, PathLike, find
from labelwright.formats.kinds import Kind, combined
from labelwright.formats.layout import FileLayout, Format, forced
from labelwright.formats.names import check_named, resolved
from labelwright.formats.settings import ImportSettings
from labelwright.formats.text import BLOCK_BYTES

FORMATS: Mapping[str, str] = {
    "csv": "labelwright.formats.csv",
    "images": "labelwright.formats.images",
    "jsonl": "labelwright.formats.jsonl",
    "parquet": "labelwright.formats.parquet",
}
"""Format -> the module that reads and writes it, imported when it is used."""

SUFFIXES: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"), "images"),
}
"""File ending -> format."""


def read(
    paths: PathLike | Iterable[PathLike],
    options: ImportSettings | None = None,
    *,
    format: str | None = None,  # noqa: A002 - the option's name for its users
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Chunk]:
    """The rows of the files, in order, all with one schema; few blocks in memory at a time.

    All files are looked at before this returns, so that a column has one type everywhere.
    Where files differ, whole numbers give way to floats and everything else to text; a column
    that a file lacks is null there.

    Args:
        paths: files, folders and globs.
        options: how; the defaults take everything as it is.
        format: of all files named; None goes by their endings.
        block_bytes: about how much of a file is in memory; does not change the rows.

    Raises:
        DataError: nothing to read, a damaged file, a column that the options name and no file has.
        UnknownNameError: there is no such format.
        StorageError: a file cannot be read.
    """
    found = find(paths, SUFFIXES, format)
    return read_found(found, options or ImportSettings(), block_bytes)[2]


def read_found(
    found: Sequence[Found],
    settings: ImportSettings,
    block_bytes: int,
    *,
    every: Kind | None = None,
) -> tuple[list[str], dict[str, str], Iterator[Chunk]]:
    """The columns of these files, the files' names for them, and the rows; see :func:`read`.

    Args:
        every: the kind that every column is read as; None finds it out.
    """
    layouts = [part_of(file.format).inspect(file, settings) for file in found]
    names: dict[str, str] = {}
    for layout in layouts:
        names = {**layout.names, **names}
    kinds = unified(layouts, names, settings)
    if every is not None:
        kinds = dict.fromkeys(kinds, every)
    return list(kinds), names, _chunks(found, layouts, kinds, block_bytes)


def part_of(name: str) -> Format:
    """The module of this format."""
    return cast("Format", importlib.import_module(FORMATS[name]))


def unified(
    layouts: Sequence[FileLayout], names: Mapping[str, str], settings: ImportSettings
) -> dict[str, Kind]:
    """The columns wanted from all files together, and the kind of each.

    Raises:
        DataError: a column that the settings name is in no file.
    """
    kinds: dict[str, Kind] = {}
    for layout in layouts:
        for name, kind in layout.kinds.items():
            kinds[name] = combined(kinds.get(name, Kind.NOTHING), kind)
    check_named(settings, list(kinds), names)
    kinds |= forced(settings, names, kinds)
    if settings.fields is None:
        return kinds
    keys = (*settings.fields, settings.id, settings.gold, settings.split_column)
    wanted = {resolved(name, kinds, names) for name in keys if name is not None}
    wanted |= {layout.key for layout in layouts}
    return {name: kind for name, kind in kinds.items() if name in wanted}


def _chunks(
    found: Sequence[Found],
    layouts: Sequence[FileLayout],
    kinds: Mapping[str, Kind],
    block_bytes: int,
) -> Iterator[Chunk]:
    pairs = zip(found, layouts, strict=True)
    for name, files in groupby(pairs, key=lambda pair: pair[0].format):
        yield from part_of(name).chunks(list(files), kinds, block_bytes)
