import numpy as np
import pytest
from threadpoolctl import threadpool_info

from labelwright.endmodels.linear import LinearHead
from labelwright.endmodels.threads import MUCH, threads_for


def used():
    return {library["num_threads"] for library in threadpool_info()}


def test_small_work_has_one_thread_and_leaves_the_others_as_they_were():
    before = used()
    with threads_for(1_000):
        assert used() == {1}
    assert used() == before


@pytest.mark.parametrize(("told", "threads"), [("3", 3), ("1", 1)])
def test_much_work_has_as_many_threads_as_the_user_allows(monkeypatch, told, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    with threads_for(MUCH):
        assert used() == {threads}


@pytest.mark.parametrize("told", ["", "0", "all"])
def test_without_a_number_much_work_has_all_cores(monkeypatch, told):
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    with threads_for(MUCH):
        assert used() == {2}


def test_a_fit_is_the_same_to_the_last_bit_however_many_threads_there_are(monkeypatch):
    rng = np.random.default_rng(0)
    features, label = rng.normal(size=(700, 300)), rng.integers(0, 10, 700)
    fits = []
    for threads in (1, 4):
        from threadpoolctl import threadpool_limits

        with threadpool_limits(threads):
            head = LinearHead(strength=1.0, calibration="none", steps=30)
            fits.append(head.fit(features, np.eye(10)[label], np.ones(700)).coefficient)
    assert np.array_equal(*fits)
