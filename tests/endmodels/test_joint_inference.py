"""Votes and content become one posterior; models that did not see an item read it."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from endmodels.making import media, soft
from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.endmodels import (
    ContentBeliefs,
    Evidence,
    Joining,
    by_name,
    folds_of,
    mean_predictions,
    shifted,
)
from labelwright.endmodels.calibration import log_loss
from labelwright.endmodels.cross_fit import Folded
from labelwright.labelmodels import by_name as label_model


def evidence(dense, kinds=None, model="source_kinds"):
    votes = VoteMatrix.from_dense(dense, classes=2, kinds=kinds)
    weigher = label_model(model)
    fit = weigher.fit(votes)
    return Evidence.of(votes, fit, weigher.posterior(fit, votes))


def said(probability, readable=None):
    probability = np.asarray(probability, float)
    everything = np.ones(len(probability), bool)
    return Folded(probability, everything if readable is None else np.asarray(readable), ())


def messages(count=60):
    """Two kinds of text; a rule votes on a third of them, and is right."""
    bodies = [f"win cash prize n{n}" if n % 2 else f"see you at home n{n}" for n in range(count)]
    label = np.arange(count) % 2
    votes = np.where(np.arange(count) % 3 == 0, label, -1)[:, None]
    return pa.table({"body": bodies}), label, votes


def text_folds(items, joining=None, **settings):
    model = by_name("text", text_fields=["body"])
    label = np.full(items.num_rows, -1)
    joining = joining or Joining()
    return folds_of(model, items, label, folds=joining.folds, strength=joining.strength, **settings)


def test_content_alone_speaks_where_nobody_voted():
    found = evidence([[0], [1], [-1]])
    content = np.array([[0.5, 0.5], [0.5, 0.5], [0.2, 0.8]])
    assert found.with_content(content)[2] == pytest.approx([0.2, 0.8])


@pytest.mark.parametrize("kind", ["function", "person"])
def test_content_that_only_knows_the_class_balance_changes_no_label(kind):
    found = evidence([[0, 0], [1, -1], [0, 1], [0, -1]], kinds=[kind, kind])
    joint = found.with_content(np.tile(found.prior, (4, 1)))
    assert joint == pytest.approx(found.votes, abs=1e-9)


def test_votes_and_content_multiply_as_bayes_says():
    found = evidence([[0], [0], [1]])
    content = np.array([[0.3, 0.7]] * 3)
    ratio = found.votes / found.prior * content
    expected = ratio / ratio.sum(axis=1, keepdims=True)
    assert found.with_content(content) == pytest.approx(expected)


def test_gold_settles_an_item_whatever_its_content_says():
    found = evidence([[0, 0], [0, 1], [-1, 1]], kinds=["gold", "function"])
    joint = found.with_content(np.array([[0.001, 0.999]] * 3))
    assert joint[:2].argmax(axis=1).tolist() == [0, 0]
    assert joint[:2] == pytest.approx(found.votes[:2])
    assert joint[2].argmax() == 1


def test_certain_votes_and_certain_content_still_make_probabilities():
    found = evidence([[0]] * 3 + [[1]])
    found = Evidence(
        votes=np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]),
        prior=found.prior,
        balance=found.balance,
        covered=found.covered,
        settled=found.settled,
        worth=found.worth,
        hinted=found.hinted,
        sought=found.sought,
    )
    joint = found.with_content(np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]))
    assert np.isfinite(joint).all()
    assert joint.sum(axis=1) == pytest.approx(np.ones(4))


def test_content_is_held_at_the_class_balance():
    skewed = said([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.9, 0.1]])
    found = evidence([[0], [0], [1], [1]])
    content = ContentBeliefs.anchored(skewed, found.votes, found)
    mean = content.of(skewed.probability).mean(axis=0)
    assert mean == pytest.approx(found.balance, abs=0.05)
    assert abs(mean - found.balance).max() < abs(skewed.probability.mean(axis=0) - 0.5).max()


def test_content_that_cannot_be_read_says_nothing():
    folded = said([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]], readable=[True, True, False])
    found = evidence([[0], [1], [1]])
    content = ContentBeliefs.anchored(folded, found.votes, found)
    assert content.of(folded.probability, folded.readable)[2] == pytest.approx(found.balance)


def test_items_that_nobody_voted_on_get_the_label_that_their_content_suggests():
    items, label, votes = messages()
    found = evidence(votes)
    content = Joining().content(found, text_folds(items))
    joint = found.with_content(content.of(content.folded.probability))
    assert (joint.argmax(axis=1) == label).all()
    assert not found.covered.all()


def test_settings_say_how_much_each_sort_of_item_counts():
    found = evidence([[0, -1], [-1, 1], [-1, -1]], kinds=["gold", "function"])
    assert Joining(settled=2.0, uncovered=0.5).weight(found).tolist() == [2.0, 1.0, 0.5]


def test_labels_teach_as_much_as_they_say():
    found = evidence([[0], [1], [0], [1], [-1], [-1], [-1], [-1]])
    joint = np.tile([[0.9, 0.1], [0.1, 0.9], [0.7, 0.3], [0.3, 0.7]], (2, 1))
    weight = Joining().final_weight(found, joint)
    sure, doubtful = 1 - 0.3250830 / 0.6931472, 1 - 0.6108643 / 0.6931472
    mean = (sure + doubtful) / 2
    assert weight[:4] == pytest.approx(np.array([sure, sure, doubtful, doubtful]) / mean)
    assert weight[4:] == pytest.approx([sure, sure, doubtful, doubtful])


def test_labels_that_all_say_the_same_count_as_before_and_none_is_lost():
    found = evidence([[0], [1], [-1], [-1]])
    vague, one = np.full((4, 2), 0.5), np.eye(2)[[0, 0, 0, 0]]
    assert Joining().final_weight(found, vague) == pytest.approx([1, 1, 1e-3, 1e-3])
    assert Joining().final_weight(found, one).tolist() == [1.0] * 4
    assert Joining().final_weight(found.only(np.arange(0)), one[:0]).shape == (0,)


def test_known_answers_and_pseudo_labels_count_what_they_are_worth():
    found = evidence([[0, -1], [-1, 1], [-1, 1]], kinds=["gold", "function"])
    halved = replace(found, worth=np.array([1.0, 0.5, 1.0]))
    joint = np.array([[1.0, 0.0], [0.2, 0.8], [0.2, 0.8]])
    weight = Joining(settled=2.0).final_weight(halved, joint)
    assert weight[0] == 2.0
    assert weight[1] == weight[2] / 2


def test_a_rare_class_of_vague_labels_keeps_most_of_its_share():
    joint = np.repeat([[0.45, 0.55], [0.99, 0.01]], [20, 380], axis=0)
    found = evidence([[1]] * 400)
    weight = Joining().final_weight(found, joint)
    share = joint.mean(axis=0)[1]
    sure = 1 - 0.0560015 / 0.1584686
    by_information_alone = (20 * 0.1 * 0.55 + 380 * sure * 0.01) / (2 + 380 * sure)
    assert by_information_alone < 0.4 * share
    assert 0.7 * share < (weight @ joint / weight.sum())[1] <= share


def test_a_tie_of_votes_is_broken_by_content():
    items, label, votes = messages()
    both = np.hstack([votes, np.full_like(votes, -1)])
    both[1] = [0, 1]
    found = evidence(both, kinds=["person", "person"])
    content = Joining().content(found, text_folds(items))
    joint = found.with_content(content.of(content.folded.probability))
    assert joint[1].argmax() == label[1]


@pytest.mark.parametrize("setting", [{"rounds": 0}, {}])
def test_without_rounds_or_without_votes_there_is_no_content(setting):
    items, _, votes = messages(12)
    found = evidence(votes if setting else np.full_like(votes, -1))
    assert Joining(**setting).content(found, text_folds(items)) is None


@pytest.mark.parametrize("count", [1, 2, 3])
def test_fewer_items_than_folds_leave_the_votes_as_they_are_or_better(count):
    items, label, _ = messages(count)
    found = evidence(label[:, None])
    content = Joining(folds=5).content(found, text_folds(items, Joining(folds=5)))
    joint = found.with_content(content.of(content.folded.probability))
    assert joint.shape == (count, 2)
    assert np.isfinite(joint).all()
    assert (joint.argmax(axis=1) == label).all()


def test_votes_for_one_class_alone_make_no_other_class_appear():
    items, _, votes = messages()
    found = evidence(np.where(votes >= 0, 1, -1))
    content = Joining().content(found, text_folds(items))
    joint = found.with_content(content.of(content.folded.probability))
    assert (joint.argmax(axis=1) == 1).all()


def test_one_seed_gives_one_content_and_the_features_are_read_once():
    items, _, votes = messages()
    found = evidence(votes)
    first, second = (Joining().content(found, text_folds(items, seed=4)) for _ in range(2))
    assert np.array_equal(first.folded.probability, second.folded.probability)
    other = Joining().content(found, text_folds(items, seed=5))
    assert not np.array_equal(first.folded.probability, other.folded.probability)


def test_no_item_is_read_by_a_model_that_learnt_from_its_copy():
    # One text, labelled both ways: a model that saw a copy would know its label.
    items = pa.table({"body": ["a b"] * 6 + ["c d", "e f"], "_hash": ["x"] * 6 + ["y", "z"]})
    target = soft(np.array([1, 1, 1, 1, 1, 1, 0, 0]), 2)
    model = by_name("text", text_fields=["body"])
    folded = folds_of(model, items, target.argmax(axis=1), folds=2)(target, np.ones(8))
    assert (folded.probability[:6, 1] < 0.5).all()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("text", {"text_fields": ["body"]}),
        ("linear", {"columns": ["size", "colour"]}),
        ("boosting", {"columns": ["size", "colour"]}),
        ("joint", {"text_fields": ["body"], "columns": ["size"]}),
        ("image", {}),
    ],
)
def test_every_end_model_can_be_joined(name, settings, texts, records, pictures, labels):
    items = pictures if name == "image" else texts
    for column in () if name == "image" else records.column_names:
        items = items.append_column(column, records.column(column))
    votes = np.where(np.arange(len(labels)) % 4 < 2, labels, -1)[:, None]
    found = evidence(votes)
    folds = folds_of(by_name(name, **settings), items, np.full(len(labels), -1), strength=10.0)
    content = Joining(rounds=2).content(found, folds)
    joint = found.with_content(content.of(content.folded.probability, content.folded.readable))
    right = (joint.argmax(axis=1) == labels)[~found.covered]
    assert right.mean() > 0.7


def crossed(count=300):
    """A table that trees can learn and no line through it: the sign of a product."""
    rng = np.random.default_rng(5)
    items = pa.table({"a": rng.normal(size=count), "b": rng.normal(size=count)})
    label = (items["a"].to_numpy() * items["b"].to_numpy() > 0).astype(int)
    return items, label


@pytest.mark.parametrize("straight", [True, False])
def test_trees_and_a_line_are_mixed_at_least_as_well_as_the_better_foretells(straight):
    items, label = crossed()
    if straight:
        label = (items["a"].to_numpy() > 0).astype(int)
    target, weight = soft(label, 2), np.ones(len(label))
    linear, trees, both = (
        folds_of(by_name(name, columns=["a", "b"]), items, label, strength=10.0)(target, weight)
        for name in ("linear", "boosting", "tabular")
    )
    loss = [log_loss(one.probability, target, weight) for one in (linear, trees, both)]
    assert loss[2] <= min(loss[:2]) + 1e-12
    assert ((both.probability.argmax(axis=1) == label).mean()) > 0.9
    # New items are read by the same mixture.
    new = pa.table({"a": [1.5, -1.5, 1.5], "b": [1.5, 1.5, -1.5]})
    read = mean_predictions([both.predictors], new, 2)[:, 0]
    assert read.sum(axis=1) == pytest.approx(np.ones(3))
    assert read.argmax(axis=1).tolist() == ([1, 0, 1] if straight else [1, 0, 0])


def test_a_mixture_that_nothing_taught_knows_nothing():
    items, label = crossed(30)
    folds = folds_of(by_name("tabular", columns=["a", "b"]), items, label, strength=10.0)
    folded = folds(soft(label, 2), np.zeros(30))
    assert folded.probability == pytest.approx(np.full((30, 2), 0.5))
    assert mean_predictions([folded.predictors], items, 2) == pytest.approx(
        np.full((30, 1, 2), 0.5)
    )


def test_an_image_that_cannot_be_read_keeps_the_label_of_its_votes(pictures, labels):
    contents = pictures.column("_media").to_pylist()
    contents[0], contents[1] = b"no image", b"no image either"
    votes = np.where(np.arange(len(labels)) % 3, labels, -1)[:, None]
    votes[0] = -1
    found = evidence(votes)
    folds = folds_of(by_name("image"), media(contents), np.full(len(labels), -1), strength=10.0)
    content = Joining().content(found, folds)
    joint = found.with_content(content.of(content.folded.probability, content.folded.readable))
    assert joint[0] == pytest.approx(found.balance)
    assert joint[1].argmax() == labels[1]


def test_models_of_all_folds_speak_for_items_that_none_of_them_saw():
    items, label, votes = messages()
    found = evidence(votes)
    content = Joining().content(found, text_folds(items))
    new = pa.table({"body": ["cash prize", "at home"]})
    read = content.of(mean_predictions([content.folded.predictors], new, 2)[:, 0])
    assert read.argmax(axis=1).tolist() == [1, 0]
    assert mean_predictions([()], new, 2) == pytest.approx(np.full((2, 1, 2), 0.5))
    assert label[0] == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [("rounds", -1), ("rounds", 1.5), ("folds", 1), ("uncovered", 2), ("uncovered", "much"),
     ("settled", 0),
     ("strength", 0), ("strength", float("inf")), ("strength", True)],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused_by_name(setting, value):
    with pytest.raises(SettingsError, match=f"joining: {setting} must be"):
        Joining(**{setting: value})


def test_noise_as_content_is_not_believed():
    rng = np.random.default_rng(0)
    count = 400
    label = np.arange(count) % 2
    right = rng.random((count, 5)) < 0.8
    votes = np.where(right, label[:, None], 1 - label[:, None])
    found = evidence(votes, kinds=["person"] * 5)
    items = pa.table({f"x{i}": rng.normal(size=count) for i in range(60)})
    model = by_name("linear", columns=items.column_names)
    folds = folds_of(model, items, np.full(count, -1), strength=10.0)
    content = Joining().content(found, folds)
    joint = found.with_content(content.of(content.folded.probability))
    alone = (found.votes.argmax(axis=1) == label).mean()
    assert (joint.argmax(axis=1) == label).mean() >= alone - 0.005


def test_votes_that_are_worth_less_teach_less_and_without_doubt():
    found = evidence([[0], [0], [1], [1]])
    found = replace(found, worth=np.array([1.0, 0.01, 0.0, 0.01]))
    told = []

    def folds(target, weight):
        told.append((target, weight))
        return said([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])

    Joining(rounds=2).content(found, folds)
    for target, weight in told:
        assert weight.tolist() == [1.0, 0.01, 0.0, 0.01]
        assert target[1].tolist() == [1.0, 0.0]
        assert target[3].tolist() == [0.0, 1.0]
    assert told[0][0][0, 0] < 1


def test_what_descriptions_say_is_not_counted_twice():
    found = evidence([[0, -1], [0, 0], [1, -1]], kinds=["description", "function"])
    content = np.array([[0.8, 0.2]] * 3)
    joint = found.with_content(content)
    votes = found.votes / found.prior
    mean = np.sqrt(votes * content)[[0, 2]]
    assert joint[[0, 2]] == pytest.approx(mean / mean.sum(axis=1, keepdims=True))
    assert joint[1, 0] > 0.8
    told = []

    def folds(target, weight):
        told.append(target)
        return said([[0.6, 0.4]] * 3)

    Joining(rounds=3).content(found, folds)
    for target in told:
        assert target[0] == pytest.approx(found.votes[0])


def test_content_of_items_without_votes_is_held_at_their_own_balance():
    found = evidence([[0]] * 8 + [[-1]] * 12)
    folded = said([[0.9, 0.1]] * 8 + [[0.6, 0.4]] * 10 + [[0.95, 0.05]] * 2)
    content = ContentBeliefs.anchored(folded, found.votes, found, np.array([0.1, 0.9]))
    read = shifted(content.of(folded.probability), content.shift, ~found.sought)
    assert read[8:].mean(axis=0) == pytest.approx([0.1, 0.9], abs=1e-3)
    assert read[18, 0] > read[8, 0]
    assert read[:8] == pytest.approx(content.of(folded.probability)[:8])
    assert ContentBeliefs.anchored(folded, found.votes, found).shift.tolist() == [1, 1]


def test_what_gold_says_of_random_items_moves_no_anchor_of_what_rules_cover():
    dense = [[0, -1]] * 6 + [[-1, 1]] * 30
    found = evidence(dense, kinds=["function", "gold"])
    assert found.sought.tolist() == [True] * 6 + [False] * 30
    folded = said([[0.8, 0.2]] * 6 + [[0.2, 0.8]] * 30)
    content = ContentBeliefs.anchored(folded, found.votes, found, np.array([0.02, 0.98]))
    read = shifted(content.of(folded.probability), content.shift, ~found.sought)
    joint = found.with_content(read)
    assert joint[:6, 0].min() > 0.5
    assert joint[6:, 1].min() > 0.99


def test_items_without_votes_teach_nothing_where_they_shall_not():
    items, _, votes = messages()
    found = evidence(votes)
    weights = []

    def folds(target, weight):
        weights.append(weight)
        return text_folds(items)(target, weight)

    Joining(rounds=2).content(found, folds, all_teach=False)
    assert all((weight[~found.covered] == 0).all() for weight in weights)
