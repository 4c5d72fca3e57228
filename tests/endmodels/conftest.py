"""Small items of every sort, made here."""

import numpy as np
import pyarrow as pa
import pytest

from endmodels.making import media, png

ROWS = 60


@pytest.fixture
def labels():
    return np.arange(ROWS) % 2


@pytest.fixture
def texts(labels):
    rng = np.random.default_rng(1)
    spam = ["win", "cash", "now", "free", "prize", "£100"]
    ham = ["see", "you", "at", "home", "tonight,", "mum"]
    bodies = [" ".join(rng.choice(spam if one else ham, 6)) for one in labels]
    return pa.table({"body": bodies, "title": [f"mail {i}" for i in range(ROWS)]})


@pytest.fixture
def records(labels):
    rng = np.random.default_rng(2)
    size = rng.normal(size=ROWS) + 2.0 * labels
    size[::7] = np.nan
    colour = np.where(rng.random(ROWS) < 0.8, np.where(labels, "red", "green"), "blue")
    return pa.table(
        {
            "size": size,
            "colour": pa.array(colour, mask=rng.random(ROWS) < 0.1),
            "count": pa.array(rng.integers(0, 9, ROWS)),
            "old": pa.array(rng.random(ROWS) < 0.5),
            "day": pa.array(rng.integers(0, 9_000, ROWS).astype(np.int32)).cast(pa.date32()),
            "constant": pa.array([1.0] * ROWS),
        }
    )


@pytest.fixture
def pictures(labels):
    rng = np.random.default_rng(3)
    contents = []
    for one in labels:
        grid = rng.integers(0, 60, (16, 16))
        stripes = np.arange(16) // 4 % 2 * 150
        grid += stripes[None, :] if one else stripes[:, None]
        contents.append(png(grid.astype(np.uint8)))
    return media(contents)
