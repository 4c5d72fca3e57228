"""Any votes, drawn by hypothesis."""

import numpy as np
from hypothesis import strategies as st

from labelwright.core.matrix import VoteMatrix
from labelwright.core.source import SourceKind

KINDS = [SourceKind.FUNCTION, SourceKind.RULE, SourceKind.PERSON, SourceKind.MODEL]


@st.composite
def vote_matrices(draw, kinds=KINDS, weights=True):
    """Few votes or none, silent sources, uncovered units, one class only, all alike."""
    units = draw(st.integers(0, 12))
    sources = draw(st.integers(0, 5))
    classes = draw(st.integers(2, 4))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    highest = draw(st.sampled_from([0, classes - 1]))
    asked = rng.random((units, sources)) < draw(st.sampled_from([0.3, 0.8, 1.0]))
    unit, source = np.nonzero(asked)
    label = rng.integers(-1, highest + 1, len(unit))
    some = draw(st.booleans())
    return VoteMatrix.build(
        unit,
        source,
        label,
        units=units,
        classes=classes,
        kinds=[kinds[i] for i in rng.integers(0, len(kinds), sources)],
        accuracies=np.where(rng.random(sources) < 0.3, 0.9, np.nan) if some else None,
        weight=rng.uniform(0.5, 3, units) if weights and draw(st.booleans()) else None,
    )
