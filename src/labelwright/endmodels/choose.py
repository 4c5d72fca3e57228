"""Which end model suits the items: what each field seems to be, and the model that follows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from labelwright.core.errors import DataError, NothingToDoError, shown
from labelwright.core.items import MEDIA, user_fields
from labelwright.core.ports import EndModel
from labelwright.endmodels.columns import holds_numbers, holds_text

FEW_CATEGORIES = 50
WORDS_OF_TEXT = 3.0
"""Values of more words than this on average are text."""
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Kana, Han."""


@dataclass(frozen=True, slots=True)
class FieldRole:
    """What a field seems to be.

    Attributes:
        field: its name.
        role: ``text``, ``column`` (number, time or category), or ``left out``.
        reason: why it is left out, or what it is, in words for a person.
    """

    field: str
    role: Literal["text", "column", "left out"]
    reason: str


def roles(sample: pa.Table, text_fields: Sequence[str] | None = None) -> tuple[FieldRole, ...]:
    """What each of the user's fields seems to be, judged by a sample of the items.

    Args:
        sample: a few hundred items, drawn from all over.
        text_fields: the fields that are text, if the user said so; no other then is.

    Raises:
        DataError: a text field that the items lack.
    """
    fields = user_fields(sample.schema)
    absent = [name for name in text_fields or () if name not in fields]
    if absent:
        raise DataError(f"there is no field {absent[0]!r}; the items have {shown(fields)}")
    judged = []
    for name in fields:
        if text_fields is not None and name in text_fields:
            judged.append(FieldRole(name, "text", "named as text"))
            continue
        role = _judged(name, sample.column(name))
        if role.role == "text" and text_fields:
            role = FieldRole(name, "left out", "free text that was not named as text")
        judged.append(role)
    return tuple(judged)


def choose(
    schema: pa.Schema, sample: pa.Table, text_fields: Sequence[str] | None = None
) -> EndModel:
    """The end model that suits these items.

    Images if they have media, text if a field holds free text (beside the other fields, where
    there are any), a table otherwise. `roles` says what became of each field.

    Args:
        schema: of all items.
        sample: a few hundred items, drawn from all over.
        text_fields: the fields that are text, if the user said so.

    Raises:
        NothingToDoError: there is no field that a model could read.
    """
    from labelwright.endmodels.best_tabular import Tabular
    from labelwright.endmodels.image import ImageLinear
    from labelwright.endmodels.text import TextLinear
    from labelwright.endmodels.text_and_columns import JointLinear

    if not text_fields and MEDIA in schema.names and _has_media(sample):
        return ImageLinear()
    judged = roles(sample, text_fields)
    texts = tuple(one.field for one in judged if one.role == "text")
    columns = tuple(one.field for one in judged if one.role == "column")
    if texts and columns:
        return JointLinear(texts, columns)
    if texts:
        spaced = not _unspaced(sample, texts)
        return TextLinear(texts) if spaced else TextLinear(texts, words=None, chars=(1, 3))
    if columns:
        return Tabular(columns)
    reasons = "; ".join(f"{one.field}: {one.reason}" for one in judged) or "there are no fields"
    raise NothingToDoError(f"no field can be learnt from ({reasons}). Name the text fields, if any")


def _has_media(sample: pa.Table) -> bool:
    """Whether the sample shows images; without a sample, the column alone says so."""
    if not sample.num_rows or MEDIA not in sample.column_names:
        return True
    return bool(sample.column(MEDIA).null_count < sample.num_rows)


def _judged(name: str, values: pa.ChunkedArray) -> FieldRole:
    present = values.drop_null()
    if not len(present):
        return FieldRole(name, "left out", "no values")
    if holds_text(values.type):
        return _judged_text(name, present.cast(pa.string()))
    if not holds_numbers(values.type):
        return FieldRole(name, "left out", f"values of type {values.type}")
    distinct = pc.count_distinct(present).as_py()
    if distinct == 1 and len(present) == len(values) > 1:
        return FieldRole(name, "left out", "the same value everywhere")
    if pt.is_integer(values.type) and _counts_up(present):
        return FieldRole(name, "left out", "counts the rows")
    return FieldRole(name, "column", "times" if pt.is_temporal(values.type) else "numbers")


def _judged_text(name: str, texts: pa.ChunkedArray) -> FieldRole:
    distinct = pc.count_distinct(texts).as_py()
    words = pc.mean(pc.list_value_length(pc.utf8_split_whitespace(texts))).as_py()
    length = pc.mean(pc.utf8_length(texts)).as_py()
    if distinct == 1 and len(texts) > 1:
        return FieldRole(name, "left out", "the same value everywhere")
    # A category comes again and again; half of its values or more being new, it is none.
    if distinct <= FEW_CATEGORIES and distinct <= max(2, len(texts) // 2):
        return FieldRole(name, "column", f"{distinct} categories")
    if words >= WORDS_OF_TEXT:
        return FieldRole(name, "text", f"{words:.0f} words on average")
    if length >= 8 and UNSPACED.search("".join(texts.slice(0, 20).to_pylist())):
        return FieldRole(name, "text", f"{length:.0f} letters on average")
    if distinct < 0.2 * len(texts):
        return FieldRole(name, "column", f"{distinct} categories, the most frequent ones are used")
    reason = f"{distinct} different short values in {len(texts)}: names or keys"
    return FieldRole(name, "left out", reason)


def _counts_up(values: pa.ChunkedArray) -> bool:
    """Whether the integers are the row numbers of a file: each one more than the one before."""
    read = values.cast(pa.int64(), safe=False).to_numpy()
    return len(read) > 5 and bool(np.all(np.diff(read) == 1))


def _unspaced(sample: pa.Table, fields: Sequence[str]) -> bool:
    """Whether most letters are of scripts without spaces between words."""
    texts = [text or "" for name in fields for text in sample.column(name).to_pylist()[:200]]
    letters = sum(character.isalpha() for text in texts for character in text)
    return sum(len(UNSPACED.findall(text)) for text in texts) > 0.3 * max(letters, 1)
