"""Snorkel's label model and voters, on ours."""

import warnings

import numpy as np
import pytest

from labelwright.compat.snorkel.labeling import LFAnalysis
from labelwright.compat.snorkel.labeling.model import (
    LabelModel,
    MajorityClassVoter,
    MajorityLabelVoter,
    RandomVoter,
)
from labelwright.compat.snorkel.labeling.model.base_labeler import BaseLabeler
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import MODELS, SourceKinds, fit_predict


def votes(items=400, classes=3, seed=0):
    """Five functions of which the first is best; some items without a vote."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, items)
    right = rng.random((items, 5)) < [0.95, 0.8, 0.7, 0.7, 0.6]
    labels = np.where(right, truth[:, None], rng.integers(0, classes, right.shape))
    labels[rng.random(labels.shape) < 0.4] = -1
    return labels, truth


@pytest.fixture
def fitted():
    labels, truth = votes()
    model = LabelModel(cardinality=3, verbose=False)
    model.fit(labels)
    return model, labels, truth


def test_the_label_model_is_the_default_one_where_functions_voted(fitted):
    model, labels, _ = fitted
    matrix = VoteMatrix.from_dense(labels, classes=3)
    ours = fit_predict(SourceKinds(), matrix).probability
    assert np.array_equal(model.predict_proba(labels)[matrix.covered], ours[matrix.covered])
    assert model.get_weights().argmax() == 0
    assert model.predict(labels).dtype == np.int64


def test_items_without_votes_have_even_odds_and_abstain_unless_the_balance_is_known(fitted):
    model, labels, truth = fitted
    silent = (labels == -1).all(axis=1)
    assert silent.any()
    hard, soft = model.predict(labels, return_probs=True)
    assert (hard[silent] == -1).all()
    assert np.allclose(soft[silent], 1 / 3)
    assert (model.predict(labels, tie_break_policy="random")[silent] >= 0).all()
    model.fit(labels, class_balance=[0.2, 0.5, 0.3])
    assert np.allclose(model.predict_proba(labels)[silent], [0.2, 0.5, 0.3])
    model.fit(labels, Y_dev=[0, 1, 1, 2, -1])
    assert np.allclose(model.predict_proba(labels)[silent], [0.25, 0.5, 0.25])
    assert model.score(labels, truth, metrics=["accuracy", "coverage"])["coverage"] == 1


def test_a_class_that_is_known_to_be_frequent_gains(fitted):
    model, labels, _ = fitted
    before = model.predict_proba(labels)
    model.fit(labels, class_balance=[0.9, 0.05, 0.05])
    after = model.predict_proba(labels)
    assert (after[:, 0] >= before[:, 0]).all()
    assert np.allclose(after.sum(axis=1), 1)


def test_what_is_believed_of_functions_moves_their_weight():
    labels, _ = votes(items=12)
    model = LabelModel(cardinality=3)
    model.fit(labels, prec_init=[0.5, 0.95, 0.5, 0.5, 0.5])
    first = model.get_weights()
    model.fit(labels, prec_init=0.5)
    assert first[1] > model.get_weights()[1]
    for wrong in ([0.5], 1.5, float("nan")):
        with pytest.raises(ValueError, match="prec_init must"):
            model.fit(labels, prec_init=wrong)


def test_conditional_probabilities_are_what_functions_do_in_each_class(fitted):
    model, labels, truth = fitted
    found = model.get_conditional_probs()
    assert found.shape == (5, 4, 3)
    assert np.allclose(found.sum(axis=1), 1)
    true = LFAnalysis(labels).lf_empirical_probs(truth, 3)
    assert np.abs(found - true).mean() < 0.05
    labels[:, 2] = np.where(labels[:, 2] == 0, -1, labels[:, 2])
    model.fit(labels)
    assert (model.get_conditional_probs()[2, 1] == 0).all()
    model.fit(labels, mu_eps=0.01)
    assert (model.get_conditional_probs()[2, 1] == 0.01).all()
    assert model.train_config.mu_eps == 0.01


def test_options_are_refused_by_name_and_by_what_snorkel_refuses(fitted):
    model, labels, _ = fitted
    for options, message in (
        ({"epochs": 5}, "TrainConfig has no setting 'epochs'; did you mean 'n_epochs'"),
        ({"optimizer": "sdg"}, "unknown optimizer 'sdg'; did you mean 'sgd'"),
        ({"lr_scheduler": "cosine"}, "unknown lr_scheduler 'cosine'"),
        ({"lr_scheduler_config": {"min": 0}}, "LRSchedulerConfig has no setting 'min'"),
        ({"lr_scheduler_config": {"warmup_steps": 2}}, 'warmup_unit must be "epochs"'),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(labels, **options)
    with pytest.raises(TypeError, match="prec_init must be numbers, got 'high'"):
        model.fit(labels, prec_init="high")
    with pytest.warns(UserWarning, match="lr_scheduler_config: training options"):
        model.fit(labels, lr_scheduler_config={"warmup_steps": 2, "warmup_unit": "epochs"})
    assert model.train_config.lr_scheduler_config.warmup_steps == 2


def test_options_of_gradient_descent_are_taken_with_one_warning(fitted):
    model, labels, _ = fitted
    before = model.predict_proba(labels)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for _ in range(2):
            model.fit(labels, n_epochs=500, lr=0.1, l2=0.2, seed=123, log_freq=100)
    assert len(said) == 1
    assert "n_epochs, lr, l2, seed, log_freq" in str(said[0].message)
    assert np.array_equal(model.predict_proba(labels), before)
    with pytest.raises(ValueError, match="did you mean 'n_epochs'"):
        model.fit(labels, n_epoch=5)


@pytest.mark.parametrize("method", MODELS)
def test_every_method_can_be_chosen_and_comes_back_from_a_file(method, tmp_path):
    labels, truth = votes(items=120, classes=2)
    model = LabelModel(cardinality=2, method=method)
    model.fit(labels, class_balance=[0.4, 0.6])
    model.save(tmp_path / "model.pkl")
    assert [path.name for path in tmp_path.iterdir()] == ["model.pkl"]
    again = LabelModel(cardinality=5)
    again.load(tmp_path / "model.pkl")
    assert (again.cardinality, again.method) == (2, method)
    assert np.array_equal(again.predict_proba(labels), model.predict_proba(labels))
    assert np.array_equal(again.get_weights(), model.get_weights(), equal_nan=True)
    assert np.array_equal(again.get_conditional_probs(), model.get_conditional_probs())
    assert model.score(labels, truth)["accuracy"] > 0.6


def test_settings_of_the_method_come_back_too(fitted, tmp_path):
    _, labels, _ = fitted
    model = LabelModel(3, method="dawid_skene", steps=3)
    model.fit(labels)
    model.save(str(tmp_path / "model"))
    again = LabelModel()
    again.load(str(tmp_path / "model"))
    assert again.settings == {"steps": 3}
    assert np.allclose(again.predict_proba(labels), model.predict_proba(labels))


def test_foreign_files_are_refused_and_never_run(tmp_path, fitted):
    import pickle

    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    (tmp_path / "snorkel.pkl").write_bytes(pickle.dumps(Trap()))
    np.save(tmp_path / "array.npy", np.arange(3))
    (tmp_path / "empty").write_bytes(b"")
    MajorityLabelVoter().save(tmp_path / "voter")
    (tmp_path / "half").write_bytes((tmp_path / "voter").read_bytes()[:60])
    for name in ("snorkel.pkl", "array.npy", "empty", "voter", "half"):
        with pytest.raises(ValueError, match="fit again"):
            LabelModel().load(tmp_path / name)
    assert not (tmp_path / "sprung").exists()
    with pytest.raises(OSError, match="cannot read"):
        LabelModel().load(tmp_path / "absent")
    with pytest.raises(OSError, match="cannot write"):
        fitted[0].save(tmp_path / "no" / "folder")


def test_functions_that_never_vote_and_too_few_functions_do_no_harm():
    labels = np.array([[0, -1], [1, -1], [-1, -1]])
    model = LabelModel()
    model.fit(labels)
    assert model.predict(labels).tolist() == [0, 1, -1]
    assert np.isnan(model.get_weights()[1])


def test_what_cannot_be_is_refused(fitted):
    model, labels, _ = fitted
    for cardinality in (1, 2.5, "two"):
        with pytest.raises(ValueError, match="cardinality must be at least 2"):
            LabelModel(cardinality)
    with pytest.raises(LookupError, match="unknown label model"):
        LabelModel(method="snorkel")
    with pytest.raises(ValueError, match="label must lie in"):
        LabelModel(2).fit(labels)
    for balance, message in (
        ([0.5, 0.5], "has 2 classes, cardinality says 3"),
        ([0.5, 0.5, 0], "class 2 has no share"),
        ([0.5, np.nan, 0.5], "class 1 has no share"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(labels, class_balance=balance)
    for gold, message in (([0, 1], "class 2"), ([3, 0, 1, 2], "4 classes"), ([-2], "no class")):
        with pytest.raises(ValueError, match=message):
            model.fit(labels, Y_dev=gold)
    with pytest.raises(ValueError, match="knows 5 sources"):
        model.predict(labels[:, :2])
    for call in (lambda new: new.predict(labels), lambda new: new.get_weights(),
                 lambda new: new.get_conditional_probs()):  # fmt: skip
        with pytest.raises(RuntimeError, match="call fit"):
            call(LabelModel(3))


def test_the_majority_shares_ties():
    labels = [[0, 0, 1], [1, 2, -1], [-1, -1, -1]]
    expected = [[1, 0, 0], [0, 0.5, 0.5], [1 / 3] * 3]
    assert np.allclose(MajorityLabelVoter(3).predict_proba(labels), expected)
    assert MajorityLabelVoter(3).predict(labels).tolist() == [0, -1, -1]


def test_the_majority_class_is_everybodys(tmp_path):
    voter = MajorityClassVoter(3)
    with pytest.raises(RuntimeError, match="call fit"):
        voter.predict_proba([[0]])
    voter.save(tmp_path / "unfitted")
    voter.fit([0.4, 0.4, 0.2])
    assert voter.predict_proba(np.array([[2], [-1]])).tolist() == [[0.5, 0.5, 0]] * 2
    with pytest.raises(ValueError, match="one share for each of 3"):
        voter.fit([1.0])
    voter.save(tmp_path / "voter")
    again = MajorityClassVoter()
    again.load(tmp_path / "voter")
    assert again.predict_proba([[0]]).tolist() == [[0.5, 0.5, 0]]
    again.load(tmp_path / "unfitted")
    assert again.balance is None


def test_a_random_voter_is_seeded_as_a_notebook_seeds_it(tmp_path):
    legacy = np.random.mtrand._rand  # what np.random.seed seeds
    state = legacy.get_state()
    try:
        legacy.seed(1)
        first = RandomVoter(4).predict_proba(np.zeros((5, 2)))
        legacy.seed(1)
        assert np.array_equal(RandomVoter(4).predict_proba(np.zeros((5, 2))), first)
    finally:
        legacy.set_state(state)
    assert np.allclose(first.sum(axis=1), 1)
    RandomVoter(4).save(tmp_path / "voter")
    again = RandomVoter()
    again.load(tmp_path / "voter")
    assert again.cardinality == 4
    with pytest.raises(NotImplementedError):
        BaseLabeler().predict_proba([[0]])
