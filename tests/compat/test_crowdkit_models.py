"""The probabilistic aggregators under crowd-kit's names, against what their papers say."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import check_grad

from compat.crowds import a_crowd, votes
from labelwright.compat.crowdkit.aggregation import (
    GLAD,
    KOS,
    MACE,
    MMSR,
    DawidSkene,
    MajorityVote,
    OneCoinDawidSkene,
)
from labelwright.compat.crowdkit.aggregation.glad import _objective
from labelwright.compat.crowdkit.aggregation.votes import Votes

ACCURACIES = (0.95, 0.8, 0.7, 0.3)


@pytest.fixture(scope="module")
def crowd():
    return a_crowd(tasks=300, accuracies=(0.9, 0.6, 0.5, 0.0), labels=("a", "b", "c"))


@pytest.mark.parametrize("kind", [DawidSkene, OneCoinDawidSkene, MACE, GLAD])
def test_models_find_who_is_good_and_are_better_than_counting(kind, crowd):
    table, truth = crowd
    model = kind()
    labels = model.fit_predict(table)
    counted = MajorityVote().fit_predict(table)
    assert (labels == truth[labels.index]).mean() > (counted == truth[counted.index]).mean() + 0.05
    assert np.allclose(model.probas_.sum(axis=1), 1)
    assert labels.equals(kind().fit_predict(table.sample(frac=1, random_state=9)))


@pytest.mark.parametrize("kind", [DawidSkene, OneCoinDawidSkene])
def test_expectation_maximisation_never_gets_worse_and_stops_where_it_gains_little(kind, crowd):
    table, _ = crowd
    history = np.array(kind(n_iter=500, tol=1e-4).fit(table).loss_history_)
    gains = np.diff(history)
    assert (gains[:-1] >= 1e-4).all()
    assert gains[-1] < 1e-4
    assert len(kind(n_iter=3, tol=0).fit(table).loss_history_) == 3


def test_dawid_skene_starts_from_the_shares_of_votes():
    table = votes("a Ann yes", "a Bo yes", "a Cy no", "b Ann no", "b Bo yes", "b Cy no")
    model = DawidSkene(n_iter=0).fit(table)
    assert np.allclose(model.probas_, [[1 / 3, 2 / 3], [2 / 3, 1 / 3]])
    assert model.priors_.to_dict() == {"no": 0.5, "yes": 0.5}
    # Ann says yes on a and no on b; "yes" is true of a with 2/3 and of b with 1/3.
    assert model.errors_.loc[("Ann", "yes"), "yes"] == pytest.approx(2 / 3)
    assert model.errors_.loc[("Ann", "no"), "yes"] == pytest.approx(1 / 3)
    # Bo never says no, so that nothing is known of it.
    assert ("Bo", "no") not in model.errors_.index
    once = DawidSkene(n_iter=1).fit(table)
    # Bo and Cy say the same whatever is true, so that Ann decides.
    assert np.allclose(once.probas_, [[1 / 3, 2 / 3], [2 / 3, 1 / 3]])


def test_one_coin_gives_a_worker_one_accuracy(crowd):
    table, _ = crowd
    model = OneCoinDawidSkene().fit(table)
    errors = model.errors_.loc["w0"]
    right = np.diag(errors)
    assert np.allclose(right, model.skills_["w0"])
    assert np.allclose(errors.to_numpy()[~np.eye(3, dtype=bool)], (1 - right[0]) / 2)
    # Who guesses one of three labels with probability 1 - p is right with p + (1 - p) / 3.
    assert model.skills_.to_dict() == pytest.approx(
        {"w0": 0.933, "w1": 0.733, "w2": 0.667, "w3": 0.333}, abs=0.08
    )
    with pytest.raises(TypeError):
        OneCoinDawidSkene().fit(table, pd.Series({"t0": "a"}))


def errors_of(table, accuracy, scale=1.0):
    """The same errors for every worker of the table."""
    labels = sorted(table.label.unique())
    cells = pd.MultiIndex.from_product([sorted(table.worker.unique()), labels],
                                       names=["worker", "label"])  # fmt: skip
    wrong = (1 - accuracy) / (len(labels) - 1)
    block = np.where(np.eye(len(labels), dtype=bool), accuracy, wrong)
    return pd.DataFrame(scale * np.tile(block, (len(cells) // len(labels), 1)), cells, labels)


def test_errors_from_before_are_where_dawid_skene_starts_or_count_beside_the_votes():
    table, _ = a_crowd()
    given = errors_of(table, 0.8)
    start = DawidSkene(n_iter=0, initial_error_strategy="assign").fit(table, initial_error=given)
    assert np.allclose(start.errors_, given)
    counts = errors_of(table, 0.75, scale=1e6)
    added = DawidSkene(n_iter=0, initial_error_strategy="addition")
    assert np.allclose(added.fit(table, initial_error=counts).errors_, counts / 1e6, atol=1e-3)
    some = added.fit(table, initial_error=counts.loc[["w1"]]).errors_
    usual = DawidSkene(n_iter=0).fit(table, initial_error=given).errors_
    assert np.allclose(some.loc["w0"], usual.loc["w0"])
    assert some.loc[("w1", "no"), "no"] == pytest.approx(0.75, abs=1e-3)


def test_errors_that_cannot_be_are_refused():
    table, _ = a_crowd()
    given = errors_of(table, 0.8)
    assign = DawidSkene(initial_error_strategy="assign")
    with pytest.raises(ValueError, match="lacks 1 workers, such as 'w0'"):
        assign.fit(table, initial_error=given.drop("w0"))
    with pytest.raises(ValueError, match="must sum to 1"):
        assign.fit(table, initial_error=given / 2)
    with pytest.raises(ValueError, match="indexed by worker and label"):
        assign.fit(table, initial_error=given.reset_index())
    with pytest.raises(ValueError, match="did you mean 'addition'"):
        DawidSkene(initial_error_strategy="adding").fit(table, initial_error=given)


def test_mace_tells_habits_from_knowledge():
    table, _ = a_crowd(tasks=200, accuracies=(0.9, 0.9, 0.8))
    always = table[table.worker == "w0"].assign(worker="yes-man", label="yes")
    for method in ("vb", "em"):
        model = MACE(method=method, n_restarts=2).fit(pd.concat([table, always]))
        knows = dict(zip(["w0", "w1", "w2", "yes-man"], model.spamming_[:, 1], strict=True))
        assert knows["yes-man"] < 0.3
        assert knows["w0"] > 0.6
        assert model.thetas_[3].argmax() == 1
    assert MACE(random_state=1).fit_predict(table).equals(MACE(random_state=2).fit_predict(table))
    plain = MACE(method="em", smoothing=1e6, n_restarts=1).fit(table)
    assert np.allclose(plain.spamming_, 0.5, atol=1e-3)
    with pytest.raises(ValueError, match="did you mean 'em'"):
        MACE(method="emm")


def test_glad_climbs_along_its_gradient_to_abilities_and_eases(crowd):
    table, _ = crowd
    held = Votes.of(table)
    rng = np.random.default_rng(0)
    probability = rng.dirichlet(np.ones(3), len(held.tasks))
    mean = np.ones(len(held.workers) + len(held.tasks))

    def value(place):
        return _objective(held, place, probability, mean)[0]

    def gradient(place):
        return _objective(held, place, probability, mean)[1]

    assert check_grad(value, gradient, rng.normal(size=len(mean)), rng=0) < 1e-3
    model = GLAD().fit(table)
    assert model.alphas_.idxmax() == "w0"
    assert model.alphas_["w3"] < 0.5
    assert (model.alphas_.name, model.betas_.name) == ("alpha", "beta")
    agreed = MajorityVote().fit(table).probas_.max(axis=1)
    assert model.betas_[agreed == 1].mean() > model.betas_[agreed < 0.6].mean()
    assert model.loss_history_[-1] - model.loss_history_[-2] < model.tol


def test_what_glad_is_told_before_counts():
    table = votes("a Ann yes", "a Bo no")
    sure = GLAD(n_iter=1, alphas_priors_mean=pd.Series({"Ann": 3.0})).fit(table)
    assert sure.alphas_["Ann"] > sure.alphas_["Bo"] + 1
    easy = GLAD(n_iter=1, betas_priors_mean=pd.Series({"a": -2.0})).fit(table)
    assert easy.betas_["a"] < -1
    rare = GLAD(n_iter=0, labels_priors=pd.Series({"yes": 0.9, "no": 0.1})).fit(table)
    assert rare.probas_.loc["a", "yes"] == pytest.approx(0.9)
    assert rare.priors_["no"] == pytest.approx(0.1)


def test_messages_find_the_reliable_whatever_the_start():
    table, truth = a_crowd(tasks=200, accuracies=(0.9, 0.9, 0.2, 0.2, 0.2))
    for seed in range(3):
        labels = KOS(random_state=seed).fit_predict(table)
        assert (labels == truth[labels.index]).mean() > 0.85
    many = KOS(n_iter=5000).fit_predict(table)
    assert many.equals(KOS().fit_predict(table))
    with pytest.raises(ValueError, match="for two labels, the votes have 3"):
        KOS().fit(a_crowd(labels=("a", "b", "c"))[0])


def test_agreement_tells_skills_even_of_adversaries():
    table, truth = a_crowd(tasks=400, accuracies=(0.9, 0.8, 0.7, 0.6, 0.6))
    liar = table[table.worker == "w0"].assign(worker="liar")
    liar["label"] = liar.label.map({"yes": "no", "no": "yes"})
    model = MMSR().fit(pd.concat([table, liar]))
    labels = model.predict(pd.concat([table, liar]))
    assert (labels == truth[labels.index]).mean() > 0.93
    right = {f"w{place}": (1 + p) / 2 for place, p in enumerate((0.9, 0.8, 0.7, 0.6, 0.6))}
    # The weight is the log-odds of the accuracy.
    found = 1 / (1 + np.exp(-model.skills_))
    assert found["liar"] < 0.2
    assert {name: found[name] for name in right} == pytest.approx(right, abs=0.1)
    assert np.allclose(model.predict_score(table).sum(axis=1), 1)
    assert model.fit_predict_score(table) is model.scores_
    assert model.loss_history_[-1] < 1e-10


def test_who_shares_no_task_has_no_say():
    table = votes("a Ann yes", "a Bo yes", "b Ann no", "b Bo no", "c Cy yes", "c Cy no")
    skills = MMSR().fit(table).skills_
    assert skills["Cy"] == pytest.approx(0)
    assert skills["Ann"] > 0.5
    assert MMSR(n_iter=0).fit(table).skills_["Cy"] == pytest.approx(0)
