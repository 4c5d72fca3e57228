"""Choosing 20 questions from a pool of 100,000 items with 384 coordinates, as after any answer.

Processor seconds, the median of five. Run: `python benchmarks/speed/questions.py`.
"""

import sys
import time
from pathlib import Path

import numpy as np

from labelwright.core.pool import Pool
from labelwright.queue import Margin, Mixed, ValuePerCost

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

ITEMS, DIMENSIONS, QUESTIONS, REPEATS = 100_000, 384, 20, 5


def main():
    rows = []
    print(f"{'classes':>8}{'value':>9}{'mixed':>9}{'margin':>9}   seconds")
    for classes in (2, 4, 77):
        pool = pool_of(classes)
        seconds = [taken(strategy, pool) for strategy in (ValuePerCost(), Mixed(), Margin())]
        print(f"{classes:8}" + "".join(f"{one:9.3f}" for one in seconds))
        rows.append([str(classes), *seconds])
    record(
        "speed/questions",
        title="Choosing questions from a pool, as after any answer: processor seconds by strategy",
        columns=["classes", "value", "mixed", "margin"],
        rows=rows,
        digits=3,
        measures=["src/labelwright/queue"],
        settings={"items": ITEMS, "coordinates": DIMENSIONS, "questions": QUESTIONS},
        plays=REPEATS,
    )


def pool_of(classes):
    rng = np.random.default_rng(0)
    return Pool(
        item=np.arange(ITEMS),
        askable=np.ones(ITEMS, bool),
        posterior=rng.dirichlet(np.ones(classes), ITEMS),
        covered=np.arange(ITEMS) < ITEMS // 2,
        disagreement=np.zeros(ITEMS),
        prediction=rng.dirichlet(np.ones(classes), ITEMS),
        embedding=rng.normal(size=(ITEMS, DIMENSIONS)).astype(np.float32),
        answers=(np.arange(ITEMS) < 200).astype(int),
    )


def taken(strategy, pool):
    seconds = []
    for seed in range(REPEATS):
        started = time.process_time()
        strategy.pick(pool, QUESTIONS, np.random.default_rng(seed))
        seconds.append(time.process_time() - started)
    return np.median(seconds)


if __name__ == "__main__":
    main()
