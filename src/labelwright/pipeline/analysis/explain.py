"""Why an item has its label: every vote, what it weighs, what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.answer_book import TextBook
from labelwright.core.items import RESERVED, SPLIT
from labelwright.core.posterior import LabelModelFit, Posterior
from labelwright.core.source import SourceKind
from labelwright.core.units import Units
from labelwright.core.votes import Votes, VoteState
from labelwright.endmodels import Evidence
from labelwright.labelmodels import source_contributions
from labelwright.pipeline.analysis.source_accuracies import accuracies_on_record
from labelwright.pipeline.label.basis import ORDER, basis_of
from labelwright.pipeline.label.class_balance import balance_of, believed
from labelwright.pipeline.label.label import KnownFit, latest_fit
from labelwright.pipeline.label.reduce_votes import answers_of, extent_of, units_of
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.train.joint_labels import latest_content, read_content, spoken_for
from labelwright.pipeline.train.train import Trained
from labelwright.pipeline.vote.active_sources import Active
from labelwright.pipeline.workspace.workspace import Workspace, number_of


@dataclass(frozen=True, slots=True)
class VoteEffect:
    """One source's say in one label.

    Attributes:
        source: its name.
        kind: what it is.
        state: ``voted``, ``abstained``, ``failed``, ``withdrawn`` or ``not asked``.
        answer: what it voted, None if it did not.
        confidence: its own in that vote, None if it gave none.
        accuracy: how good it is, as the report of the sources has it; None if it never voted.
        effect: what its vote or silence added to the log odds of the label against the mean of
            the other classes; 0 where gold overruled it; None if it had no say.
        reason: why it failed, if it did.
    """

    source: str
    kind: str
    state: str
    answer: str | None
    accuracy: float | None
    effect: float | None
    reason: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class ContentEffect:
    """What an item's own content had to say in its label.

    Attributes:
        model: the end model that read it, not having been trained on the item.
        probability: what it thinks, by class.
        effect: what that added to the log odds of the label against the mean of the other
            classes; 0 where gold settled the label.
        votes_label: the label of the votes alone; None if nobody voted.
        votes_probability: of every class from the votes alone.
    """

    model: str
    probability: dict[str, float]
    effect: float
    votes_label: str | None
    votes_probability: dict[str, float]


@dataclass(frozen=True, slots=True)
class UnitStory:
    """The label of one unit of an item, and where it came from.

    Attributes:
        unit: which unit of the item it is, 0 where the item is the unit.
        name: of the unit, where every item has the same ones, such as the class that may belong;
            empty where the item is the unit, or units are found in the votes.
        label: the most probable class; None if nobody voted and content has no say.
        basis: what its probabilities come from: ``gold`` (or a person taken at their word),
            ``votes``, ``content``, ``votes and content``, ``class descriptions`` alone, ``tied
            votes`` that leave classes equally probable, or ``class balance``, which says nothing
            about the unit itself.
        probability: of every class by name.
        before: the log odds of the label before any vote.
        effects: the say of every source, strongest first.
        content: the say of the item's own content; None if it was not joined in.
    """

    unit: int
    name: str
    label: str | None
    basis: str
    probability: dict[str, float]
    before: float
    effects: tuple[VoteEffect, ...]
    content: ContentEffect | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The story of an item's label.

    Attributes:
        item: its id.
        split: the part of the data it belongs to.
        fields: what it holds.
        answer: its label in canonical form; None if nothing is known.
        confidence: how sure that is.
        units: the story of each of its units.
        prediction: the end model's probabilities by class, if it was trained; that the class
            belongs where several may.
        gold: what gold says; None if it says nothing.
        balance_known: whether class balance, which is all there is where nobody voted, is known:
            stated, or learnt from enough of what is unbiased. Otherwise it is assumed.
    """

    item: str
    split: str
    fields: dict[str, Any]
    answer: str | None
    confidence: float
    units: tuple[UnitStory, ...]
    prediction: dict[str, float] | None = None
    gold: str | None = None
    balance_known: bool = True


def explain(
    workspace: Workspace,
    trained: Trained | None,
    item: str,
    *,
    number: int | None = None,
    known: KnownFit | None = None,
    shift: NDArray[np.float64] | None = None,
    accuracy: NDArray[np.float64] | None = None,
) -> Explanation:
    """The story of an item's label: its votes in force, weighed by the latest fit.

    Reads what concerns the item and no more, so that it is quick among millions; but how good
    sources are is reckoned anew where gold is known and something has changed.

    Args:
        workspace: the project.
        trained: the end model, if there is one.
        item: the id of the item.
        number: of the item, if it is known already.
        known: the fit that weighs the votes; by default the latest on record.
        shift: by how much its content speaks more for each class than when it was read last,
            shape (classes,), if it does.
        accuracy: of each source of the fit, if it is at hand, shape (sources,).

    Raises:
        UnknownNameError: there is no such item.
        NothingToDoError: nothing was labelled yet.
    """
    number = number_of(workspace, item) if number is None else number
    (row,) = workspace.items.take(np.array([number]), workspace.plain_fields()).to_pylist()
    rows = workspace.rows_on(number)
    known = latest_fit(workspace) if known is None else known
    task = workspace.settings.task
    votes = _votes_on(known.active, rows, held_out=row[SPLIT] in HELD_OUT)
    units = units_of(votes, task, extent=extent_of(workspace, np.array([number])))
    votes_alone = believed(known.model, known.fit, units)
    joined = _joined(workspace, known.fit, units, votes_alone, number, shift)
    posterior = votes_alone if joined is None else joined.posterior
    answers = answers_of(units, posterior, known.fit, task)
    accuracy = accuracies_on_record(workspace, known) if accuracy is None else accuracy
    balance = balance_of(known.fit)
    case = _Case(known.active, known.fit, accuracy, units, posterior, rows, votes_alone, joined)
    return Explanation(
        item=item,
        split=row[SPLIT],
        fields={name: value for name, value in row.items() if name not in RESERVED},
        answer=answers.answer[0].as_py(),
        confidence=float(answers.confidence[0]),
        units=tuple(_story(case, unit) for unit in range(units.matrix.units)),
        prediction=None if trained is None else _predicted(units, trained, number),
        gold=_gold(workspace, rows),
        balance_known=balance is None or bool(balance.known.all()),
    )


def _predicted(units: Units, trained: Trained, number: int) -> dict[str, float]:
    chances = trained.prediction[number * units.heads : (number + 1) * units.heads]
    if units.heads == 1:
        return dict(zip(units.class_names, chances[0].tolist(), strict=True))
    return dict(zip(units.head_names, chances[:, -1].tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One item's votes, and the fit that weighs them."""

    active: Active
    fit: LabelModelFit
    accuracy: NDArray[np.float64]
    units: Units
    posterior: Posterior
    rows: Mapping[int, Mapping[str, Any]]
    votes_alone: Posterior
    joined: _Joined | None


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """What content has to say of one item."""

    model: str
    content: NDArray[np.float64]
    evidence: Evidence
    posterior: Posterior


def _joined(
    workspace: Workspace,
    fit: LabelModelFit,
    units: Units,
    votes_alone: Posterior,
    number: int,
    shift: NDArray[np.float64] | None,
) -> _Joined | None:
    """The item's content, as it was read last, joined to its votes; None if it was not read."""
    run = latest_content(workspace, workspace.items.count())
    if run is None or not units.heads:
        return None
    rows = np.arange(number * units.heads, (number + 1) * units.heads)
    content = read_content(workspace, run, units, rows)
    if shift is not None:
        content = content * shift
        content /= content.sum(axis=1, keepdims=True)
    evidence = Evidence.of(units.matrix, fit, votes_alone)
    return _Joined(
        model=str(run.settings["part"]),
        content=content,
        evidence=evidence,
        posterior=Posterior(evidence.with_content(content), spoken_for(units, fit), fit.id),
    )


def _votes_on(active: Active, rows: Mapping[int, Mapping[str, Any]], *, held_out: bool) -> Votes:
    """The votes in force on one item; gold has none where the item is held out."""
    said = []
    for place, (number, source) in enumerate(
        zip(active.numbers.tolist(), active.sources, strict=True)
    ):
        state = rows[number]["state"] if number in rows else VoteState.WITHDRAWN
        hidden = held_out and source.kind is SourceKind.GOLD
        if state in (VoteState.VOTED, VoteState.ABSTAINED) and not hidden:
            said.append((place, rows[number]["answer"], rows[number]["confidence"]))
    asked = {place for place, _, _ in said}
    answers = sorted({answer for _, answer, _ in said if answer is not None})
    code = {answer: place for place, answer in enumerate(answers)}
    soft = [np.nan if confidence is None else confidence for _, _, confidence in said]
    return Votes(
        item=np.zeros(len(said), np.int64),
        source=np.array([place for place, _, _ in said], np.int32),
        answer=np.array([code.get(answer, -1) for _, answer, _ in said], np.int32),
        answers=TextBook(tuple(answers)),
        sources=active.sources,
        items=1,
        # Of units of which it says nothing, who chooses what to vote on says that by choice.
        complete=np.array(
            [place in asked and source.kind.chooses for place, source in enumerate(active.sources)],
            bool,
        ),
        confidence=None if np.isnan(soft).all() else np.array(soft, np.float32),
    )


def _gold(workspace: Workspace, rows: Mapping[int, Mapping[str, Any]]) -> str | None:
    """What gold says of the item, held out or not."""
    for number, source in enumerate(workspace.log.sources()):
        if source.kind is SourceKind.GOLD and number in rows:
            answer: str | None = rows[number]["answer"]
            return answer
    return None


def _story(case: _Case, unit: int) -> UnitStory:
    classes = case.units.class_names
    best = int(case.posterior.label[unit])
    alone = case.votes_alone
    says = source_contributions(case.fit, case.units.matrix, unit)
    effect_of = dict(zip(says.source.tolist(), says.effect[:, best].tolist(), strict=True))
    effects = [
        _effect(case, source, effect_of.get(source)) for source in range(len(case.active.sources))
    ]
    effects.sort(key=lambda effect: -abs(effect.effect or 0))
    return UnitStory(
        unit=unit,
        name=case.units.head_names[unit] if case.units.heads else "",
        label=classes[best] if case.posterior.covered[unit] else None,
        basis=ORDER[basis_of(case.units, case.posterior, case.votes_alone)[unit]].value,
        probability=dict(zip(classes, case.posterior.probability[unit].tolist(), strict=True)),
        before=float(says.before[best] if alone.covered[unit] else _ahead(alone, unit, best)),
        effects=tuple(effects),
        content=None if case.joined is None else _content_effect(case, case.joined, unit, best),
    )


def _ahead(posterior: Posterior, unit: int, best: int) -> float:
    """The log score of a class less the mean of the other classes' scores."""
    score = np.log(posterior.probability[unit])
    return float(score[best] - np.delete(score, best).mean())


def _content_effect(case: _Case, joined: _Joined, unit: int, best: int) -> ContentEffect:
    names = case.units.class_names
    votes = case.votes_alone
    # Where nobody voted, content takes the place of the class balance.
    instead = joined.evidence.prior if votes.covered[unit] else votes.probability[unit]
    gain = np.log(joined.content[unit]) - np.log(instead)
    effect = gain[best] - np.delete(gain, best).mean()
    return ContentEffect(
        model=joined.model,
        probability=dict(zip(names, joined.content[unit].tolist(), strict=True)),
        effect=0.0 if joined.evidence.settled[unit] else float(effect),
        votes_label=names[int(votes.label[unit])] if votes.covered[unit] else None,
        votes_probability=dict(zip(names, votes.probability[unit].tolist(), strict=True)),
    )


def _effect(case: _Case, source: int, effect: float | None) -> VoteEffect:
    who = case.active.sources[source]
    row = case.rows.get(int(case.active.numbers[source]))
    accuracy = float(case.accuracy[source])
    return VoteEffect(
        source=who.name,
        kind=who.kind.value,
        state="not asked" if row is None else VoteState(row["state"]).name.lower(),
        answer=row["answer"] if row else None,
        accuracy=None if np.isnan(accuracy) else accuracy,
        effect=effect,
        reason=(row["reason"] or "") if row else "",
        confidence=row["confidence"] if row else None,
    )
