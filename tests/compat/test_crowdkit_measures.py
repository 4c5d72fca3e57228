"""crowd-kit's measures of votes and workers, and what it leaves out by them."""

import numpy as np
import pandas as pd
import pytest
from labelwright.compat.crowdkit.aggregation.utils import (
    clone_aggregator,
    evaluate,
    evaluate_equal,
    evaluate_in,
    get_accuracy,
    get_most_probable_labels,
    normalize_rows,
)

from compat.crowds import a_crowd, votes
from labelwright.compat.crowdkit.aggregation import MACE, DawidSkene, MajorityVote
from labelwright.compat.crowdkit.aggregation.votes import Votes
from labelwright.compat.crowdkit.metrics.data import alpha_krippendorff, consistency, uncertainty
from labelwright.compat.crowdkit.metrics.workers import accuracy_on_aggregates
from labelwright.compat.crowdkit.postprocessing import entropy_threshold
from labelwright.core.matrix import VoteMatrix
from labelwright.quality import krippendorff_alpha

TABLE = votes("a Ann yes", "a Bo yes", "a Cy no", "b Ann no", "b Bo yes", "c Cy yes")


def test_accuracy_is_the_share_of_weight_that_is_right():
    truth = pd.Series({"a": "yes", "b": "no"})
    assert get_accuracy(TABLE, truth) == pytest.approx(3 / 5)
    assert get_accuracy(TABLE, truth, by="task").to_dict() == {"a": pytest.approx(2 / 3), "b": 0.5}
    assert get_accuracy(TABLE, truth, by="worker").to_dict() == {"Ann": 1, "Bo": 0.5, "Cy": 0}
    assert get_accuracy(TABLE, truth, by="true_label").to_dict() == {
        "no": 0.5, "yes": pytest.approx(2 / 3),
    }  # fmt: skip
    weighed = TABLE.assign(weight=[3, 1, 1, 1, 1, 1])
    assert get_accuracy(weighed, truth) == pytest.approx(5 / 7)
    assert get_accuracy(pd.concat([TABLE, TABLE.head(1)]), truth) == pytest.approx(3 / 5)
    assert get_accuracy(TABLE, pd.Series(["yes", "no"], ["a", "a"])) == 1
    with pytest.raises(KeyError, match="no column 'worker'"):
        get_accuracy(TABLE.drop(columns="worker"), truth)


def test_rows_and_labels_of_frames():
    scores = pd.DataFrame({"x": [3.0, 1.0], "y": [1.0, 1.0]})
    assert normalize_rows(scores).to_numpy().tolist() == [[0.75, 0.25], [0.5, 0.5]]
    assert get_most_probable_labels(scores).tolist() == ["x", "x"]
    assert len(get_most_probable_labels(pd.DataFrame())) == 0


def test_predictions_are_judged_task_by_task():
    truth = pd.Series({"a": "yes", "b": "no"}).rename_axis("task").to_frame("label")
    found = pd.Series({"a": "yes", "b": "yes"}).rename_axis("task").to_frame("label")
    assert evaluate(truth, found, evaluate_equal) == 0.5
    several = pd.Series({"a": ["yes"], "b": ["no", "yes"]}).rename_axis("task").to_frame("label")
    assert evaluate(several, found, evaluate_in) == 1
    with pytest.raises(ValueError, match="2 tasks have a true label, 1 of them a prediction"):
        evaluate(truth, found.head(1))


def test_a_clone_has_the_settings_and_learns_by_itself():
    model = DawidSkene(n_iter=3).fit(TABLE)
    other = clone_aggregator(model)
    assert (other.n_iter, other is model) == (3, False)
    other.fit(votes("z Zoe no"))
    assert list(model.labels_.index) == ["a", "b", "c"]


def test_consistency_is_the_probability_of_what_was_chosen():
    skills = pd.Series({"Ann": 0.9, "Bo": 0.6, "Cy": 0.5})
    by_task = consistency(TABLE, skills, by_task=True)
    assert by_task["a"] == pytest.approx(0.9 * 0.6 * 0.5 / (0.9 * 0.6 * 0.5 + 0.1 * 0.4 * 0.5))
    assert by_task["b"] == pytest.approx(0.9 * 0.4 / (0.9 * 0.4 + 0.1 * 0.6))
    assert consistency(TABLE, skills) == pytest.approx(by_task.mean())
    found = MajorityVote().fit(TABLE).skills_
    assert consistency(TABLE) == consistency(TABLE, found)
    # Two who are never wrong and disagree rule everything out.
    never = pd.Series({"Ann": 1.0, "Bo": 1.0, "Cy": 1.0})
    assert consistency(TABLE, never, by_task=True)["b"] == 0
    with pytest.raises(AssertionError, match="MACE finds no skills"):
        consistency(TABLE, aggregator=MACE())


def test_uncertainty_is_the_entropy_of_labels():
    by_task = uncertainty(TABLE, aggregate=False)
    assert by_task.to_dict() == pytest.approx({"a": 0.6365, "b": np.log(2), "c": 0}, abs=1e-4)
    by_worker = uncertainty(TABLE, compute_by="worker", aggregate=False)
    assert by_worker.to_dict() == pytest.approx({"Ann": np.log(2), "Bo": 0, "Cy": np.log(2)})
    assert uncertainty(TABLE) == pytest.approx(by_task.mean())
    skills = MajorityVote().fit(TABLE).skills_
    assert uncertainty(TABLE, aggregator=MajorityVote()) == uncertainty(TABLE, skills)
    with pytest.raises(KeyError):
        uncertainty(TABLE, compute_by="label")
    with pytest.raises(AssertionError, match="1 workers have no skill, such as 'Cy'"):
        uncertainty(TABLE, skills.drop("Cy"))


def test_alpha_is_that_of_labelwright_and_takes_any_distance():
    table, _ = a_crowd(tasks=30, labels=("a", "b", "c"))
    table = table.sample(frac=0.7, random_state=0)
    held = Votes.of(table)
    ours = krippendorff_alpha(
        VoteMatrix.build(held.task, held.worker, held.label, units=30, classes=3,
                         kinds=["person"] * 4)
    )  # fmt: skip
    assert alpha_krippendorff(table) == pytest.approx(ours)
    assert alpha_krippendorff(votes("a Ann yes", "a Bo yes", "b Ann no", "b Bo no")) == 1
    half = alpha_krippendorff(table, lambda one, other: 0.5 * (one != other))
    assert half == pytest.approx(ours)


def test_accuracy_on_what_was_chosen():
    assert accuracy_on_aggregates(TABLE) == pytest.approx(
        get_accuracy(TABLE, MajorityVote().fit_predict(TABLE))
    )
    chosen = pd.Series({"a": "no", "b": "no", "c": "yes"})
    assert accuracy_on_aggregates(TABLE, aggregates=chosen, by="worker").to_dict() == {
        "Ann": 0.5, "Bo": 0, "Cy": 1,
    }  # fmt: skip
    assert accuracy_on_aggregates(TABLE, DawidSkene(n_iter=0)) == accuracy_on_aggregates(TABLE)


def test_who_always_answers_alike_is_left_out():
    table, _ = a_crowd(tasks=20)
    dull = table[table.worker == "w0"].assign(worker="dull", label="yes")
    once = votes("t0 once yes")
    both = pd.concat([table, dull, once])
    kept = entropy_threshold(both)
    assert set(kept.worker) == {"w0", "w1", "w2", "w3", "once"}
    assert "once" not in set(entropy_threshold(both, min_answers=1).worker)
    with pytest.warns(UserWarning, match="only 21 of 101 answers are left"):
        entropy_threshold(both, percentile=99)
