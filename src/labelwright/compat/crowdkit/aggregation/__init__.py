"""crowd-kit's `aggregation`: its methods under its names, and `Aggregator` for our own."""

from __future__ import annotations

import sys

from labelwright.compat.crowdkit.aggregation import aggregators as base
from labelwright.compat.crowdkit.aggregation import measures as utils
from labelwright.compat.crowdkit.aggregation.binary_relevance import BinaryRelevance
from labelwright.compat.crowdkit.aggregation.dawid_skene import DawidSkene, OneCoinDawidSkene
from labelwright.compat.crowdkit.aggregation.glad import GLAD
from labelwright.compat.crowdkit.aggregation.kos import KOS
from labelwright.compat.crowdkit.aggregation.label_models import Aggregator
from labelwright.compat.crowdkit.aggregation.mace import MACE
from labelwright.compat.crowdkit.aggregation.majority_vote import MajorityVote
from labelwright.compat.crowdkit.aggregation.mmsr import MMSR
from labelwright.compat.crowdkit.aggregation.segmentation import SegmentationMajorityVote
from labelwright.compat.crowdkit.aggregation.skills import GoldMajorityVote, Wawa, ZeroBasedSkill

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
    "base",
    "utils",
]

# crowd-kit's names for the modules. Ours are called by what they hold, as every file in this house.
sys.modules[f"{__name__}.base"] = base
sys.modules[f"{__name__}.utils"] = utils
