"""Errors can be caught as ours or as the builtin that they are."""

import inspect

import pytest

from labelwright.core import errors
from labelwright.core.errors import (
    LabelwrightError,
    MissingExtraError,
    did_you_mean,
    nearest,
    shown,
)

LEAVES = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, LabelwrightError) and error is not LabelwrightError
]


@pytest.mark.parametrize("error", LEAVES)
def test_every_error_is_also_a_builtin(error):
    builtin = (RuntimeError, ValueError, LookupError, OSError, ImportError)
    assert issubclass(error, builtin)


@pytest.mark.parametrize("error", LEAVES)
def test_every_error_stands_in_the_picture_with_its_builtin(error):
    line = next(line for line in errors.__doc__.splitlines() if f" {error.__name__} " in f"{line} ")
    if LabelwrightError in error.__bases__:
        assert f"({error.__bases__[1].__name__})" in line


def test_a_missing_library_names_the_extra_that_brings_it():
    message = str(MissingExtraError("onnxruntime", "embed", "Sentence embedding"))
    assert message == (
        "Sentence embedding needs the library 'onnxruntime', which is not installed. "
        "Install it with: pip install 'labelwright[embed]'"
    )


def test_a_value_is_shown_in_one_line_of_limited_length():
    assert shown("a\nb") == r"'a\nb'"
    assert shown("x" * 500) == "'" + "x" * 78 + "…"
    assert len(shown(list(range(1000)), limit=20)) == 20


def test_a_near_name_is_suggested_and_all_are_listed():
    assert did_you_mean("spm", ["ham", "spam"]) == "; did you mean 'spam'? known: ham, spam"
    assert did_you_mean("xyz", ["ham", "spam"]) == "; known: ham, spam"


def test_the_nearest_name_is_found_whatever_its_case():
    assert nearest("SPAM", ["ham", "spam"]) == "spam"
    assert nearest("spam", ["Spam", "spam"]) == "spam"
    assert nearest("egg", ["ham", "spam"]) is None
