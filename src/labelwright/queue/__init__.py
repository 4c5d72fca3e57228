"""Layer 3: which item next. Pure functions on arrays."""

from __future__ import annotations

from typing import Any

from labelwright.core.errors import SettingsError, UnknownNameError, did_you_mean, shown
from labelwright.core.ports import QueryStrategy
from labelwright.queue.cold_start import ColdStart
from labelwright.queue.disagreement import Disagreement
from labelwright.queue.forecast import Curve, Forecast
from labelwright.queue.margin import Margin
from labelwright.queue.mixed import Mixed
from labelwright.queue.posterior_entropy import PosteriorEntropy
from labelwright.queue.reasons import describe
from labelwright.queue.stopping import Stability
from labelwright.queue.uniform import Uniform

__all__ = [
    "STRATEGIES",
    "ColdStart",
    "Curve",
    "Disagreement",
    "Forecast",
    "Margin",
    "Mixed",
    "PosteriorEntropy",
    "Stability",
    "Uniform",
    "by_name",
    "describe",
]

STRATEGIES: dict[str, type[QueryStrategy]] = {
    "cold_start": ColdStart,
    "disagreement": Disagreement,
    "margin": Margin,
    "mixed": Mixed,
    "posterior_entropy": PosteriorEntropy,
    "uniform": Uniform,
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
