import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import StorageError, UnknownNameError
from labelwright.stores import AnswerColumn, Objects, get_column, objects_of, put_column
from labelwright.stores.versions.answer_column import MOST_STEPS

ANSWERS = st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=12)


@pytest.fixture
def objects(tmp_path):
    return Objects(tmp_path)


def column(answers):
    return AnswerColumn.of(pa.array(answers, pa.string()))


def read(objects, digest):
    return get_column(objects, digest).arrow().to_pylist()


@settings(max_examples=25, deadline=None)
@given(versions=st.lists(ANSWERS, min_size=1, max_size=5))
def test_what_was_put_comes_out_whatever_came_before(tmp_path_factory, versions):
    objects = Objects(tmp_path_factory.mktemp("objects"))
    put, base = [], None
    for answers in versions:
        base = put_column(objects, column(answers), base)
        put.append(base)
    for digest, answers in zip(put, versions, strict=True):
        assert read(objects, digest) == answers


def test_a_percent_of_a_million_changed_takes_little(objects):
    rng = np.random.default_rng(0)
    code = rng.integers(-1, 3, 1_000_000).astype(np.int32)
    base = put_column(objects, AnswerColumn(code, ["a", "b", "c"]), None)
    for _ in range(3):
        code = code.copy()
        code[rng.choice(len(code), 10_000, replace=False)] = rng.integers(0, 3, 10_000)
        base = put_column(objects, AnswerColumn(code, ["a", "b", "c"]), base)
        assert objects.size(base) < 50_000
    assert np.array_equal(get_column(objects, base).among(["a", "b", "c"]), code)


def test_changes_are_not_heaped_up_for_ever(objects):
    answers, base = ["a"] * 100, None
    for number in range(2 * MOST_STEPS):
        answers[number] = f"b{number}"
        base = put_column(objects, column(answers), base)
        assert len(objects_of(objects, base)) <= MOST_STEPS + 1
    assert read(objects, base) == answers


def test_a_missing_or_damaged_base_is_an_error(objects):
    first = put_column(objects, column(["a"] * 20), None)
    second = put_column(objects, column(["a"] * 19 + ["b"]), first)
    assert objects_of(objects, second) == [second, first]
    path = objects.path(first)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(StorageError, match="damaged"):
        get_column(objects, second)
    path.unlink()
    with pytest.raises(UnknownNameError, match="there is no object"):
        get_column(objects, second)


def test_what_lost_its_base_is_kept_whole(objects):
    first = put_column(objects, column(["a"] * 20), None)
    objects.drop(first)
    second = put_column(objects, column(["a"] * 19 + ["b"]), first)
    assert objects_of(objects, second) == [second]
