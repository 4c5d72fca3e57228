"""The units of items on which nobody voted: what end models answer for."""

import pytest

from labelwright.core.errors import SettingsError
from labelwright.core.task import Task
from labelwright.tasks import grid_of, learnable


def test_the_item_is_the_unit_of_single_classes():
    units = grid_of(Task("classification", ("a", "b")), 3)
    assert (units.single, units.heads, units.item.tolist()) == (True, 1, [0, 1, 2])


def test_every_class_is_a_unit_of_every_item_where_sets_are_asked_for():
    units = grid_of(Task("multilabel", ("a", "b")), 2)
    assert (units.head_names, units.item.tolist()) == (("a", "b"), [0, 0, 1, 1])
    assert units.matrix.units == 4
    assert grid_of(Task("multilabel", ("a", "b")), 0).heads == 2


def test_where_units_are_found_in_votes_there_is_no_grid():
    task = Task("boxes", ("car",))
    assert not learnable(task)
    with pytest.raises(SettingsError, match="no end model learns boxes tasks yet"):
        grid_of(task, 3)
