"""What units without votes are told is learnt from what is unbiased, and on record with the fit."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.errors import NothingToDoError, SettingsError
from labelwright.core.votes import Vote
from labelwright.pipeline.label.class_balance import balance_of, unbiased, votes_to_fit
from labelwright.pipeline.label.honest_tests import honest_tests
from labelwright.pipeline.label.label import label_model_of, latest_fit
from labelwright.pipeline.label.random_answers import drawn_items
from labelwright.pipeline.versions.push_pull import clone
from labelwright.pipeline.vote.open_desks import open_team_desk, team_desk
from labelwright.stores import DeskVote
from labelwright.stores.desk.led_votes import LED
from pipeline.making import voted

ONE_RULE = """
[[rules]]
name = "money"
vote = "spam"
when = { field = "text", keywords = ["free"] }
"""
NO_FUNCTIONS = "import labelwright as lw\n"


@pytest.fixture
def project(tmp_path):
    """Sixty texts and one rule that only ever says spam."""
    return voted(tmp_path, functions=NO_FUNCTIONS, rules=ONE_RULE)


def spam(number):
    return "spam" if number % 7 in (0, 1, 5) else "ham"


def answered(project, count, person="anna"):
    questions = project.next(count, person=person)
    for question in questions:
        project.answer(question.item, spam(int(question.item[1:])), person=person)
    return questions


def with_settings(project, text):
    path = project.folder / "labelwright.toml"
    path.write_text(path.read_text() + text)
    return lw.open(project.folder)


def test_the_first_twenty_questions_are_random_and_then_they_are_chosen(project):
    first = project.budget.random_first()
    assert (first.answers, first.missing, first.without) == (0, 20, ("ham",))
    assert "no source votes for 'ham'" in first.sentence
    questions = answered(project, 25)
    assert [question.random for question in questions[:20]] == [True] * 20
    assert questions[0].reason == "drawn at random, to learn how frequent each class is"
    assert project.budget.random_first().missing == 0
    assert project.budget.random_first().sentence == ""
    chances = project.workspace.drawn.all()
    assert chances.probability[:20].tolist() == [pytest.approx(20 / 60)] * 20
    assert chances.items.tolist() == [60] * len(chances.items)


def test_items_without_votes_have_no_label_until_the_balance_is_known(project):
    hits = project.label().answers.answer.is_valid().to_numpy(zero_copy_only=False)
    assert 0 < hits.sum() < 60
    joint = project.join()
    assert joint.answers.answer.null_count == 60 - hits.sum()
    assert set(joint.answers.answer.drop_null().to_pylist()) == {"spam"}
    with pytest.raises(NothingToDoError, match="every label is 'spam'"):
        project.train()
    done = project.round()
    assert done.trained is None
    assert "drawn at random" in done.untrained
    answered(project, 20)
    assert project.join().answers.answer.null_count == 0
    assert project.round().trained is not None


def test_answers_to_chosen_questions_teach_nothing_of_balance(project):
    for number in range(30):
        project.answer(f"m{number}", spam(number), person="anna")
    balance = project.label().balance
    assert balance.worth.tolist() == [0]
    assert balance.missing.tolist() == [20]


def test_a_person_who_stops_early_is_asked_for_the_rest(project):
    answered(project, 8)
    assert project.budget.random_first().missing == 12
    again = project.next(20, person="anna")
    assert sum(question.random for question in again) >= 12


def test_gold_tells_the_balance_unless_it_was_chosen(tmp_path):
    project = voted(tmp_path, gold=True)
    assert project.label().balance.worth.tolist() == [60]
    assert project.budget.random_first().missing == 0
    chosen = with_settings(project, '\n[items]\ngold_sample = "chosen"\n')
    assert chosen.label().balance.worth.tolist() == [0]
    assert chosen.label().balance.missing.tolist() == [20]


def test_gold_of_the_test_split_does_not(tmp_path):
    project = voted(tmp_path, gold=True, split="train=0.5,test=0.5")
    train = int((project.workspace.splits() == "train").sum())
    assert project.label().balance.worth.tolist() == [train]


def test_a_stated_balance_is_known(project):
    project = with_settings(project, "\n[label_model]\nclass_balance = { ham = 0.9, spam = 0.1 }\n")
    balance = project.label().balance
    assert balance.stated
    assert balance.share.tolist() == [[pytest.approx(0.1), pytest.approx(0.9)]]
    assert project.join().answers.answer.null_count == 0
    assert not any("frequent" in question.reason for question in project.next(5))


def test_another_word_for_gold_is_refused_with_its_line(project):
    with pytest.raises(SettingsError, match=r"toml:\d+: items.gold_sample: must be"):
        with_settings(project, '\n[items]\ngold_sample = "some"\n')


def test_the_balance_is_on_record_with_the_fit_and_names_what_it_rests_on(project):
    before = project.label()
    answered(project, 20)
    after = project.label()
    assert before.run.inputs["balance"] != after.run.inputs["balance"]
    assert project.label().cached
    kept = balance_of(latest_fit(project.workspace).fit)
    assert kept.silent.tolist() == after.balance.silent.tolist()
    silent = after.posterior.probability[~after.posterior.covered]
    assert np.allclose(silent, after.balance.silent[0])
    assert after.balance.silent[0, 1] > 0.4


def test_asking_without_an_answer_changes_no_label(project):
    answered(project, 20)
    before = project.label()
    project.next(5, person="ben")
    assert project.label().run.id == before.run.id


def test_an_explanation_gives_an_item_without_votes_the_share_of_its_like(project):
    answered(project, 20)
    labels = project.label()
    number = int(np.flatnonzero(~labels.posterior.covered)[0])
    (unit,) = project.explain(f"m{number}").units
    assert unit.label is None
    assert unit.basis == "class balance"
    assert list(unit.probability.values()) == pytest.approx(labels.balance.silent[0].tolist())
    joint = project.join()
    (unit,) = project.explain(f"m{number}").units
    assert unit.basis == "content"
    assert list(unit.probability.values()) == pytest.approx(joint.posterior.probability[number])


def test_a_version_keeps_what_the_balance_was_learnt_from(project, tmp_path):
    answered(project, 20)
    project.join()
    version = project.freeze("answered")
    assert project.history.verify(recompute=version).damage == ()
    project.history.checkout(version, tmp_path / "there")
    again = lw.open(tmp_path / "there")
    assert again.label().balance.share.tolist() == project.label().balance.share.tolist()
    assert again.budget.random_first().missing == 0


def test_items_that_came_later_stand_for_more(project, tmp_path):
    answered(project, 20)
    path = tmp_path / "more.jsonl"
    rows = [{"key": f"m{n}", "text": f"dinner n{n}"} for n in range(100, 160)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    project.import_items(path, id="key", text="text", fields=("text",))
    project.vote()
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + '\n[queue]\nname = "uniform"\n')
    project = lw.open(project.folder)
    asked = [q for q in project.next(30, person="anna") if int(q.item[1:]) >= 100]
    for question in asked:
        project.answer(question.item, "ham", person="anna")
    labels = project.label()
    drawn = drawn_items(project.workspace, labels.votes)
    early = drawn.weight[drawn.item < 60]
    late = drawn.weight[drawn.item >= 60]
    assert len(late) == len(asked) > 0
    assert late.min() > early.max()
    assert drawn.weight.sum() <= len(drawn.item)


def test_questions_where_units_are_found_in_votes_are_chosen_as_ever(tmp_path):
    project = lw.init(tmp_path / "boxes", classes=["car"], kind="boxes")
    assert project.settings.task.kind == "boxes"
    path = tmp_path / "d.csv"
    path.write_text("key,text\n" + "".join(f"b{n},x{n}\n" for n in range(30)))
    project.import_items(path, id="key", text="text")
    assert project.budget.random_first().missing == 0
    assert not any("frequent" in question.reason for question in project.next(5))


def test_draws_travel_to_a_clone_and_back(project, tmp_path):
    answered(project, 20)
    project.freeze("answered")
    project.history.push(tmp_path / "depot")
    copy = lw.open(clone(str(tmp_path / "depot"), tmp_path / "copy").folder)
    assert copy.label().balance.worth.tolist() == [20]
    assert copy.history.verify(recompute=True).damage == ()
    more = sum(question.random for question in answered(copy, 20, person="ben"))
    copy.label()
    copy.freeze("more answers")
    copy.history.push(tmp_path / "depot")
    project.history.pull(tmp_path / "depot")
    project = lw.open(project.folder)
    assert project.label().balance.worth.tolist() == copy.label().balance.worth.tolist()
    assert project.label().balance.worth == pytest.approx([20 + more], abs=1)


def looked_up(project, item, answer, *, person="anna", shown="browse", seconds=0):
    """Somebody's answer in the app, beside what was shown there."""
    when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    vote = Vote(item, person, answer, id=uuid.uuid4().hex, time=when)
    with team_desk(project.workspace) as desk:
        desk.database.write(desk.answering(DeskVote(vote, shown)))


@pytest.fixture
def at_desk(project):
    """The same, with a team's desk."""
    open_team_desk(project.workspace).database.close()
    return project


@pytest.mark.parametrize("shown", LED)
def test_answers_with_a_label_in_view_teach_nothing_of_balance_and_test_nothing(at_desk, shown):
    project = at_desk
    for question in project.next(20, person="anna"):
        looked_up(project, question.item, "spam", shown=shown)
    labels = project.label()
    assert not labels.balance.known.any()
    assert project.budget.random_first().answers == 0
    assert len(honest_tests(project.workspace)) == 0


def test_the_same_answers_given_blind_teach_and_test(at_desk):
    project = at_desk
    for question in project.next(20, person="anna"):
        looked_up(project, question.item, spam(int(question.item[1:])), shown="blind")
    assert project.label().balance.known.all()
    assert len(honest_tests(project.workspace)) == 20


def test_of_two_answers_on_a_drawn_item_only_the_blind_one_counts(at_desk):
    project = at_desk
    for question in answered(project, 20):
        looked_up(project, question.item, "ham", person="rob")
    both = project.label()
    plain = [spam(n) for n in range(60)]
    drawn = drawn_items(project.workspace, both.votes)
    assert len(drawn.item) == len(drawn.led) == 20
    assert len(honest_tests(project.workspace)) == 20
    truth = [spam(int(item)) for item in honest_tests(project.workspace).item]
    assert honest_tests(project.workspace).truth.tolist() == truth
    share = both.balance.share[0][both.units.class_names.index("spam")]
    assert abs(share - plain.count("spam") / 60) < 0.15


def test_a_blind_answer_that_was_changed_with_a_label_in_view_is_blind_no_more(at_desk):
    project = at_desk
    questions = answered(project, 20)
    project.label()
    looked_up(project, questions[0].item, "ham", person="anna")
    drawn = drawn_items(project.workspace, project.label().votes)
    assert (len(drawn.item), len(drawn.led)) == (19, 1)


def fitted_votes(project):
    labels = project.label()
    known = unbiased(project.workspace, label_model_of(labels.run.settings), labels.votes)
    return labels, votes_to_fit(labels.units, labels.votes, known, labels.balance)


def test_answers_to_chosen_questions_of_those_taken_at_their_word_are_picked(project):
    answered(project, 20)
    assert fitted_votes(project)[1].picked is None
    answered(project, 10)
    labels, votes = fitted_votes(project)
    drawn = drawn_items(project.workspace, labels.votes).item
    given = np.flatnonzero(votes.gold[votes.source] & votes.voted)
    assert len(given) == 30
    asked = labels.units.item[votes.unit[given]]
    assert 20 <= len(drawn) < 30
    assert set(labels.units.item[votes.picked]) == set(asked) - set(drawn)


def test_answers_of_people_whom_others_check_are_not(project):
    answered(project, 30)
    checked = with_settings(project, "\n[sources.anna]\naccuracy = 0.8\n")
    assert fitted_votes(checked)[1].picked is None


def test_gold_that_was_chosen_is_picked(tmp_path):
    project = voted(tmp_path, gold=True)
    assert fitted_votes(project)[1].picked is None
    chosen = with_settings(project, '\n[items]\ngold_sample = "chosen"\n')
    assert fitted_votes(chosen)[1].picked.sum() == 60
