"""The table ``[crowd]`` of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labelwright.core.errors import SettingsError
from labelwright.queue import HiddenTests, Redundancy

_REDUNDANCY = {name: name for name in ("least", "most", "confidence")}
RULES = "rule_rate"
_TESTS = {"quiz": "quiz", "test_rate": "rate", "bar": "bar"}
CROWD_SETTINGS = (*_REDUNDANCY, *_TESTS, RULES)
"""The names that the table may hold."""


@dataclass(frozen=True)
class Crowd:
    """Several people on one project.

    Attributes:
        redundancy: how many of them answer an item.
        tests: how test questions, made from gold, check them.
        rule_rate: the share of questions that ask about random hits of the rules most worth
            judging, 0 to 1.

    Raises:
        SettingsError: a share out of range.
    """

    redundancy: Redundancy = field(default_factory=Redundancy)
    tests: HiddenTests = field(default_factory=HiddenTests)
    rule_rate: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.rule_rate <= 1:
            raise SettingsError(f"rule_rate must lie in 0..1, got {self.rule_rate}")

    @property
    def checked(self) -> bool:
        """Whether people are checked, by each other or by test questions.

        Then nobody is taken at their word unless ``[sources.NAME]`` states their accuracy.
        """
        return self.redundancy.most > 1 or self.tests.used

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Crowd:
        """What the table says. Its `most` is by default its `least`.

        Raises:
            SettingsError: a value out of range.
        """
        answers = {"most": max(1, table.get("least", 1)), **_of(table, _REDUNDANCY)}
        tests = HiddenTests(**_of(table, _TESTS))
        return cls(Redundancy(**answers), tests, table.get(RULES, 0.0))


def _of(table: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[key]: value for key, value in table.items() if key in names}
