"""One place deals out keys: a key that is shown is a key that works, and means one class."""

import string

import pytest

from labelwright.pipeline.ask.answer_keys import ACTIONS, NONE, class_of, keys_of


def of(classes, **options):
    """The keys of each class, in order."""
    keys = keys_of(classes, **options)
    return [[key for key, name in keys.items() if name == wanted] for wanted in classes]


def numbered(count):
    return [f"class {number}" for number in range(count)]


@pytest.mark.parametrize("count", [2, 9, 13, 40, 80])
def test_every_key_means_one_class_and_no_action(count):
    keys = keys_of(numbered(count))
    assert all(len(key) == 1 and key in string.ascii_letters + string.digits for key in keys)
    assert not {key.lower() for key in keys} & set(ACTIONS.values())
    assert len(set(keys.values())) == min(count, 46)


@pytest.mark.parametrize("count", [2, 9, 13, 40, 80])
def test_a_digit_means_the_class_at_that_place_or_nothing(count):
    classes = numbered(count)
    digits = {key: name for key, name in keys_of(classes).items() if key.isdigit()}
    assert digits == {str(n): name for n, name in enumerate(classes[:9], start=1)}


def test_with_thirteen_animals_no_key_of_one_class_votes_for_another():
    animals = [
        "cat", "dog", "bird", "horse", "car", "cow", "crow", "coot", "crab", "carp", "cod", "colt",
        "cub",
    ]  # fmt: skip
    assert of(animals)[0] == ["c", "1"]
    assert of(animals)[4] == ["a", "5"]
    keys = keys_of(animals)
    for name, mine in zip(animals, of(animals), strict=True):
        assert mine
        assert {keys[key] for key in mine} == {name}


def test_classes_that_share_first_letters_go_on_with_the_letters_of_their_names():
    classes = ["spam", "scam", "spoof", "Ham", "HAM!", "垃圾", "😀", "Ärger", "яблоко"]
    letters = [mine[0] for mine in of(classes)]
    assert letters == ["s", "c", "p", "h", "a", "b", "d", "r", "e"]


def test_classes_that_are_digits_have_their_own_digit_and_no_other():
    assert of([str(n) for n in range(10)]) == [[str(n)] for n in range(10)]
    assert of(["7 up", "1", "spam"]) == [["7"], ["1"], ["s"]]


def test_the_key_for_none_of_these_is_given_to_no_class():
    classes = [str(n) for n in range(10)]
    assert NONE in keys_of(classes)
    assert NONE not in keys_of(classes, none=True)
    assert all(of(classes, none=True))


@pytest.mark.parametrize("count", [3, 9, 12, 30, 50])
def test_a_class_added_at_the_end_leaves_the_keys_of_the_others(count):
    classes = numbered(count)
    before = keys_of(classes)
    after = keys_of([*classes, "another"])
    assert {key: after[key] for key in before} == before


def test_a_capital_is_its_small_letter_only_where_no_capital_is_a_key():
    few, many = keys_of(["ham", "spam"]), keys_of(numbered(24))
    assert class_of("H", few) == "ham"
    capital = next(key for key in many if key.isupper())
    assert class_of(capital, many) != class_of(capital.lower(), many)
    unused = next(key.upper() for key in many if key.islower() and key.upper() not in many)
    assert class_of(unused, many) is None
    assert class_of("é", few) is None
