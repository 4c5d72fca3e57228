"""Fits on record are read as they were made, those of earlier releases too."""

import numpy as np
import pytest

import labelwright as lw
from labelwright.core.matrix import VoteMatrix
from labelwright.labelmodels import EBCC
from labelwright.pipeline.label.fit_record import fit_of

ARRAYS = ("class_prior", "confusion", "accuracy")


@pytest.fixture
def workspace(tmp_path):
    return lw.init(tmp_path / "p", classes=["spam", "ham"]).workspace


def test_an_ebcc_of_an_earlier_release_believes_what_it_did(workspace):
    votes = VoteMatrix.from_dense([[0, 0, 1], [1, 1, 0], [0, 0, -1], [1, 1, -1]])
    fit = EBCC().fit(votes)
    of_classes = {
        "class_score": np.log(fit.class_prior),
        "vote_score": np.log(fit.confusion).transpose(0, 2, 1),
        "abstain_score": np.zeros((3, 2)),
    }
    of_subtypes = {
        "extra.class_score": fit.class_score,
        "extra.vote_score": fit.vote_score,
        "extra.silence_score": fit.abstain_score,
    }
    then = {name: getattr(fit, name) for name in ARRAYS} | of_classes | of_subtypes
    name = workspace.objects.put_arrays(
        then | {"model": np.array("ebcc"), "history": np.array(fit.history)}
    )
    read = fit_of(workspace, name)
    assert (read.subtypes, dict(read.extra)) == (3, {})
    np.testing.assert_array_equal(
        EBCC().posterior(read, votes).probability, EBCC().posterior(fit, votes).probability
    )
