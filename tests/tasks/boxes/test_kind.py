"""Boxes as a kind: its settings, and answers of before a change of classes."""

import pytest

from labelwright.core.class_change import ClassChange
from labelwright.core.errors import SettingsError
from labelwright.core.ports import TranslatingTaskKind
from labelwright.core.task import Task
from labelwright.tasks import kind_of
from labelwright.tasks.boxes import Boxes

THREE = Task("boxes", ("car", "dog", "cat"))
BOTH = '[{"label":"car","box":[0,0,1,1]},{"label":"dog","box":[0,0,2,2]}]'


def translated(text, *classes, **becomes):
    return Boxes().translated(text, ClassChange(THREE, Task("boxes", classes), becomes))


def test_the_overlap_comes_from_the_tasks_options():
    assert kind_of(Task("boxes", ("car",), options={"iou": 0.3})) == Boxes(0.3)
    assert kind_of(Task("boxes", ("car",))) == Boxes()


@pytest.mark.parametrize("iou", [0, -1, 1.1, "0.5", True, float("nan")])
def test_an_overlap_outside_0_to_1_is_refused(iou):
    with pytest.raises(SettingsError, match="above 0 and at most 1"):
        Boxes(iou)


def test_a_task_needs_a_class_and_nothing_is_none():
    Boxes().check(Task("boxes", ("car",)))
    with pytest.raises(SettingsError, match="one class"):
        Boxes().check(Task("boxes", ()))
    with pytest.raises(SettingsError, match='"nothing"'):
        Boxes().check(Task("boxes", ("car", "nothing")))
    with pytest.raises(SettingsError, match="inner"):
        Boxes().check(Task("boxes", ("car", "dog"), "", {"car": "thing"}))


def test_it_takes_an_editor_and_reads_no_column():
    assert Boxes().choices(THREE) == ()
    assert Boxes().reads == ()
    assert isinstance(Boxes(), TranslatingTaskKind)


def test_a_renamed_class_is_renamed_in_every_box():
    assert translated(BOTH, "zebra", "dog", "cat", car=("zebra",)) == (
        '[{"label":"dog","box":[0,0,2,2]},{"label":"zebra","box":[0,0,1,1]}]'
    )


def test_boxes_of_merged_classes_have_the_new_class_and_stand_once():
    same = '[{"label":"cat","box":[0,0,1,1]},{"label":"dog","box":[0,0,1,1]}]'
    assert translated(same, "car", "dog", cat=("dog",)) == '[{"label":"dog","box":[0,0,1,1]}]'


def test_a_box_of_a_removed_class_goes():
    assert translated(BOTH, "dog", "cat", car=()) == '[{"label":"dog","box":[0,0,2,2]}]'
    assert translated('[{"label":"car","box":[0,0,1,1]}]', "dog", "cat", car=()) == "[]"


def test_where_a_class_became_one_of_several_its_boxes_say_nothing_more():
    split = {"car": ("truck", "bus")}
    assert translated(BOTH, "truck", "bus", "dog", "cat", **split) is None
    dog = '[{"label":"dog","box":[0,0,2,2]}]'
    assert translated(dog, "truck", "bus", "dog", "cat", **split) == dog
    assert translated("[]", "truck", "bus", "dog", "cat", **split) == "[]"
