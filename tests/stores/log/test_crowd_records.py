"""Logs of what was drawn at random and of what was forgiven: they only grow."""

from labelwright.core.pool import Assignment
from labelwright.stores import Forgiven, RandomDraws


def test_only_random_questions_are_logged_with_their_probability(tmp_path):
    drawn = RandomDraws(tmp_path / "drawn.jsonl")
    assert drawn.all().item.tolist() == []
    some = [Assignment(7, "anna", 0.25, True, "", 0.0), Assignment(8, "anna", 1.0, False, "", 0.0)]
    drawn.add(some, "2026-11-21T12:00:00+00:00")
    drawn.add(some[1:], "2026-11-21T13:00:00+00:00")
    found = drawn.all()
    assert found.item.tolist() == [7]
    assert found.probability.tolist() == [0.25]
    assert found.when.tolist() == ["2026-11-21T12:00:00+00:00"]


def test_forgiving_twice_is_forgiving_once(tmp_path):
    forgiven = Forgiven(tmp_path / "forgiven.jsonl")
    assert forgiven.add("m1", "anna", "cut off", who="eva", when="now")
    assert not forgiven.add("m1", "anna", "again", who="eva", when="now")
    assert forgiven.add("m1", None, "", who="eva", when="now")
    assert forgiven.pairs() == {("m1", "anna"), ("m1", None)}
