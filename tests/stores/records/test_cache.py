import numpy as np

from labelwright.stores import Cache


def test_what_was_put_is_there_and_what_it_was_made_of(tmp_path):
    cache = Cache(tmp_path / "cache")
    assert cache.get("votes") is None
    cache.put("votes", {"rows": 3}, {"code": np.arange(4)})
    assert cache.about("votes") == {"rows": 3}
    np.testing.assert_array_equal(cache.get("votes").arrays["code"], np.arange(4))
    cache.put("votes", {"rows": 5}, {"code": np.arange(6)})
    assert cache.about("votes") == {"rows": 5}


def test_a_damaged_file_is_not_there(tmp_path):
    cache = Cache(tmp_path)
    cache.put("votes", {}, {"code": np.arange(4000)})
    path = tmp_path / "votes.npz"
    path.write_bytes(path.read_bytes()[:1000])
    assert cache.get("votes") is None
    path.write_bytes(b"")
    assert cache.about("votes") is None


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path):
    (tmp_path / "file").write_text("no folder")
    cache = Cache(tmp_path / "file")
    cache.put("votes", {}, {"code": np.arange(4)})
    assert cache.get("votes") is None


def test_a_name_that_cannot_be_replaced_leaves_no_draft(tmp_path):
    (tmp_path / "votes.npz" / "inside").mkdir(parents=True)
    Cache(tmp_path).put("votes", {}, {"code": np.arange(4)})
    assert [path.name for path in tmp_path.iterdir()] == ["votes.npz"]
