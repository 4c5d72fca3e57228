import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.endmodels.best_tabular import Tabular
from labelwright.endmodels.image import ImageLinear
from labelwright.endmodels.linear import LinearHead
from labelwright.endmodels.tabular import TabularBoosting, TabularLinear
from labelwright.endmodels.text import TextLinear
from labelwright.endmodels.text_and_columns import JointLinear
from labelwright.testing import endmodels as laws

COLUMNS = ("size", "colour", "count", "old", "day", "constant")
FIXED = LinearHead(strength=1.0, calibration="none")


def targets(labels, classes=2):
    rng = np.random.default_rng(4)
    sure = rng.uniform(0.6, 1.0, len(labels))[:, None]
    own = np.asarray(labels)[:, None] == np.arange(classes)
    return np.where(own, sure, (1 - sure) / (classes - 1)), rng.uniform(0.5, 2, len(labels))


@pytest.fixture
def everything(texts, records, pictures):
    items = texts
    for table in (records, pictures):
        for name in table.column_names:
            items = items.append_column(name, table.column(name))
    return items


MODELS = [
    TextLinear(("body",)),
    TextLinear(("body", "title"), joined=False, chars=(2, 3)),
    TabularLinear(COLUMNS),
    TabularBoosting(COLUMNS, most_steps=8),
    Tabular(COLUMNS),
    ImageLinear(),
    JointLinear(("body",), ("size", "colour")),
]


def name(model):
    return type(model).__name__


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_every_model_keeps_the_laws(model, everything, labels, tmp_path):
    laws.check_end_model(model, everything, *targets(labels), tmp_path)


@pytest.mark.parametrize("model", MODELS[:4], ids=name)
def test_every_model_keeps_the_laws_with_a_class_that_nobody_saw(
    model, everything, labels, tmp_path
):
    target, weight = targets(labels)
    wide = np.hstack([target[:, :1], np.zeros((len(labels), 1)), target[:, 1:]])
    laws.check_end_model(model, everything, wide, weight, tmp_path)


@pytest.mark.parametrize("model", [MODELS[0], MODELS[2], MODELS[5], MODELS[6]], ids=name)
def test_the_order_of_the_items_does_not_matter(model, everything, labels):
    order = np.random.default_rng(5).permutation(len(labels))
    laws.order_does_not_matter(model, everything, *targets(labels), order)


@pytest.mark.parametrize(
    "model", [TabularLinear(COLUMNS), TabularLinear(COLUMNS, head=FIXED), ImageLinear()], ids=name
)
def test_a_copy_of_an_item_counts_as_weight(model, everything, labels):
    laws.copies_count_as_weight(model, everything, *targets(labels))


@pytest.mark.parametrize("model", [TabularLinear(COLUMNS), ImageLinear()], ids=name)
def test_renaming_classes_changes_only_names(model, everything, labels):
    laws.renamed_classes_change_only_names(model, everything, *targets(labels), np.array([1, 0]))


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_even_targets_teach_nothing(model, everything):
    laws.even_targets_teach_nothing(model, everything, 2)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 30))
def test_any_linear_fit_gives_probabilities_and_does_not_mind_order(seed, classes, rows):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 3)).round(1)
    target, weight = rng.dirichlet(np.ones(classes), rows), rng.uniform(0.1, 3, rows)
    order = rng.permutation(rows)
    straight = LinearHead().fit(features, target, weight)
    shuffled = LinearHead().fit(features[order], target[order], weight[order])
    predicted = straight.predict(features)
    assert np.allclose(predicted.sum(axis=1), 1)
    assert straight.strength == shuffled.strength
    assert np.allclose(predicted, shuffled.predict(features), atol=2e-3)
