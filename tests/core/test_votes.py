import numpy as np
import pytest

from labelwright.core.errors import VotesError
from labelwright.core.source import Source
from labelwright.core.votes import Vote, Votes, VoteState


def test_the_state_of_a_vote_says_what_it_is():
    assert Vote("i", "s", "spam").state is VoteState.VOTED
    assert Vote("i", "s", None).state is VoteState.ABSTAINED
    assert Vote("i", "s", "spam", withdrawn=True).state is VoteState.WITHDRAWN


def columns(votes, complete=1):
    return {
        "item": np.zeros(votes, np.int64),
        "source": np.zeros(votes, np.int32),
        "answers": ("a",),
        "sources": (Source("s"),),
        "items": 1,
        "complete": np.zeros(complete, bool),
    }


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(VotesError, match="same length"):
        Votes(answer=np.zeros(2, np.int32), **columns(3))


def test_every_source_says_whether_it_saw_all():
    with pytest.raises(VotesError, match="one entry per source"):
        Votes(answer=np.zeros(3, np.int32), **columns(3, complete=2))
