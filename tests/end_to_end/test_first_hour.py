"""A newcomer's first hour: a rule or two, a few answers, and labels that are no rubbish."""

import json

import numpy as np
import pytest

import labelwright

ITEMS = 2_000
WORDS = [f"word{n}" for n in range(300)]


def texts(share, *, count=ITEMS, seed=0, reach=0.8):
    """Rows of which a share is spam; eight of ten spam texts say jackpot, and no other does."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        spam = rng.random() < share
        words = rng.choice(WORDS, rng.integers(5, 12)).tolist()
        words += ["jackpot"] if spam and rng.random() < reach else []
        made.append(
            {"key": f"m{number}", "text": " ".join(words), "truth": "spam" if spam else "ham"}
        )
    return made


def rule(name, vote, word):
    when = f'{{ field = "text", keywords = ["{word}"] }}'
    return f'\n[[rules]]\nname = "{name}"\nvote = "{vote}"\nwhen = {when}\n'


def project_of(folder, rows, rules, classes=("spam", "ham"), **how):
    project = labelwright.init(folder / "messages", classes=classes)
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + rules)
    data = folder / "data.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    project = labelwright.open(project.folder)
    project.import_items(data, id="key", text="text", fields=("text",), **how)
    return project


def said(labels):
    return np.array(labels.answers.answer.to_pylist(), object)


def truth_of(rows):
    return np.array([row["truth"] for row in rows], object)


@pytest.fixture(scope="module")
def rare():
    return texts(0.01)


def test_a_rare_class_with_one_precise_rule_and_200_gold_answers(tmp_path, rare):
    known = np.random.default_rng(1).choice(ITEMS, 200, replace=False)
    rows = [{**row, "gold": ""} for row in rare]
    for number in known:
        rows[number]["gold"] = rows[number]["truth"]
    project = project_of(tmp_path, rows, rule("money", "spam", "jackpot"), gold="gold")
    done = project.round()
    truth, labels = truth_of(rare), done.labels
    hit = np.array(["jackpot" in row["text"] for row in rare])
    assert np.mean(said(labels) == truth) >= 0.99
    assert np.mean(said(labels)[hit] == "spam") >= 0.9
    assert labels.quality.accuracy > 0.95
    balance = labels.balance
    assert balance.low[0, 0] <= np.mean(truth == "spam") <= balance.high[0, 0]


def test_the_same_with_twenty_answers_to_the_first_questions(tmp_path, rare):
    project = project_of(tmp_path, rare, rule("money", "spam", "jackpot"))
    project.vote()
    questions = project.next(20, person="anna")
    assert all(question.random for question in questions)
    for question in questions:
        project.answer(question.item, rare[int(question.item[1:])]["truth"], person="anna")
    labels = project.round().labels
    hit = np.array(["jackpot" in row["text"] for row in rare])
    assert np.mean(said(labels) == truth_of(rare)) >= 0.99
    assert np.mean(said(labels)[hit] == "spam") >= 0.9
    out = tmp_path / "out.jsonl"
    assert project.export(out, only_labelled=True).rows == ITEMS


def test_rules_that_all_say_spam_label_nothing_else_spam(tmp_path, rare):
    rules = rule("money", "spam", "jackpot") + rule("other", "spam", "word7 ")
    project = project_of(tmp_path, rare, rules)
    done = project.round()
    hit = done.labels.units.matrix.covered
    assert set(said(done.labels)[hit]) == {"spam"}
    assert set(said(done.labels)[~hit]) == {None}
    assert done.trained is None
    out = tmp_path / "out.jsonl"
    assert project.export(out, only_labelled=True).rows == hit.sum()
    status = project.status()
    assert status.labels.labelled == hit.sum()
    assert status.random_first.missing == 20
    assert "'ham'" in status.random_first.sentence
    assert status.next_step.startswith("answer the questions")


def test_a_class_without_voter_is_not_forgotten(tmp_path):
    rng = np.random.default_rng(3)
    names, shares = ("sport", "politics", "weather"), (0.2, 0.3, 0.5)
    rows = []
    for number in range(900):
        name = names[rng.choice(3, p=shares)]
        words = [*rng.choice(WORDS, 6).tolist(), f"{name}{rng.integers(4)}"]
        words += [f"tag-{name}"] if rng.random() < 0.5 and name != "weather" else []
        rows.append({"key": f"m{number}", "text": " ".join(words), "truth": name})
    rules = rule("a", "sport", "tag-sport") + rule("b", "politics", "tag-politics")
    project = project_of(tmp_path, rows, rules, names)
    project.vote()
    covered = project.label().units.matrix.covered
    before = said(project.join())
    assert set(before[~covered]) == {None}
    assert np.mean(before[covered] == truth_of(rows)[covered]) == 1
    for question in project.next(60, person="anna"):
        project.answer(question.item, rows[int(question.item[1:])]["truth"], person="anna")
    after = said(project.round().labels)
    assert None not in set(after)
    assert np.mean(after[~covered] == "weather") > 0.5
    assert np.mean(after == truth_of(rows)) > 0.75


def test_the_command_line_says_what_is_missing_and_why(tmp_path, lw):
    project = project_of(tmp_path, texts(0.05, count=200), rule("money", "spam", "jackpot"))
    folder = project.folder
    assert lw("vote", folder).code == 0
    told = " ".join(lw("label", folder).out.split())
    assert "got no vote and have no label" in told
    assert "20 more random answers tell how frequent each class is (0 so far)" in told
    assert "no source votes for 'ham'" in told
    listed = lw("next", folder, "-n", "3").out
    assert "drawn at random, to learn how frequent each class is" in listed
    saved = " ".join(lw("version", "save", "-p", folder).out.split())
    assert "note: every label is 'spam', and nobody knows how frequent the other" in saved
    done = " ".join(lw("round", folder).out.split())
    assert "every label is 'spam'" in done
    exported = " ".join(lw("export", folder, "--to", tmp_path / "all.csv").out.split())
    assert "note: every label is 'spam', and nobody knows how frequent the other" in exported
    assert "20 more random answers" in " ".join(lw("status", folder).out.split())
    as_json = json.loads(lw("status", folder, "--json").out)
    assert as_json["random_first"]["missing"] == 20
