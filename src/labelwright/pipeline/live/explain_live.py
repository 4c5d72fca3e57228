"""Why an item has its label, from a snapshot: the votes, and the words that rules found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import LabelwrightError, NothingToDoError
from labelwright.pipeline.analysis.explain import Explanation, explain
from labelwright.pipeline.ask.suggestion import since_trained
from labelwright.pipeline.label.label import KnownFit
from labelwright.pipeline.live.snapshot import Snapshot
from labelwright.pipeline.workspace import parts
from labelwright.sources import RuleVoter, Span, rule_voters, spans


@dataclass(frozen=True, slots=True)
class RuleHit:
    """What a rule found in an item.

    Attributes:
        source: the name of the rule.
        answer: what it votes, canonical.
        spans: the places; empty where it judges a number.
    """

    source: str
    answer: str
    spans: tuple[Span, ...]


def why(
    snapshot: Snapshot, number: int, moved: NDArray[np.floating[Any]] | None = None
) -> Explanation:
    """The story of an item's label, as the labels of the snapshot weigh its votes.

    `moved` is what the end model says since it follows the latest answers, if it does: the story
    is of the label that is suggested (`ask/suggestion.py`).

    Raises:
        UnknownNameError: there is no such item.
        NothingToDoError: nothing is labelled yet.
    """
    item = snapshot.id_of(number)
    labels = snapshot.labels
    if labels is None or number >= labels.votes.items:
        raise NothingToDoError("this item is new; the next round takes it in")
    model = parts.label_model(snapshot.workspace)
    known = KnownFit(labels.active, model, labels.fit)
    trained = snapshot.trained
    shift = since_trained(labels, trained, number, moved)
    return explain(
        snapshot.workspace,
        trained,
        item,
        number=number,
        known=known,
        shift=shift,
        accuracy=snapshot.accuracies,
    )


def findings(snapshot: Snapshot, number: int, voted: Sequence[str]) -> list[RuleHit]:
    """What those of the project's rules found in the item that `voted` names.

    The rules are those that stand in the file now; one that is wrong finds nothing.
    """
    (content,) = snapshot.contents([number])
    return [
        RuleHit(rule.source.name, rule.answer, tuple(spans(rule.rule.when, content.fields)))
        for rule in rules_of(snapshot)
        if rule.source.name in voted
    ]


def rules_of(snapshot: Snapshot) -> list[RuleVoter]:
    """The rules of the settings that can be read; they are for showing, not for voting."""
    return [voter for spec in snapshot.workspace.settings.rules for voter in _voter(snapshot, spec)]


def _voter(snapshot: Snapshot, spec: Mapping[str, Any]) -> list[RuleVoter]:
    workspace = snapshot.workspace
    try:
        return rule_voters(
            [spec], workspace.settings.task, text=snapshot.text, folder=workspace.folder
        )
    except LabelwrightError:
        return []
