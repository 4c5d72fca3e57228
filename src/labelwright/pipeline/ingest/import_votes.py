"""Votes of people and crowds come in from files."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.errors import UnknownNameError, did_you_mean, shown
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import VoteState
from labelwright.formats import RejectedRow, VoteRows, check_empty, read_votes
from labelwright.pipeline.ingest.canonical_answers import Spelled, canonical_answers, not_allowed
from labelwright.pipeline.ingest.import_gold import GOLD_SOURCE
from labelwright.pipeline.workspace.inside_items import beyond_items
from labelwright.pipeline.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class VotesImportSettings:
    """Which columns of a file hold what.

    Attributes:
        item: the item's id; None finds ``item`` or ``task``, of gold also ``id``.
        source: who voted; None finds ``source`` or ``worker``; a file of gold need not say it.
        label: the answer, empty where they abstained; None finds ``label``, of gold also ``gold``
            or ``answer``.
        confidence: the voter's own, 0 to 1, if the file has it.
        time: when, if the file has it.
        kind: what the sources are: ``person``, or ``gold``, ``model``, ``knowledge_base`` ...
        empty: what an empty list or cell says where any number of classes may belong: ``none`` of
            them, or ``unknown``, an abstention; None asks, should there be any.

    Raises:
        UnknownNameError: there is no such kind of source.
        SettingsError: `empty` means nothing.
    """

    item: str | None = None
    source: str | None = None
    label: str | None = None
    confidence: str | None = None
    time: str | None = None
    kind: str = "person"
    empty: str | None = None

    def __post_init__(self) -> None:
        check_empty(self.empty)
        kinds = [kind.value for kind in SourceKind]
        if self.kind not in kinds:
            raise UnknownNameError(
                f"unknown kind of source {shown(self.kind)}" + did_you_mean(self.kind, kinds)
            )


@dataclass(frozen=True, slots=True)
class VotesImportReport:
    """What an import of votes did.

    Attributes:
        added: how many votes are new.
        unchanged: how many were there already.
        sources: how many sources the file names.
        set_aside: how many votes were set aside: unknown items or answers, unreadable rows.
        examples: some of those, with file, line and reason.
    """

    added: int
    unchanged: int
    sources: int
    set_aside: int
    examples: tuple[RejectedRow, ...]


def import_votes(
    workspace: Workspace, paths: Sequence[str], settings: VotesImportSettings
) -> VotesImportReport:
    """Adds the votes in these files; a vote is known by its content, so twice changes nothing.

    Raises:
        DataError: a file or column is missing or cannot be read at all; or an answer is empty, and
            nobody said what that means.
    """
    kind = SourceKind(settings.kind)
    intake = _Intake(workspace, kind, settings.empty)
    for rows in read_votes(
        paths,
        item=settings.item,
        source=settings.source,
        label=settings.label,
        confidence=settings.confidence,
        time=settings.time,
        by=GOLD_SOURCE if kind is SourceKind.GOLD else None,
    ):
        intake.take(rows)
    workspace.rejects.add(intake.rejects)
    return VotesImportReport(
        added=intake.added,
        unchanged=intake.unchanged,
        sources=len(intake.sources),
        set_aside=len(intake.rejects),
        examples=tuple(intake.rejects[:5]),
    )


@dataclass
class _Intake:
    """Takes in pieces of a file of votes and counts what became of them."""

    workspace: Workspace
    kind: SourceKind
    empty: str | None
    added: int = 0
    unchanged: int = 0
    sources: dict[str, int] = field(default_factory=dict)
    rejects: list[RejectedRow] = field(default_factory=list)

    def take(self, rows: VoteRows) -> None:
        """Appends the votes of one piece that are new and sound."""
        items = self.workspace.items.find(rows.item.to_pylist())
        spelled = Spelled(rows.label, rows.file, rows.line)
        answers, wrong = canonical_answers(spelled, self.workspace.settings.task, self.empty)
        self.rejects += rows.rejects
        self._set_aside(rows, items < 0, "there is no such item in the project")
        self._set_aside(rows, (items >= 0) & wrong)
        out = beyond_items(self.workspace, items, answers)
        for place, why in out.items():
            self._set_aside(rows, np.arange(len(items)) == place, why)
        wrong[[*out]] = True
        nobody = np.array([not _can_vote(name) for name in rows.source.to_pylist()], bool)
        self._set_aside(rows, nobody, "a source needs a printable name")
        truth = self._named_like_gold(rows)
        why = "gold is the name of true answers; import them with --votes FILE --kind gold"
        self._set_aside(rows, truth, why)
        sound = (items >= 0) & ~wrong & ~nobody & ~truth
        if sound.any():
            self._append(rows, items, answers, sound)

    def _named_like_gold(self, rows: VoteRows) -> NDArray[np.bool_]:
        names: list[str] = rows.source.to_pylist()
        kept = self.kind is not SourceKind.GOLD
        return np.array([kept and name == GOLD_SOURCE for name in names], bool)

    def _set_aside(self, rows: VoteRows, which: NDArray[np.bool_], why: str = "") -> None:
        """Records these rows and why; what the task does not allow says so itself."""
        task = self.workspace.settings.task
        for place in np.flatnonzero(which).tolist():
            vote = [column[place].as_py() for column in (rows.item, rows.source, rows.label)]
            told = why or not_allowed(vote[-1], task)
            self.rejects.append(RejectedRow.of(rows.file, int(rows.line[place]), told, str(vote)))

    def _append(
        self,
        rows: VoteRows,
        items: NDArray[np.int64],
        answers: pa.StringArray,
        sound: NDArray[np.bool_],
    ) -> None:
        names = rows.source.to_pylist()
        new = [
            name
            for name in dict.fromkeys(itertools.compress(names, sound.tolist()))
            if name not in self.sources
        ]
        registered = self.workspace.log.register([Source(name, self.kind) for name in new])
        self.sources.update(zip(new, registered.tolist(), strict=True))
        voted = answers.is_valid().to_numpy(zero_copy_only=False)
        votes = pa.table(
            {
                "item": pa.array(items),
                "source": pa.array([self.sources.get(name, -1) for name in names], pa.int32()),
                "state": pa.array(
                    np.where(voted, VoteState.VOTED, VoteState.ABSTAINED).astype(np.int8)
                ),
                "answer": answers,
                "confidence": pa.array(rows.confidence, mask=np.isnan(rows.confidence)),
                "time": rows.time,
                "round": pa.array(np.full(len(items), self.workspace.round, np.int32)),
                "id": _ids(
                    rows,
                    self.workspace.log.names_of(answers),
                    gold=self.kind is SourceKind.GOLD,
                ),
            }
        ).filter(pa.array(sound))
        before = self.workspace.log.count()
        self.workspace.log.append(votes)
        added = self.workspace.log.count() - before
        self.added += added
        self.unchanged += votes.num_rows - added


def _ids(rows: VoteRows, names: pa.StringArray, *, gold: bool) -> pa.StringArray:
    """What makes a vote from a file the same vote: who said what of which item, and when."""
    if gold and rows.time.null_count == len(rows.time):
        # As gold beside items is known: one answer, whichever way it comes.
        return pc.binary_join_element_wise(rows.source, rows.item, pc.fill_null(names, "\1"), "\0")
    when = pc.fill_null(pc.cast(pc.cast(rows.time, pa.int64()), pa.string()), "")
    # No id and no name holds NUL, so nothing runs together.
    return pc.binary_join_element_wise(
        rows.item, rows.source, pc.fill_null(names, "\1"), when, "\0"
    )


def _can_vote(name: str) -> bool:
    return bool(name.strip()) and name.isprintable()
