"""The text of a file as UTF-8, a block at a time, whatever its encoding and compression."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from labelwright.core.errors import DataError, SettingsError, StorageError, shown

BLOCK_BYTES = 1 << 22
HEAD_BYTES = 1 << 16
MAX_RECORD_BYTES = 1 << 28
"""A row may take this much; beyond, the file is taken for something else."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Text:
    """A text file and how it is encoded."""

    path: Path
    encoding: str

    def blocks(self, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
        """Its content in UTF-8 without a byte order mark. Characters are never cut.

        Raises:
            DataError: bytes that are none of the encoding, with their offset.
        """
        decoder = codecs.getincrementaldecoder(self.encoding)()
        offset = 0
        with opened(self.path) as file:
            while block := file.read(block_bytes):
                yield self._decoded(decoder, block, offset, final=False)
                offset += len(block)
            yield self._decoded(decoder, b"", offset, final=True)

    def head(self) -> bytes:
        """How it begins, about 64 KiB."""
        return next(iter(self.blocks(HEAD_BYTES)), b"")

    def _decoded(
        self, decoder: codecs.IncrementalDecoder, block: bytes, offset: int, *, final: bool
    ) -> bytes:
        pending = len(decoder.getstate()[0])
        try:
            return decoder.decode(block, final).encode()
        except UnicodeDecodeError as error:
            place = offset - pending + error.start
            raise DataError(
                f"{self.path}: the byte {_shown_byte(error)} at offset {place} is not "
                f"{self.encoding}; name the file's own with the option "
                "encoding, for example cp1252"
            ) from error
        except UnicodeError as error:  # a lone surrogate, or UTF-16 without its mark
            raise DataError(f"{self.path}: is not {self.encoding} text ({error})") from error


def text_of(path: Path, encoding: str | None = None) -> Text:
    """The file with its encoding: the one given, that of its byte order mark, UTF-8, or cp1252.

    Without a mark the whole file is looked at. Bytes that are not UTF-8 in a file that is
    mostly UTF-8 are damage, not another encoding, and raise.

    Raises:
        DataError: the text is damaged.
        SettingsError: there is no such encoding.
        StorageError: it cannot be read.
    """
    if encoding is not None:
        return Text(path, _known(encoding))
    with opened(path) as file:
        head = file.read(HEAD_BYTES)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return Text(path, name)
        if wide := _utf16_without_mark(head):
            return Text(path, wide)
    plain = Text(path, "utf-8")
    before = b""
    with opened(path) as file:
        decoder = codecs.getincrementaldecoder("utf-8")()
        while block := file.read(BLOCK_BYTES):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                around = before + block + file.read(BLOCK_BYTES)
                return _damaged_or_cp1252(plain, around)
            before = block[-HEAD_BYTES:] if _HIGH.search(block) or not before else before
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _damaged_or_cp1252(plain, before)
    return plain


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, unpacked if it is gzip.

    Raises:
        DataError: the compression is damaged.
        StorageError: it cannot be read.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=raw) as file:
                    yield io.BufferedReader(file, BLOCK_BYTES)
            else:
                yield raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: the gzip data is damaged ({error}); copy it anew") from error
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror or error})") from error


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise SettingsError(
            f"unknown encoding {shown(encoding)}; try utf-8, utf-16, latin-1 or cp1252"
        ) from error
    return "utf-8-sig" if name == "utf-8" else name


def _utf16_without_mark(head: bytes) -> str:
    even, odd = head[0::2], head[1::2]
    for name, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(head) >= 4 and zeros.count(0) > 0.4 * len(zeros) and letters.count(0) == 0:
            return name
    return ""


def _damaged_or_cp1252(plain: Text, around: bytes) -> Text:
    sequences = sum(len(match) for match in _SEQUENCE.findall(around))
    strays = len(_HIGH.findall(around)) - sequences
    if sequences > strays:
        for _ in plain.blocks():
            pass  # raises where the damage is
    return Text(plain.path, "cp1252")


def _shown_byte(error: UnicodeDecodeError) -> str:
    return f"0x{error.object[error.start]:02x}"
