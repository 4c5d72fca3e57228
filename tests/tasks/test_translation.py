import json

import numpy as np
import pytest

from labelwright.core.class_change import ClassChange
from labelwright.core.errors import AnswerError
from labelwright.core.ports import TranslatingTaskKind
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.core.votes import Votes
from labelwright.tasks import KINDS
from labelwright.tasks.classification import Classification
from labelwright.tasks.multilabel import Multilabel

FOUR = Task("classification", ("a", "b", "c", "d"))


def one(text, change):
    return Classification().translated(text, change)


def many(answer, change):
    text = Multilabel().translated(json.dumps(answer), change)
    return None if text is None else json.loads(text)


def change_to(*classes, **becomes):
    return ClassChange(FOUR, Task("classification", classes), becomes)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_read_after_a_change(kind):
    assert isinstance(KINDS[kind](), TranslatingTaskKind)


def test_a_renamed_class_is_renamed_in_every_answer():
    renamed = change_to("x", "b", "c", "d", a=("x",))
    assert one("a", renamed) == "x"
    assert one("b", renamed) == "b"
    assert one("a|b", renamed) == "x|b"
    assert one("!a", renamed) == "!x"
    assert one('{"a":0.7,"b":0.3}', renamed) == '{"x":0.7,"b":0.3}'


def test_a_merged_class_takes_the_votes_of_its_parts():
    merged = change_to("b", "c", "d", a=("b",))
    assert one("a", merged) == "b"
    assert one("a|b", merged) == "b"
    assert one("a|c", merged) == "!d"
    assert one('{"a":0.5,"b":0.2,"c":0.3}', merged) == '{"b":0.7,"c":0.3}'


def test_a_merged_class_is_ruled_out_only_with_all_of_its_parts():
    merged = change_to("b", "c", "d", a=("b",))
    assert one("!a", merged) is None
    assert one("!b", merged) is None
    assert one("!c", merged) == "!c"
    assert one("a|b|c", merged) == "!d"
    assert one("c|d", merged) == "!b"


def test_votes_for_a_removed_class_abstain():
    removed = change_to("b", "c", "d", a=())
    assert one("a", removed) is None
    assert one("a|b", removed) == "b"
    assert one("!a", removed) is None
    assert one("!b", removed) == "!b"
    assert one('{"a":0.6,"b":0.4}', removed) is None
    assert one('{"a":0.2,"b":0.6,"c":0.2}', removed) == '{"b":0.75,"c":0.25}'


def test_a_new_class_is_neither_named_nor_ruled_out_by_old_answers():
    added = change_to("a", "b", "c", "d", "e")
    assert one("a", added) == "a"
    assert one("!a", added) == "!a"
    assert one("a|b", added) == "a|b"


def test_taking_a_merge_back_makes_later_votes_partial():
    split = ClassChange(Task("classification", ("b", "c", "d")), FOUR, {"b": ("a", "b")})
    assert one("b", split) == "a|b"
    assert one("!b", split) == "c|d"
    assert one('{"b":0.6,"c":0.4}', split) == '{"a":0.3,"b":0.3,"c":0.4}'


def test_inner_classes_keep_what_lies_under_them_now():
    before = Task("classification", ("cat", "dog", "car"), "", {"cat": "pet", "dog": "pet"})
    more = Task(
        "classification", ("cat", "dog", "car", "ant"), "",
        {"cat": "pet", "dog": "pet", "ant": "pet"},
    )  # fmt: skip
    assert one("pet", ClassChange(before, more)) == "pet"
    named = Task("classification", ("cat", "dog", "car"), "", {"cat": "animal", "dog": "animal"})
    assert one("pet", ClassChange(before, named, {"pet": ("animal",)})) == "animal"
    assert one("pet", ClassChange(before, Task("classification", ("cat", "dog", "car")))) == "!car"
    merged = Task("classification", ("dog", "car"))
    assert one("pet", ClassChange(before, merged, {"cat": ("dog",)})) == "dog"


def test_an_answer_that_the_task_before_did_not_know_is_an_error():
    with pytest.raises(AnswerError):
        one("z", change_to("a", "b", a=()))


def test_sets_follow_names_merges_and_removals():
    assert many(["a", "b"], change_to("x", "b", "c", "d", a=("x",))) == ["x", "b"]
    assert many(["a", "c"], change_to("b", "c", "d", a=("b",))) == ["b", "c"]
    assert many(["a"], change_to("b", "c", "d", a=())) == []


def test_nobody_was_asked_about_a_new_class():
    added = change_to("a", "b", "c", "d", "e")
    assert many(["a"], added) == {"a": True, "b": False, "c": False, "d": False}
    assert many({"a": True}, added) == {"a": True}


def test_what_is_said_of_some_classes_only_stays_so():
    merged = change_to("b", "c", "d", a=("b",))
    assert many({"a": False, "c": True}, merged) == {"c": True}
    assert many({"a": False, "b": False}, merged) == {"b": False}
    assert many({"a": 0.9, "b": 0.2}, merged) == {"b": 0.9}
    assert many({"a": False}, merged) is None


def test_a_taken_back_merge_says_only_what_is_certain():
    split = ClassChange(Task("multilabel", ("b", "c", "d")), FOUR, {"b": ("a", "b")})
    assert many(["b", "c"], split) == {"c": True, "d": False}
    assert many(["c"], split) == ["c"]


@pytest.mark.parametrize(("kind", "text"), [(Classification, "z"), (Multilabel, '["z"]')])
def test_votes_that_name_a_lost_class_say_which_command_helps(kind, text):
    nothing = np.zeros(1, np.int64)
    votes = Votes(
        item=nothing,
        source=nothing.astype(np.int32),
        answer=nothing.astype(np.int32),
        answers=(text,),
        sources=(Source("anna", SourceKind.PERSON),),
        items=1,
        complete=np.ones(1, bool),
    )
    with pytest.raises(AnswerError, match="labelwright classes merge"):
        kind().decompose(votes, None, None, FOUR)
