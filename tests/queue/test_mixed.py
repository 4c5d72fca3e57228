"""The default strategy: its random share is honest, its other picks are worth more."""

import numpy as np
import pytest

from labelwright.core.errors import SettingsError
from labelwright.core.pool import Pool
from labelwright.queue import Mixed, Uniform


def rng(seed=0):
    return np.random.default_rng(seed)


def pool_of(posterior, *, prediction=None, embedding=None, covered=None, disagreement=None):
    posterior = np.asarray(posterior, float)
    items = len(posterior)
    return Pool(
        item=np.arange(items),
        askable=np.ones(items, bool),
        posterior=posterior,
        covered=np.ones(items, bool) if covered is None else np.asarray(covered, bool),
        disagreement=np.zeros(items) if disagreement is None else np.asarray(disagreement, float),
        prediction=None if prediction is None else np.asarray(prediction, float),
        embedding=None if embedding is None else np.asarray(embedding, np.float32),
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"random": 1.1},
        {"random": float("nan")},
        {"margin": -1},
        {"doubt": float("inf")},
        {"margin": 0, "conflict": 0, "doubt": 0, "disagreement": 0},
        {"shortlist": 0},
    ],
)
def test_nonsense_settings_are_refused(settings):
    with pytest.raises(SettingsError):
        Mixed(**settings)


def test_every_item_gets_into_the_random_share_as_often_as_its_probability_says():
    draw = rng(1)
    pool = pool_of(draw.dirichlet([1, 1], 20), prediction=draw.dirichlet([1, 1], 20))
    strategy, rounds = Mixed(random=0.3), 1_500
    drawn = np.zeros(20)
    for seed in range(rounds):
        picks = strategy.pick(pool, 7, rng(seed))
        assert np.all(picks.probability[picks.random] == 0.3 * 7 / 20)
        drawn[picks.position[picks.random]] += 1
    expected = 0.3 * 7 / 20
    error = np.sqrt(expected * (1 - expected) / rounds)
    assert np.all(np.abs(drawn / rounds - expected) < 5 * error)


def test_inverse_probabilities_of_the_random_share_count_the_pool_right():
    draw = rng(2)
    right = draw.random(50) < 0.8
    pool = pool_of(draw.dirichlet([1, 1], 50), prediction=draw.dirichlet([1, 1], 50))
    totals = []
    for seed in range(800):
        picks = Mixed(random=0.4).pick(pool, 10, rng(seed))
        here = picks.random
        totals.append((right[picks.position[here]] / picks.probability[here]).sum())
    assert abs(np.mean(totals) - right.sum()) < 5 * np.std(totals) / np.sqrt(len(totals))


def test_only_random_picks_say_random_check():
    pool = pool_of(rng().dirichlet([1, 1], 50))
    picks = Mixed(random=0.5).pick(pool, 20, rng())
    assert [reason == "random check" for reason in picks.reason] == picks.random.tolist()


def test_the_share_is_strewn_so_that_stopping_early_keeps_it():
    pool = pool_of(rng().dirichlet([1, 1], 100))
    first = [Mixed(random=0.5).pick(pool, 10, rng(seed)).random[:5].mean() for seed in range(300)]
    assert 0.4 < np.mean(first) < 0.6


def test_an_item_on_which_sources_and_model_differ_comes_before_a_plain_close_call():
    pool = pool_of(
        [[0.95, 0.05], [0.9, 0.1], [0.95, 0.05]],
        prediction=[[0.97, 0.03], [0.05, 0.95], [0.55, 0.45]],
    )
    picks = Mixed(random=0).pick(pool, 2, rng())
    assert picks.position.tolist() == [1, 2]
    assert picks.reason[0] == "the sources say {0} (90 %), the model says {1} (95 %)"


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        (
            {"posterior": [[0.5, 0.5]]},
            "the sources cannot tell {0} (50 %) from {1} (50 %)",
        ),
        (
            {"posterior": [[0.5, 0.5]], "covered": [False], "prediction": [[0.6, 0.4]]},
            "the model cannot tell {0} (60 %) from {1} (40 %)",
        ),
        ({"posterior": [[1, 0]], "disagreement": [0.5]}, "the sources disagree about it"),
        ({"posterior": [[1, 0]]}, "nothing speaks for one item over another"),
        (
            {"posterior": [[1, 0]], "prediction": [[0.7, 0.3]]},
            "the sources are 100 % sure of {0}, the model 70 %",
        ),
    ],
)
def test_the_reason_is_what_weighed_most(numbers, reason):
    weights = {"conflict": 3} if "sure" in reason else {}
    picks = Mixed(random=0, **weights).pick(pool_of(**numbers), 1, rng())
    assert picks.reason == (reason,)


def test_an_item_that_nobody_judged_says_so():
    pool = pool_of([[0.6, 0.4], [1, 0]], covered=[False, True])
    assert Mixed(random=0).pick(pool, 1, rng()).reason == ("no source votes on it",)


def test_without_votes_and_model_the_start_is_cold():
    points = np.repeat([[0.0, 0], [9, 9], [0, 9]], [30, 20, 10], axis=0) + rng().normal(
        scale=0.1, size=(60, 2)
    )
    pool = pool_of(np.full((60, 2), 0.5), covered=np.zeros(60), embedding=points)
    picks = Mixed(random=0).pick(pool, 3, rng(3))
    assert all(reason.startswith("typical of a group") for reason in picks.reason)
    assert sorted(np.searchsorted([30, 50], picks.position, side="right")) == [0, 1, 2]


def test_a_batch_holds_no_near_duplicates_while_there_is_anything_else():
    # The 900 most valuable items are near-copies of three; 20 others are worth less.
    draw = rng(4)
    places = np.concatenate([np.repeat(np.eye(23)[:3], 300, axis=0), np.eye(23)[3:]])
    points = 1_000 + places + draw.normal(scale=1e-4, size=places.shape)
    closeness = np.concatenate([np.full(900, 0.5), np.full(20, 0.9)])
    prediction = np.stack([closeness, 1 - closeness], axis=1)
    pool = pool_of(prediction, prediction=prediction, embedding=points)
    picks = Mixed(random=0).pick(pool, 10, rng())
    assert len({places[row].argmax() for row in picks.position}) == 10


def test_the_random_share_has_no_near_duplicate_among_the_other_picks():
    points = np.repeat(np.eye(12), 5, axis=0)
    pool = pool_of(np.full((60, 2), 0.5), embedding=points)
    for seed in range(20):
        picks = Mixed(random=0.5).pick(pool, 6, rng(seed))
        groups = picks.position // 5
        assert not set(groups[picks.random]) & set(groups[~picks.random])


def test_near_duplicates_fill_the_batch_when_nothing_else_is_left():
    pool = pool_of(np.full((10, 2), 0.5), embedding=np.repeat(np.eye(2), 5, axis=0))
    assert len(np.unique(Mixed(random=0).pick(pool, 8, rng()).position)) == 8


def test_a_batch_does_not_spend_all_on_one_pair_of_classes():
    # 500 items between classes 0 and 1, and ten between 2 and 3 that are a bit clearer.
    prediction = np.zeros((510, 4))
    prediction[:500, :2] = [0.5, 0.5]
    prediction[500:, 2:] = [0.6, 0.4]
    picks = Mixed(random=0).pick(pool_of(prediction, prediction=prediction), 10, rng())
    assert 3 <= (picks.position >= 500).sum() <= 7


# The 569 tumour records, with rules as an expert would write them. The loop is the smallest that
# has the real one's parts: sources re-weighed by the answers, and a model trained on soft labels.


@pytest.fixture(scope="module")
def tumours():
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    column = {name: data.data[:, place] for place, name in enumerate(data.feature_names)}
    never = np.zeros(len(data.target), bool)
    rules = [
        (column["worst radius"] > 17.5, column["worst radius"] < 13),
        (column["worst perimeter"] > 118, never),
        (column["worst concave points"] > 0.16, column["worst concave points"] < 0.09),
        (column["mean texture"] > 22, column["mean texture"] < 15),
        (never, column["area error"] < 20),
        (column["worst smoothness"] > 0.15, column["worst smoothness"] < 0.115),
        (column["mean symmetry"] < 0.17, column["mean symmetry"] > 0.19),
    ]
    votes = np.stack([np.where(m, 0, np.where(b, 1, -1)) for m, b in rules], axis=1)
    features = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    return features.astype(np.float32), data.target, votes


def posterior_of(votes, gold):
    """Weighted votes of two classes, weights from answers and a few rounds of EM."""
    answered = gold >= 0
    belief = ((votes == 1).sum(axis=1) + 0.5) / ((votes >= 0).sum(axis=1) + 1)
    for _ in range(5):
        belief = np.where(answered, gold, belief)
        score = np.zeros(len(votes))
        for vote in votes.T:
            voted = vote >= 0
            agrees = np.where(vote == 1, belief, 1 - belief)[voted]
            weight = np.where(answered[voted], 5, 1)
            accuracy = np.clip((agrees @ weight + 7) / (weight.sum() + 10), 0.05, 0.95)
            score += np.where(vote == 1, 1, -1) * voted * np.log(accuracy / (1 - accuracy))
        belief = 1 / (1 + np.exp(-score))
    belief = np.where(answered, gold, belief)
    return np.stack([1 - belief, belief], axis=1)


def prediction_of(features, posterior, used, answered):
    from sklearn.linear_model import LogisticRegression

    weight = np.where(answered, 3, 1)[:, None] * posterior
    model = LogisticRegression(C=0.1, max_iter=200)
    fold = rng(0).integers(0, 2, len(features))
    prediction = np.zeros_like(posterior)
    for part in range(2):
        rows = used & (fold != part)
        model.fit(
            np.concatenate([features[rows]] * 2),
            np.repeat([0, 1], rows.sum()),
            sample_weight=weight[rows].T.ravel() + 1e-9,
        )
        prediction[fold == part] = model.predict_proba(features[fold == part])
    return prediction


def errors_after(strategy, tumours, seed, answers=25):
    """How many labels are wrong after the answers: the label model's, the end model's."""
    features, truth, votes = tumours
    gold, chance = np.full(len(truth), -1), rng(seed)
    covered = (votes >= 0).any(axis=1)
    for_class = np.stack([(votes == 0).sum(axis=1), (votes == 1).sum(axis=1)])
    divided = for_class.min(axis=0) * 2 / np.maximum(for_class.sum(axis=0), 1)
    for step in range(2):
        posterior = posterior_of(votes, gold)
        prediction = prediction_of(features, posterior, covered | (gold >= 0), gold >= 0)
        if step == 0:
            pool = Pool(
                np.arange(len(truth)), gold < 0, posterior, covered, divided, prediction, features
            )
            position = strategy.pick(pool, answers, chance).position
            gold[position] = truth[position]
    return (posterior.argmax(axis=1) != truth).sum(), (prediction.argmax(axis=1) != truth).sum()


def test_25_answers_on_the_tumour_records_help_more_than_random_ones(tumours):
    mixed = np.mean([errors_after(Mixed(), tumours, seed) for seed in range(8)], axis=0)
    random = np.mean([errors_after(Uniform(), tumours, seed) for seed in range(8)], axis=0)
    assert mixed[0] < 0.9 * random[0]
    assert mixed[1] < 0.9 * random[1]
