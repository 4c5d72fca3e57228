"""Any end model answers several questions about each item: one fit a head."""

import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import DataError, NothingToDoError
from labelwright.endmodels import PerClass, cross_fit, load
from labelwright.endmodels.per_class import HeadsPredictor
from labelwright.endmodels.tabular import TabularBoosting, TabularLinear
from labelwright.endmodels.text import TextLinear
from labelwright.testing.endmodels import (
    a_saved_predictor_predicts_identically,
    it_reads_only_its_fields,
    nothing_in_nothing_out,
    one_seed_gives_one_model,
)

HEADS = 3
MODELS = [
    TextLinear(("body",)),
    TabularLinear(("size", "colour")),
    TabularBoosting(("size", "colour"), most_steps=5),
]


def of_words(items, labels):
    """Targets of three heads: the labels, their contrary, and what no word foretells."""
    chance = np.arange(len(labels)) // 2 % 2
    said = np.stack([labels, 1 - labels, chance], axis=1).ravel()
    return np.eye(2)[said], np.ones(len(said))


def items_of(model, texts, records):
    return texts if model.fields == ("body",) else records


@pytest.fixture(params=MODELS, ids=lambda model: type(model).__name__)
def model(request):
    return request.param


@pytest.fixture
def items(model, texts, records):
    return items_of(model, texts, records)


def test_with_one_head_it_is_the_model_itself(model, items, labels):
    target, weight = np.eye(2)[labels], np.ones(len(labels))
    alone = model.fit(items, target, weight, seed=3)
    through = PerClass(model, 1).fit(items, target, weight, seed=3)
    assert type(through) is type(alone)
    assert np.array_equal(through.predict(items), alone.predict(items))


def test_each_head_learns_what_the_model_alone_learns_of_it(model, items, labels):
    target, weight = of_words(items, labels)
    said = PerClass(model, HEADS).fit(items, target, weight, seed=3).predict(items)
    assert said.shape == (len(labels) * HEADS, 2)
    for head in range(HEADS):
        alone = model.fit(items, target[head::HEADS], weight[head::HEADS], seed=3)
        assert np.array_equal(said[head::HEADS], alone.predict(items))
    assert np.mean(said[0::HEADS].argmax(axis=1) == labels) > 0.7
    assert np.mean(said[1::HEADS].argmax(axis=1) == 1 - labels) > 0.7


def test_it_keeps_the_laws_of_end_models_with_a_row_for_every_head(model, items, labels, tmp_path):
    target, weight = of_words(items, labels)
    many = PerClass(model, HEADS)
    predictor = many.fit(items, target, weight, seed=0)
    assert np.allclose(predictor.predict(items).sum(axis=1), 1)
    nothing_in_nothing_out(predictor, items, 2)
    alone = predictor.predict(items.slice(1, 1))
    assert np.allclose(alone, predictor.predict(items)[HEADS : 2 * HEADS], atol=1e-6)
    a_saved_predictor_predicts_identically(predictor, items, tmp_path / "saved")
    one_seed_gives_one_model(many, items, target, weight)
    it_reads_only_its_fields(many, items, target, weight)


def test_heads_with_one_class_or_no_label_at_all_do_not_fail(model, items, labels, tmp_path):
    target, weight = of_words(items, labels)
    target[1::HEADS] = [1, 0]
    weight[2::HEADS] = 0
    target[2::HEADS] = np.nan
    predictor = PerClass(model, HEADS).fit(items, target, weight, seed=0)
    said = predictor.predict(items)
    assert np.all(said[1::HEADS, 0] > 0.9)
    assert np.all(said[2::HEADS] == 0.5)
    assert np.mean(said[0::HEADS].argmax(axis=1) == labels) > 0.7
    a_saved_predictor_predicts_identically(predictor, items, tmp_path / "saved")


def test_a_head_learns_only_from_the_items_on_which_it_has_weight(model, items, labels):
    target, weight = of_words(items, labels)
    weight.reshape(-1, HEADS)[10:, 1] = 0
    weight.reshape(-1, HEADS)[:10, 0] = 0
    weight.reshape(-1, HEADS)[40:] = 0
    target[weight == 0] = np.nan
    said = PerClass(model, HEADS).fit(items, target, weight, seed=0)
    # Features are learnt from all items that teach any head.
    whole = PerClass(model, HEADS).fit(
        items.slice(0, 40), target[: 40 * HEADS], weight[: 40 * HEADS], seed=0
    )
    assert np.array_equal(said.predict(items), whole.predict(items))


def test_nothing_to_learn_and_shapes_that_do_not_match_are_refused(model, items, labels):
    target, weight = of_words(items, labels)
    with pytest.raises(NothingToDoError, match="nothing to learn"):
        PerClass(model, HEADS).fit(items, target, np.zeros(len(weight)), seed=0)
    with pytest.raises(DataError, match="60 items with 3 heads need 180"):
        PerClass(model, HEADS).fit(items, target[:60], weight[:60], seed=0)
    with pytest.raises(DataError, match="sum to 1"):
        PerClass(model, HEADS).fit(items, 2 * target, weight, seed=0)


def test_heads_share_the_encoder_in_memory_and_on_disk(texts, labels, tmp_path):
    target, weight = of_words(texts, labels)
    predictor = PerClass(TextLinear(("body",)), HEADS).fit(texts, target, weight, seed=0)
    assert isinstance(predictor, HeadsPredictor)
    assert len({id(one.encoder) for one in predictor.predictors}) == 1
    predictor.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arrays.npz", "predictor.json"]
    again = load(tmp_path)
    assert len({id(one.encoder) for one in again.predictors}) == 1


def test_cross_fitting_keeps_the_heads_of_an_item_in_one_fold(labels, texts):
    copies = pa.concat_tables([texts, texts])
    twice = np.concatenate([labels, labels])
    target, weight = of_words(copies, twice)
    said = cross_fit(PerClass(TextLinear(("body",)), HEADS), copies, target, weight, folds=3)
    assert said.shape == (len(twice) * HEADS, 2)
    assert np.mean(said[0::HEADS].argmax(axis=1) == twice) > 0.9
    assert np.mean(said[1::HEADS].argmax(axis=1) == 1 - twice) > 0.9
