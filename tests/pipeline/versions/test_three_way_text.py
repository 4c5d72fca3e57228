"""Two edits of one text made into one."""

from hypothesis import given
from hypothesis import strategies as st

from labelwright.pipeline.versions.three_way_text import merge_texts

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=8)
TEXT = LINES.map("".join)
NAMES = ("ours", "theirs")


@given(base=TEXT, edit=TEXT)
def test_one_edit_alone_is_taken_whole(base, edit):
    for ours, theirs in ((edit, base), (base, edit), (edit, edit)):
        merged = merge_texts(base, ours, theirs, NAMES)
        assert (merged.text, merged.conflicts) == (edit, 0)


@given(base=TEXT, ours=TEXT, theirs=TEXT)
def test_both_sides_see_the_same_conflicts(base, ours, theirs):
    one = merge_texts(base, ours, theirs, NAMES)
    two = merge_texts(base, theirs, ours, NAMES)
    assert one.conflicts == two.conflicts
    assert one.text.count("<<<<<<< ours\n") == one.text.count(">>>>>>> theirs\n") == one.conflicts
    if not one.conflicts:
        assert one.text == two.text


def test_edits_far_apart_are_both_taken():
    base = "one\ntwo\nthree\nfour\nfive\n"
    ours, theirs = base.replace("one", "ONE"), base.replace("five", "FIVE") + "six\n"
    assert merge_texts(base, ours, theirs, NAMES).text == "ONE\ntwo\nthree\nfour\nFIVE\nsix\n"


def test_edits_of_one_line_are_shown_with_marks():
    merged = merge_texts("a\nb\nc", "a\nB\nc", "a\nbb\nc", NAMES)
    assert merged.conflicts == 1
    assert merged.text == "a\n<<<<<<< ours\nB\n=======\nbb\n>>>>>>> theirs\nc"


def test_a_last_line_without_an_end_gets_one_between_marks():
    merged = merge_texts("", "x", "y", NAMES)
    assert merged.text == "<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\n"
