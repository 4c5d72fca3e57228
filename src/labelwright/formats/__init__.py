"""Layer 3: foreign files <-> items and votes. One file a format.

`read` turns files into chunks with one schema, `items` chunks into items, `read_votes` files
into votes, `write` rows into a file. Nothing here knows a store or a task.
"""

from __future__ import annotations

from labelwright.formats.chunk import Chunk, ItemBatch, Note, RejectedRow, VoteRows
from labelwright.formats.croissant import DatasetAbout, croissant, hugging_face
from labelwright.formats.crowd import read_votes
from labelwright.formats.document_html import html
from labelwright.formats.document_markdown import markdown
from labelwright.formats.images import FIELDS as IMAGE_FIELDS
from labelwright.formats.images import size_of_image
from labelwright.formats.itemizing import has_content, items
from labelwright.formats.kinds import TYPES, kind_of_type
from labelwright.formats.reading import FORMATS, SUFFIXES, read
from labelwright.formats.settings import EMPTY_MEANS, ImportSettings, check_empty
from labelwright.formats.thumbnails import Thumbnail, picture, thumbnail
from labelwright.formats.writing import write, write_text

__all__ = [
    "EMPTY_MEANS",
    "FORMATS",
    "IMAGE_FIELDS",
    "SUFFIXES",
    "TYPES",
    "Chunk",
    "DatasetAbout",
    "ImportSettings",
    "ItemBatch",
    "Note",
    "RejectedRow",
    "Thumbnail",
    "VoteRows",
    "check_empty",
    "croissant",
    "has_content",
    "html",
    "hugging_face",
    "items",
    "kind_of_type",
    "markdown",
    "picture",
    "read",
    "read_votes",
    "size_of_image",
    "thumbnail",
    "write",
    "write_text",
]
