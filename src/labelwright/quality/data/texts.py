"""Texts that are empty, extreme in length, or were read in the wrong encoding."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelwright.quality.data.findings import Finding, Remedy, Severity, share

SHORT = 3
"""Fewer letters than this say nothing."""
LONG = 10
"""A text so many times longer than the 99th percentile is no text like the others."""
GARBLED = "\ufffd|Ã[\u0080-\u00bf©¨¤¶¼±³]|â€[\u0080-\u00bf™œ“”˜]|Â[\u00a0-\u00bf]"
"""UTF-8 that was read as Latin-1 or Windows-1252, or the mark that decoders leave behind."""


def text_findings(name: str, texts: pa.Array) -> list[Finding]:
    """What is wrong with the texts of a column.

    Args:
        name: of the column.
        texts: the values, shape (items,).
    """
    if len(texts) == texts.null_count:
        return []
    rows = len(texts)
    stripped = pc.fill_null(pc.utf8_trim_whitespace(texts), "")
    letters = pc.utf8_length(stripped).to_numpy(zero_copy_only=False)
    found = []
    empty = np.flatnonzero(letters == 0)
    if len(empty):
        message = f"{name} is empty in {share(len(empty), rows)} items"
        found.append(
            Finding(
                "empty_text", Severity.WARNING, message, empty, name, Remedy.SET_ASIDE, spare=empty
            )
        )
    short = np.flatnonzero((letters > 0) & (letters < SHORT))
    if len(short):
        example = stripped[int(short[0])].as_py()
        message = f"{name} has fewer than {SHORT} characters in {share(len(short), rows)} items"
        found.append(_to_ask("short_text", f"{message}, such as {example!r}", short, name))
    usual = max(float(np.quantile(letters, 0.99)), 100.0)
    long = np.flatnonzero(letters > LONG * usual)
    if len(long):
        long = long[np.argsort(-letters[long], kind="stable")]
        message = (
            f"{name} is extremely long in {share(len(long), rows)} items: up to "
            f"{letters[long[0]]:,} characters, where 99 % have at most {usual:,.0f}"
        )
        found.append(_to_ask("long_text", message, long, name))
    return found + _garbled(name, texts)


def _garbled(name: str, texts: pa.Array) -> list[Finding]:
    hit = pc.fill_null(pc.match_substring_regex(texts, GARBLED), False)
    garbled = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
    if not len(garbled):
        return []
    message = (
        f"{name} looks garbled in {share(len(garbled), len(texts))} items, as text read in "
        "another encoding than it was written in; import the file again as UTF-8"
    )
    return [_to_ask("garbled_text", message, garbled, name)]


def _to_ask(check: str, message: str, items: np.ndarray, name: str) -> Finding:
    return Finding(check, Severity.WARNING, message, items, name, Remedy.LOOK)
