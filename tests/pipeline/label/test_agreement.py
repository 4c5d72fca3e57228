"""When two answers agree: the same class, or most of the same pieces."""

import pyarrow as pa

from labelwright.core.task import Task
from labelwright.pipeline.label.agreement import agree, agrees

CLASSES, TAGS = Task("classification", ("a", "b")), Task("multilabel", ("a", "b", "c", "d", "e"))


def test_of_one_class_an_item_answers_agree_if_they_are_the_same():
    one, other = pa.array(["a", "a", None]), pa.array(["a", "b", "a"])
    assert agree(one, other, CLASSES).tolist() == [True, False, False]


def test_of_several_classes_most_must_be_the_same():
    assert agrees('["a", "b", "c"]', '["a", "b", "c", "d"]', TAGS)
    assert not agrees('["a", "b"]', '["a", "b", "c"]', TAGS)
    assert agrees("[]", "[]", TAGS)
    assert not agrees("[]", None, TAGS)
