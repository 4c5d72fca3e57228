"""The distinct answers of some votes: by number, as text or as pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from labelwright.core.pieces import PIECE_SCHEMA, pieces_of


class AnswerBook(Protocol):
    """Distinct answers, each under its number: a sequence of texts, and more.

    Texts and pieces are read when they are asked for: a book of a million boxes costs as much as
    their names, until somebody looks into it.
    """

    def __len__(self) -> int:
        """How many answers there are."""
        ...

    def __iter__(self) -> Iterator[str]:
        """The canonical text of every answer, in the order of their numbers."""
        ...

    def __getitem__(self, number: int) -> str:
        """The canonical text of one answer; of many at once: `texts`."""
        ...

    def names(self) -> Sequence[str]:
        """What names each answer by its content, in every project: its text, or a digest of it."""
        ...

    def texts(self, numbers: ArrayLike) -> pa.StringArray:
        """The canonical texts of the answers with these numbers, in this order."""
        ...

    def pieces(self, numbers: ArrayLike) -> pa.Table:
        """The pieces of the answers with these numbers, in this order: rows of `PIECE_SCHEMA`.

        Their column ``answer`` holds the number in this book.
        """
        ...


@dataclass(frozen=True, slots=True)
class TextBook:
    """A book that holds the texts themselves; implements `AnswerBook`.

    Attributes:
        answers: the canonical texts.

    Example:
        >>> TextBook(("ham", "spam")).texts([1, 0]).to_pylist()
        ['spam', 'ham']
    """

    answers: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.answers)

    def __iter__(self) -> Iterator[str]:
        return iter(self.answers)

    def __getitem__(self, number: int) -> str:
        return self.answers[number]

    def names(self) -> Sequence[str]:
        """The texts."""
        return self.answers

    def texts(self, numbers: ArrayLike) -> pa.StringArray:
        """The texts with these numbers."""
        return pa.array([self.answers[number] for number in np.asarray(numbers)], pa.string())

    def pieces(self, numbers: ArrayLike) -> pa.Table:
        """The pieces that the texts with these numbers tell of.

        Raises:
            AnswerError: an answer is no list of pieces.
        """
        return numbered(pieces_of(self.texts(numbers)), numbers)


def book_of(answers: AnswerBook | Sequence[str]) -> AnswerBook:
    """The book of these texts; a book as it is."""
    return TextBook(tuple(answers)) if isinstance(answers, Sequence) else answers


def numbered(pieces: pa.Table, numbers: ArrayLike) -> pa.Table:
    """The pieces of answers, with the number of each answer in the place of its position."""
    number = np.asarray(numbers, np.int32)[pieces["answer"].to_numpy()]
    return pieces.set_column(0, PIECE_SCHEMA.field("answer"), pa.array(number))
