"""What an answer should be taken to cost for each unit of its item, whatever it truly costs.

Items have 1 to 60 units, of which few are in doubt; questions are put in order by the sum of
their units' gain per price, and answered until a tenth of the time that all would take is spent.
Shown is the gain of each supposed price of a unit (a row) under each true one (a column), as a
share of what the true one gives; the price of an item is one minus that of a unit. Seconds to run.
Run: `python benchmarks/quality/unit_price.py`.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

ITEMS, SEEDS, SPENT = 2_000, 20, 0.1
PRICES = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0)


def main():
    print(f"{'supposed':>9}" + "".join(f"{true:8.2f}" for true in PRICES) + f"{'least':>8}")
    share = np.mean([shares(np.random.default_rng(seed)) for seed in range(SEEDS)], axis=0)
    for supposed, row in zip(PRICES, share, strict=True):
        print(f"{supposed:9.2f}" + "".join(f"{one:8.3f}" for one in row) + f"{row.min():8.3f}")
    record(
        "quality/unit_price",
        title="Price of a unit: the gain of the questions chosen under a supposed price of each "
        "unit after the first (row), as a share of what the true price gives, by the true price: "
        "0 where looking at an item takes all the time, 1 where its units do; and at its worst",
        columns=["supposed", *map(str, PRICES), "at its worst"],
        rows=[[str(p), *row, row.min()] for p, row in zip(PRICES, share, strict=True)],
        digits=3,
        measures=["src/labelwright/queue/per_item.py"],
        plays=SEEDS,
    )


def shares(rng):
    units = 1 + np.minimum(rng.geometric(0.1, ITEMS), 59)
    hard = rng.beta(0.5, 2.0, ITEMS)
    gain = np.array([(rng.beta(0.5, 5.0, n) * h).sum() for n, h in zip(units, hard, strict=True)])
    price = np.array([1 - each + each * units for each in PRICES])
    found = np.array([[gained(gain, mine, true) for true in price] for mine in price])
    return found / found.diagonal()


def gained(gain, supposed, true):
    """The gain of the items that are answered first, until the time is spent."""
    order = np.argsort(-gain / supposed)
    done = np.cumsum(true[order]) <= SPENT * true.sum()
    return gain[order][done].sum()


if __name__ == "__main__":
    main()
