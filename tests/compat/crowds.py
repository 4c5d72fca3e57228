"""Tables of votes whose truth is known, for the tests of crowd-kit's interface."""

import numpy as np
import pandas as pd

COLUMNS = ["task", "worker", "label"]


def a_crowd(tasks=60, accuracies=(0.95, 0.8, 0.7, 0.3), labels=("no", "yes"), seed=3):
    """Votes of everybody on everything, in no order, and the true label of each task."""
    rng = np.random.default_rng(seed)
    truth = {f"t{number}": labels[number % 3 % len(labels)] for number in range(tasks)}
    rows = []
    for task, label in truth.items():
        for worker, accuracy in enumerate(accuracies):
            given = label if rng.random() < accuracy else rng.choice(labels)
            rows.append((task, f"w{worker}", given))
    table = pd.DataFrame(rows, columns=COLUMNS).sample(frac=1, random_state=1)
    return table, pd.Series(truth)


def votes(*rows):
    """A table of rows such as "a Ann yes"."""
    return pd.DataFrame([row.split() for row in rows], columns=COLUMNS)
