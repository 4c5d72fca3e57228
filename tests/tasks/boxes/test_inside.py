import pytest

from labelwright.tasks.boxes.inside import beyond
from tasks.boxes.making_boxes import KIND, TASK

SIZE = {"width": 100, "height": 60}


def told(*box, **size):
    return beyond(KIND.canonical([("car", *box)], TASK), size or SIZE)


@pytest.mark.parametrize("box", [(0, 0, 100, 60), (-1, -1, 101, 61), (10, 10, 20, 20)])
def test_a_box_inside_or_a_pixel_beyond_is_fine(box):
    assert told(*box) == ""


@pytest.mark.parametrize(
    "box", [(-2, 0, 10, 10), (0, 0, 102.5, 60), (0, -5, 9, 9), (500, 500, 600, 600)]
)
def test_a_box_beyond_says_which_and_how_large_the_image_is(box):
    assert "100 x 60 pixels" in told(*box)
    assert str(float(box[2])).rstrip("0").rstrip(".") in told(*box)


def test_a_turned_photograph_has_its_sides_exchanged():
    assert told(0, 0, 60, 100) == ""
    assert told(0, 0, 90, 100) != ""


@pytest.mark.parametrize("size", [{}, {"width": None, "height": 60}, {"width": "9", "height": 9}])
def test_what_is_no_size_bounds_nothing(size):
    assert beyond(KIND.canonical([("car", 0, 0, 900, 900)], TASK), size) == ""


def test_no_box_is_inside_everything():
    assert beyond("[]", SIZE) == ""
