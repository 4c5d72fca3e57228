"""Files become items; what is wrong with a row is recorded, never lost."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError
from labelwright.core.items import ID
from labelwright.core.record import Run
from labelwright.formats import ImportSettings, ItemBatch, RejectedRow, items, read
from labelwright.pipeline.ingest.answers_in_fields import answers_in_fields
from labelwright.pipeline.ingest.canonical_answers import Spelled, canonical_answers, not_allowed
from labelwright.pipeline.ingest.declared_rules import FindingShown, on_arrival
from labelwright.pipeline.ingest.import_gold import (
    ids_alone,
    import_gold,
    record_gold,
    said_twice,
)
from labelwright.pipeline.ingest.known_types import read_as_known
from labelwright.pipeline.workspace import clock
from labelwright.pipeline.workspace.parts import described
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace

__all__ = ["ImportReport", "ImportSettings", "import_items"]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        added: how many items are new.
        unchanged: how many were there already with the same content; where a file holds gold alone,
            how many of its answers.
        conflicts: how many rows had the id of another item with other content; set aside.
        gold: how many new gold answers were taken in.
        set_aside: how many rows were set aside, conflicts included.
        examples: some of those, with file, line and reason.
        notes: decisions that the owner should know.
        findings: which new items break rules that are declared in `labelwright.toml`.
    """

    added: int
    unchanged: int
    conflicts: int
    gold: int
    set_aside: int
    examples: tuple[RejectedRow, ...]
    notes: tuple[str, ...]
    findings: tuple[FindingShown, ...] = ()


def import_items(
    workspace: Workspace,
    paths: Sequence[str],
    settings: ImportSettings,
    *,
    format_: str | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Adds the items in these files, streamed; the same file twice changes nothing.

    Where the files hold ids and gold alone, the gold is recorded for the items with these ids.

    Raises:
        DataError: a file or column is missing or cannot be read at all; or gold is empty, and
            nobody said what that means.
        NothingToDoError: not one row could be read.
    """
    chunks = read_as_known(workspace, paths, settings, format_=format_)
    first = next(chunks, None)
    named = ids_alone(workspace, paths, settings, first)
    if named is not None:
        return _gold_alone(workspace, paths, named, format_)
    chunks = chain([] if first is None else [first], chunks)
    intake = _Intake(workspace, settings, progress)
    before = workspace.items.count()
    arrival = workspace.items.append(intake.batches(items(chunks, settings)))
    if intake.rows == 0 and not intake.rejects:
        raise NothingToDoError(f"{', '.join(paths)}: no rows in it, nothing was imported")
    conflicts = [intake.conflict(place, id_) for place, id_ in arrival.conflicts]
    rejects = [*intake.rejects, *conflicts]
    workspace.rejects.add(rejects)
    ids, answers = intake.gold_without({place for place, _ in arrival.conflicts})
    gold = record_gold(workspace, workspace.items.find(ids.to_pylist()), ids, answers)
    workspace.runs.record(_record(workspace, paths, settings))
    looks = answers_in_fields(workspace) if arrival.added else ()
    twice = said_twice([ids], [answers])
    return ImportReport(
        added=arrival.added,
        unchanged=arrival.unchanged,
        conflicts=len(conflicts),
        gold=gold,
        set_aside=len(rejects),
        examples=tuple(rejects[:5]),
        notes=(
            *(_told(*note, count) for note, count in intake.notes.items()),
            *((twice,) if twice else ()),
            *looks,
        ),
        findings=on_arrival(workspace, before),
    )


def _gold_alone(
    workspace: Workspace, paths: Sequence[str], settings: ImportSettings, format_: str | None
) -> ImportReport:
    """What an import of ids and gold alone did: it adds no items."""
    found = import_gold(workspace, read(paths, settings, format=format_), settings)
    note = "holds ids and gold alone; the gold was recorded for the items that have these ids"
    if settings.split_column is not None:
        note += "; their splits stay as they were imported"
    return ImportReport(
        added=0,
        unchanged=found.unchanged,
        conflicts=0,
        gold=found.added,
        set_aside=len(found.rejects),
        examples=tuple(found.rejects[:5]),
        notes=(_told(", ".join(paths), note, 1), *((found.note,) if found.note else ())),
    )


def _record(workspace: Workspace, paths: Sequence[str], settings: ImportSettings) -> Run:
    """The run that says what was imported how; later steps learn the text field from it."""
    told = described(settings)
    if told["empty"] is None:
        del told["empty"]  # nobody was asked; runs are known by their settings
    return Run(
        step="import",
        inputs={"files": list(paths), "items": workspace.items.count()},
        settings=told,
        started=clock.started(),
    )


def _told(file: str, text: str, count: int) -> str:
    return f"{file}: {text}" + (f" ({count} times)" if count > 1 else "")


@dataclass(frozen=True, slots=True, eq=False)
class _Gold:
    """Gold answers of one batch: places in the offer, ids, answers."""

    place: NDArray[np.int64]
    ids: pa.Array
    answers: pa.Array


@dataclass
class _Intake:
    """Watches item batches on their way to the store and keeps what does not go there."""

    workspace: Workspace
    settings: ImportSettings
    progress: Progress
    rows: int = 0
    rejects: list[RejectedRow] = field(default_factory=list)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)
    gold: list[_Gold] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    places: list[tuple[str, NDArray[np.int64]]] = field(default_factory=list)

    def batches(self, made: Iterator[ItemBatch]) -> Iterator[pa.RecordBatch]:
        """The batches of items for the store."""
        for batch in made:
            self.rejects += batch.rejects
            for note in batch.notes:
                self.notes[note.file, note.text] += note.count
            self.starts.append(self.rows)
            self.places.append((batch.file, batch.line))
            self._take_gold(batch)
            self.rows += batch.items.num_rows
            self.progress("importing", self.rows, 0)
            yield batch.items

    def conflict(self, place: int, id_: str) -> RejectedRow:
        """The item at this place in the offer, set aside because its id is another's."""
        batch = bisect_right(self.starts, place) - 1
        file, lines = self.places[batch]
        line = int(lines[place - self.starts[batch]])
        why = "another item has this id and other content"
        if self.settings.gold is not None:
            why += "; to record its gold by id, import it with --votes FILE --kind gold"
        return RejectedRow.of(file, line, why, id_)

    def gold_without(self, conflicts: set[int]) -> tuple[pa.Array, pa.Array]:
        """Ids and answers of the gold, but for the items that were not taken in."""
        apart = np.fromiter(conflicts, np.int64, len(conflicts))
        ids, answers = [pa.array([], pa.string())], [pa.array([], pa.string())]
        for gold in self.gold:
            taken = pa.array(~np.isin(gold.place, apart))
            ids.append(gold.ids.filter(taken))
            answers.append(gold.answers.filter(taken))
        return pa.concat_arrays(ids), pa.concat_arrays(answers)

    def _take_gold(self, batch: ItemBatch) -> None:
        """Keeps the gold answers; one that the task does not have is set aside, not its item."""
        spelled = Spelled(batch.gold, batch.file, batch.line)
        task = self.workspace.settings.task
        answers, wrong = canonical_answers(spelled, task, self.settings.empty)
        for place in np.flatnonzero(wrong).tolist():
            told = batch.gold[place].as_py()
            why = f"gold: the task has no class {told!r}; the item was taken in without gold"
            why = not_allowed(told, task, why)
            self.rejects.append(RejectedRow.of(batch.file, int(batch.line[place]), why, told))
        known = answers.is_valid()
        if answers.null_count < len(answers):
            places = self.rows + np.flatnonzero(known)
            ids = batch.items.column(ID).filter(known)
            self.gold.append(_Gold(places, ids, answers.filter(known)))
