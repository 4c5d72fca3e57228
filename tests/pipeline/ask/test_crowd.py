"""Several people on one project: test questions, trust, redundancy, and what they hold back."""

import numpy as np
import pytest

import labelwright as lw
from labelwright.cli.next_ import Session
from labelwright.core.errors import SettingsError, UnknownNameError
from labelwright.pipeline.ask.hidden_tests import exam_of
from labelwright.pipeline.label.incremental import state_key
from labelwright.pipeline.vote.active_sources import active
from making_once import made_once
from pipeline.making import make, rows, write_csv

CROWD = """
[crowd]
least = 1
most = 3
confidence = 0.9
quiz = 3
test_rate = 0.2
bar = 0.6
"""


@pytest.fixture
def project(tmp_path):
    """Sixty texts, of which the last fifteen have gold."""
    return with_gold(tmp_path, CROWD)


@made_once
def with_gold(folder, settings, known=range(45, 60)):
    made = make(folder, count=0, rules="")
    table = rows(60)
    for number, row in enumerate(table):
        if number not in known:
            row["truth"] = ""
    path = write_csv(folder / "data.csv", table)
    made.import_items(path, id="key", text="text", gold="truth", fields=("text",))
    toml = made.folder / "labelwright.toml"
    toml.write_text(toml.read_text() + settings)
    made = lw.open(made.folder)
    made.vote()
    return made


TRUTH = {row["key"]: row["truth"] for row in rows(60)}
OTHER = {"spam": "ham", "ham": "spam"}


def gives(project, person, count, *, right=True):
    """The person answers their next questions; what they were told about each."""
    told = []
    for question in project.next(count, person=person):
        answer = TRUTH[question.item] if right else OTHER[TRUTH[question.item]]
        told.append(project.crowd.verdict(project.answer(question.item, answer, person=person)))
    return told


def of(project, name):
    return next(one for one in project.crowd.report().people if one.name == name)


def test_a_newcomer_first_gets_a_quiz_of_test_questions(project):
    first = project.next(3, person="anna")
    assert all(int(one.item[1:]) >= 45 for one in first)
    assert all(one.suggestion is None for one in project.next(10, person="anna"))


def test_whoever_answers_a_test_wrongly_is_told_why_and_the_right_hear_nothing(project):
    assert gives(project, "anna", 3) == ["", "", ""]
    told = gives(project, "ben", 3, right=False)
    assert all(one.startswith("this was a test question; the answer is") for one in told)


def test_the_reason_names_the_sources_that_see_what_gold_sees(project):
    spam = next(key for key, row in zip(TRUTH, rows(60), strict=True)
                if int(key[1:]) >= 45 and row["text"].startswith("free"))  # fmt: skip
    vote = project.answer(spam, "ham", person="ben")
    assert "(free" in project.crowd.verdict(vote)


def test_an_answer_that_was_told_to_be_wrong_cannot_be_taken_back_at_the_keys(project, capsys):
    questions = project.next(2, person="ben")
    wrong = "h" if TRUTH[questions[0].item] == "spam" else "s"
    keys = iter([wrong, "z", "q"])
    session = Session(project, questions, "ben", lambda: next(keys), unread_s=0)
    assert session.run() == 1
    assert "whose answer was told stands" in capsys.readouterr().out


def test_an_item_without_gold_and_an_abstention_are_no_failed_tests(project):
    assert project.crowd.verdict(project.answer("m1", "ham", person="ben")) == ""
    assert project.crowd.verdict(project.answer("m50", None, person="ben")) == ""


def test_whoever_fails_the_quiz_is_held_back_and_gets_only_test_questions(project):
    gives(project, "ben", 3, right=False)
    gives(project, "anna", 3)
    assert of(project, "ben").state == "held back"
    assert of(project, "anna").state == "counts"
    assert of(project, "ben").trust < 0.6 < of(project, "anna").trust
    names = [source.name for source in project.label().votes.sources]
    votes = project.label().votes
    assert names.index("ben") not in votes.source.tolist()
    assert names.index("anna") in votes.source.tolist()
    assert all(int(one.item[1:]) >= 45 for one in project.next(5, person="ben"))


def test_held_back_votes_come_back_when_further_tests_are_answered_well(project):
    gives(project, "ben", 3, right=False)
    gives(project, "ben", 9)
    assert of(project, "ben").state == "counts"
    assert of(project, "ben").answers == 12


def test_a_forgiven_answer_changes_trust_at_once(project):
    wrong = [one.item for one in project.next(3, person="ben")]
    for item in wrong:
        project.answer(item, OTHER[TRUTH[item]], person="ben")
    before = of(project, "ben")
    assert project.crowd.forgive(wrong[0], "ben", note="the text is cut off")
    assert not project.crowd.forgive(wrong[0], "ben")
    after = of(project, "ben")
    assert (before.tested, after.tested) == (3, 2)
    assert after.trust > before.trust
    assert after.state == "at the quiz"


def test_a_question_that_nobody_can_answer_is_retired(project):
    tests = project.crowd.report().tests
    project.answer("m50", OTHER[TRUTH["m50"]], person="ben")
    project.crowd.report()
    project.crowd.forgive("m50")
    assert project.crowd.report().tests == tests - 1
    assert of(project, "ben").tested == 0
    with pytest.raises(UnknownNameError):
        project.crowd.forgive("nobody knows it")


def test_nobody_sees_an_item_twice_but_others_do_while_it_is_in_doubt(project):
    gives(project, "anna", 3)
    gives(project, "ben", 3)
    seen = {one.item for one in project.next(10, person="anna")}
    gives(project, "anna", 10)
    assert not seen & {one.item for one in project.next(40, person="anna")}


def test_the_report_counts_what_is_wanted_and_how_far_people_agree(project):
    for number in range(8):
        for person in ("anna", "ben"):
            project.answer(f"m{number}", TRUTH[f"m{number}"], person=person)
    project.answer("m9", "ham", person="anna")
    project.answer("m9", "spam", person="ben")
    report = project.crowd.report()
    assert report.answered == 9
    assert report.wanted == report.unsure >= 1
    assert 0.5 < report.alpha < 1


def test_the_default_asks_each_item_once_and_hides_no_tests(tmp_path):
    project = with_gold(tmp_path, "")
    first = {one.item for one in project.next(10, person="anna")}
    assert all(int(item[1:]) < 45 for item in first)
    assert gives(project, "anna", 10) == [""] * 10
    assert not first & {one.item for one in project.next(40, person="ben")}
    assert of(project, "anna").state == "counts"


def test_a_rule_is_judged_by_random_hits(project):
    asked = project.next(4, rule="free")
    assert asked
    assert all("free" in one.fields["text"] for one in asked)
    assert asked[0].reason == "is free right here?"
    with pytest.raises(UnknownNameError, match="did you mean"):
        project.next(4, rule="fre")


def test_a_share_of_the_questions_judges_rules_if_the_settings_say_so(tmp_path):
    project = with_gold(tmp_path, "\n[crowd]\nrule_rate = 0.5\n")
    asked = project.next(12)
    about_rules = [one for one in asked if one.reason.startswith("is ")]
    assert 1 <= len(about_rules) < 12
    assert len({one.item for one in asked}) == 12
    # With more to judge than rules have hits, the others stay.
    every = with_gold(tmp_path / "all", "\n[crowd]\nrule_rate = 1.0\n")
    hits = project.label().votes
    assert len(every.next(60)) <= len(np.unique(hits.item))
    assert with_gold(tmp_path / "none", "").pick(3)


def test_whoever_is_checked_by_others_is_not_taken_at_their_word(tmp_path):
    settings = "\n[crowd]\nleast = 1\nmost = 3\nconfidence = 0.999\n"
    project = with_gold(tmp_path, settings)
    for number in range(5):
        project.answer(f"m{number}", TRUTH[f"m{number}"], person="anna")
    assert project.crowd.report().wanted == 5
    toml = project.folder / "labelwright.toml"
    toml.write_text(toml.read_text() + "\n[sources.anna]\naccuracy = 0.95\n")
    assert lw.open(project.folder).crowd.report().wanted == 0


def test_agreement_is_told_and_holds_nobody_back(tmp_path):
    project = with_gold(tmp_path, "\n[crowd]\nleast = 3\n")
    for number in range(12):
        truth = TRUTH[f"m{number}"]
        for person in ("anna", "ben"):
            project.answer(f"m{number}", truth, person=person)
        project.answer(f"m{number}", OTHER[truth], person="contrary")
    assert of(project, "contrary").agreement < 0.4
    assert of(project, "anna").agreement > 0.8
    assert of(project, "contrary").state == "counts"


def test_forgiveness_changes_which_votes_labels_are_made_of(project):
    gives(project, "ben", 3, right=False)
    sources = active(project.workspace)
    before = state_key(project.workspace, sources)
    project.crowd.forgive("m50")
    assert state_key(project.workspace, sources) != before


@pytest.mark.parametrize(
    "setting",
    [
        "least = 0",
        "most = 0.5",
        "quiz = -1",
        "bar = 2",
        "tests = 3",
        "rule_rate = 1.5",
        'bar = "high"',
    ],
)
def test_nonsense_in_the_settings_is_refused_with_its_place(tmp_path, setting):
    made = make(tmp_path, count=0)
    toml = made.folder / "labelwright.toml"
    toml.write_text(toml.read_text() + f"\n[crowd]\n{setting}\n")
    with pytest.raises(SettingsError, match="crowd"):
        lw.open(made.folder)


def says_the_same(project, name):
    """How the person stands for the report, for the browser, and whether labels know them."""
    person, standing = of(project, name), exam_of(project.workspace).standing(name)
    assert (person.tested, person.right) == (standing.tested, standing.right)
    assert person.trust == standing.trust
    assert (person.state == "held back") == standing.held_back
    labels = project.label().votes
    counted = {labels.sources[place].name for place in np.unique(labels.source)}
    assert (name in counted) != standing.held_back
    return standing


def test_a_failed_test_question_is_failed_whatever_is_said_of_it_later(project):
    failed = [one.item for one in project.next(3, person="ben")]
    for item in failed[:2]:
        wrong = project.answer(item, OTHER[TRUTH[item]], person="ben")
        assert project.crowd.verdict(wrong)
        project.answer(item, TRUTH[item], person="ben", supersedes=wrong.id)
    wrong = project.answer(failed[2], OTHER[TRUTH[failed[2]]], person="ben")
    project.withdraw(wrong)
    project.label()
    standing = says_the_same(project, "ben")
    assert (standing.tested, standing.right, standing.held_back) == (3, 0, True)
    # Nobody asks them again, though one of the answers was taken back.
    asked = {one.item for one in project.next(40, person="ben")}
    assert asked
    assert not asked & set(failed)
    project.answer(failed[2], TRUTH[failed[2]], person="ben")
    assert says_the_same(project, "ben").right == 0
    # Forgiven, it says nothing of them any more.
    project.crowd.forgive(failed[2], "ben")
    assert says_the_same(project, "ben").tested == 2


def test_an_answer_taken_back_before_anything_was_told_is_as_if_never_given(project):
    (item,) = [one.item for one in project.next(1, person="ben")]
    right = project.answer(item, TRUTH[item], person="ben")
    project.withdraw(right)
    project.label()
    exam = exam_of(project.workspace)
    assert exam.standing("ben").tested == 0
    assert int(item[1:]) in exam.left("ben")
    project.answer(item, OTHER[TRUTH[item]], person="ben", supersedes=right.id)
    project.label()
    standing = exam_of(project.workspace).standing("ben")
    assert (standing.tested, standing.right) == (1, 0)


def test_of_votes_from_a_file_nobody_was_told_so_that_the_last_one_counts(project, tmp_path):
    for number, said in enumerate(("spam", "ham")):
        table = [{"item": "m50", "source": "cara", "label": said}]
        project.import_votes(write_csv(tmp_path / f"{number}.csv", table))
        project.label()
        told = of(project, "cara")
        assert (told.tested, told.right) == (1, int(said == TRUTH["m50"]))
