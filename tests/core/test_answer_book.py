"""Books of answers: by number, as text or as pieces."""

import numpy as np
import pytest

from labelwright.core.answer_book import TextBook
from labelwright.core.errors import AnswerError
from labelwright.core.votes import Votes

BOOK = TextBook(('[{"label":"car"}]', "[]", '[{"label":"dog"},{"label":"car"}]'))


def test_a_book_of_texts_is_a_sequence_of_them():
    assert len(BOOK) == 3
    assert [*BOOK] == [*BOOK.names()] == [BOOK[n] for n in range(3)]


def test_texts_come_in_the_order_that_is_asked_for():
    assert BOOK.texts(np.array([2, 1, 2])).to_pylist() == [BOOK[2], "[]", BOOK[2]]


def test_pieces_say_of_which_answer_they_are():
    rows = BOOK.pieces([2, 1, 0]).select(["answer", "label"]).to_pylist()
    assert [(row["answer"], row["label"]) for row in rows] == [(2, "dog"), (2, "car"), (0, "car")]


def test_a_class_name_has_no_pieces():
    with pytest.raises(AnswerError):
        TextBook(("spam",)).pieces([0])


def test_votes_take_plain_texts_for_a_book():
    nobody = np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32)
    votes = Votes(*nobody, ("ham", "spam"), (), 0, np.zeros(0, bool))
    assert votes.answers == TextBook(("ham", "spam"))
