"""crowd-kit's interface (1.4): write `labelwright.compat.crowdkit` for `crowdkit`.

- `aggregation`: `MajorityVote`, `Wawa`, `GoldMajorityVote`, `ZeroBasedSkill`, `DawidSkene`,
  `OneCoinDawidSkene`, `MACE`, `GLAD`, `KOS`, `MMSR`, `BinaryRelevance`,
  `SegmentationMajorityVote`; `Aggregator` for the label models of Labelwright. `aggregation.base`
  and `aggregation.utils` beside them.
- `metrics.data`, `metrics.workers`, `postprocessing`.

What `aggregation` has can be imported from here, too. Texts, embeddings, pairwise comparisons,
other aggregators of segmentations, `learning` and `datasets` are not here.
"""

from __future__ import annotations

from labelwright.compat.crowdkit.aggregation import (
    GLAD,
    KOS,
    MACE,
    MMSR,
    Aggregator,
    BinaryRelevance,
    DawidSkene,
    GoldMajorityVote,
    MajorityVote,
    OneCoinDawidSkene,
    SegmentationMajorityVote,
    Wawa,
    ZeroBasedSkill,
)

__all__ = [
    "GLAD",
    "KOS",
    "MACE",
    "MMSR",
    "Aggregator",
    "BinaryRelevance",
    "DawidSkene",
    "GoldMajorityVote",
    "MajorityVote",
    "OneCoinDawidSkene",
    "SegmentationMajorityVote",
    "Wawa",
    "ZeroBasedSkill",
]
