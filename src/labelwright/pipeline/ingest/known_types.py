"""Files are read by the types that the project's fields have, so that one bad cell is one row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import pyarrow as pa

from labelwright.core.items import user_fields
from labelwright.formats import TYPES, Chunk, ImportSettings, kind_of_type, read
from labelwright.pipeline.workspace.workspace import Workspace


def read_as_known(
    workspace: Workspace,
    paths: Sequence[str],
    settings: ImportSettings,
    *,
    numbers: Collection[str] | None = None,
    format_: str | None = None,
) -> Iterator[Chunk]:
    """The rows of the files, with text where the project has text, and numbers where it has them.

    What is text in the project stays text even if it looks like numbers here. Where it has numbers,
    times or booleans and a file does not throughout, the rows whose value is none are set aside.

    Args:
        workspace: the project.
        paths: the files.
        settings: how they are read; types that they name win.
        numbers: of which fields values of another type set their row aside; None: of all.
        format_: of all files; None goes by their endings.

    Raises:
        DataError: as `read`.
    """
    known = _types(workspace)
    texts = {name: kind for name, kind in known.items() if kind == "text"}
    settings = replace(settings, hints=texts)
    chunks = read(paths, settings, format=format_)
    first = next(chunks, None)
    if first is None:
        return chunks
    strangers = {
        name: known[name]
        for name in first.rows.schema.names
        if pa.types.is_string(first.rows.schema.field(name).type)
        and known.get(name, "text") != "text"
        and (numbers is None or name in numbers)
    }
    if not strangers:
        return chain((first,), chunks)
    return read(paths, replace(settings, hints={**texts, **strangers}), format=format_)


def _types(workspace: Workspace) -> dict[str, str]:
    """Field -> the type by which it is asked for."""
    schema = workspace.items.schema()
    kinds = {name: kind_of_type(schema.field(name).type) for name in user_fields(schema)}
    # The width of whole numbers is found out anew.
    named = {name: kind.value.removeprefix("big_") for name, kind in kinds.items()}
    return {name: kind for name, kind in named.items() if kind in TYPES}
