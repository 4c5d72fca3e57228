"""How an import is to be done: the settings and their checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from labelwright.core.errors import SettingsError, shown
from labelwright.core.items import SPLITS
from labelwright.formats.kinds import TYPES, Kind

EMPTY_MEANS = ("none", "unknown")
"""What an empty answer may mean."""
CONTENT = "_hash"
"""As the setting `id`: the content hash is the id."""
MEDIA_MODES = ("embed", "link")


@dataclass(frozen=True)
class ImportSettings:
    """How files become items.

    Attributes:
        id: the column with the user's key. None: the content hash, or the relative path of an
            image; ``"_hash"``: always the content hash.
        text: the column with the main text; it stays text, whatever it looks like.
        gold: the column with the true answer; ``"folder"`` for images in class folders. It
            becomes no field, lest a model sees the answer.
        split: a column that names the split, or shares such as ``"train=0.8,test=0.2"``, drawn
            by a hash of the id; items beyond the shares have no split.
        sample: keep this many rows, or this share of them; which ones is decided by a hash of
            the id, so the same file gives the same sample.
        fields: the columns to keep as fields; None keeps all but id, gold and split.
        types: a type for columns where guessing is not wanted: ``text int float bool date
            timestamp instant``. A value that does not fit sets its row aside.
        hints: likewise, for columns that a file need not have.
        encoding: of CSV and JSONL files; None finds it out.
        delimiter: of CSV files; None finds it out.
        empty: what an empty list or cell of gold says where any number of classes may belong:
            ``none`` of them, or ``unknown``; None asks, should there be any.
        media: ``"embed"`` stores the bytes of images, ``"link"`` only where they are.
        max_pixels: larger images are set aside unopened.

    Raises:
        SettingsError: shares, a sample, a type, a mode or `empty` that mean nothing.
    """

    id: str | None = None
    text: str | None = None
    gold: str | None = None
    split: str | None = None
    sample: int | float | None = None
    fields: tuple[str, ...] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    media: str = "embed"
    max_pixels: int = 178_956_970
    empty: str | None = None

    def __post_init__(self) -> None:
        _check_sample(self.sample)
        check_empty(self.empty)
        for name, kind in [*self.types.items(), *self.hints.items()]:
            if kind not in TYPES:
                raise SettingsError(
                    f"column {shown(name)}: unknown type {shown(kind)}; known: {', '.join(TYPES)}"
                )
        if self.media not in MEDIA_MODES:
            raise SettingsError(f"media must be 'embed' or 'link', got {shown(self.media)}")
        if self.delimiter is not None and (
            len(self.delimiter.encode()) != 1 or self.delimiter in '"\r\n'
        ):
            raise SettingsError(f"a delimiter is one ASCII sign, got {shown(self.delimiter)}")
        if self.split is not None and "=" in self.split:
            split_shares(self.split)

    @property
    def split_column(self) -> str | None:
        """The column that names the split, if one does."""
        return None if self.split is None or "=" in self.split else self.split

    @property
    def named(self) -> dict[str, str]:
        """The columns that the settings name -> the setting that names them."""
        chosen = {
            name: setting
            for setting, name in (
                ("id", None if self.id == CONTENT else self.id),
                ("text", self.text),
                ("gold", self.gold),
                ("split", self.split_column),
            )
            if name is not None
        }
        return (
            dict.fromkeys(self.fields or (), "fields") | dict.fromkeys(self.types, "types") | chosen
        )

    def kinds(self) -> dict[str, Kind]:
        """The kinds that are decided by the settings: keys, answers and texts are text."""
        keys = (self.id, self.text, self.gold, self.split_column)
        chosen = {name: Kind(kind) for name, kind in {**self.hints, **self.types}.items()}
        return chosen | {name: Kind.TEXT for name in keys if name is not None}


def check_empty(meaning: str | None) -> None:
    """Returns if it is something that an empty answer may mean.

    Raises:
        SettingsError: it is not.
    """
    if meaning is not None and meaning not in EMPTY_MEANS:
        raise SettingsError(f"empty must be 'none' or 'unknown', got {shown(meaning)}")


def split_shares(text: str) -> dict[str, float]:
    """The shares in ``"train=0.8,test=0.2"``.

    Raises:
        SettingsError: an unknown split, a share outside 0..1, more than everything.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        name = name.strip()
        try:
            share = float(number)
        except ValueError:
            share = math.nan
        if name not in SPLITS[1:] or name in shares or not 0 <= share <= 1:
            raise SettingsError(
                f"split: {shown(part)} is no share; expected a list such as train=0.8,test=0.2 "
                "of train, valid and test, or the name of a column"
            )
        shares[name] = share
    if sum(shares.values()) > 1 + 1e-9:
        raise SettingsError(f"split: the shares in {shown(text)} add up to more than 1")
    return shares


def _check_sample(sample: float | None) -> None:
    if sample is None:
        return
    whole = isinstance(sample, int) and not isinstance(sample, bool)
    if whole and sample > 0:
        return
    if isinstance(sample, float) and 0 < sample <= 1:
        return
    raise SettingsError(
        f"sample must be a number of rows (1 or more) or a share such as 0.1, got {shown(sample)}"
    )
