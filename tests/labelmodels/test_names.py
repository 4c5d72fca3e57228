"""Label models by name, and on whatever people have."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from labelwright import labelmodels
from labelwright.core.errors import SettingsError, UnknownNameError
from labelwright.labelmodels import MODELS, DawidSkene, MajorityVote, by_name, fit_predict

TABLE = {"task": ["a", "a", "b", "b"], "worker": ["x", "y", "x", "z"], "label": [*"yyny"]}


def test_every_model_has_its_name():
    for name, model in MODELS.items():
        assert by_name(name) == model()
    assert all(m.__module__ == f"labelwright.labelmodels.{name}" for name, m in MODELS.items())
    assert list(MODELS) == sorted(MODELS)
    assert labelmodels.__all__ == sorted(labelmodels.__all__, key=lambda n: (not n.isupper(), n))


def test_settings_are_handed_on_and_lists_become_tuples():
    assert by_name("dawid_skene", steps=3) == DawidSkene(steps=3)
    assert by_name("dawid_skene", class_balance=[0.5, 0.5]).class_balance == (0.5, 0.5)


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(UnknownNameError, match="unknown label model 'dawidskene'; did you mean"):
        by_name("dawidskene")


def test_an_unknown_setting_is_refused_with_the_nearest_one():
    with pytest.raises(SettingsError, match="no setting 'step'; did you mean 'steps'"):
        by_name("dawid_skene", step=3)


def test_every_fit_says_which_method_made_it():
    votes = labelmodels.as_vote_matrix([[0, 1, 1]])
    for name in MODELS:
        assert by_name(name).fit(votes).model == name


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table])
def test_tables_of_any_library_and_dense_arrays_are_read(frame):
    posterior = fit_predict(MajorityVote(), frame(TABLE))
    np.testing.assert_array_equal(posterior.label, [0, 0])
    np.testing.assert_allclose(posterior.probability[1], 0.5)
    np.testing.assert_array_equal(fit_predict(MajorityVote(), [[0, 0, 1]]).label, [0])


@pytest.mark.parametrize("module", [m.name for m in iter_modules(labelmodels.__path__)])
def test_the_examples_in_the_docstrings_run(module):
    found = doctest.testmod(import_module(f"labelwright.labelmodels.{module}"))
    assert not found.failed


def test_the_examples_of_the_package_run():
    assert doctest.testmod(labelmodels).failed == 0


def test_every_model_shows_an_example_and_a_reference():
    for model in MODELS.values():
        assert ">>>" in model.__doc__
        assert "DOI" in model.__doc__
