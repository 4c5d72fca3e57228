"""Where the records of a CSV file begin and end, and which of them are broken.

The quick way looks at all quotes, delimiters and line ends of a block at once; it is right
wherever the quotes are well-formed. Where they are not, a careful reader takes one record at a
time until the quotes are in order again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError
from labelwright.formats.chunk import RejectedRow
from labelwright.formats.text import MAX_RECORD_BYTES

_QUOTE, _CR, _LF = b'"', 13, 10
_CAREFUL_RECORDS = 64
_UNCLOSED = "a quote is opened and never closed"
# Possessive: a doubled quote at the end of the data must not be taken apart to find a closing one.
_QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)?")
_ENDS = re.compile(rb"\r\n|\r|\n")

Indices = NDArray[np.int64]


@dataclass(slots=True)
class Records:
    """Whole records, one after the other, and what was set aside between them."""

    data: list[bytes] = field(default_factory=list)
    line: list[Indices] = field(default_factory=list)
    rejects: list[RejectedRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many records are sound."""
        return sum(map(len, self.line))


def records(
    blocks: Iterable[bytes], file: str, columns: int, delimiter: bytes, line: int
) -> Iterator[Records]:
    """The records of a file that begins with `line`, with exactly `columns` columns each."""
    reader = _Reader(file, columns, delimiter, line)
    rest = b""
    gathered: list[bytes] = []
    size = 0
    for block in blocks:
        gathered.append(block)
        size += len(block)
        # A record longer than a block: gather twice as much before looking at it again.
        if size <= len(rest):
            continue
        found, rest = reader.split(b"".join((rest, *gathered)), final=False)
        gathered, size = [], 0
        yield found
    found, _ = reader.split(b"".join((rest, *gathered)), final=True)
    yield found


def first_record(data: bytes, delimiter: bytes) -> tuple[list[bytes], int] | None:
    """The fields of the first record that is not blank, and its end; None without one."""
    start = 0
    while start < len(data):
        fields, end, problem = _record(data, start, delimiter, final=True)
        if problem or fields != [b""]:
            line = data[start:end].rstrip(b"\r\n")
            return line.split(delimiter) if problem else fields, end
        start = end
    return None


@dataclass(slots=True)
class _Reader:
    file: str
    columns: int
    delimiter: bytes
    line: int

    def split(self, data: bytes, *, final: bool) -> tuple[Records, bytes]:
        """The whole records in the data, and what remains of it."""
        found = Records()
        careful = _CAREFUL_RECORDS
        while data:
            end, trouble = self._quick(data, found, final=final)
            data = data[end:]
            if not trouble:
                break
            start = 0
            # Many troubles in one block must not make the quick look start over each time.
            for _ in range(careful):
                end = self._careful(data, start, found, final=final)
                if end == start:
                    return found, data[start:]
                start = end
            data = data[start:]
            careful *= 4
        return found, data

    def _quick(self, data: bytes, found: Records, *, final: bool) -> tuple[int, bool]:
        """How far it came, and whether a record with misplaced quotes stopped it there."""
        signs = np.frombuffer(data, np.uint8)
        lines = _line_ends(data, signs, final=final)
        delimiters = np.flatnonzero(signs == self.delimiter[0])
        ends, stop = lines, len(data) + 1
        if _QUOTE in data:
            quotes = np.flatnonzero(signs == _QUOTE[0])
            stop = _first_misplaced(signs, quotes, self.delimiter[0], final=final)
            ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
            delimiters = delimiters[np.searchsorted(quotes, delimiters) % 2 == 0]
        ends = ends[: np.searchsorted(ends, stop)]
        starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
        after = int(min(ends[-1] + 1, len(data))) if len(ends) else 0
        first_lines = self.line + np.searchsorted(lines, starts)
        counts = np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1
        self._sort_out(data, found, starts, ends, counts, first_lines)
        self.line += int(np.searchsorted(lines, after))
        return after, stop < len(data) or (not final and len(data) - after > MAX_RECORD_BYTES)

    def _sort_out(
        self,
        data: bytes,
        found: Records,
        starts: Indices,
        ends: Indices,
        counts: Indices,
        first_lines: Indices,
    ) -> None:
        """Sound records go to `found`, ragged ones aside; blank lines are nothing."""
        if not len(ends):
            return
        blank = ends == starts
        carriage = np.flatnonzero(ends - starts == 1)
        blank[carriage] = [data[i] == _CR for i in starts[carriage]]
        ragged = (counts != self.columns) & ~blank
        # Parts between ragged records are copied whole.
        begin = 0
        for i in np.flatnonzero(ragged):
            found.data.append(data[begin : starts[i]])
            begin = int(ends[i]) + 1
            raw = data[starts[i] : ends[i]]
            self._set_aside(found, int(first_lines[i]), self._ragged(int(counts[i])), raw)
        found.data.append(data[begin : ends[-1] + 1])
        found.line.append(first_lines[~ragged & ~blank])

    def _careful(self, data: bytes, start: int, found: Records, *, final: bool) -> int:
        """Where the record ends that starts here; `start` if that cannot be known yet."""
        fields, end, problem = _record(data, start, self.delimiter, final=final)
        if end == start:
            if len(data) - start <= MAX_RECORD_BYTES:
                return start
            end, problem = self._cut(data, start), _UNCLOSED
        raw = data[start:end]
        blank = fields == [b""] and raw[:1] != _QUOTE
        if problem:
            self._set_aside(found, self.line, problem, raw)
        elif not blank and len(fields) != self.columns:
            self._set_aside(found, self.line, self._ragged(len(fields)), raw)
        elif not blank:
            found.data.append(raw if raw[-1] in (_CR, _LF) else raw + b"\n")
            found.line.append(np.array([self.line]))
        self.line += len(_ENDS.findall(raw))
        return end

    def _cut(self, data: bytes, start: int) -> int:
        line = _LINE.match(data, start)
        if line is None or line.end() == len(data):
            raise DataError(
                f"{self.file}: line {self.line} is longer than {MAX_RECORD_BYTES >> 20} MiB; "
                "expected a CSV file, is it another format?"
            )
        return line.end()

    def _ragged(self, count: int) -> str:
        much = "too many" if count > self.columns else "too few"
        return f"{much} columns: {count} instead of {self.columns}"

    def _set_aside(self, found: Records, line: int, reason: str, raw: bytes) -> None:
        found.rejects.append(RejectedRow.of(self.file, line, reason, raw))


def _line_ends(data: bytes, signs: NDArray[np.uint8], *, final: bool) -> Indices:
    """Where lines end: at a line feed, or at a carriage return that none follows."""
    ends = np.flatnonzero(signs == _LF)
    if b"\r" in data:
        returns = np.flatnonzero(signs == _CR)
        following = np.append(signs, 0 if final else _LF)[returns + 1]
        ends = np.union1d(ends, returns[following != _LF])
    if final and data and data[-1] not in (_CR, _LF):
        ends = np.append(ends, len(data))
    return ends


def _first_misplaced(
    signs: NDArray[np.uint8], quotes: Indices, delimiter: int, *, final: bool
) -> int:
    """Where the first quote stands that neither opens, closes nor is doubled."""
    border = np.zeros(256, np.bool_)
    border[[delimiter, _CR, _LF]] = True
    around = np.concatenate(([_LF], signs, [_LF]))
    doubled = np.diff(quotes) == 1
    opening, closing = quotes[0::2], quotes[1::2]
    opens = border[around[opening]]
    opens[1:] |= doubled[1::2][: len(opens) - 1]
    closes = border[around[closing + 2]]
    inner = doubled[1::2]
    closes[: len(inner)] |= inner
    wrong = np.concatenate((opening[~opens], closing[~closes]))
    # The last line may end at len(signs), so that "nowhere" lies behind it.
    stop = int(wrong.min(initial=len(signs) + 1))
    # In the last block a quote that stays open is misplaced; before, its end may yet come.
    return min(stop, int(quotes[-1])) if final and len(quotes) % 2 else stop


def _record(
    data: bytes, start: int, delimiter: bytes, *, final: bool
) -> tuple[list[bytes], int, str]:
    """Fields, end and problem of the record that starts here; end = start: more data needed.

    A record with a problem ends with its first line, so that the lines after it survive.
    """
    plain = re.compile(rb"[^\r\n" + re.escape(delimiter) + rb"]*")
    fields: list[bytes] = []
    at = start
    while True:
        quoted = data[at : at + 1] == _QUOTE
        match = (_QUOTED if quoted else plain).match(data, at)
        if match is None:
            return _broken(data, start, _UNCLOSED) if final else ([], start, "")
        value = match.group()
        fields.append(value[1:-1].replace(b'""', b'"') if quoted else value)
        at = match.end()
        sign = data[at : at + 1]
        if sign == delimiter:
            at += 1
            continue
        end = _ENDS.match(data, at)
        if end is None and sign:
            found = _broken(data, start, "there is text after a closing quote")
            return found if final or found[1] < len(data) else ([], start, "")
        if not final and (end is None or (end.end() == len(data) and end.group() == b"\r")):
            return [], start, ""
        return fields, end.end() if end else at, ""


def _broken(data: bytes, start: int, problem: str) -> tuple[list[bytes], int, str]:
    line = _LINE.match(data, start)
    return [], line.end() if line else len(data), problem
