"""Layer 3: which item next. Pure functions on arrays."""

from __future__ import annotations

from typing import Any

from labelwright.core.errors import SettingsError, UnknownNameError, did_you_mean, shown
from labelwright.core.ports import QueryStrategy
from labelwright.queue.cold_start import ColdStart
from labelwright.queue.crowd_replay import (
    Belief,
    CrowdStep,
    Waiting,
    answers_to,
    replay_crowd,
    simulated,
)
from labelwright.queue.disagreement import Disagreement
from labelwright.queue.forecast import Curve, Forecast
from labelwright.queue.hidden_tests import HiddenTests
from labelwright.queue.lessons import JUDGEMENT, lessons_of_sources, lessons_of_units
from labelwright.queue.margin import Margin
from labelwright.queue.mixed import Mixed
from labelwright.queue.posterior_entropy import PosteriorEntropy
from labelwright.queue.reasons import RANDOM, describe
from labelwright.queue.redundancy import Redundancy
from labelwright.queue.replay import Believed, Machine, ReplayStep, World, replay
from labelwright.queue.selection import at_random, joined
from labelwright.queue.stopping import StoppingRule
from labelwright.queue.uniform import Uniform
from labelwright.queue.value import (
    Answerer,
    Ask,
    answer_gain,
    lesson,
    pair_doubt,
    question_kind,
    worth_of_asking,
)
from labelwright.queue.value_per_cost import ValuePerCost

__all__ = [
    "JUDGEMENT",
    "RANDOM",
    "STRATEGIES",
    "Answerer",
    "Ask",
    "Belief",
    "Believed",
    "ColdStart",
    "CrowdStep",
    "Curve",
    "Disagreement",
    "Forecast",
    "HiddenTests",
    "Machine",
    "Margin",
    "Mixed",
    "PosteriorEntropy",
    "Redundancy",
    "ReplayStep",
    "StoppingRule",
    "Uniform",
    "ValuePerCost",
    "Waiting",
    "World",
    "answer_gain",
    "answers_to",
    "at_random",
    "by_name",
    "describe",
    "joined",
    "lesson",
    "lessons_of_sources",
    "lessons_of_units",
    "pair_doubt",
    "question_kind",
    "replay",
    "replay_crowd",
    "simulated",
    "worth_of_asking",
]

STRATEGIES: dict[str, type[QueryStrategy]] = {
    "cold_start": ColdStart,
    "disagreement": Disagreement,
    "margin": Margin,
    "mixed": Mixed,
    "posterior_entropy": PosteriorEntropy,
    "uniform": Uniform,
    "value": ValuePerCost,
}


def by_name(name: str, **settings: Any) -> QueryStrategy:
    """The strategy of this name with these settings.

    Raises:
        UnknownNameError: there is no such strategy.
        SettingsError: it has no such setting, or refuses the value.
    """
    if name not in STRATEGIES:
        raise UnknownNameError(
            f"unknown query strategy {shown(name)}{did_you_mean(name, STRATEGIES)}"
        )
    strategy = STRATEGIES[name]
    known = [*getattr(strategy, "__dataclass_fields__", {})]
    for setting in settings:
        if setting not in known:
            raise SettingsError(
                f"the query strategy {name!r} has no setting {shown(setting)}"
                f"{did_you_mean(setting, known)}"
            )
    return strategy(**settings)
