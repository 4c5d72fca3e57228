"""Votes, held against gold and against what was told at random."""

from __future__ import annotations

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import Posterior
from labelwright.core.source import SourceKind
from labelwright.quality import source_report
from labelwright.quality.sources.held_against import held_against

TOLD = np.array([0, 0, 1, 1, -1, -1])
NOTHING = np.full(6, -1)


@pytest.fixture
def votes():
    """A rule that votes on all six units, and one at their word who was asked of the first four."""
    dense = np.column_stack([[0, 1, 1, 1, 0, 1], TOLD])
    return VoteMatrix.from_dense(dense, classes=2, kinds=(SourceKind.RULE, SourceKind.GOLD))


def test_what_was_told_at_random_judges_others_and_not_who_told_it(votes):
    held = held_against(votes, None, NOTHING, TOLD)
    assert held.judged.tolist() == [4, 0]
    assert held.right.tolist() == [3, 0]
    assert held.verified[0].tolist() == [[1, 1], [0, 2]]
    assert held.verified[1].sum() == 0


def test_gold_goes_before_what_was_told_and_judges_everybody(votes):
    gold = np.array([1, -1, -1, -1, 0, -1])
    held = held_against(votes, None, gold, TOLD)
    assert held.judged.tolist() == [5, 1]
    assert held.right.tolist() == [3, 0]


def test_without_answers_only_gold_judges(votes):
    assert held_against(votes, None, NOTHING).judged.tolist() == [0, 0]


def test_the_report_tells_how_often_a_rule_was_right_by_random_answers(votes):
    report = source_report(votes, told=TOLD)
    assert report.judged.tolist() == [4, 0]
    assert report.empirical[0] == pytest.approx(0.75)
    assert report.accuracy[0] > report.low[0] > source_report(votes).low[0]


def test_who_is_taken_at_their_word_is_neither_below_chance_nor_a_copy():
    truth = np.zeros(300, int)
    rule = np.where(np.arange(300) % 2, truth, -1)
    matrix = VoteMatrix.from_dense(
        np.column_stack([truth, rule, rule]),
        classes=2,
        kinds=(SourceKind.GOLD, SourceKind.RULE, SourceKind.RULE),
    )
    sure = Posterior(np.repeat([[0.9, 0.1]], 300, axis=0), matrix.covered)
    report = source_report(matrix, posterior=sure, balance=np.array([1.0, 0.0]))
    assert report.estimated[0] < report.chance[0] == 1
    assert not report.worse_than_chance[0]
    assert 0 not in report.copies
    assert report.copies[0] == -1


def test_verified_votes_speak_against_an_estimate_below_chance():
    truth = np.repeat([0, 1], 20)
    rule = np.where(np.arange(40) % 4, truth, 1 - truth)
    matrix = VoteMatrix.from_dense(rule[:, None], classes=2)
    doubted = Posterior(np.where(np.eye(2)[rule] == 1, 0.3, 0.7), matrix.covered)
    told = np.where(np.arange(40) < 12, truth, -1)
    assert source_report(matrix, posterior=doubted).worse_than_chance[0]
    assert not source_report(matrix, posterior=doubted, told=told).worse_than_chance[0]
