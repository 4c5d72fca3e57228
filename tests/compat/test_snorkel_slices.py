"""Slices of the data, their scores, and data whose truth is known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from labelwright.compat.snorkel.utils.config_utils import merge_config
from labelwright.compat.snorkel.utils.data_operators import check_unique_names
from labelwright.compat.snorkel.utils.lr_schedulers import LRSchedulerConfig
from labelwright.compat.snorkel.utils.optimizers import OptimizerConfig

from labelwright.compat.snorkel.analysis import Scorer
from labelwright.compat.snorkel.labeling import LFAnalysis
from labelwright.compat.snorkel.slicing import (
    PandasSFApplier,
    SFApplier,
    SlicingFunction,
    slice_dataframe,
    slicing_function,
)
from labelwright.compat.snorkel.synthetic.synthetic_data import generate_simple_label_matrix
from labelwright.compat.snorkel.types import DataPoint


@slicing_function(resources={"most": 20})
def low(x: DataPoint, most: int) -> bool:
    return x.number < most


@slicing_function()
def fragile(x: DataPoint) -> bool:
    return 1 / (x.number - 22) > 0


NUMBERS = [5, 10, 22, 25]


def test_a_slice_is_a_field_of_a_record_array():
    assert isinstance(low, SlicingFunction)
    of_rows = PandasSFApplier([low, fragile]).apply(pd.DataFrame({"number": NUMBERS}),
                                                    fault_tolerant=True)  # fmt: skip
    assert of_rows["low"].tolist() == [1, 1, 0, 0]
    assert of_rows["fragile"].tolist() == [0, 0, -1, 1]
    items = [SimpleNamespace(number=number) for number in NUMBERS]
    of_items, meta = SFApplier([low, fragile]).apply(items, fault_tolerant=True, return_meta=True)
    assert (of_items == of_rows).all()
    assert meta.faults == {"fragile": 1}


def test_a_frame_is_cut_down_to_a_slice():
    frame = pd.DataFrame({"number": NUMBERS}, index=list("abcd"))
    assert slice_dataframe(frame, low).index.tolist() == ["a", "b"]


def test_slices_are_scored_by_name_after_all_items():
    golds, preds = np.array([0, 1, 0, 1]), np.array([0, 0, 0, 0])
    probs = np.eye(2)[preds]
    slices = PandasSFApplier([low, fragile]).apply(
        pd.DataFrame({"number": NUMBERS}), fault_tolerant=True
    )
    scorer = Scorer(["accuracy", "coverage"])
    scores = scorer.score_slices(slices, golds, preds, probs)
    # Where its function failed an item is in no slice.
    assert {name: each["accuracy"] for name, each in scores.items()} == {
        "overall": 0.5, "low": 0.5, "fragile": 0,
    }  # fmt: skip
    frame = scorer.score_slices(slices, golds, preds, probs, as_dataframe=True)
    assert frame.loc["low"].to_dict() == scores["low"]
    assert list(frame.index) == ["overall", "low", "fragile"]
    with pytest.raises(ValueError, match="as long as each other"):
        scorer.score_slices(slices, golds[:1], preds, probs)


def test_made_labels_follow_the_chances_that_they_come_with():
    np.random.seed(1)  # noqa: NPY002 - as a notebook seeds it
    chances, truth, labels = generate_simple_label_matrix(4000, 5, 3)
    assert chances.shape == (5, 4, 3)
    assert np.allclose(chances.sum(axis=1), 1)
    assert np.allclose(LFAnalysis(labels).lf_empirical_probs(truth, 3), chances, atol=0.05)
    np.random.seed(1)  # noqa: NPY002 - likewise
    sparse = generate_simple_label_matrix(400, 5, 3, abstain_multiplier=1000)[2]
    assert (sparse == -1).mean() > 0.85


def test_settings_within_settings_are_changed_by_a_mapping():
    changed = merge_config(LRSchedulerConfig(), {"min_lr": 1, "step_config": {"gamma": 0.5}})
    assert (changed.min_lr, changed.step_config.gamma, changed.warmup_steps) == (1, 0.5, 0)
    assert merge_config(OptimizerConfig(), {}) == OptimizerConfig()
    with pytest.raises(ValueError, match="StepLRSchedulerConfig has no setting 'gama'"):
        merge_config(LRSchedulerConfig(), {"step_config": {"gama": 1}})


def test_functions_have_names_of_their_own():
    check_unique_names(["a", "b"])
    check_unique_names([])
    with pytest.raises(ValueError, match="2 functions are called 'a'"):
        check_unique_names(["a", "b", "a"])
