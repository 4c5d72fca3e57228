"""Images that were linked rather than stored: their bytes are read when they are looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from labelwright.core.items import MEDIA, MEDIA_URI


def with_linked_media(items: pa.Table) -> pa.Table:
    """The items with `_media` filled in from `_media_uri` where it is null.

    A file that is gone or cannot be read leaves null behind: its item fails where an image is
    needed, as any other damaged item does, and the rest goes on.
    """
    media = items[MEDIA]
    if not media.null_count or MEDIA_URI not in items.column_names:
        return items
    content = media.to_pylist()
    for row in np.flatnonzero(media.is_null().to_numpy()).tolist():
        uri = items[MEDIA_URI][row].as_py()
        content[row] = None if uri is None else _read(Path(uri))
    place = items.schema.get_field_index(MEDIA)
    return items.set_column(place, MEDIA, pa.array(content, media.type))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
