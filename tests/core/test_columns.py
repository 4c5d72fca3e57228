"""Names of the user's columns beside ours."""

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from labelwright.core.columns import beside, probabilities, renamed

OURS = ("id", "label", "confidence", *probabilities(["spam", "\u00e9t\u00e9"]))
NAMES = st.sampled_from(
    [*OURS, "Label", "LABEL", "label_of_item", "Label_of_Item", "label_of_item_2",
     "p_e\u0301te\u0301", "\uff4c\uff41\uff42\uff45\uff4c", "text", "Text", "P_SPAM"]
)  # fmt: skip


def test_a_name_that_is_ours_gives_way_and_all_others_stay():
    assert beside(["label"], ["text", "label"]) == {"text": "text", "label": "label_of_item"}
    assert renamed(beside(["label"], ["text", "label"])) == {"label": "label_of_item"}


def test_beside_a_label_of_ours_no_column_is_called_like_an_answer():
    theirs = ["Prediction", "answer", "gold", "predicted", "class"]
    assert [*renamed(beside(OURS, theirs))] == ["Prediction", "answer"]
    assert renamed(beside(["id", "text"], theirs)) == {}


def test_the_new_name_gives_way_too_where_the_user_has_it():
    theirs = ["label", "label_of_item", "LABEL_of_item_2"]
    assert beside(["label"], theirs)["label"] == "label_of_item_3"


def test_names_that_differ_from_ours_in_case_or_unicode_form_alone_give_way():
    theirs = ["Label", unicodedata.normalize("NFD", "p_\u00e9t\u00e9"), "ｌａｂｅｌ"]
    assert list(renamed(beside(OURS, theirs))) == theirs


def test_two_names_of_the_users_that_only_case_tells_apart_both_stay():
    assert renamed(beside(OURS, ["Text", "text"])) == {}


@given(st.lists(NAMES, unique=True), st.integers())
def test_whatever_the_user_has_no_two_columns_have_one_name_and_none_is_lost(theirs, seed):
    names = beside(OURS, theirs)
    assert list(names) == theirs
    spelled = [unicodedata.normalize("NFKC", name).casefold() for name in (*OURS, *names.values())]
    ours = len({unicodedata.normalize("NFKC", name).casefold() for name in OURS})
    own = {unicodedata.normalize("NFKC", name).casefold() for name in theirs} - set(
        spelled[: len(OURS)]
    )
    # What is alike among the user's own columns may stay alike; nothing else does.
    clashing = [name for name in theirs if name != names[name]]
    assert len(set(spelled)) == ours + len(own) + len(clashing)
    shuffled = random.Random(seed).sample(theirs, len(theirs))
    assert beside(OURS, shuffled) == names
