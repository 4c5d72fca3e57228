"""Decisions to set items aside."""

from labelwright.stores import SetAside

WHO = {"who": "ann", "when": "2026-01-01T00:00:00+00:00"}


def test_items_are_set_aside_and_taken_back(tmp_path):
    aside = SetAside(tmp_path / "set_aside.jsonl")
    assert aside.mask(3).tolist() == [False] * 3
    assert aside.add("duplicates", [2, 0], **WHO) == 2
    assert aside.add("duplicates", [2], **WHO) == 0
    assert aside.add("empty_text", [2], **WHO) == 1
    assert aside.mask(3).tolist() == [True, False, True]
    assert aside.take_back("duplicates", **WHO) == 2
    assert aside.take_back("duplicates", **WHO) == 0
    assert aside.mask(3).tolist() == [False, False, True]
    assert {name: items.tolist() for name, items in aside.reasons().items()} == {"empty_text": [2]}


def test_every_decision_stays_on_record(tmp_path):
    aside = SetAside(tmp_path / "set_aside.jsonl")
    aside.add("duplicates", [1], **WHO)
    aside.take_back("duplicates", **WHO)
    assert len((tmp_path / "set_aside.jsonl").read_text().splitlines()) == 2
