"""Layer 3: things that vote when run.

Gold labels and people's votes are sources too, but nothing runs: they enter as votes.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labelwright.sources import when
    from labelwright.sources.description import Compass, DescriptionVoter, lines_of
    from labelwright.sources.from_beliefs import ballot_of, beliefs_of_items
    from labelwright.sources.function import LabelingFunction, source
    from labelwright.sources.functions import FunctionVoter, function_voter, function_voters
    from labelwright.sources.functions_file import load_functions
    from labelwright.sources.highlight import Span, spans
    from labelwright.sources.model import ModelVoter
    from labelwright.sources.rule import RuleVoter, rule_voter, rule_voters
    from labelwright.sources.rule_tables import Rule, parse_rule, rule_spec

__all__ = [
    "Compass",
    "DescriptionVoter",
    "FunctionVoter",
    "LabelingFunction",
    "ModelVoter",
    "Rule",
    "RuleVoter",
    "Span",
    "ballot_of",
    "beliefs_of_items",
    "function_voter",
    "function_voters",
    "lines_of",
    "load_functions",
    "parse_rule",
    "rule_spec",
    "rule_voter",
    "rule_voters",
    "source",
    "spans",
    "when",
]

_HOMES = {
    "Compass": "description",
    "DescriptionVoter": "description",
    "FunctionVoter": "functions",
    "LabelingFunction": "function",
    "ModelVoter": "model",
    "Rule": "rule_tables",
    "RuleVoter": "rule",
    "Span": "highlight",
    "ballot_of": "from_beliefs",
    "beliefs_of_items": "from_beliefs",
    "function_voter": "functions",
    "function_voters": "functions",
    "lines_of": "description",
    "load_functions": "functions_file",
    "parse_rule": "rule_tables",
    "rule_spec": "rule_tables",
    "rule_voter": "rule",
    "rule_voters": "rule",
    "source": "function",
    "spans": "highlight",
}


def __getattr__(name: str) -> Any:
    if name == "when":
        return importlib.import_module("labelwright.sources.when")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"labelwright.sources.{_HOMES[name]}"), name)
