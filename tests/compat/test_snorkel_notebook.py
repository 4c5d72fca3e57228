"""A notebook written for Snorkel runs with one changed import."""

import re
from pathlib import Path

import numpy as np
import pytest

NOTEBOOK = Path(__file__).with_name("spam_notebook.py")


@pytest.fixture(scope="module")
def cells():
    """What the notebook's names hold in the end."""
    code, changed = re.subn(r"\bfrom snorkel\b", "from labelwright.compat.snorkel",
                            NOTEBOOK.read_text(encoding="utf-8"))  # fmt: skip
    assert changed == 6
    names = {"__name__": "notebook"}
    with pytest.warns(UserWarning, match="n_epochs, log_freq, seed: training options"):
        exec(compile(code, NOTEBOOK, "exec"), names)
    return names


def test_the_notebook_runs_and_its_labels_are_good(cells):
    assert cells["label_model_acc"] >= cells["majority_acc"] >= 0.9
    assert cells["end_acc"] > 0.8


def test_its_functions_did_what_their_code_says(cells):
    texts, labels = cells["df_train"].text, cells["L_train"]
    assert labels[:, 1].tolist() == [1 if "http" in text else -1 for text in texts]
    assert labels[:, 6].tolist() == [0 if len(text.split()) < 3 else -1 for text in texts]
    assert list(cells["summary"].index) == [lf.name for lf in cells["lfs"]]
    assert cells["summary"].loc["has_link", "Coverage"] == cells["coverage_link"]


def test_what_nobody_labeled_is_left_out_of_training(cells):
    silent = (cells["L_train"] == -1).all(axis=1)
    assert silent.any()
    assert len(cells["df_train_filtered"]) == len(cells["probs_train_filtered"]) == (~silent).sum()
    assert np.allclose(cells["probs_train"][silent], 0.5)
    assert sum(map(len, cells["buckets"].values())) == len(cells["Y_test"])
