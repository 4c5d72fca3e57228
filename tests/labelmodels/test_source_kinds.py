"""The default label model: laws, both worlds, gold, and odd votes."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from labelmodels.drawing import vote_matrices
from labelwright.core.errors import SettingsError
from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind
from labelwright.labelmodels.evidence import redundancy, sampling
from labelwright.labelmodels.source_kinds import SourceKinds
from labelwright.testing import labelmodels as laws
from labelwright.testing.worlds import world

DATA = Path(os.environ.get("LABELWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))


def probability(votes, **chosen):
    model = SourceKinds(**chosen)
    return model.posterior(model.fit(votes), votes).probability


@settings(max_examples=15, deadline=None)
@given(votes=vote_matrices())
def test_the_scores_add_up(votes):
    model = SourceKinds()
    laws.the_posterior_is_bayes_rule(model, model.fit(votes), votes)


def test_the_truth_behind_simulated_functions_is_recovered():
    votes, truth = simulated(SourceKind.FUNCTION, coverage=0.5)
    laws.it_recovers_a_known_truth(SourceKinds(), votes, truth, least=0.86)


def test_the_truth_behind_a_simulated_crowd_is_recovered_with_its_skills():
    votes, truth = simulated(SourceKind.PERSON)
    laws.it_recovers_a_known_truth(SourceKinds(), votes, truth, least=0.95)
    skills = SourceKinds().fit(votes).accuracy
    np.testing.assert_allclose(skills, np.linspace(0.6, 0.9, 8), atol=0.04)


def test_a_lone_function_is_as_right_as_assumed_and_not_certain():
    votes = VoteMatrix.from_dense(np.array([[0], [1]] * 40))
    np.testing.assert_allclose(probability(votes).max(axis=1), 0.8, atol=0.03)


@pytest.mark.parametrize("classes", [2, 4, 20])
def test_lone_class_descriptions_are_believed_half_way_between_chance_and_certainty(classes):
    votes = VoteMatrix.from_dense(np.arange(400)[:, None] % classes, kinds=["description"])
    half_way = (1 + 1 / classes) / 2
    np.testing.assert_allclose(probability(votes).max(axis=1), half_way, atol=0.03)


def test_class_descriptions_that_others_contradict_are_believed_as_little_as_a_model_is():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 600)
    people = np.where(rng.random((600, 3)) < 0.9, truth[:, None], 1 - truth[:, None])
    lines = np.where(rng.random(600) < 0.55, truth, 1 - truth)
    dense = np.column_stack([lines, people])
    skills = [
        SourceKinds().fit(VoteMatrix.from_dense(dense, kinds=[kind, *["person"] * 3])).accuracy[0]
        for kind in ("description", "model")
    ]
    assert skills == pytest.approx([0.55, 0.55], abs=0.05)


def test_class_descriptions_that_answers_contradict_say_next_to_nothing():
    truth = np.arange(200) % 2
    dense = np.column_stack([1 - truth, np.where(np.arange(200) < 100, truth, -1)])
    found = probability(VoteMatrix.from_dense(dense, kinds=["description", "person"]))
    np.testing.assert_allclose(found[100:], 0.5, atol=0.1)


def test_copies_of_a_function_do_not_outvote_the_others():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 600)
    voices = np.where(rng.random((600, 6)) < 0.75, truth[:, None], 1 - truth[:, None])
    copied = VoteMatrix.from_dense(voices[:, [0, 0, 0, 0, 1, 2, 3, 4, 5]])
    right = np.mean(probability(copied).argmax(axis=1) == truth)
    counted = np.mean((voices[:, 0] * 4 + voices[:, 1:].sum(axis=1) > 4.5) == truth)
    assert right > counted + 0.02
    np.testing.assert_allclose(SourceKinds().fit(copied).extra["discount"][:4], 0.25, atol=0.02)


def test_silence_says_nothing_whoever_keeps_it():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 400)
    dense = np.where(rng.random((400, 3)) < 0.85, truth[:, None], 1 - truth[:, None])
    dense[:, 0] = np.where(truth == 1, 1, -1)
    for kind in (SourceKind.FUNCTION, SourceKind.PERSON):
        votes = VoteMatrix.from_dense(dense, kinds=[kind] * 3)
        assert not SourceKinds().fit(votes).abstain_score.any()


def fired(balance, lifts, coverage, units=3000):
    """Functions that name one class each, and hit it `lift` times as often as the others."""
    rng = np.random.default_rng(6)
    truth = rng.choice(len(balance), units, p=balance)
    dense = np.full((units, len(lifts)), -1)
    for place, lift in enumerate(lifts):
        named = place % len(balance)
        often = np.where(truth == named, coverage, coverage / lift)
        dense[rng.random(units) < often, place] = named
    return VoteMatrix.from_dense(dense, classes=len(balance)), truth


@pytest.mark.parametrize("balance", [[0.7, 0.3], [0.9, 0.1]])
def test_many_votes_for_a_frequent_class_are_no_evidence_against_it(balance):
    votes, truth = fired(balance, np.linspace(2, 10, 20), coverage=0.6)
    known = SourceKinds(class_balance=tuple(balance))
    laws.it_recovers_a_known_truth(known, votes, truth, least=0.93)


def test_what_random_answers_say_of_the_balance_is_heard():
    votes, truth = fired([0.9, 0.1], np.linspace(2, 10, 20), coverage=0.6)
    right = [
        np.mean(probability(replace(votes, balance=np.array(share), balance_answers=answers))
                .argmax(axis=1) == truth)
        for share, answers in (([0.5, 0.5], 0.0), ([0.9, 0.1], 20.0), ([0.9, 0.1], 1e6))
    ]  # fmt: skip
    assert right[0] < right[1] < right[2]


def test_a_unanimous_vote_is_believed_whatever_the_class_balance():
    votes, _ = fired([0.95, 0.05], [3, 3, 3, 3], coverage=0.4)
    unanimous = votes.covered & (votes.disagreement == 0)
    first = votes.label[votes.start[:-1][unanimous]]
    frequent = first == 0
    np.testing.assert_array_equal(probability(votes)[unanimous].argmax(axis=1)[frequent], 0)


def test_functions_that_see_the_same_units_are_told_apart_and_lone_ones_are_not():
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 2, 2000)
    right = rng.random((2000, 6)) < np.array([0.95, 0.9, 0.8, 0.7, 0.6, 0.55])
    dense = np.where(right, truth[:, None], 1 - truth[:, None])
    alone = np.where(np.arange(2000)[:, None] % 6 == np.arange(6), dense, -1)
    spread = [np.ptp(weights(VoteMatrix.from_dense(each))) for each in (dense, alone)]
    assert spread[0] > 5 * spread[1]


def weights(votes):
    """How much a vote for class 0 speaks for it, per source, what is shared with others undone."""
    fit = SourceKinds().fit(votes)
    speaks = fit.vote_score[:, 0, 0] - fit.vote_score[:, 0, 1]
    return speaks / fit.extra["discount"]


def test_votes_for_a_class_that_the_others_contradict_are_believed_less():
    rng = np.random.default_rng(8)
    truth = rng.integers(0, 3, 3000)
    dense = np.full((3000, 9), -1)
    for place in range(9):
        named = place % 3
        hits = truth == named if named else rng.random(3000) < 0.5
        dense[hits & (rng.random(3000) < 0.5), place] = named
    fit = SourceKinds().fit(VoteMatrix.from_dense(dense))
    margin = fit.vote_score - np.log(fit.class_prior)
    careless, careful = margin[0, 0, 0] - margin[0, 0, 1], margin[1, 1, 1] - margin[1, 1, 2]
    assert careless < careful


def test_with_many_classes_one_unusual_vote_does_not_decide():
    rng = np.random.default_rng(9)
    truth = np.repeat(np.arange(20), 30)
    dense = np.where(rng.random((600, 4)) < 0.7, truth[:, None], rng.integers(0, 20, (600, 4)))
    votes = VoteMatrix.from_dense(dense, classes=20, kinds=["person"] * 4)
    loss = -np.log(probability(votes)[np.arange(600), truth]).mean()
    assert loss < 1.0


def test_what_the_owner_says_of_an_accuracy_counts():
    dense = np.array([[0, 1], [1, 0], [0, 0], [1, 1]] * 10)
    for kind in ("function", "person"):
        votes = replace(VoteMatrix.from_dense(dense, kinds=[kind] * 2), complete=np.zeros(2, bool))
        told = replace(votes, accuracies=np.array([0.95, 0.6]))
        assert np.all(probability(told)[0] > [0.5, 0])
        assert probability(told)[0, 0] > 0.55


def test_gold_corrects_a_function_on_units_that_gold_did_not_see():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 300)
    dense = np.full((300, 3), -1)
    dense[:, 0] = 1 - truth
    dense[:, 1] = np.where(rng.random(300) < 0.7, truth, 1 - truth)
    dense[:200, 2] = truth[:200]
    kinds = ["function", "function", "gold"]
    votes = VoteMatrix.from_dense(dense, kinds=kinds)
    without = VoteMatrix.from_dense(np.where([[True, True, False]], dense, -1), kinds=kinds)
    seen, unseen = (
        np.mean(probability(each)[200:].argmax(axis=1) == truth[200:]) for each in (votes, without)
    )
    assert seen > unseen
    assert np.all(probability(votes)[:200].argmax(axis=1) == truth[:200])


def test_many_answers_to_a_unit_make_less_sure_than_as_many_independent_ones():
    votes, _ = simulated(SourceKind.PERSON)
    assert SourceKinds().fit(votes).heat == pytest.approx(1 + 0.2 * 7)
    sure, doubtful = (probability(votes, correlation=rho) for rho in (0, 0.3))
    assert doubtful.max(axis=1).mean() < sure.max(axis=1).mean()


def test_correlation_moves_no_label():
    votes, _ = simulated(SourceKind.PERSON)
    one, other = (probability(votes, correlation=rho) for rho in (0.0, 0.5))
    apart = np.ptp(np.sort(one, axis=1)[:, -2:], axis=1) > 1e-9
    np.testing.assert_array_equal(one.argmax(axis=1)[apart], other.argmax(axis=1)[apart])


def test_functions_and_people_share_one_posterior():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 500)
    dense = np.where(rng.random((500, 6)) < 0.65, truth[:, None], rng.integers(0, 3, (500, 6)))
    dense[:, :3][rng.random((500, 3)) < 0.5] = -1
    votes = VoteMatrix.from_dense(dense, kinds=["function"] * 3 + ["person"] * 3)
    joined = np.mean(probability(votes).argmax(axis=1) == truth)
    people = VoteMatrix.from_dense(dense[:, 3:], classes=3, kinds=["person"] * 3)
    assert joined > np.mean(probability(people).argmax(axis=1) == truth) + 0.02
    assert 1 < SourceKinds().fit(votes).heat < 1.6


def test_overlap_measured_on_some_units_is_that_of_all(monkeypatch):
    votes, _ = simulated(SourceKind.FUNCTION, coverage=0.5)
    whole = SourceKinds().fit(votes).extra["discount"]
    monkeypatch.setattr(redundancy, "OVERLAP_UNITS", 500)
    monkeypatch.setattr(sampling, "BLOCK_UNITS", 10)
    np.testing.assert_allclose(SourceKinds().fit(votes).extra["discount"], whole, atol=0.08)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (5, 0), (5, 3)])
def test_without_any_votes_every_class_is_as_likely(shape):
    votes = VoteMatrix.from_dense(np.full(shape, -1), classes=3)
    np.testing.assert_allclose(probability(votes), 1 / 3)


def test_twelve_hundred_functions_of_fifty_six_classes_are_no_trouble():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 56, 2000)
    unit, source = np.repeat(np.arange(2000), 5), rng.integers(0, 1200, 10_000)
    unit, source = np.unique([unit, source], axis=1)
    label = np.where(rng.random(len(unit)) < 0.8, truth[unit], rng.integers(0, 56, len(unit)))
    votes = VoteMatrix.build(unit, source, label, units=2000, classes=56, kinds=["function"] * 1200)
    assert np.mean(probability(votes).argmax(axis=1) == truth) > 0.9


@pytest.mark.parametrize(
    "chosen",
    [
        {"steps": 0},
        {"steps": 2.5},
        {"accuracy": 1.0},
        {"accuracy": float("nan")},
        {"restraint": -1.0},
        {"correlation": 2.0},
        {"belief_strength": 0.0},
        {"gold_doubt": float("inf")},
    ],
)
def test_settings_out_of_range_are_refused_by_name(chosen):
    with pytest.raises(SettingsError, match=f"source_kinds: {next(iter(chosen))} must"):
        SourceKinds(**chosen)


@pytest.mark.data
@pytest.mark.parametrize(("name", "least"), [("youtube", 0.85), ("trec", 0.57), ("rte", 0.92)])
def test_real_votes_are_read_better_than_by_majority(name, least):
    path = DATA / name / "votes.npz"
    if not path.exists():
        pytest.skip(f"no data at {path}")
    held = np.load(path)
    kind = "person" if name == "rte" else "function"
    votes = VoteMatrix.build(
        held["item"],
        held["source"],
        held["label"],
        units=int(held["n"]),
        classes=int(held["k"]),
        kinds=[kind] * int(held["m"]),
    )
    laws.it_recovers_a_known_truth(SourceKinds(), votes, held["y"], least)


def simulated(kind, coverage=1.0):
    accuracy = np.linspace(0.6, 0.9, 8)[:, None, None]
    one = np.eye(3)
    confusion = accuracy * one + (1 - accuracy) / 2 * (1 - one)
    rng = np.random.default_rng(5)
    return laws.simulated_votes(
        confusion, np.array([0.5, 0.3, 0.2]), 3000, rng, coverage=coverage, kind=kind
    )


def test_a_lone_vote_is_for_what_it_says_whatever_the_others_say():
    """Each of two items has one vote, each of another class, and a third has none."""
    for classes in (2, 3):
        dense = np.array([[0, -1], [-1, 1], [-1, -1]])
        for kinds in (["function", "function"], ["person", "person"], ["person", "model"]):
            votes = VoteMatrix.from_dense(dense, classes=classes, kinds=kinds)
            assert probability(votes).argmax(axis=1)[:2].tolist() == [0, 1]
            one = VoteMatrix.from_dense(
                dense.max(axis=1)[:, None], classes=classes, kinds=kinds[:1]
            )
            assert probability(one).argmax(axis=1)[:2].tolist() == [0, 1]


def test_hundreds_of_silent_functions_do_not_overrule_the_only_vote_of_a_unit():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 77, 3000)
    dense = np.full((3000, 209), -1)
    for place in range(209):
        named = place % 77
        dense[(truth == named) & (rng.random(3000) < 0.2), place] = named
    votes = VoteMatrix.from_dense(dense, classes=77)
    alone = np.diff(votes.start) == 1
    said = votes.label[votes.start[:-1][alone]]
    np.testing.assert_array_equal(probability(votes)[alone].argmax(axis=1), said)


def test_known_answers_have_votes_counted_where_what_was_learnt_is_worse():
    drawn = world("beside_functions", 44, most_units=4000)
    votes, truth = drawn.votes, drawn.truth
    rng = np.random.default_rng([44, 9])
    known = rng.choice(np.flatnonzero(votes.covered), 30, replace=False)
    gilded = VoteMatrix.build(
        np.concatenate([votes.unit, known]),
        np.concatenate([votes.source, np.full(len(known), votes.sources)]),
        np.concatenate([votes.label, truth[known]]),
        units=votes.units,
        classes=votes.classes,
        kinds=[*votes.kinds, "gold"],
        accuracies=[*votes.accuracies, np.nan],
        confidence=np.concatenate([votes.confidence, np.full(30, np.nan, np.float32)]),
    )
    left = votes.covered.copy()
    left[known] = False
    right = [
        np.mean(given.argmax(axis=1)[left] == truth[left])
        for given in (probability(votes), probability(gilded))
    ]
    assert right[1] > right[0] + 0.1
    assert SourceKinds().fit(votes).extra["counted"][0] == 0
    assert SourceKinds().fit(gilded).extra["counted"][0] == 1


def test_near_copies_of_a_model_share_one_vote():
    rng = np.random.default_rng(11)
    truth = rng.integers(0, 2, 1500)
    right = rng.random((1500, 3)) < np.array([0.6, 0.8, 0.8])
    dense = np.where(right, truth[:, None], 1 - truth[:, None])
    other = rng.random((1500, 2)) < 0.05
    copies = np.where(other, 1 - dense[:, :1], dense[:, :1])
    copied = np.concatenate([dense[:, :1], copies, dense[:, 1:]], axis=1)
    kinds = ["model"] * 3 + ["person"] * 2
    one = probability(VoteMatrix.from_dense(dense, kinds=kinds[2:]))
    three = probability(VoteMatrix.from_dense(copied, kinds=kinds))
    assert three.max(axis=1).mean() < one.max(axis=1).mean() + 0.02
    assert np.mean(three.argmax(axis=1) == truth) > np.mean(one.argmax(axis=1) == truth) - 0.02


def test_a_model_is_never_read_as_saying_the_opposite():
    rng = np.random.default_rng(12)
    truth = rng.integers(0, 3, 900)
    people = np.where(rng.random((900, 4)) < 0.8, truth[:, None], rng.integers(0, 3, (900, 4)))
    wrong = (truth + rng.integers(1, 3, 900)) % 3
    votes = VoteMatrix.from_dense(np.c_[people, wrong], kinds=["person"] * 4 + ["model"])
    score = SourceKinds().fit(votes).vote_score[4]
    for said in range(3):
        assert (score[said].reshape(3, -1).argmax(axis=0) == said).all()


def functions_with_gold_where_they_err(known=40):
    """Ten functions, and gold on units that most of them have wrong; with the flag and without."""
    votes, truth = simulated(SourceKind.FUNCTION, coverage=0.5)
    dense = votes.to_dense()
    right = dense == truth[:, None]
    wrong = ((dense >= 0) & ~right).sum(axis=1) - right.sum(axis=1)
    hard = np.argsort(-wrong, kind="stable")[:known]
    gold = np.full((votes.units, 1), -1)
    gold[hard, 0] = truth[hard]
    taken = VoteMatrix.from_dense(
        np.hstack([dense, gold]), classes=votes.classes, kinds=[*votes.kinds, "gold"]
    )
    return votes, taken, replace(taken, picked=np.isin(np.arange(votes.units), hard))


def test_answers_to_picked_questions_say_nothing_of_how_good_functions_and_labels_are():
    plain, taken, flagged = functions_with_gold_where_they_err()
    model = SourceKinds()
    without, misled, fit = (model.fit(each) for each in (plain, taken, flagged))
    np.testing.assert_allclose(fit.vote_score[:-1], without.vote_score, atol=1e-9)
    assert fit.heat == pytest.approx(without.heat, rel=0.05)
    assert misled.heat > 1.5 * fit.heat
    known = np.flatnonzero(flagged.picked)
    gold = taken.to_dense()[known, -1]
    assert np.all(model.posterior(fit, flagged).label[known] == gold)


def test_an_update_follows_which_units_were_picked():
    _, _, votes = functions_with_gold_where_they_err()
    laws.an_update_by_all_units_is_a_new_fit(
        SourceKinds(), votes.only(~votes.gold[votes.source]), votes
    )


def test_a_balance_by_gold_is_of_what_was_not_picked_for_it():
    _, taken, flagged = functions_with_gold_where_they_err()
    gold = taken.to_dense()[:, -1]
    picked = (gold >= 0) & (np.cumsum(gold >= 0) > 10)
    some = replace(taken, picked=picked)
    of_gold = np.bincount(gold[(gold >= 0) & ~picked], minlength=taken.classes) + 1
    fit = SourceKinds(class_balance="gold").fit(some)
    np.testing.assert_allclose(fit.class_prior, of_gold / of_gold.sum())
    with pytest.raises(SettingsError, match="that were not picked out, and there are none"):
        SourceKinds(class_balance="gold").fit(flagged)
