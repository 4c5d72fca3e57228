import os

import pytest


@pytest.mark.parametrize(("told", "threads"), [(None, "1"), ("3", "3")])
def test_products_of_small_arrays_take_one_thread_unless_the_user_says_so(
    lw, monkeypatch, told, threads
):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", told or "")
    if told is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert lw("--version").code == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == threads
