"""Layer 3: votes -> how good each source is -> posterior. One published method, one file."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from labelwright.core.errors import SettingsError, UnknownNameError, did_you_mean, shown
from labelwright.core.ports import LabelModel
from labelwright.core.posterior import Posterior
from labelwright.core.tables import as_vote_matrix
from labelwright.labelmodels.data_programming import DataProgramming
from labelwright.labelmodels.dawid_skene import DawidSkene
from labelwright.labelmodels.ebcc import EBCC
from labelwright.labelmodels.evidence.explanation import (
    Contributions,
    all_contributions,
    source_contributions,
)
from labelwright.labelmodels.glad import Glad
from labelwright.labelmodels.ibcc import IBCC
from labelwright.labelmodels.mace import Mace
from labelwright.labelmodels.majority_vote import MajorityVote
from labelwright.labelmodels.metal import Metal
from labelwright.labelmodels.source_kinds import SourceKinds
from labelwright.labelmodels.triplet import Triplet
from labelwright.labelmodels.wawa import Wawa
from labelwright.labelmodels.weighted_majority import WeightedMajority

__all__ = [
    "EBCC",
    "IBCC",
    "MODELS",
    "Contributions",
    "DataProgramming",
    "DawidSkene",
    "Glad",
    "Mace",
    "MajorityVote",
    "Metal",
    "SourceKinds",
    "Triplet",
    "Wawa",
    "WeightedMajority",
    "all_contributions",
    "by_name",
    "fit_predict",
    "source_contributions",
]

MODELS: dict[str, type[LabelModel]] = {
    "data_programming": DataProgramming,
    "dawid_skene": DawidSkene,
    "ebcc": EBCC,
    "glad": Glad,
    "ibcc": IBCC,
    "mace": Mace,
    "majority_vote": MajorityVote,
    "metal": Metal,
    "source_kinds": SourceKinds,
    "triplet": Triplet,
    "wawa": Wawa,
    "weighted_majority": WeightedMajority,
}


def by_name(name: str, **settings: Any) -> LabelModel:
    """The label model of this name with these settings; lists become tuples, as settings are.

    Raises:
        UnknownNameError: there is no such label model.
        SettingsError: it has no such setting, or refuses the value.
    """
    if name not in MODELS:
        raise UnknownNameError(f"unknown label model {shown(name)}{did_you_mean(name, MODELS)}")
    model: Any = MODELS[name]
    known = [field.name for field in fields(model)]
    for setting in settings:
        if setting not in known:
            raise SettingsError(
                f"the label model {name!r} has no setting {shown(setting)}"
                f"{did_you_mean(setting, known)}"
            )
    return model(
        **{
            key: tuple(value) if isinstance(value, list) else value
            for key, value in settings.items()
        }
    )


def fit_predict(model: LabelModel, votes: Any) -> Posterior:
    """The posterior of whatever people have as votes.

    Args:
        model: of any method, such as ``DawidSkene()``.
        votes: a :class:`VoteMatrix`, a Snorkel-style array (a row a unit, a column a source, -1
            abstains), or a crowd-kit-style table with the columns task, worker and label, whose
            units and classes are numbered in order of first appearance.

    Raises:
        VotesError: the votes cannot be read.

    Example:
        >>> fit_predict(MajorityVote(), [[0, 0, 1], [-1, 1, 1]]).label.tolist()
        [0, 1]
    """
    matrix = as_vote_matrix(votes)
    return model.posterior(model.fit(matrix), matrix)
