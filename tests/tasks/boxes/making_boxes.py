"""Votes of people who draw boxes, as small tests write them."""

import numpy as np
import pyarrow as pa

from labelwright.core.task import Task
from labelwright.core.units import Answers
from labelwright.tasks.boxes import Boxes
from labelwright.testing import tasks as laws

TASK = Task("boxes", ("car", "dog"))
KIND = Boxes()


def votes_of(*ballots, task=TASK):
    """The votes of people; of each, its boxes in every item, None where it abstains."""
    return laws.votes_of(KIND, task, ballots)


def units_of(*ballots, guests=None, task=TASK):
    visiting = None if guests is None else votes_of(*guests, task=task)
    return KIND.decompose(votes_of(*ballots, task=task), visiting, None, task)


def answers_of(*drawn, sure=None, task=TASK):
    texts = [None if boxes is None else KIND.canonical(boxes, task) for boxes in drawn]
    confidence = np.ones(len(texts)) if sure is None else np.array(sure)
    return Answers(pa.array(texts, pa.string()), confidence)


def counted(units, trust=None):
    """The answers of one who only counts votes."""
    shares = laws.vote_shares(units.matrix)
    trust = None if trust is None else np.array(trust)
    return KIND.recompose(units.beliefs(shares.probability, shares.covered, trust), TASK)
