import numpy as np
import pyarrow as pa
import pytest

from endmodels.making import soft
from labelwright.core.errors import DataError, NothingToDoError
from labelwright.core.posterior import Posterior
from labelwright.endmodels import Targets, Training, coordinates, cross_fit, with_pseudo_labels
from labelwright.endmodels.embedding import EmbeddingLinear
from labelwright.endmodels.encoders import JoinedEncoder, stacked
from labelwright.endmodels.folds import assign_folds, usable_folds
from labelwright.endmodels.image import ImageLinear
from labelwright.endmodels.tabular import TabularLinear
from labelwright.endmodels.targets import checked_training
from labelwright.endmodels.text import TextLinear

POSTERIOR = Posterior(
    np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.6, 0.4]]),
    np.array([True, True, True, False]),
)


def test_items_without_votes_are_left_out_or_kept():
    assert Targets().of(POSTERIOR).rows.tolist() == [0, 1, 2]
    assert Targets(uncovered="keep").of(POSTERIOR).rows.tolist() == [0, 1, 2, 3]


def test_targets_are_soft_or_hard_and_a_tie_is_shared():
    assert np.allclose(Targets().of(POSTERIOR).target, POSTERIOR.probability[:3])
    hard = Targets(soft=False).of(POSTERIOR).target
    assert hard.tolist() == [[1, 0], [0.5, 0.5], [0, 1]]


def test_by_confidence_an_item_without_information_counts_nothing():
    training = Targets(weighting="confidence").of(POSTERIOR)
    assert training.rows.tolist() == [0, 2]
    assert np.allclose(training.weight, [0.8, 0.6])


def test_doubtful_items_can_be_left_out():
    assert Targets(min_confidence=0.85).of(POSTERIOR).rows.tolist() == [0]


def test_nothing_covered_is_no_training():
    nothing = Posterior(np.full((2, 2), 0.5), np.zeros(2, bool))
    assert len(Targets().of(nothing).rows) == 0


def items(rows=3):
    return pa.table({"x": np.arange(float(rows))})


@pytest.mark.parametrize(
    ("target", "weight", "message"),
    [
        (np.eye(3)[:2], np.ones(3), "shapes"),
        (np.ones(3), np.ones(3), "shapes"),
        (np.eye(3), np.ones((3, 1)), "shapes"),
        (np.eye(3), np.array([1, np.nan, 1]), "weight"),
        (np.eye(3), np.array([1, -1, 1]), "weight"),
        (np.eye(3) * 2, np.ones(3), "sum to 1"),
        (np.eye(3) * np.nan, np.ones(3), "sum to 1"),
        (np.array([[2, -1, 0]] * 3), np.ones(3), "sum to 1"),
    ],
)
def test_wrong_targets_and_weights_are_refused(target, weight, message):
    with pytest.raises(DataError, match=message):
        checked_training(items(), target, weight)


def test_no_weight_at_all_is_nothing_to_learn_from():
    with pytest.raises(NothingToDoError, match="no item has a weight"):
        checked_training(items(), np.eye(3), np.zeros(3))
    with pytest.raises(NothingToDoError):
        checked_training(items(0), np.empty((0, 3)), np.empty(0))


def test_folds_spread_labels_evenly_and_keep_copies_together():
    rng = np.random.default_rng(0)
    key = rng.integers(0, 40, 200)
    label = key % 3
    fold = assign_folds(key, label, 5, seed=1)
    assert all(len(set(fold[key == one])) == 1 for one in set(key))
    counts = np.array(
        [[len(set(key[(fold == f) & (label == c)])) for c in range(3)] for f in range(5)]
    )
    assert counts.max() - counts.min() <= 1
    order = rng.permutation(200)
    assert np.array_equal(assign_folds(key[order], label[order], 5, seed=1), fold[order])
    assert not np.array_equal(assign_folds(key, label, 5, seed=2), fold)


def test_too_few_items_make_no_folds():
    assert usable_folds(np.arange(3), 5) == 0
    assert usable_folds(np.arange(7), 5) == 3
    assert usable_folds(np.array([1, 1, 1, 1]), 5) == 0


class Spy:
    """Predicts what share of the training items it saw: 1 for an item that it trained on."""

    fields = ("x",)

    def fit(self, items, target, weight, *, seed):
        self.saw = set(items.column("x").to_pylist())
        return self

    def predict(self, items):
        known = np.array([x in self.saw for x in items.column("x").to_pylist()])
        return np.stack([known, ~known], axis=1).astype(float)


def test_no_item_is_predicted_by_a_model_that_saw_it():
    target = np.eye(2)[np.arange(50) % 2]
    predicted = cross_fit(Spy(), items(50), target, np.ones(50), folds=4, seed=0)
    assert np.array_equal(predicted, np.tile([0.0, 1.0], (50, 1)))


def test_copies_by_content_are_held_out_together():
    table = pa.table(
        {"x": np.repeat(np.arange(10.0), 3), "_hash": np.repeat(list("abcdefghij"), 3)}
    )
    predicted = cross_fit(Spy(), table, np.tile([0.5, 0.5], (30, 1)), np.ones(30))
    assert np.all(predicted[:, 0] == 0)


def test_items_of_no_weight_are_predicted_too():
    label = np.arange(60) % 2
    table = pa.table({"x": label + np.linspace(0, 0.1, 60)})
    target, weight = soft(label, 2, 1.0), np.ones(60)
    weight[:10] = 0
    target[:10] = np.nan
    predicted = cross_fit(TabularLinear(("x",)), table, target, weight)
    assert (predicted.argmax(axis=1) == label).all()
    again = cross_fit(TabularLinear(("x",)), table, target, weight)
    assert np.array_equal(predicted, again)


def test_where_the_other_folds_teach_nothing_every_class_is_as_probable():
    predicted = cross_fit(TabularLinear(("x",)), items(2), np.eye(2), np.array([1.0, 0.0]))
    assert predicted[0].tolist() == [0.5, 0.5]
    assert predicted[1, 0] > 0.5


@pytest.mark.parametrize(
    ("folds", "rows", "message"), [(1, 3, "2 folds"), (2, 2, "one target and one weight")]
)
def test_wrong_cross_fits_are_refused(folds, rows, message):
    with pytest.raises(DataError, match=message):
        cross_fit(TabularLinear(("x",)), items(), np.eye(3)[:rows], np.ones(rows), folds)


def test_coordinates_put_like_items_near_each_other(texts, pictures, labels):
    for model, table in ((TextLinear(("body",)), texts), (ImageLinear(), pictures)):
        places = coordinates(table, model, dimensions=5)
        assert places.shape == (60, 5)
        assert places.dtype == np.float32
        centres = np.stack([places[labels == one].mean(axis=0) for one in (0, 1)])
        away = np.linalg.norm(places[:, None] - centres, axis=2)
        assert (away.argmin(axis=1) == labels).mean() > 0.95
        assert np.array_equal(places, coordinates(table, model, dimensions=5))


def test_coordinates_of_few_features_are_those_features(records):
    assert coordinates(records, TabularLinear(("count",)), dimensions=5).shape == (60, 1)
    assert coordinates(pa.table({"body": ["", ""]}), TextLinear(("body",))).shape == (2, 0)


def test_coordinates_of_many_items_are_learnt_from_some(texts):
    places = coordinates(texts, TextLinear(("body",)), dimensions=3, learn_from=20)
    assert places.shape == (60, 3)


def test_parts_side_by_side_weigh_the_same(texts, records):
    parts = (TextLinear(("body",)), TabularLinear(("count", "old")))
    items = texts.append_column("count", records["count"]).append_column("old", records["old"])
    _, encoded = JoinedEncoder.learn(parts, items, seed=0)
    squares = encoded.matrix.toarray() ** 2
    assert squares[:, -2:].sum() == pytest.approx(squares[:, :-2].sum())
    numbers_only, encoded = JoinedEncoder.learn(
        (TabularLinear(("count",)), TabularLinear(("constant",))), records, seed=0
    )
    assert isinstance(encoded.matrix, np.ndarray)
    assert numbers_only.scale[1] == 1.0
    assert stacked([numbers_only.encode(records)] * 2).matrix.shape == (120, 1)


def test_an_embedding_model_names_its_text_fields():
    from labelwright.core.errors import SettingsError

    with pytest.raises(SettingsError, match="text_fields"):
        EmbeddingLinear((), "x")


def test_a_pseudo_label_is_taught_as_what_it_says_and_other_labels_with_their_doubt():
    target = np.array([[0.7, 0.3], [0.7, 0.3], [0.5, 0.5]])
    taught = with_pseudo_labels(target, np.array([1.0, 0.01, 0.0]))
    assert taught.tolist() == [[0.7, 0.3], [1.0, 0.0], [0.5, 0.5]]


def test_labels_that_weigh_too_much_together_are_all_made_lighter_alike():
    training = Training(np.arange(3), np.eye(3), np.array([1.0, 2.0, 5.0]))
    assert training.at_most(8.0) is training
    assert training.at_most(4.0).weight.tolist() == [0.5, 1.0, 2.5]
