from dataclasses import replace

from labelwright.core.record import Run, Version


def test_a_run_is_named_by_what_went_in_and_not_by_what_came_out():
    run = Run("label", {"votes": "abc"}, {"steps": 3}, seed=1)
    same = replace(run, outputs={"fit": "f"}, metrics={"acc": 0.9}, seconds=3.0, started="now")
    assert run.id == same.id
    others = [
        replace(run, step="train"),
        replace(run, inputs={}),
        replace(run, settings={"steps": 4}),
        replace(run, seed=2),
    ]
    assert len({run.id, *(other.id for other in others)}) == 5


def test_a_version_is_named_by_its_content_and_not_by_who_made_it_when():
    version = Version({"n": 1}, {"n": 2}, ({"name": "s"},), {"kind": "c"}, {}, {"fit": "f"}, {})
    assert version.id == replace(version, author="ann", created="now", note="why").id
    assert version.id != replace(version, parent="p").id
    assert version.id != replace(version, votes={"n": 3}).id
