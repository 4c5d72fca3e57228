import numpy as np
from hypothesis import given, settings

from labelmodels.drawing import vote_matrices
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MajorityVote, Wawa
from labelwright.testing import labelmodels as laws


def by_hand(votes):
    """Skills and sums of skills as the definition reads, loop by loop."""
    dense = votes.to_dense()
    share = np.zeros((votes.units, votes.classes))
    for unit in range(votes.units):
        count = np.bincount(dense[unit][dense[unit] >= 0], minlength=votes.classes)
        share[unit] = (count == count.max()) / (count == count.max()).sum()
    skill = np.zeros(votes.sources)
    for source in range(votes.sources):
        units = np.flatnonzero(dense[:, source] >= 0)
        if len(units):
            skill[source] = share[units, dense[units, source]].mean()
    total = np.zeros((votes.units, votes.classes))
    for unit, source in zip(*np.nonzero(dense >= 0), strict=True):
        total[unit, dense[unit, source]] += skill[source]
    return skill, total


@settings(max_examples=40, deadline=None)
@given(votes=vote_matrices(weights=False))
def test_skills_and_labels_are_those_of_the_definition(votes):
    skill, total = by_hand(votes)
    fit = Wawa().fit(votes)
    heard = ~np.isnan(fit.accuracy)
    np.testing.assert_allclose(fit.accuracy[heard], skill[heard], atol=2e-3)
    posterior = Wawa().posterior(fit, votes)
    best = np.take_along_axis(total, posterior.label[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(best[votes.covered], total.max(axis=1)[votes.covered], atol=0.02)


def test_it_is_more_often_right_than_majority_vote_where_sources_differ():
    confusion = np.array([a * np.eye(3) + (1 - a) / 3 for a in (0.9, 0.9, 0.1, 0.1, 0.1)])
    rng = np.random.default_rng(0)
    votes, truth = laws.simulated_votes(confusion, np.full(3, 1 / 3), 3000, rng)
    plain = MajorityVote()
    right = (plain.posterior(plain.fit(votes), votes).label == truth).mean()
    laws.it_recovers_a_known_truth(Wawa(), votes, truth, right + 0.02)


def test_who_never_sides_with_the_majority_has_no_say():
    votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 0]] * 10, kinds=["person"] * 3)
    fit = Wawa().fit(votes)
    assert abs(fit.vote_score[2, 0, 0] - fit.vote_score[2, 0, 1]) < 0.02
