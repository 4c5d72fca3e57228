"""The table ``[crowd]`` of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labelwright.queue import HiddenTests, Redundancy

_REDUNDANCY = {name: name for name in ("least", "most", "confidence")}
_TESTS = {"quiz": "quiz", "test_rate": "rate", "bar": "bar"}
CROWD_SETTINGS = (*_REDUNDANCY, *_TESTS)
"""The names that the table may hold."""


@dataclass(frozen=True)
class Crowd:
    """Several people on one project.

    Attributes:
        redundancy: how many of them answer an item.
        tests: how test questions, made from gold, check them.
    """

    redundancy: Redundancy = field(default_factory=Redundancy)
    tests: HiddenTests = field(default_factory=HiddenTests)

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
        return cls(Redundancy(**answers), HiddenTests(**_of(table, _TESTS)))


def _of(table: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[key]: value for key, value in table.items() if key in names}
