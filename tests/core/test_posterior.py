import numpy as np
import pytest

from labelwright.core.errors import VotesError
from labelwright.core.posterior import LabelModelFit, Posterior


def posterior(rows):
    rows = np.array(rows, float)
    return Posterior(rows, np.ones(len(rows), bool))


def fit(accuracy=0.8):
    confusion = np.full((3, 2, 2), 0.5)
    return LabelModelFit(
        "m", np.array([0.4, 0.6]), confusion, np.full(3, accuracy), np.zeros(2), confusion,
        np.zeros((3, 2)),
    )  # fmt: skip


def test_sizes_labels_confidence_and_entropy():
    found = posterior([[0.2, 0.8], [1, 0], [0.5, 0.5]])
    assert (found.units, found.classes) == (3, 2)
    np.testing.assert_array_equal(found.label, [1, 0, 0])
    np.testing.assert_allclose(found.confidence, [0.8, 1, 0.5])
    np.testing.assert_allclose(found.entropy, [0.5004, 0, np.log(2)], atol=1e-4)


def test_no_units_are_no_error():
    assert posterior(np.empty((0, 2))).label.shape == (0,)


@pytest.mark.parametrize("rows", [[[0.5, 0.6]], [[-0.1, 1.1]], [[np.nan, 0.5]], [[np.inf, 0]]])
def test_rows_that_are_no_probabilities_are_refused(rows):
    with pytest.raises(VotesError, match="sum to 1"):
        posterior(rows)


def test_shapes_that_do_not_match_are_refused():
    with pytest.raises(VotesError, match="one covered flag a unit"):
        Posterior(np.array([0.5, 0.5]), np.ones(2, bool))
    with pytest.raises(VotesError, match="one covered flag a unit"):
        Posterior(np.array([[0.5, 0.5]]), np.ones(2, bool))


def test_a_fit_is_named_by_what_it_learnt():
    assert fit().id == fit().id != fit(0.7).id
    assert (fit().sources, fit().classes) == (3, 2)
