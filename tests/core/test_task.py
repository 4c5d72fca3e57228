from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.core.errors import SettingsError
from labelwright.core.identity import digest
from labelwright.core.task import MAX_CLASS_NAME, Task


def test_a_class_is_found_by_its_name():
    task = Task("classification", ("spam", "ham"))
    assert (task.index("ham"), task.index("eggs")) == (1, -1)


@given(st.lists(st.text(min_size=1), min_size=2, max_size=5))
def test_class_names_are_clean_or_refused(names):
    try:
        task = Task("classification", tuple(names))
    except SettingsError:
        return
    assert len(set(task.classes)) == len(names)
    assert all(name == name.strip() and name.isprintable() and name for name in task.classes)
    assert Task("classification", task.classes) == task


def test_two_spellings_of_one_character_are_one_class():
    with pytest.raises(SettingsError, match="come twice"):
        Task("classification", ("caf\u00e9", "cafe\u0301"))


def test_options_are_sorted_and_name_a_task_only_where_there_are_any():
    plain, set_up = Task("boxes", ("cell",)), Task("boxes", ("cell",), options={"iou": 0.4, "a": 1})
    assert set_up.options == (("a", 1), ("iou", 0.4))
    assert digest(plain) == digest(replace(set_up, options=())) != digest(set_up)


def test_a_class_that_comes_twice_is_refused():
    with pytest.raises(SettingsError, match=r"\['ham'\] come twice"):
        Task("classification", ("ham", " ham", "spam"))


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * (MAX_CLASS_NAME + 1), 3, None])
def test_a_class_name_that_cannot_be_shown_is_refused(name):
    with pytest.raises(SettingsError, match="class name"):
        Task("classification", ("ham", name))
