"""How every method of a project and of its parts is called, and what must come out."""

import pytest

from end_to_end.every_kind.kinds import ERRING, ITEMS, PERFECT, votes_of_people, write_items
from end_to_end.every_kind.project import NOTHING, ROUND, Table, refuses
from end_to_end.making import write_csv
from labelwright import Project, Task
from labelwright.core.errors import SettingsError, UnknownNameError

METHODS = Table()
line = METHODS.line


def labelled(c):
    """How many items have a label now."""
    return c.told("label", c.folder)["labelled"]


@line("open", reads=True)
def _(c):
    assert Project.open(c.folder).folder == c.folder


@line("create", reads=True)
def _(c):
    made = Project.create(c.tmp / "made", Task(c.kind.name, c.kind.classes), name="made")
    assert (made.settings.name, made.settings.task.kind) == ("made", c.kind.name)


@line("settings", reads=True)
def _(c):
    assert c.project.settings.task.classes == c.kind.classes


@line("folder", reads=True)
def _(c):
    assert c.project.folder == c.folder


@line("import_items")
def _(c):
    gold = {"gold": "truth", **NOTHING} if c.gold else {}
    new = c.new_items()
    done = c.project.import_items(new, id="key", text="text", split="part", **gold)
    assert (done.added, done.set_aside, done.gold > 0) == (30, 0, c.gold)
    old = write_items(c.kind, c.tmp / "old.jsonl", gold=c.gold)
    again = c.project.import_items(old, id="key", text="text", split="part", **gold)
    assert (again.added, again.unchanged) == (0, ITEMS)


@line("import_votes")
def _(c):
    rows = [{"item": f"k{n}", "source": "a model", "label": c.kind.spelled(c.kind.truth(f"k{n}"))}
            for n in range(0, ITEMS, 2)]  # fmt: skip
    path = write_csv(c.tmp / "votes.csv", rows)
    done = c.project.import_votes(path, kind="model", **NOTHING)
    assert (done.added, done.set_aside, done.sources) == (len(rows), 0, 1)
    assert "a model" in {source.name for source in c.project.known_sources()}
    assert labelled(c) == ITEMS


@line("vote", reads=True)
def _(c):
    assert len(c.project.vote().cached) == 2 + len(c.kind.rules)


@line("label", reads=True)
def _(c):
    labels = c.project.label()
    assert len(labels.answers.answer) == len(labels.answers.confidence) == ITEMS
    assert labels.answers.answer.null_count == 0
    truth = [row["truth"] for row in c.kind.items()]
    said = labels.answers.answer.to_pylist()
    assert sum(c.kind.right(*pair) for pair in zip(said, truth, strict=True)) > 0.6 * ITEMS
    assert (labels.quality is not None) is c.gold
    if c.gold:
        assert 0.8 < labels.quality.accuracy <= 1


@line("label_report", reads=True)
def _(c):
    found = c.project.label_report()
    assert [*dict.fromkeys(found.item.to_pylist())] == [row["key"] for row in c.kind.items()]
    assert len(found.confidence) == len(found.basis) == len(found.item)


@line("stability", reads=True)
def _(c):
    found = c.project.stability(resamples=2)
    assert ((found.changed >= 0) & (found.changed <= 1)).all()


@line("compare", reads=True)
def _(c):
    found = c.project.compare("majority_vote", "dawid_skene")
    assert found.failed == {}
    assert set(found.seconds) == {"majority_vote", "dawid_skene"}


@line("sources", reads=True)
def _(c):
    found = c.project.sources(check=False)
    assert (found.truth > 0) is c.gold
    assert len(found.kinds) == 3 + 2 + len(c.kind.rules) + c.gold


@line("standing", ROUND, reads=True)
def _(c):
    found = c.project.standing()
    assert (found.items, found.labelled, found.contradicted) == (ITEMS, ITEMS, ())
    assert sum(found.basis.values()) == ITEMS
    assert (found.right is not None) is c.gold


@line("join", ROUND, reads=True)
def _(c):
    labels = c.project.join()
    assert (labels.joint is not None) is c.kind.learns
    assert labels.answers.answer.null_count == 0


@line("train", ROUND, reads=True)
def _(c):
    if not c.kind.learns:
        with refuses(SettingsError, c.kind.name, "labelwright export"):
            c.project.train()
        return
    done = c.project.train()
    assert (done.rows > 0, done.quality is not None) == (True, c.gold)


@line("next", reads=True)
def _(c):
    asked = c.project.next(4, person="dora")
    assert len({question.item for question in asked}) == 4
    assert all(question.fields["text"] for question in asked)
    for question in asked:
        if question.suggestion is not None:
            c.kind.right(question.suggestion, c.kind.truth(question.item))
            assert 0 < question.confidence <= 1


@line("pick", reads=True)
def _(c):
    first = {one.item for one in c.project.pick(4)}
    assert len(first) == 4
    assert first <= set(range(ITEMS))
    assert not first & {one.item for one in c.project.pick(4, taken=tuple(first))}


@line("answer")
def _(c):
    vote = c.answered("k4")
    assert c.project.status().answers_waiting == 1
    other = c.project.answer("k4", c.kind.wrong(c.kind.truth("k4")), person="dora",
                             supersedes=vote.id)  # fmt: skip
    assert not c.kind.same(other.answer, vote.answer)
    c.project.answer("k9", None, person="dora")
    c.project.label()
    assert c.project.status().answers_waiting == 0
    after = c.project.status().votes["person"]
    assert after - len(votes_of_people(c.kind)) in (1, 2)


@line("withdraw")
def _(c):
    c.project.withdraw(c.answered("k4"))
    c.project.label()
    assert c.project.status().votes["person"] == len(votes_of_people(c.kind))


@line("round", ROUND)
def _(c):
    c.answered("k9")
    done = c.project.round(note="again")
    assert (done.answers, done.version.note) == (1, "again")
    assert done.labels.answers.answer.null_count == 0
    assert done.questions
    assert c.project.history.verify(recompute=True).damage == ()


@line("export", ROUND, reads=True)
def _(c):
    done = c.project.export(c.tmp / "train.parquet")
    assert (done.rows, done.labelled, done.content) == (ITEMS, ITEMS, c.kind.learns)


@line("check", reads=True)
def _(c):
    assert c.project.check().items == ITEMS


def something_to_set_aside(c):
    """The check that found items to set aside: those in which only a number differs."""
    (name, *_) = [one.check for one in c.project.check().findings if one.spare]
    return name


@line("set_aside")
def _(c):
    gone = c.project.set_aside(something_to_set_aside(c))
    assert gone > 0
    assert c.project.status().items_set_aside == gone
    assert labelled(c) <= ITEMS


@line("take_back")
def _(c):
    name = something_to_set_aside(c)
    assert c.project.set_aside(name) == c.project.take_back(name)
    assert labelled(c) == ITEMS


@line("explain", ROUND, reads=True)
def _(c):
    story = c.project.explain("k4")
    assert c.kind.right(story.answer, c.kind.truth("k4"))
    assert (story.prediction is not None) is c.kind.learns
    with refuses(UnknownNameError, "no such item"):
        c.project.explain("no such item")


@line("predict", ROUND, reads=True)
def _(c):
    new = c.new_items()
    if not c.kind.learns:
        with refuses(SettingsError, "no end model learns"):
            c.project.predict(new, c.tmp / "said.csv")
        return
    assert c.project.predict(new, c.tmp / "said.csv").rows == 30


@line("freeze")
def _(c):
    id_ = c.project.freeze("by hand")
    assert c.project.history.find(id_).note == "by hand"
    assert c.project.history.verify(recompute=True).damage == ()


@line("versions", ROUND, reads=True)
def _(c):
    assert [one.note for one in c.project.versions()] == ["the first"]


@line("status", ROUND, reads=True)
def _(c):
    said = c.project.status()
    assert (said.kind, said.items, said.rounds) == (c.kind.name, ITEMS, 1)


@line("accounts")
def _(c):
    with c.project.accounts() as accounts:
        assert accounts.all() == []


@line("known_sources", reads=True)
def _(c):
    names = {source.name for source in c.project.known_sources()}
    assert len(names) == 3 + 2 + len(c.kind.rules) + c.gold


@line("history.save")
def _(c):
    saved = c.project.history.save("by hand")
    assert (saved.labels["labelled"], saved.items["count"]) == (ITEMS, ITEMS)
    assert c.project.history.save("nothing new").id == saved.id


@line("history.log", ROUND, reads=True)
def _(c):
    assert [one.note for one in c.project.history.log()] == ["the first"]


@line("history.find", ROUND, reads=True)
def _(c):
    assert c.project.history.find("head").labels["labelled"] == ITEMS


@line("history.names", ROUND, reads=True)
def _(c):
    assert c.project.history.names().branch == "main"


@line("history.tag", ROUND)
def _(c):
    c.project.history.tag("good")
    assert c.project.history.find("good") == c.project.history.find()


def second(c):
    """A second version, in which somebody said something wrong of an item."""
    c.project.answer("k9", c.kind.wrong(c.kind.truth("k9")), person="dora")
    return c.project.history.save("the second")


@line("history.branch", ROUND)
def _(c):
    first = c.project.history.find().id
    c.project.history.branch("try")
    assert second(c).parent == first
    c.project.history.branch("main")
    assert c.project.history.find().id == first


@line("history.drop", ROUND)
def _(c):
    c.project.history.tag("good")
    c.project.history.drop("good")
    assert c.project.history.names().tags == {}


@line("history.diff", ROUND)
def _(c):
    first = c.project.history.find().id
    saved = second(c)
    found = c.project.history.diff(first)
    assert (found.before, found.after) == (first, saved.id)
    assert (found.items_added, found.labels_new) == (0, 0)
    assert "dora" in found.sources


@line("history.checkout", ROUND)
def _(c):
    there = Project.open(c.project.history.checkout("head", c.tmp / "then"))
    assert there.explain("k4").answer == c.project.explain("k4").answer


@line("history.explain", ROUND, reads=True)
def _(c):
    assert c.kind.right(c.project.history.explain("k4").answer, c.kind.truth("k4"))


@line("history.blame", ROUND, reads=True)
def _(c):
    found = {one.source: one for one in c.project.history.blame()}
    assert {PERFECT, ERRING} <= {*found}
    # What the items themselves say may push every label more than any voter.
    assert next(iter(found)) in {PERFECT, "content", "gold"}
    assert sum(one.share for one in found.values()) == pytest.approx(1)
    assert found[PERFECT].strongest >= found[ERRING].strongest
    assert c.project.history.blame("head") == [*found.values()]


@line("history.stream", ROUND, reads=True)
def _(c):
    rows = [row for row in c.project.history.stream().rows() if row["label"] is not None]
    assert len(rows) == sum(row["part"] == "train" for row in c.kind.items())
    said = [c.kind.right(row["label"], c.kind.truth(row["id"])) for row in rows]
    assert sum(said) > 0.6 * len(said)
    assert len([*c.project.history.stream("head").rows()]) == len(rows)


@line("history.restore", ROUND)
def _(c):
    first = c.project.history.find().id
    second(c)
    assert c.project.history.restore(first).votes == 1


@line("history.verify", ROUND, reads=True)
def _(c):
    found = c.project.history.verify(recompute=True)
    assert (found.damage, len(found.recomputed)) == ((), 1)


@line("history.clean", ROUND)
def _(c):
    assert c.project.history.clean().versions == 0
    assert c.project.history.verify(recompute=True).damage == ()


@line("history.push", ROUND)
def _(c):
    assert c.project.history.push(c.tmp / "shared").versions == 1


@line("history.pull", ROUND)
def _(c):
    c.ok("clone", c.folder, c.tmp / "copy")
    saved = second(c)
    there = Project.open(c.tmp / "copy")
    assert there.history.pull().versions == 1
    assert there.history.find().id == saved.id


@line("history.merge", ROUND)
def _(c):
    c.project.history.branch("try")
    second(c)
    c.project.history.branch("main")
    assert c.project.history.merge("try").how
    assert "dora" in {source.name for source in c.project.known_sources()}
    assert labelled(c) == ITEMS
