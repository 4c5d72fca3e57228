import numpy as np
from scipy import special

from labelwright.labelmodels.priors.gamma import digamma, log_gamma

NUMBERS = 10 ** np.linspace(-6, 8, 2000)


def test_log_gamma_and_digamma_are_those_of_scipy():
    for ours, theirs in ((digamma, special.digamma), (log_gamma, special.gammaln)):
        np.testing.assert_allclose(ours(NUMBERS), theirs(NUMBERS), rtol=1e-10, atol=1e-10)
