"""How many threads the numerical libraries may use for a piece of work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

MUCH = 1 << 26
"""So many multiplications a pass are worth more than one thread: some hundredths of a second."""


@contextmanager
def threads_for(work: int) -> Iterator[None]:
    """In here BLAS and OpenMP use one thread; all that may be had where there is much to do.

    Left to themselves they wake a thread a core for arrays of any size, which then spins: small
    fits take up to six times the processor time. One thread also adds up in one order, so that
    they end in the same numbers on every machine.

    Args:
        work: about how many multiplications one pass over the data takes.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=_most() if work >= MUCH else 1):
        yield


def _most() -> int:
    """What the user allows by OMP_NUM_THREADS, or the cores of the machine."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() and int(told) else os.cpu_count() or 1
