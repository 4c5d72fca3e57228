"""On real sets the methods do what is said of them. Needs ../shared/data."""

import json

import numpy as np
import pytest

from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import DawidSkene, MajorityVote


def right_share(model, folder):
    """How many covered labels are right, ties shared."""
    raw = np.load(folder / "votes.npz")
    kind = json.loads((folder / "meta.json").read_text())["kind"]
    _, first = np.unique(
        raw["item"].astype(np.int64) * int(raw["m"]) + raw["source"], return_index=True
    )
    votes = VoteMatrix.build(
        raw["item"][first], raw["source"][first], raw["label"][first], units=int(raw["n"]),
        classes=int(raw["k"]), kinds=["function" if kind == "lf" else "person"] * int(raw["m"]),
    )  # fmt: skip
    known = votes.covered & (raw["y"] >= 0)
    found = model.posterior(model.fit(votes), votes).probability[known]
    best = found >= found.max(axis=1, keepdims=True) - 1e-9
    return (best / best.sum(axis=1, keepdims=True))[np.arange(len(found)), raw["y"][known]].mean()


@pytest.mark.data
@pytest.mark.parametrize("name", ["bluebird", "rte", "web", "D_PosSent"])
def test_confusions_beat_majority_vote_on_crowds(real_data, name):
    folder = real_data / name
    assert right_share(DawidSkene(), folder) > right_share(MajorityVote(), folder) + 0.02


@pytest.mark.data
@pytest.mark.parametrize("name", ["youtube", "yelp_13k", "hausa", "agnews_24k", "cdr"])
def test_dawid_skene_does_not_collapse_on_functions(real_data, name):
    folder = real_data / name
    assert right_share(DawidSkene(), folder) > right_share(MajorityVote(), folder) - 0.01
