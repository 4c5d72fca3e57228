import numpy as np
import pytest

from labelwright.core.errors import DataError
from labelwright.quality import (
    certified,
    clopper_pearson,
    least_audit,
    most_above,
    promising,
    wrong_allowed,
)


@pytest.mark.parametrize(("audited", "target"), [(200, 0.98), (500, 0.95), (60, 0.9), (1000, 0.97)])
def test_one_mistake_more_than_allowed_no_longer_shows_the_target(audited, target):
    wrong = wrong_allowed(audited, target)
    assert certified(audited - wrong, audited, target)
    assert not certified(audited - wrong - 1, audited, target)


def test_a_sample_may_be_too_small_even_without_a_mistake():
    assert wrong_allowed(100, 0.98) == -1
    assert wrong_allowed(0, 0.5) == -1
    assert not certified(100, 100, 0.98)


def test_an_audit_of_labels_at_the_bar_passes_at_most_one_time_in_twenty():
    rng = np.random.default_rng(0)
    right = rng.binomial(300, 0.95, 4000)
    passed = 300 - right <= wrong_allowed(300, 0.95)
    assert passed.mean() <= 0.05 + 0.01


def test_the_bound_is_the_exact_one():
    low = float(clopper_pearson(295, 300, 0.9).low)
    assert certified(295, 300, low - 1e-9)
    assert not certified(295, 300, low + 1e-9)


def test_the_threshold_takes_as_many_items_as_stay_right_enough_on_average():
    confidence = [0.99, 0.5, 0.9, 0.8]
    assert most_above(confidence, 0.9) == 0.9 or most_above(confidence, 0.9) == 0.8
    assert most_above(confidence, 0.945) == 0.9
    assert most_above(confidence, 0.995) is None
    assert most_above([], 0.9) is None


def test_items_of_equal_confidence_are_taken_together_or_not_at_all():
    assert most_above([1.0, 0.8, 0.8], 0.9) == 1.0


@pytest.mark.parametrize("target", [0, 1, -0.2, 1.5])
def test_a_target_that_is_no_share_is_refused(target):
    for ask in (
        lambda: wrong_allowed(10, target),
        lambda: most_above([1], target),
        lambda: certified(1, 1, target),
    ):
        with pytest.raises(DataError, match="target"):
            ask()


def test_confidences_outside_their_range_are_refused():
    with pytest.raises(DataError, match="confidence"):
        most_above([1.2, 0.5], 0.9)


@pytest.mark.parametrize("target", [0.51, 0.8, 0.95, 0.98, 0.999])
def test_the_least_audit_is_the_first_that_can_show_the_target(target):
    least = least_audit(target)
    assert wrong_allowed(least, target) == 0
    assert wrong_allowed(least - 1, target) == -1


def test_a_target_next_to_one_needs_more_than_anybody_can_audit():
    assert least_audit(0.9999999999999998) > 10**15


@pytest.mark.parametrize("audited", [59, 60, 75, 92, 93, 200, 5000])
def test_a_set_that_is_worth_an_audit_passes_it_as_often_as_not(audited):
    right = promising(audited, 0.95)
    assert 0.95 < right < 1
    mistakes = np.random.default_rng(audited).binomial(audited, 1 - right, 20_000)
    assert (mistakes <= wrong_allowed(audited, 0.95)).mean() == pytest.approx(0.5, abs=0.02)


def test_no_set_is_worth_an_audit_that_nothing_can_pass():
    with pytest.raises(DataError, match="59 can"):
        promising(58, 0.95)
