"""Majority vote with and without skills, of labels, sets of labels and pixels."""

import numpy as np
import pandas as pd
import pytest

from compat.crowds import a_crowd, votes
from labelwright.compat.crowdkit.aggregation import (
    BinaryRelevance,
    DawidSkene,
    GoldMajorityVote,
    MajorityVote,
    SegmentationMajorityVote,
    Wawa,
    ZeroBasedSkill,
)

TABLE = votes("a Ann yes", "a Bo yes", "a Cy no", "b Ann no", "b Bo yes", "b Cy no", "c Cy yes")


def test_probabilities_are_shares_of_votes_and_skills_are_agreement_with_the_label():
    model = MajorityVote().fit(TABLE)
    assert model.labels_.to_dict() == {"a": "yes", "b": "no", "c": "yes"}
    assert np.allclose(model.probas_, [[1 / 3, 2 / 3], [2 / 3, 1 / 3], [0, 1]])
    assert model.skills_.to_dict() == {"Ann": 1, "Bo": 0.5, "Cy": pytest.approx(2 / 3)}


def test_equals_are_decided_by_the_order_of_labels_and_votes_count_as_often_as_they_occur():
    tie = votes("a Ann yes", "a Bo no")
    assert MajorityVote().fit_predict(tie)["a"] == "no"
    twice = pd.concat([tie, tie.head(1)])
    assert MajorityVote().fit_predict_proba(twice).loc["a", "yes"] == pytest.approx(2 / 3)
    # How well a worker agrees is of votes, not of copies of them.
    assert MajorityVote().fit(twice).skills_.to_dict() == {"Ann": 1, "Bo": 0}


def test_skills_are_what_votes_count():
    model = MajorityVote()
    shares = model.fit_predict_proba(TABLE, skills=pd.Series({"Ann": 1, "Bo": 3, "Cy": 5}))
    assert np.allclose(shares, [[5 / 9, 4 / 9], [6 / 9, 3 / 9], [0, 1]])
    assert model.labels_["a"] == "no"


def test_workers_without_a_skill_are_an_error_left_out_or_given_one():
    skills = pd.Series({"Ann": 1.0, "Bo": 1.0})
    two = TABLE[TABLE.task != "c"]
    with pytest.raises(ValueError, match="2 votes are of workers without a skill"):
        MajorityVote().fit(two, skills)
    left = MajorityVote(on_missing_skill="ignore").fit(two, skills)
    assert list(left.skills_.index) == ["Ann", "Bo"]
    assert left.probas_.loc["a", "yes"] == 1
    with pytest.raises(ValueError, match="on 1 tasks nobody"):
        MajorityVote(on_missing_skill="ignore").fit(TABLE, skills)
    given = MajorityVote(default_skill=9, on_missing_skill="value").fit(TABLE, skills)
    assert given.probas_.loc["a", "no"] == pytest.approx(9 / 11)
    for wrong in ({"on_missing_skill": "value"}, {"default_skill": 1.0}):
        with pytest.raises(ValueError, match="which needs it"):
            MajorityVote(**wrong).fit(TABLE, skills)
    with pytest.raises(ValueError, match="did you mean 'ignore'"):
        MajorityVote(on_missing_skill="ignored").fit(TABLE, skills)


def test_wawa_weighs_by_agreement_with_the_majority():
    model = Wawa()
    shares = model.fit_predict_proba(TABLE)
    assert shares.equals(MajorityVote().fit_predict_proba(TABLE, MajorityVote().fit(TABLE).skills_))
    assert shares.loc["a", "yes"] == pytest.approx(1.5 / (1.5 + 2 / 3))
    assert model.predict(TABLE.head(3)).to_dict() == {"a": "yes"}
    assert shares.equals(model.predict_proba(TABLE))
    with pytest.raises(ValueError, match="without a skill"):
        model.predict(votes("a Dee yes"))
    with pytest.raises(RuntimeError, match="this Wawa is not fitted"):
        Wawa().predict(TABLE)


def test_gold_weighs_by_accuracy_on_known_tasks():
    model = GoldMajorityVote().fit(TABLE, pd.Series({"a": "yes", "b": "yes", "z": "no"}))
    assert (model.skills_.name, model.skills_.to_dict()) == (
        "skill",
        {"Ann": 0.5, "Bo": 1, "Cy": 0},
    )
    assert model.predict(TABLE.head(6))["b"] == "yes"
    several = pd.Series(["yes", "no"], ["a", "a"])
    assert GoldMajorityVote().fit(TABLE, several).skills_.eq(1).all()
    assert GoldMajorityVote().fit_predict(TABLE, several)["b"] == "no"


def test_zero_based_skills_settle_at_agreement_with_what_they_choose():
    table, truth = a_crowd()
    model = ZeroBasedSkill().fit(table)
    labels = model.predict(table)
    agreement = (table.label == table.task.map(labels)).groupby(table.worker).mean()
    assert np.allclose(model.skills_, agreement)
    assert (labels == truth[labels.index]).mean() > 0.8
    start = ZeroBasedSkill(n_iter=0, eps=0.1).fit(table)
    assert np.allclose(start.skills_, 0.6)
    slow = ZeroBasedSkill(n_iter=1, lr_init=0.5, lr_steps_to_reduce=1, eps=0.0).fit(table)
    # The rate falls to a quarter before the only step, towards the agreement with the majority.
    assert np.allclose(slow.skills_, 0.5 + (MajorityVote().fit(table).skills_ - 0.5) / 4)


def test_each_label_of_a_set_is_decided_by_itself():
    table = pd.DataFrame(
        [("t", "a", ["tree", "house"]), ("t", "b", ["house"]), ("t", "c", ["house", "tree"]),
         ("s", "a", ["car"]), ("s", "b", ["train"]), ("s", "c", [])],
        columns=["task", "worker", "label"],
    )  # fmt: skip
    model = BinaryRelevance()
    labels = model.fit_predict(table)
    assert labels.to_dict() == {"s": [], "t": ["house", "tree"]}
    assert (labels.name, labels.index.name) == ("agg_label", "task")
    assert sorted(model.aggregators_) == ["car", "house", "train", "tree"]
    assert model.aggregators_["tree"].probas_.loc["t", 1] == pytest.approx(2 / 3)
    other = BinaryRelevance(DawidSkene(n_iter=3)).fit(table)
    assert other.aggregators_["tree"].n_iter == 3
    assert other.aggregators_["tree"] is not other.base_aggregator
    assert len(BinaryRelevance().fit_predict(table.head(0))) == 0
    with pytest.raises(ValueError, match="must be an aggregator"):
        BinaryRelevance("majority")


def test_a_pixel_is_marked_where_half_of_the_weight_marked_it():
    masks = [np.array([[1, 1, 0, 0]]), np.array([[1, 0, 1, 0]], bool)]
    table = pd.DataFrame({"task": [7, 7], "worker": ["a", "b"], "segmentation": masks})
    found = SegmentationMajorityVote().fit_predict(table)
    assert (found.name, found.index.name) == ("agg_segmentation", "task")
    assert found[7].tolist() == [[True, True, True, False]]
    weighed = SegmentationMajorityVote().fit_predict(table, pd.Series({"a": 1, "b": 2}))
    assert weighed[7].tolist() == [[True, False, True, False]]
    with pytest.raises(ValueError, match="without a skill"):
        SegmentationMajorityVote().fit(table, pd.Series({"a": 1}))
    with pytest.raises(KeyError, match="no column 'segmentation'"):
        SegmentationMajorityVote().fit(table.drop(columns="segmentation"))
