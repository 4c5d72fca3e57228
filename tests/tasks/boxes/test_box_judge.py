"""Boxes held against boxes."""

import numpy as np

from labelwright.core.judgement import NOTHING
from labelwright.core.task import Task
from labelwright.tasks.boxes import Boxes
from tasks.boxes.making_boxes import KIND, TASK, answers_of

CAR, DOG = 0, 1
BOX, SHIFTED = ("car", 0, 0, 10, 10), ("car", 1, 0, 11, 10)


def rows(judgement):
    return list(zip(judgement.item.tolist(), judgement.said.tolist(), judgement.truth.tolist(),
                    judgement.overlap.astype(float).round(3).tolist(), strict=True))  # fmt: skip


def test_a_box_a_pixel_off_is_right():
    judgement = KIND.judge(answers_of([SHIFTED]), answers_of([BOX]), TASK)
    assert rows(judgement) == [(0, CAR, CAR, 0.818)]
    assert judgement.right.all()
    assert judgement.class_names == TASK.classes


def test_a_wrong_class_is_confused_a_missed_box_is_nothing_and_so_is_one_made_up():
    said = answers_of(
        [("dog", 0, 0, 10, 10), ("car", 50, 50, 60, 60)], [BOX], None, sure=[0.7, 1, 0]
    )
    truth = answers_of([BOX, ("dog", 80, 80, 90, 90)], None, [BOX])
    judgement = KIND.judge(said, truth, TASK)
    assert rows(judgement) == [
        (0, DOG, CAR, 1),
        (0, CAR, NOTHING, 0),
        (0, NOTHING, DOG, 0),
    ]
    np.testing.assert_allclose(judgement.confidence, [0.7, 0.7, 0])
    np.testing.assert_array_equal(judgement.weight, 1)


def test_boxes_of_one_class_find_each_other_first():
    said = answers_of([("dog", 0, 0, 10, 10), ("car", 0, 0, 10, 12)])
    truth = answers_of([("car", 0, 0, 10, 10), ("dog", 0, 0, 10, 12)])
    assert KIND.judge(said, truth, TASK).right.all()


def test_the_nearest_of_several_is_matched():
    said = answers_of([BOX, SHIFTED, ("car", 0, 0, 10, 9)])
    found = KIND.judge(said, answers_of([SHIFTED]), TASK)
    assert sorted(rows(found)) == [(0, CAR, NOTHING, 0), (0, CAR, NOTHING, 0), (0, CAR, CAR, 1)]


def test_the_overlap_asked_for_is_a_setting():
    said, truth = answers_of([("car", 0, 0, 10, 6)]), answers_of([BOX])
    assert KIND.judge(said, truth, TASK).right.all()
    assert not Boxes(iou=0.7).judge(said, truth, TASK).right.any()


def test_alike_is_the_f1_of_both():
    one = answers_of([BOX, ("dog", 50, 50, 60, 60)], [], None, [BOX], [BOX])
    other = answers_of([SHIFTED], [], [BOX], [], [("dog", 0, 0, 10, 10)])
    np.testing.assert_allclose(KIND.alike(one, other, TASK), [2 / 3, 1, np.nan, 0, 0])


def test_nothing_is_judged_of_no_items():
    task = Task("boxes", ("car",))
    nothing = answers_of(task=task)
    assert not len(KIND.judge(nothing, nothing, task).item)
    assert not len(KIND.alike(nothing, nothing, task))
