"""Files become items; what is wrong with a row is recorded, never lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelwright.core.errors import NothingToDoError
from labelwright.core.items import ID, user_fields
from labelwright.core.record import Run
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import VoteState
from labelwright.formats import ImportSettings, ItemBatch, Reject, items, read
from labelwright.pipeline.canonical import canonical_answers
from labelwright.pipeline.parts import described
from labelwright.pipeline.progress import Progress, silent
from labelwright.pipeline.workspace import Workspace

__all__ = ["ImportReport", "ImportSettings", "import_items"]

GOLD_SOURCE = "gold"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        added: how many items are new.
        unchanged: how many were there already with the same content.
        conflicts: how many rows had the id of another item with other content; set aside.
        gold: how many new gold answers were taken in.
        set_aside: how many rows were set aside, conflicts included.
        examples: some of those, with file, line and reason.
        notes: decisions that the owner should know.
    """

    added: int
    unchanged: int
    conflicts: int
    gold: int
    set_aside: int
    examples: tuple[Reject, ...]
    notes: tuple[str, ...]


def import_items(
    workspace: Workspace,
    paths: Sequence[str],
    settings: ImportSettings,
    *,
    format_: str | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Adds the items in these files, streamed; the same file twice changes nothing.

    Raises:
        DataError: a file or column is missing or cannot be read at all.
        NothingToDoError: not one row could be read.
    """
    intake = _Intake(workspace, progress)
    settings = replace(settings, hints=_text_fields(workspace))
    chunks = read(paths, settings, format=format_)
    arrival = workspace.items.append(intake.batches(items(chunks, settings)))
    if intake.rows == 0 and not intake.rejects:
        raise NothingToDoError(f"{', '.join(paths)}: no rows in it, nothing was imported")
    conflicts = [
        Reject.of(intake.files[0], 0, "another item has this id and other content", id_)
        for id_ in arrival.conflicts
    ]
    rejects = [*intake.rejects, *conflicts]
    workspace.rejects.add(rejects)
    gold = _record_gold(workspace, intake.gold, arrival.conflicts)
    workspace.runs.record(_record(workspace, paths, settings))
    return ImportReport(
        added=arrival.added,
        unchanged=arrival.unchanged,
        conflicts=len(conflicts),
        gold=gold,
        set_aside=len(rejects),
        examples=tuple(rejects[:5]),
        notes=tuple(_told(*note, count) for note, count in intake.notes.items()),
    )


def _record(workspace: Workspace, paths: Sequence[str], settings: ImportSettings) -> Run:
    """The run that says what was imported how; later steps learn the text field from it."""
    return Run(
        step="import",
        inputs={"files": list(paths), "items": workspace.items.count()},
        settings=described(settings),
        started=datetime.now(UTC).isoformat(timespec="microseconds"),
    )


def _text_fields(workspace: Workspace) -> dict[str, str]:
    """What is text in the project stays text in a new file, even if it looks like numbers."""
    schema = workspace.items.schema()
    texts = [name for name in user_fields(schema) if pa.types.is_string(schema.field(name).type)]
    return dict.fromkeys(texts, "text")


def _told(file: str, text: str, count: int) -> str:
    return f"{file}: {text}" + (f" ({count} times)" if count > 1 else "")


@dataclass
class _Intake:
    """Watches item batches on their way to the store and keeps what does not go there."""

    workspace: Workspace
    progress: Progress
    rows: int = 0
    rejects: list[Reject] = field(default_factory=list)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: list[str] = field(default_factory=list)
    gold: list[tuple[pa.Array, pa.Array]] = field(default_factory=list)

    def batches(self, made: Iterator[ItemBatch]) -> Iterator[pa.RecordBatch]:
        """The batches of items for the store."""
        for batch in made:
            self.rejects += batch.rejects
            for note in batch.notes:
                self.notes[note.file, note.text] += note.count
            if batch.file not in self.files:
                self.files.append(batch.file)
            self._take_gold(batch)
            self.rows += batch.items.num_rows
            self.progress("importing", self.rows, 0)
            yield batch.items

    def _take_gold(self, batch: ItemBatch) -> None:
        """Keeps the gold answers; one that the task does not have is set aside, not its item."""
        answers, wrong = canonical_answers(batch.gold, self.workspace.settings.task)
        for place in np.flatnonzero(wrong).tolist():
            told = batch.gold[place].as_py()
            why = f"gold: the task has no class {told!r}; the item was taken in without gold"
            self.rejects.append(Reject.of(batch.file, int(batch.line[place]), why, told))
        known = answers.is_valid()
        if answers.null_count < len(answers):
            self.gold.append((batch.items.column(ID).filter(known), answers.filter(known)))


def _record_gold(
    workspace: Workspace, answers: list[tuple[pa.Array, pa.Array]], conflicts: Sequence[str]
) -> int:
    """Casts the gold votes that the log does not have yet; gives how many."""
    if not answers:
        return 0
    ids = pa.concat_arrays([pair[0] for pair in answers])
    names = pa.concat_arrays([pair[1] for pair in answers])
    if conflicts:
        own = pc.invert(pc.is_in(ids, value_set=pa.array(conflicts, pa.string())))
        ids, names = ids.filter(own), names.filter(own)
    (source,) = workspace.log.register([Source(GOLD_SOURCE, SourceKind.GOLD)])
    rows, before = len(ids), workspace.log.count()
    workspace.log.append(
        pa.table(
            {
                "item": pa.array(workspace.items.find(ids.to_pylist())),
                "source": pa.array(np.full(rows, source, np.int32)),
                "state": pa.array(np.full(rows, VoteState.VOTED, np.int8)),
                "answer": names,
                "round": pa.array(np.full(rows, workspace.round, np.int32)),
                # The same gold twice is one vote; no id holds NUL, so nothing runs together.
                "id": pc.binary_join_element_wise(GOLD_SOURCE, ids, names, "\0"),
            }
        )
    )
    return workspace.log.count() - before
