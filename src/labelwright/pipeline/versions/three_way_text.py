"""Two edits of one text made into one, as git does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Merged:
    """Two edits in one.

    Attributes:
        text: with both sides between marks where they contradict each other.
        conflicts: how many such places there are.
    """

    text: str
    conflicts: int


def merge_texts(base: str, ours: str, theirs: str, names: tuple[str, str]) -> Merged:
    """Both edits of `base` in one text.

    Args:
        base: what both began with.
        ours: one edit.
        theirs: the other.
        names: what to call the two sides where both changed the same lines.
    """
    lines = base.splitlines(keepends=True)
    a, b = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    in_a, in_b = _places(lines, a), _places(lines, b)
    made: list[str] = []
    conflicts = at = from_a = from_b = 0
    # Lines that all three have stand; what lies between is whose it is.
    anchors = [line for line in range(len(lines)) if line in in_a and line in in_b]
    for line in [*anchors, len(lines)]:
        to_a, to_b = in_a.get(line, len(a)), in_b.get(line, len(b))
        if line == len(lines):
            to_a, to_b = len(a), len(b)
        old, one, two = lines[at:line], a[from_a:to_a], b[from_b:to_b]
        if one in (old, two):
            made += two
        elif two == old:
            made += one
        else:
            conflicts += 1
            made += _both(one, two, names)
        if line < len(lines):
            made.append(lines[line])
        at, from_a, from_b = line + 1, to_a + 1, to_b + 1
    return Merged("".join(made), conflicts)


def _places(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Where each line of the base stands in the other text, if it does."""
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {block.a + k: block.b + k for block in blocks for k in range(block.size)}


def _both(ours: list[str], theirs: list[str], names: tuple[str, str]) -> list[str]:
    def ended(lines: list[str]) -> list[str]:
        return [line if line.endswith("\n") else f"{line}\n" for line in lines]

    marks = f"<<<<<<< {names[0]}\n", "=======\n", f">>>>>>> {names[1]}\n"
    return [marks[0], *ended(ours), marks[1], *ended(theirs), marks[2]]
