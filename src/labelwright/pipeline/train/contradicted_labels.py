"""Labels that known truth contradicts go no further, unless their owner says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.core.errors import ContradictedError
from labelwright.core.record import Run
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.train.known_truth import KnownTruth, held_against, known_truths
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Contradiction, Rival, contradictions

CONTRADICTIONS = "contradictions"
"""The metric of a training: how many there were of the labels that it learnt from."""
_TOLD = 3
_GO_ON = (
    "Nothing was saved, trained, published or exported. To go on with these labels all the same "
    "takes --anyway (in Python anyway=True, in the app Run it anyway), which is put on record."
)


@dataclass(frozen=True, slots=True)
class Contradicted:
    """Known truth says that the labels do worse than a rival.

    Attributes:
        truth: what is known, in words.
        found: what they lose to, and by how much.
        sentence: that in words.
        remedy: what to do about it.
    """

    truth: str
    found: Contradiction
    sentence: str
    remedy: str


def contradicted(
    workspace: Workspace, labels: Labels, known: Sequence[KnownTruth] | None = None
) -> tuple[Contradicted, ...]:
    """What known truth says against the labels, the gravest first; nothing where little is known.

    Args:
        workspace: the project.
        labels: they.
        known: the truth, if it is at hand.
    """
    known = known_truths(workspace, labels) if known is None else known
    found = [
        Contradicted(truth.what, one, _sentence(truth, one), _remedy(labels, one))
        for truth in known
        for one in contradictions(held_against(truth), chosen=truth.chosen)
    ]
    return tuple(sorted(found, key=lambda one: one.found.p))


def check_uncontradicted(found: Sequence[Contradicted], *, anyway: bool) -> tuple[str, ...]:
    """What known truth says against labels, if anything, where their owner goes on all the same.

    Raises:
        ContradictedError: it says something, and they do not.
    """
    if found and not anyway:
        raise ContradictedError(message(found))
    return tuple(one.sentence for one in found)


def check_learnt(run: Run, *, anyway: bool = False) -> None:
    """Returns if a training learnt from labels that nothing contradicted.

    Raises:
        ContradictedError: something did when it was trained with ``--anyway``.
    """
    if run.metrics.get(CONTRADICTIONS) and not anyway:
        raise ContradictedError(
            f"the model {run.id[:12]} was trained with --anyway on labels that known truth "
            "contradicts. Train another on better labels, or use it all the same with --anyway "
            "(in Python anyway=True)."
        )


def message(found: Sequence[Contradicted]) -> str:
    """What was found, what to do, and how to go on all the same."""
    more = f"; and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    said = "; ".join(one.sentence for one in found[:_TOLD]) + more
    remedies = " ".join(dict.fromkeys(one.remedy for one in found[:_TOLD]))
    return f"known truth contradicts the labels: {said}. {remedies} {_GO_ON}"


def _sentence(truth: KnownTruth, one: Contradiction) -> str:
    """With numbers: what the labels are held against, by which truth, and how both do."""
    heads = truth.units.heads
    noun = "item" if heads == 1 or one.name else "question" if heads else "piece"
    rival = str(one.rival)
    if one.said:
        rival = f"always saying {one.said!r}"
    elif one.rival is Rival.COMMONEST:
        rival = "saying of each class what is commoner"
    of = f"whether {one.name!r} belongs: " if one.name else ""
    return (
        f"{of}on {one.units:,} {noun}{'' if one.units == 1 else 's'} of known truth ({truth.what}) "
        f"they are right on {one.right:,.10g}, {rival} on {one.rival_right:,.10g} ({_p(one.p)})"
    )


def _p(p: float) -> str:
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.4f}"


def _remedy(labels: Labels, one: Contradiction) -> str:
    if one.rival is Rival.COUNTING:
        return (
            "Look at labelwright sources and labelwright label --compare: a source may be wrong "
            'in a way that the label model believes; name = "majority_vote" under [label_model] '
            "counts votes instead; or the known answers are wrong: labelwright check."
        )
    silent = _without_voters(labels)
    rules = (
        f"Write a rule or function for {', '.join(map(repr, silent))}, for which none votes; answer"
        if silent
        else "Answer"
    )
    return (
        f"{rules} questions drawn at random (labelwright next), which say how frequent each "
        "class is; drop sources that are mostly wrong (labelwright sources); or mend the known "
        "answers if they are wrong (labelwright check)."
    )


def _without_voters(labels: Labels) -> list[str]:
    """The classes that no source but gold votes for, the first few."""
    if labels.units.heads > 1:
        return []
    matrix = labels.units.matrix
    whole = matrix.voted & (matrix.label < matrix.classes) & ~matrix.gold[matrix.source]
    cast = np.bincount(matrix.label[whole], minlength=matrix.classes)[: matrix.classes]
    names = np.array(labels.units.class_names, object)[cast == 0].tolist()
    return names if len(names) <= _TOLD else [*names[:_TOLD], "..."]
