import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from endmodels.making import soft
from labelwright.core.errors import DataError, SettingsError
from labelwright.endmodels.calibration import ProbabilityCorrection, log_loss
from labelwright.endmodels.linear import LinearFit, LinearHead, drawn_rows
from labelwright.endmodels.targets import SeenClasses


def clouds(classes, rows=300, seed=0):
    rng = np.random.default_rng(seed)
    label = np.arange(rows) % classes
    centre = rng.normal(size=(classes, 5))
    return centre[label] + rng.normal(size=(rows, 5)), label


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("strength", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_hard_labels_give_the_coefficients_of_scikit_learn(classes, strength, form):
    features, label = clouds(classes)
    weight = np.random.default_rng(1).uniform(0.2, 2, len(label))
    ours = LinearHead(strength=strength, calibration="none").fit(
        form(features), np.eye(classes)[label], weight
    )
    peer = LogisticRegression(C=strength, max_iter=10_000, tol=1e-8)
    peer.fit(features, label, sample_weight=weight)
    coefficient = ours.coefficient
    if classes == 2:
        coefficient = coefficient[:, 1:] - coefficient[:, :1]
    assert np.allclose(coefficient.T, peer.coef_, atol=1e-3)
    assert np.allclose(ours.predict(features), peer.predict_proba(features), atol=1e-3)


def test_a_soft_label_equals_its_hard_labels_by_weight():
    features, label = clouds(3)
    target = soft(label, 3, 0.7)
    head = LinearHead(strength=1.0, calibration="none")
    softly = head.fit(features, target, np.ones(len(label)))
    hard = head.fit(np.repeat(features, 3, axis=0), np.tile(np.eye(3), (300, 1)), target.ravel())
    assert np.allclose(softly.predict(features), hard.predict(features), atol=1e-4)


def test_the_strength_is_chosen_by_what_predicts_unseen_items():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(200, 30))
    label = rng.integers(0, 2, 200)
    nothing = LinearHead().fit(noise, np.eye(2)[label], np.ones(200))
    assert nothing.strength == 0.01
    features, label = clouds(2)
    something = LinearHead().fit(features, np.eye(2)[label], np.ones(300))
    assert something.strength > 0.01
    assert something.loss < 0.6


def test_a_warm_start_ends_in_the_same_place_sooner():
    features, label = clouds(3)
    target, weight = np.eye(3)[label], np.ones(300)
    head = LinearHead(strength=1.0, calibration="none")
    cold = head.fit(features, target, weight)
    warm = head.fit(features, target, weight, start=cold)
    assert np.allclose(cold.coefficient, warm.coefficient, atol=1e-3)
    one_step = LinearHead(strength=1.0, calibration="none", steps=1)
    near = one_step.fit(features, target, weight, start=cold)
    assert np.allclose(near.predict(features), cold.predict(features), atol=1e-3)
    assert not np.allclose(one_step.fit(features, target, weight).predict(features),
                           cold.predict(features), atol=1e-2)  # fmt: skip


def test_a_warm_start_of_two_classes_works():
    features, label = clouds(2)
    head = LinearHead(strength=1.0, calibration="none")
    cold = head.fit(features, np.eye(2)[label], np.ones(300))
    near = LinearHead(strength=1.0, calibration="none", steps=1).fit(
        features, np.eye(2)[label], np.ones(300), start=cold
    )
    assert np.allclose(near.coefficient, cold.coefficient, atol=1e-3)


def test_a_start_with_other_features_or_classes_is_passed_over():
    features, label = clouds(3)
    head = LinearHead(strength=1.0, calibration="none")
    target = np.eye(3)[label]
    cold = head.fit(features, target, np.ones(300))
    fewer = head.fit(features[:, :2], target, np.ones(300))
    others = head.fit(features, np.hstack([np.zeros((300, 1)), target]), np.ones(300))
    for start in (fewer, others):
        again = head.fit(features, target, np.ones(300), start=start)
        assert np.array_equal(cold.coefficient, again.coefficient)


@pytest.mark.parametrize("classes", [2, 3])
def test_labels_that_say_nothing_new_leave_the_fit_that_they_correct(classes):
    features, label = clouds(classes)
    head = LinearHead(strength=1.0, calibration="none")
    before = head.fit(features, np.eye(classes)[label], np.ones(300))
    same = head.fit(features, before.predict(features), np.ones(300), toward=before)
    assert np.allclose(same.predict(features), before.predict(features), atol=1e-4)
    nearly = head.fit(
        features[:1], np.full((1, classes), 1 / classes), np.array([1e-9]), toward=before
    )
    assert np.allclose(nearly.predict(features), before.predict(features), atol=1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_penalty_is_on_the_distance_from_what_was_known_before(classes):
    """Scikit-learn has no such penalty: the slope at the end is zero."""
    features, label = clouds(classes)
    target, weight = np.eye(classes)[label], np.ones(300)
    head = LinearHead(strength=0.1, calibration="none")
    before = head.fit(features, np.eye(classes)[(label + 1) % classes], weight)
    fit = head.fit(features, target, weight, toward=before)
    residual = fit.predict(features) - target
    moved = fit.coefficient - before.coefficient, fit.intercept - before.intercept
    share = 2 if classes == 2 else 1
    # Of two classes the difference of the columns is held: twice the move of either.
    assert np.allclose(features.T @ residual, -share * moved[0] / 0.1, atol=1e-2)
    assert np.allclose(residual.sum(axis=0), -share * moved[1] / 0.1, atol=1e-2)


def test_what_was_known_before_is_corrected_as_it_was_calibrated():
    features, label = clouds(3)
    before = LinearHead(strength=1.0, calibration="vector").fit(
        features[:20], np.eye(3)[label[:20]], np.ones(20)
    )
    head = LinearHead(strength=1.0, calibration="none")
    nearly = head.fit(features[:1], np.eye(3)[label[:1]], np.array([1e-9]), toward=before)
    assert before.calibration.scale != 1
    assert np.allclose(nearly.predict(features), before.predict(features), atol=1e-4)


def test_a_class_of_which_nothing_was_known_is_as_likely_as_any_other():
    features, label = clouds(2)
    head = LinearHead(strength=1.0, calibration="none")
    before = head.fit(features, np.eye(3)[label], np.ones(300))
    third = head.fit(features[:1], np.eye(3)[[2]], np.array([1e-9]), toward=before)
    assert third.predict(features)[:, 2].mean() == pytest.approx(1 / 4, abs=0.1)


def test_one_class_only_is_learnt_and_the_other_keeps_a_floor():
    features, _ = clouds(2)
    target = np.tile([1.0, 0.0], (300, 1))
    predicted = LinearHead().fit(features, target, np.ones(300)).predict(features)
    assert np.allclose(predicted, [1 - 1 / 302, 1 / 302])


def test_two_items_can_be_learnt():
    features = np.array([[0.0], [1.0]])
    fit = LinearHead().fit(features, np.eye(2), np.ones(2))
    assert list(fit.predict(features).argmax(axis=1)) == [0, 1]


def test_one_item_gives_its_class():
    fit = LinearHead().fit(np.zeros((1, 0)), np.array([[0.0, 1.0, 0.0]]), np.ones(1))
    assert fit.predict(np.zeros((4, 0))).argmax(axis=1).tolist() == [1] * 4


def test_seventy_seven_classes_are_learnt():
    label = np.arange(770) % 77
    features = np.random.default_rng(0).normal(size=(77, 20))[label]
    features += 0.1 * np.random.default_rng(1).normal(size=features.shape)
    fit = LinearHead(folds=2).fit(features, np.eye(77)[label], np.ones(770))
    assert (fit.predict(features).argmax(axis=1) == label).mean() > 0.99


def test_features_that_are_not_finite_are_refused():
    for bad in (np.nan, np.inf):
        with pytest.raises(DataError, match="finite"):
            LinearHead().fit(np.array([[bad], [1.0]]), np.eye(2), np.ones(2))


@pytest.mark.parametrize("settings", [{"strength": 0}, {"strength": -1.0}, {"calibration": "x"}])
def test_wrong_settings_are_refused(settings):
    with pytest.raises(SettingsError):
        LinearHead(**settings)


def test_no_warning_comes_out_of_wild_numbers():
    features = np.array([[1e8], [-1e8], [1e-8], [0.0]] * 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = LinearHead().fit(features, np.eye(2)[[0, 1, 0, 1] * 10], np.ones(40))
    assert np.all(np.isfinite(fit.predict(features)))


def test_tuning_draws_the_same_items_whatever_their_order():
    key = np.random.default_rng(0).normal(size=1000)
    order = np.random.default_rng(1).permutation(1000)
    first, second = key[drawn_rows(key, 100)], key[order][drawn_rows(key[order], 100)]
    assert sorted(first) == sorted(second)
    # A fair draw: its mean is near that of all.
    assert abs(first.mean()) < 0.4


def test_tuning_on_some_items_is_enough():
    features, label = clouds(2, rows=2000)
    fit = LinearHead(tuning_rows=200).fit(features, np.eye(2)[label], np.ones(2000))
    assert np.isfinite(fit.loss)


def test_a_packed_fit_is_the_same_fit():
    features, label = clouds(3)
    fit = LinearHead().fit(features, np.eye(3)[label], np.ones(300))
    assert np.array_equal(LinearFit.unpack(fit.pack()).predict(features), fit.predict(features))


@pytest.mark.parametrize("how", ["temperature", "vector"])
def test_overconfident_probabilities_become_humble(how):
    rng = np.random.default_rng(0)
    true = rng.dirichlet(np.ones(3), 2000)
    target = np.eye(3)[[rng.choice(3, p=row) for row in true]]
    boastful = true**3 / (true**3).sum(axis=1, keepdims=True)
    calibration = ProbabilityCorrection.fit(boastful, target, np.ones(2000), how)
    assert calibration.scale == pytest.approx(1 / 3, abs=0.05)
    better = calibration.apply(boastful)
    assert log_loss(better, target, np.ones(2000)) < log_loss(boastful, target, np.ones(2000))
    assert np.allclose(better.sum(axis=1), 1)


def test_vector_scaling_mends_a_wrong_class_balance():
    rng = np.random.default_rng(0)
    true = rng.dirichlet([2, 1], 3000)
    target = np.eye(2)[(rng.random(3000) > true[:, 0]).astype(int)]
    tilted = true * [1, 4]
    tilted /= tilted.sum(axis=1, keepdims=True)
    mended = ProbabilityCorrection.fit(tilted, target, np.ones(3000), "vector").apply(tilted)
    assert np.abs(mended - true).mean() < 0.03


def test_the_slope_of_the_calibration_loss_is_right():
    from scipy.optimize import check_grad

    from labelwright.endmodels.calibration import _loss

    rng = np.random.default_rng(0)
    logs, target = np.log(rng.dirichlet(np.ones(3), 20)), rng.dirichlet(np.ones(3), 20)
    for free in (np.array([0.3]), np.array([0.3, 0.1, -0.2, 0.4])):
        error = check_grad(
            lambda x: _loss(x, logs, target, np.ones(20))[0],
            lambda x: _loss(x, logs, target, np.ones(20))[1],
            free,
        )
        assert error < 1e-4


def test_no_calibration_changes_nothing():
    probability = np.array([[0.3, 0.7]])
    assert ProbabilityCorrection.none(2).apply(probability) is probability
    assert ProbabilityCorrection.fit(probability, probability, np.ones(1), "none").scale == 1


def test_a_class_of_hardly_any_weight_counts_as_unseen():
    target = np.array([[1 - 1e-9, 1e-9], [1.0, 0.0]])
    seen = SeenClasses.of(target, np.ones(2))
    assert seen.seen.tolist() == [0]
    assert np.allclose(seen.narrow(np.array([[0.0, 1.0]])), 1)
    assert seen.prior.sum() == pytest.approx(1)
