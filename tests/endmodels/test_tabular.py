from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import DataError, SettingsError, SourceError
from labelwright.endmodels.best_tabular import Tabular
from labelwright.endmodels.classifier import LinearPredictor
from labelwright.endmodels.columns import learn_columns, numbers
from labelwright.endmodels.tabular import BoostingPredictor, TabularBoosting, TabularLinear
from labelwright.endmodels.trees import Trees

BOTH = [TabularLinear, TabularBoosting]


def fitted(model, labels, **columns):
    classes = max(labels) + 1
    return model(tuple(columns)).fit(
        pa.table(columns), np.eye(classes)[labels], np.ones(len(labels)), seed=0
    )


@pytest.mark.parametrize("model", BOTH)
def test_an_unseen_category_a_gap_and_infinity_can_be_predicted(model, records, labels):
    predictor = model(("size", "colour")).fit(records, np.eye(2)[labels], np.ones(60), seed=0)
    strange = pa.table(
        {
            "size": pa.array([None, np.inf, -np.inf, np.nan, 1e300]),
            "colour": pa.array(["mauve", None, "", "red", "red"]),
        }
    )
    predicted = predictor.predict(strange)
    assert np.allclose(predicted.sum(axis=1), 1)
    # Of infinity nothing is known, as of a gap.
    assert np.all(np.isfinite(predicted))


@pytest.mark.parametrize("model", BOTH)
def test_categories_are_learnt(model):
    colour = ["red", "green", "blue", "green"] * 20
    predictor = fitted(model, [1, 0, 1, 0] * 20, colour=colour, noise=list(range(80)))
    items = pa.table({"colour": ["red", "green", "blue"], "noise": [5, 5, 5]})
    assert predictor.predict(items).argmax(axis=1).tolist() == [1, 0, 1]


@pytest.mark.parametrize("model", BOTH)
def test_that_a_value_is_missing_is_learnt(model):
    labels = np.arange(80) % 2
    value = pa.array([None if one else 3.0 * (i % 3) for i, one in enumerate(labels)])
    predictor = fitted(model, labels, value=value)
    items = pa.table({"value": pa.array([None, 3.0])})
    assert predictor.predict(items).argmax(axis=1).tolist() == [1, 0]


@pytest.mark.parametrize("model", BOTH)
def test_columns_that_say_nothing_give_the_class_balance(model):
    labels = [0, 0, 0, 1] * 10
    predictor = fitted(
        model, labels, constant=[7.0] * 40, nothing=pa.nulls(40), gone=pa.array([None] * 40, "f8")
    )
    predicted = predictor.predict(
        pa.table({"constant": [7.0, 8.0], "nothing": pa.nulls(2), "gone": [1.0, None]})
    )
    assert np.allclose(predicted[:, 1], 0.25, atol=0.05)


def test_trees_predict_as_scikit_learn_does(records, labels):
    columns = learn_columns(records, ("size", "colour", "count"), 50)
    assert [one.field for one in columns] == ["colour", "size", "count"]
    from labelwright.endmodels.tabular import probabilities, raw_matrix

    rng = np.random.default_rng(0)
    features = raw_matrix(records, columns)[rng.integers(0, 60, 2000)]
    features[:, 1:] += rng.normal(size=(2000, 2))
    target = rng.dirichlet([0.3] * 3, 2000)
    model = TabularBoosting(("a",))
    grown = model._grown(features, target, np.ones(2000), columns, 30, 0)
    trees = Trees.copied(grown)
    assert len(trees.categories)
    assert np.allclose(probabilities(trees.scores(features)), grown.predict_proba(features))
    same = Trees.unpack(trees.pack())
    assert np.array_equal(same.scores(features), trees.scores(features))


def test_trees_that_were_copied_wrongly_are_refused(records, labels, monkeypatch):
    monkeypatch.setattr(Trees, "scores", lambda self, features: np.zeros((len(features), 1)))
    with pytest.raises(SourceError, match="scikit-learn"):
        TabularBoosting(("size",)).fit(records, np.eye(2)[labels], np.ones(60), seed=0)


def test_trees_learn_soft_labels_as_probabilities():
    value = np.tile([0.0, 1.0], 400)
    target = np.where(value[:, None] == 0, [0.8, 0.2], [0.3, 0.7])
    items = pa.table({"value": value})
    predictor = TabularBoosting(("value",)).fit(items, target, np.ones(800), seed=0)
    assert np.allclose(predictor.predict(items.slice(0, 2)), target[:2], atol=0.02)


def test_the_trees_are_as_many_as_predict_best():
    rng = np.random.default_rng(0)
    noise = fitted(TabularBoosting, list(rng.integers(0, 2, 200)), value=rng.normal(size=200))
    clear = fitted(TabularBoosting, [int(i >= 100) for i in range(200)], value=np.arange(200.0))
    assert len(noise.trees.root) < 20 < len(clear.trees.root)


@pytest.mark.parametrize("model", [*BOTH, Tabular])
def test_one_class_only_is_learnt(model, tmp_path):
    items = pa.table({"value": np.arange(10.0)})
    target = np.tile([0.0, 1.0], (10, 1))
    predictor = model(("value",)).fit(items, target, np.ones(10), seed=0)
    assert np.allclose(predictor.predict(items)[:, 1], 1 - 1 / 12)
    predictor.save(tmp_path)
    from labelwright.endmodels import load

    assert np.array_equal(load(tmp_path).predict(items), predictor.predict(items))


@pytest.mark.parametrize("model", [*BOTH, Tabular])
def test_two_items_are_enough_to_go_on(model):
    items = pa.table({"value": [0.0, 1.0]})
    predicted = model(("value",)).fit(items, np.eye(2), np.ones(2), seed=0).predict(items)
    assert np.allclose(predicted.sum(axis=1), 1)


def test_a_fold_that_saw_one_class_only_does_no_harm():
    value = np.arange(40.0)
    labels = [0] * 39 + [1]
    predicted = fitted(TabularBoosting, labels, value=value).predict(pa.table({"value": value}))
    assert np.allclose(predicted.sum(axis=1), 1)


def test_auto_takes_trees_where_lines_fail_and_lines_where_they_do():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1, 1, (2, 300))
    crossed = fitted(Tabular, list((x * y > 0).astype(int)), x=x, y=y)
    straight = fitted(Tabular, list((x + y + 0.2 * rng.normal(size=300) > 0).astype(int)), x=x, y=y)
    assert isinstance(crossed, BoostingPredictor)
    assert isinstance(straight, LinearPredictor)


def test_auto_grows_no_trees_for_many_classes():
    labels = np.arange(40) % 4
    items = pa.table({"value": labels + 0.0})
    model = Tabular(("value",), most_classes=3)
    assert isinstance(model.fit(items, np.eye(4)[labels], np.ones(40), seed=0), LinearPredictor)


def test_times_are_read_as_seconds_whatever_their_unit():
    day = datetime(1970, 1, 2, tzinfo=UTC)
    for values in (
        pa.chunked_array([pa.array([day])]),
        pa.chunked_array([pa.array([day], pa.timestamp("ns", "Asia/Tokyo"))]),
        pa.chunked_array([pa.array([date(1970, 1, 2)], pa.date32())]),
        pa.chunked_array([pa.array([date(1970, 1, 2)], pa.date64())]),
        pa.chunked_array([pa.array([timedelta(days=1)])]),
    ):
        assert numbers(values, "t").tolist() == [86_400.0]
    clock = pa.chunked_array([pa.array([time(0, 1)], pa.time32("s"))])
    assert numbers(clock, "t").tolist() == [60.0]


def test_numbers_come_as_many_types():
    for values in (
        pa.array([1, None]),
        pa.array([True, None]),
        pa.array([Decimal("1.0"), None]),
        pa.array(["1", None]),
        pa.array(["1", None]).dictionary_encode(),
        pa.array([1.0, np.inf]),
    ):
        assert np.array_equal(numbers(pa.chunked_array([values]), "n"), [1, np.nan], equal_nan=True)


def test_words_where_training_had_numbers_are_refused():
    predictor = fitted(TabularLinear, [0, 1] * 5, value=np.arange(10.0))
    with pytest.raises(DataError, match="held numbers in training"):
        predictor.predict(pa.table({"value": ["many"]}))


def test_only_the_most_frequent_categories_are_kept():
    items = pa.table({"c": ["b"] * 3 + ["a"] * 3 + ["z"]})
    assert learn_columns(items, ["c"], 2)[0].values == ("a", "b")


def test_a_list_is_no_column():
    with pytest.raises(DataError, match="Leave it out"):
        learn_columns(pa.table({"c": [[1], [2]]}), ["c"], 2)


def test_one_typo_does_not_rule():
    value = np.r_[np.tile([0.0, 1.0], 50), 1e12]
    labels = [0, 1] * 50 + [0]
    predictor = fitted(TabularLinear, labels, value=value)
    assert np.all(np.isfinite(predictor.predict(pa.table({"value": [0.0, 1.0, 1e12]}))))


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        (TabularLinear, {"columns": ()}),
        (TabularBoosting, {"columns": "size"}),
        (TabularBoosting, {"columns": ("size",), "max_categories": 251}),
        (Tabular, {"columns": (1,)}),
    ],
)
def test_wrong_settings_are_refused(model, settings):
    with pytest.raises(SettingsError):
        model(**settings)


def test_a_number_of_trees_that_is_given_is_not_chosen(records, labels):
    fits = [
        TabularBoosting(("size", "colour"), steps=5, calibration=calibration).fit(
            records, np.eye(2)[labels], np.ones(60), seed=0
        )
        for calibration in ("none", "temperature")
    ]
    assert [len(fit.trees.root) for fit in fits] == [5, 5]
    assert np.isnan(fits[0].loss)
    assert np.isfinite(fits[1].loss)
    assert np.array_equal(fits[0].trees.value, fits[1].trees.value)
    with pytest.raises(SettingsError, match="steps must be at least 1, got 0"):
        TabularBoosting(("size",), steps=0)


def test_what_stands_in_for_trees_between_rounds_chooses_nothing():
    (trees,) = TabularBoosting(("size",), leaves=7).quick(2)
    assert trees == TabularBoosting(("size",), leaves=7, steps=30, calibration="none")
    assert TabularBoosting(("size",), steps=4).quick(2)[0].steps == 4
    assert Tabular(("size",)).quick(2) == (
        TabularLinear(("size",)), *TabularBoosting(("size",)).quick(2)
    )  # fmt: skip
    assert Tabular(("size",), most_classes=2).quick(3) == (TabularLinear(("size",)),)
