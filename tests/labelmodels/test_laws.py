"""What every label model keeps, on any votes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelmodels.drawing import vote_matrices
from labelwright.core.source import SourceKind
from labelwright.labelmodels import MODELS
from labelwright.testing import labelmodels as laws

EVERY = pytest.mark.parametrize("name", sorted(MODELS))
SETTINGS = settings(max_examples=12, deadline=None)
RANDOM_START = {"ebcc"}
"""Subtypes start apart at random, source by source and class by class."""


@EVERY
@SETTINGS
@given(votes=vote_matrices(), seed=st.integers(0, 99))
def test_every_model_keeps_the_laws_on_any_votes(name, votes, seed):
    model, rng = MODELS[name](), np.random.default_rng(seed)
    if name not in RANDOM_START:
        laws.check_label_model(model, votes, rng)
        return
    laws.rows_sum_to_one(model, votes)
    laws.uncovered_units_get_the_prior(model, votes)
    laws.one_input_gives_one_output(model, votes)
    laws.the_objective_never_falls(model, votes)
    laws.permuting_units_permutes_their_labels(model, votes, rng.permutation(votes.units))
    laws.an_always_abstaining_source_changes_nothing(model, votes)
    laws.equal_duplicates_are_a_unit_of_weight_two(model, votes)


@EVERY
@SETTINGS
@given(votes=vote_matrices(kinds=[SourceKind.GOLD, SourceKind.FUNCTION, SourceKind.PERSON]))
def test_gold_among_the_sources_breaks_no_law(name, votes):
    model = MODELS[name]()
    laws.rows_sum_to_one(model, votes)
    laws.the_objective_never_falls(model, votes)
    laws.gold_is_believed(model, votes)
