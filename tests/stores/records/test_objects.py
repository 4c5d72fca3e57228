import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.core.errors import DataError, StorageError, UnknownNameError
from labelwright.stores import Objects

SIX = [pa.table({"p": [0.25, None], "t": ["ü\0", ""]}), pa.table({"p": pa.array([], pa.float64())})]


@pytest.fixture
def objects(tmp_path):
    (tmp_path / "objects").mkdir()
    return Objects(tmp_path / "objects")


def files(objects):
    return [path for path in objects.root.rglob("*") if path.is_file()]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=50))
def test_bytes_come_back_under_one_name(objects, content):
    name = objects.put_bytes(content)
    assert objects.put_bytes(content) == name
    assert objects.get_bytes(name) == content
    assert name in objects


def test_the_same_content_is_kept_once_and_no_draft_stays(objects):
    names = {objects.put_bytes(b"x"), objects.put_bytes(b"x"), objects.put_bytes(b"y")}
    assert len(names) == len(files(objects)) == 2
    assert not list(objects.root.glob(".new-*"))


def test_arrays_come_back_and_equal_arrays_have_equal_names(objects):
    arrays = {
        "odd name/ü": np.array([[1.5, np.nan]], np.float32),
        "none": np.zeros((0, 3), np.int8),
        "text": np.array(["a", "bc"]),
        "one": np.array(7),
    }
    name = objects.put_arrays(arrays)
    read = objects.get_arrays(name)
    assert list(read) == list(arrays)
    for key, array in arrays.items():
        assert read[key].dtype == array.dtype
        assert np.array_equal(read[key], array, equal_nan=array.dtype.kind == "f")
    assert objects.put_arrays({key: array.copy() for key, array in arrays.items()}) == name
    assert objects.get_arrays(objects.put_arrays({})) == {}


def test_python_objects_are_refused(objects):
    with pytest.raises(DataError, match="'bad' holds Python objects"):
        objects.put_arrays({"bad": np.array([object()])})
    assert files(objects) == []


@pytest.mark.parametrize("table", SIX)
def test_tables_come_back(objects, table):
    name = objects.put_table(table)
    assert objects.get_table(name).equals(table)
    assert objects.get_table(name, verify=False).equals(table)
    assert objects.put_table(pa.concat_tables([table.slice(0, 1), table.slice(1)])) == name


def test_a_folder_comes_back_named_by_names_and_content(objects):
    def write(folder):
        (folder / "inner").mkdir()
        (folder / "inner" / "weights").write_bytes(b"\1\2")
        (folder / "settings.json").write_text("{}")

    name = objects.put_folder(write)
    assert objects.put_folder(write) == name
    folder = objects.folder(name)
    assert (folder / "inner" / "weights").read_bytes() == b"\1\2"
    assert objects.put_folder(lambda folder: None) != name
    other = objects.put_folder(lambda folder: (folder / "settings.json").write_text("{}"))
    assert other not in (name, objects.put_bytes(b"{}"))
    with pytest.raises(UnknownNameError, match="is a file, not a folder"):
        objects.folder(objects.put_bytes(b"{}"))


def test_a_writer_that_fails_leaves_nothing_and_its_error_is_its_own(objects):
    def broken(folder):
        (folder / "half").write_text("x")
        raise ValueError("no weights")

    with pytest.raises(ValueError, match="no weights") as caught:
        objects.put_folder(broken)
    assert not isinstance(caught.value, StorageError)
    assert list(objects.root.iterdir()) == []


def test_a_link_in_a_folder_is_refused(objects):
    with pytest.raises(DataError, match="shadow is no plain file"):
        objects.put_folder(lambda folder: (folder / "shadow").symlink_to("/etc/shadow"))


@pytest.mark.parametrize("damage", [b"", b"other", None])
def test_damage_is_noticed_and_named(objects, damage):
    names = [
        objects.put_bytes(b"content"),
        objects.put_arrays({"a": np.arange(3)}),
        objects.put_table(SIX[0]),
        objects.put_folder(lambda folder: (folder / "w").write_bytes(b"content")),
    ]
    for file in files(objects):
        content = file.read_bytes()
        half = bytes([content[0] ^ 1]) + content[1:]
        file.write_bytes(half if damage is None else damage)
    gets = (objects.get_bytes, objects.get_arrays, objects.get_table, objects.folder)
    for name, get in zip(names, gets, strict=True):
        with pytest.raises(StorageError, match=f"the object {name} is damaged"):
            get(name)


def test_a_table_cut_short_is_noticed_without_verifying(objects):
    name = objects.put_table(SIX[0])
    file = files(objects)[0]
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(StorageError, match="may be damaged"):
        objects.get_table(name, verify=False)


def test_an_object_that_is_not_there_is_unknown(objects):
    for get in (objects.get_bytes, objects.get_arrays, objects.get_table, objects.folder):
        with pytest.raises(UnknownNameError, match="there is no object"):
            get("ab" * 16)
    assert "ab" * 16 not in objects
