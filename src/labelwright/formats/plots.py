"""Numbers -> SVG that needs no script: the pictures of a document. Every label is escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labelwright.formats.document import escaped

WIDTH = 720
ROW = 24
LETTERS = 24
"""Longer names are cut; the whole name is the tooltip."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A value with its interval, 0..1; NaN where unknown.

    Attributes:
        name: of the row or the point.
        value: where the dot is.
        low: the lower end of the interval.
        high: the upper end.
        note: what stands at the end of the row.
    """

    name: str
    value: float
    low: float
    high: float
    note: str = ""


def bars(names: Sequence[str], counts: Sequence[float], notes: Sequence[str]) -> str:
    """One horizontal bar a row, the longest over the whole width.

    Args:
        names: of the rows.
        counts: their lengths, >= 0.
        notes: what stands at the end of each.
    """
    left, right = 180, 130
    most = max([*counts, 1e-12])
    parts = []
    for row, (name, count, note) in enumerate(zip(names, counts, notes, strict=True)):
        top = row * ROW + 4
        width = (WIDTH - left - right) * count / most
        parts.append(_name(name, left - 8, top + 12))
        parts.append(
            f'<rect class="bar" x="{left}" y="{top}" width="{width:.1f}" height="15" rx="2"/>'
        )
        parts.append(
            f'<text class="soft" x="{left + width + 8:.1f}" y="{top + 12}">{escaped(note)}</text>'
        )
    return _svg(len(names) * ROW + 6, parts, "bar chart")


def intervals(dots: Sequence[Dot]) -> str:
    """One dot with its interval a row, on an axis from 0 % to 100 %."""
    left, right = 180, 130
    width = WIDTH - left - right
    bottom = len(dots) * ROW + 4
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = left + width * share
        parts.append(f'<line class="axis" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(_label(f"{share:.0%}", x, bottom + 16, "middle"))
    for row, dot in enumerate(dots):
        middle = row * ROW + 12
        parts.append(_name(dot.name, left - 8, middle + 4))
        parts.append(_label(dot.note, left + width + 12, middle + 4, "start"))
        if math.isnan(dot.value):
            continue
        low, high, at = (left + width * value for value in (dot.low, dot.high, dot.value))
        parts.append(
            f'<rect class="pale" x="{low:.1f}" y="{middle - 4}" width="{max(high - low, 1):.1f}" '
            'height="8" rx="4"/>'
        )
        parts.append(f'<circle class="dot" cx="{at:.1f}" cy="{middle}" r="5"/>')
    return _svg(bottom + 22, parts, "values with intervals")


def reliability_curve(
    confidence: Sequence[float],
    accuracy: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    count: Sequence[int],
) -> str:
    """How often each degree of confidence was right, beside the line where both are equal.

    Args:
        confidence: mean of each bin, rising, 0..1.
        accuracy: the share of the bin that is right.
        low: the lower ends of its intervals.
        high: the upper ends.
        count: how many items each bin holds.
    """
    frame = _Frame(left=60, top=8, width=400, height=300, low=_floor(confidence, low), high=1)
    parts = frame.axes("confidence", "share that is right")
    parts.append(frame.line(((frame.low, frame.low), (1, 1)), "even"))
    points = list(zip(confidence, accuracy, strict=True))
    for (sure, right), bottom, top, items in zip(points, low, high, count, strict=True):
        x, y = frame.at(sure, right)
        y1, y2 = frame.at(sure, bottom)[1], frame.at(sure, top)[1]
        parts.append(f'<line class="line" x1="{x:.1f}" y1="{y1:.1f}" x2="{x:.1f}" y2="{y2:.1f}"/>')
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5">'
            f"<title>{items:,} items: {right:.1%} right at {sure:.1%} confidence</title></circle>"
        )
    notes = ("dots: items by confidence,", "with 95 % intervals;", "dashed: what is meant")
    parts += [_label(note, 490, 30 + 18 * row, "start") for row, note in enumerate(notes)]
    return _svg(frame.bottom + 44, parts, "calibration curve")


def heat_map(rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Counts as a table of tints, each row by its own share; rows are the truth."""
    left, top = 150, 46
    side = min(64, (WIDTH - left - 20) / max(len(columns), 1))
    height = min(side, 40)
    letters = max(int(side / 7), 2)
    parts = [_label("true", left - 8, top - 10, "end"), _label("given", left, 14, "start")]
    for place, name in enumerate(columns):
        parts.append(_name(name, left + side * (place + 0.5), top - 10, "middle", letters))
    for line, (name, row) in enumerate(zip(rows, counts, strict=True)):
        y = top + line * height
        parts.append(_name(name, left - 8, y + height / 2 + 4))
        total = max(sum(row), 1)
        for place, count in enumerate(row):
            x = left + side * place
            share = count / total
            ink = ' style="fill:#fff"' if share > 0.55 else ""
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{side - 2:.1f}" height="{height - 2:.1f}" '
                f'class="bar" style="opacity:{0.06 + 0.84 * share:.3f}"/>'
            )
            text = f"{count:,}" if count else "·"
            if side >= 24:
                parts.append(
                    f'<text x="{x + side / 2 - 1:.1f}" y="{y + height / 2 + 3:.1f}" '
                    f'text-anchor="middle"{ink}>{text}</text>'
                )
    return _svg(top + len(rows) * height + 8, parts, "confusion")


def lines(series: Sequence[tuple[str, Sequence[Dot]]]) -> str:
    """Values with their intervals over steps, at most two lines; a dot's name is its step."""
    known = [dot for _, dots in series for dot in dots if not math.isnan(dot.value)]
    floor = _floor([dot.low for dot in known])
    steps = max((len(dots) for _, dots in series), default=0)
    frame = _Frame(left=60, top=8, width=520, height=220, low=floor, high=1)
    parts = frame.grid()
    for place in range(steps):
        x = frame.left + frame.width * (place + 0.5) / steps
        parts.append(_label(str(place + 1), x, frame.bottom + 18, "middle"))
    parts.append(_label("round", frame.left + frame.width / 2, frame.bottom + 36, "middle"))
    for order, (name, dots) in enumerate(series):
        stroke, fill = (("line", "dot"), ("second", "dot2"))[order]
        found = []
        for place, dot in enumerate(dots):
            if math.isnan(dot.value):
                continue
            x = frame.left + frame.width * (place + 0.5 + 0.04 * order) / steps
            y, low, high = (frame.height_of(one) for one in (dot.value, dot.low, dot.high))
            found.append((x, y))
            parts.append(
                f'<line class="{stroke}" x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" '
                'style="opacity:.45"/>'
            )
            parts.append(
                f'<circle class="{fill}" cx="{x:.1f}" cy="{y:.1f}" r="4.5">'
                f"<title>{escaped(dot.name)}: {dot.value:.1%}</title></circle>"
            )
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in found)
        parts.append(f'<polyline class="{stroke}" points="{path}"/>')
        parts.append(f'<circle class="{fill}" cx="600" cy="{26 + 20 * order}" r="4.5"/>')
        parts.append(_label(name, 612, 30 + 20 * order, "start"))
    return _svg(frame.bottom + 44, parts, "lines over rounds")


@dataclass(frozen=True, slots=True)
class _Frame:
    """A square of the picture with the same scale on both axes."""

    left: float
    top: float
    width: float
    height: float
    low: float
    high: float

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def at(self, x: float, y: float) -> tuple[float, float]:
        share = (x - self.low) / (self.high - self.low)
        return self.left + self.width * share, self.height_of(y)

    def height_of(self, value: float) -> float:
        share = (max(value, self.low) - self.low) / (self.high - self.low)
        return self.bottom - self.height * share

    def line(self, points: Sequence[tuple[float, float]], kind: str) -> str:
        (x1, y1), (x2, y2) = (self.at(*point) for point in points)
        return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'

    def grid(self) -> list[str]:
        """Horizontal lines with their shares."""
        parts = []
        for step in range(5):
            value = self.low + (self.high - self.low) * step / 4
            y = self.height_of(value)
            parts.append(
                f'<line class="axis" x1="{self.left}" y1="{y:.1f}" x2="{self.left + self.width}" '
                f'y2="{y:.1f}"/>'
            )
            parts.append(_label(f"{value:.0%}", self.left - 8, y + 4, "end"))
        return parts

    def axes(self, across: str, up: str) -> list[str]:
        parts = self.grid()
        for step in range(5):
            value = self.low + (self.high - self.low) * step / 4
            x = self.at(value, self.low)[0]
            parts.append(_label(f"{value:.0%}", x, self.bottom + 18, "middle"))
        parts.append(_label(across, self.left + self.width / 2, self.bottom + 36, "middle"))
        middle = self.top + self.height / 2
        parts.append(
            f'<text class="soft" x="14" y="{middle}" text-anchor="middle" '
            f'transform="rotate(-90 14 {middle})">{escaped(up)}</text>'
        )
        return parts


def _floor(*values: Sequence[float]) -> float:
    """Where an axis may start so that all values are on it: 0, 10 %, 20 % and so on."""
    least = min([value for some in values for value in some if not math.isnan(value)], default=0.0)
    return max(0.0, math.floor(min(least, 0.9) * 10 - 1e-9) / 10)


def _name(text: str, x: float, y: float, anchor: str = "end", letters: int = LETTERS) -> str:
    cut = text if len(text) <= letters else f"{text[: letters - 1]}…"
    tip = f"<title>{escaped(text)}</title>" if cut != text else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escaped(cut)}{tip}</text>'


def _label(text: str, x: float, y: float, anchor: str) -> str:
    return (
        f'<text class="soft" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escaped(text)}</text>'
    )


def _svg(height: float, parts: Sequence[str], what: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{what}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
