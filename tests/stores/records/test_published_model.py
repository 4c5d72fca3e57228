"""The logs of published models and of files that arrived."""

from labelwright.stores import Arrivals, ArrivedFile, Published


def test_nothing_is_published_at_first(tmp_path):
    published = Published(tmp_path / "published.jsonl")
    assert published.current() is None
    assert published.list() == []


def test_the_last_that_passed_is_the_published_one_and_the_refused_stay_on_record(tmp_path):
    published = Published(tmp_path / "published.jsonl")
    published.record("a", published=True, reason="the first")
    published.record("b", published=False, reason="worse", who="ann")
    assert published.current() == "a"
    published.record("a", published=True, reason="again")
    assert [each["run"] for each in published.list()] == ["a", "b", "a"]
    assert published.list()[1]["who"] == "ann"


def test_files_and_events_are_kept_in_order_and_a_torn_line_is_nobodys(tmp_path):
    path = tmp_path / "arrivals.jsonl"
    arrivals = Arrivals(path)
    assert arrivals.last("started") is None
    file = ArrivedFile("a.csv", 3, 5, "h", "imported", added=2)
    arrivals.note("started", items=4)
    arrivals.add(file, "2026-01-01")
    arrivals.note("finished", items=6)
    with path.open("ab") as torn:
        torn.write(b'{"event": "sta')
    assert arrivals.files() == [file]
    assert arrivals.last("started", "finished") == {"event": "finished", "items": 6}
    arrivals.note("started", items=6)
    assert arrivals.last("started", "finished")["event"] == "started"
