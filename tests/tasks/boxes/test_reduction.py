"""Boxes as votes on units."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from labelwright.core.errors import AnswerError
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from tasks.boxes.making_boxes import KIND, TASK, units_of, votes_of

CAR, SHIFTED = ("car", 0, 0, 10, 10), ("car", 1, 0, 11, 10)
FAR = ("dog", 50, 50, 60, 60)
UNKNOWN, NOTHING, A_CAR, A_DOG = -1, 0, 1, 2


def places(units):
    return [
        None if key is None else [box["box"][0] for box in key] for key in units.key.to_pylist()
    ]


def test_who_drew_nothing_at_a_group_says_nothing_there():
    units = units_of([[CAR]], [[SHIFTED, FAR]], [[]], [None])
    np.testing.assert_array_equal(
        units.matrix.to_dense(),
        [
            [NOTHING, NOTHING, NOTHING, -1],
            [A_CAR, A_CAR, NOTHING, -1],
            [NOTHING, A_DOG, NOTHING, -1],
        ],
    )
    assert units.class_names == ("nothing", "car", "dog")
    assert places(units) == [None, [0, 1], [50]]
    assert not units.single
    assert not units.heads


def test_who_abstained_has_a_row_on_every_unit():
    matrix = units_of([[CAR]], [None]).matrix
    np.testing.assert_array_equal(matrix.source[~matrix.voted], [1, 1])


def test_a_wrong_class_is_a_confusion_and_not_another_object():
    units = units_of([[CAR]], [[("dog", 1, 0, 11, 10)]])
    np.testing.assert_array_equal(units.matrix.to_dense(), [[NOTHING, NOTHING], [A_CAR, A_DOG]])


def test_two_boxes_of_one_source_are_two_units():
    units = units_of([[CAR, SHIFTED]], [[CAR]])
    np.testing.assert_array_equal(units.matrix.to_dense(), [[0, 0], [A_CAR, A_CAR], [A_CAR, 0]])


def test_every_item_has_its_ground_also_without_votes():
    votes = votes_of([[CAR], []])
    votes = replace(votes, items=4)
    units = KIND.decompose(votes, None, None, TASK)
    np.testing.assert_array_equal(units.item, [0, 0, 1, 2, 3])
    np.testing.assert_array_equal(units.matrix.covered, [True, True, True, False, False])
    nobody = replace(votes_of(), items=2)
    np.testing.assert_array_equal(KIND.decompose(nobody, None, None, TASK).item, [0, 1])


def test_confidences_kinds_and_believed_accuracies_come_along():
    votes = replace(
        votes_of([[CAR]], [[]]),
        confidence=np.array([0.9, 0.8], np.float32),
        sources=(
            Source("a", SourceKind.PERSON, accuracy=0.7),
            Source("b", SourceKind.FUNCTION),
        ),
        complete=np.array([False, True]),
    )
    matrix = KIND.decompose(votes, None, None, TASK).matrix
    np.testing.assert_array_equal(matrix.confidence, np.array([0.9, 0.8] * 2, np.float32))
    np.testing.assert_array_equal(matrix.accuracies, [0.7, np.nan])
    np.testing.assert_array_equal(matrix.complete, [False, True])
    assert matrix.kinds == (SourceKind.PERSON, SourceKind.FUNCTION)


def test_a_guest_joins_the_unit_that_it_matches_best():
    units = units_of([[CAR, FAR]], [[SHIFTED]], guests=[[[("dog", 1, 0, 11, 10)]]])
    np.testing.assert_array_equal(units.truth, [UNKNOWN, A_DOG, NOTHING])
    assert units.guests_only is None
    assert places(units) == [None, [0, 1], [50]]


def test_what_only_a_guest_drew_is_a_unit_that_no_fit_reads():
    gold = [[FAR, ("car", 80, 80, 90, 90)], [CAR]]
    units = units_of([[CAR], []], guests=[gold])
    np.testing.assert_array_equal(units.item, [0, 0, 0, 0, 1, 1])
    np.testing.assert_array_equal(units.guests_only, [False, False, True, True, False, True])
    np.testing.assert_array_equal(units.truth, [UNKNOWN, NOTHING, A_DOG, A_CAR, UNKNOWN, A_CAR])
    np.testing.assert_array_equal(units.matrix.to_dense()[:, 0], [0, A_CAR, 0, 0, 0, 0])
    alone = units_of([[CAR], []])
    np.testing.assert_array_equal(units.to_fit().to_dense(), alone.matrix.to_dense())
    assert units.key.to_pylist()[2] == [{"source": None, "box": [50, 50, 60, 60]}]


def test_guests_that_agree_make_one_unit():
    units = units_of([[]], guests=[[[CAR]], [[SHIFTED]]])
    np.testing.assert_array_equal(units.guests.to_dense(), [[UNKNOWN, UNKNOWN], [A_CAR, A_CAR]])


def test_a_guest_finds_the_box_of_its_own_class_among_two_that_overlap():
    rider, bicycle = ("dog", 0, 0, 10, 10), ("car", 0, 0, 10, 11)
    units = units_of(
        [[rider, bicycle]],
        [[rider, bicycle]],
        guests=[[[("dog", 0, 0, 10, 11), ("car", 0, 0, 10, 10)]]],
    )
    said = units.said_by(np.array([True, True]))
    np.testing.assert_array_equal(units.truth[1:], said[1:])
    # That beside all objects there is nothing is nothing to be right about.
    assert units.truth[0] == UNKNOWN


def test_a_class_that_the_task_lost_is_an_error_that_says_what_helps():
    votes = votes_of([[CAR]])
    with pytest.raises(AnswerError, match="labelwright classes merge"):
        KIND.decompose(votes, None, None, Task("boxes", ("dog",)))


MILLION = """
import time
import numpy as np
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.core.votes import Votes
from labelwright.tasks.boxes import Boxes

items, sources = 200_000, 5
rng = np.random.default_rng(0)
corner = rng.integers(0, 50_000, (items, 2))
place = np.hstack([corner, corner + rng.integers(2_000, 9_000, (items, 2))])
place = np.repeat(place, sources, axis=0) + rng.integers(-200, 200, (items * sources, 4))
rows = (place / 100).tolist()
votes = Votes(
    item=np.repeat(np.arange(items), sources),
    source=np.tile(np.arange(sources, dtype=np.int32), items),
    answer=np.arange(items * sources, dtype=np.int32),
    answers=tuple(f'[{{"label":"car","box":[{a},{b},{c},{d}]}}]' for a, b, c, d in rows),
    sources=tuple(Source(f"s{n}", SourceKind.PERSON) for n in range(sources)),
    items=items,
    complete=np.zeros(sources, bool),
)
del rows, place, corner
started = time.process_time()
units = Boxes().decompose(votes, None, None, Task("boxes", ("car",)))
seconds = time.process_time() - started
# Not what `resource` says, which goes on from the process that started this one.
(peak,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(seconds, int(peak.split()[1]) / 1e6)
assert 2 * items <= units.matrix.units < 2.01 * items
"""


@pytest.mark.slow
def test_a_million_boxes_are_reduced_in_ten_seconds_and_a_gigabyte():
    done = subprocess.run(
        [sys.executable, "-c", MILLION], capture_output=True, text=True, check=True
    )
    seconds, gigabytes = map(float, done.stdout.split())
    assert seconds < 10
    assert gigabytes < 1.0
