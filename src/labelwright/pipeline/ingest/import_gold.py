"""Gold comes in by the ids of items that are there: from files of ids and answers, or as values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.items import ID
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import VoteState
from labelwright.formats import (
    Chunk,
    ImportSettings,
    RejectedRow,
    check_empty,
    has_content,
    items,
    read,
)
from labelwright.formats.settings import CONTENT
from labelwright.pipeline.ingest.canonical_answers import Spelled, canonical_answers, not_allowed
from labelwright.pipeline.workspace.inside_items import beyond_items
from labelwright.pipeline.workspace.workspace import Workspace

GOLD_SOURCE = "gold"
USUAL_ID = "id"


@dataclass
class GoldReport:
    """What became of gold for items that are there.

    Attributes:
        added: how many answers are new.
        unchanged: how many were there already.
        rejects: what was set aside: ids that no item has, answers that the task does not know.
        taken: the ids and answers that were taken in, batch by batch.
    """

    added: int = 0
    unchanged: int = 0
    rejects: list[RejectedRow] = field(default_factory=list)
    taken: list[tuple[pa.Array, pa.Array]] = field(default_factory=list)

    @property
    def note(self) -> str:
        """Of which ids the gold says several things; empty where it never does."""
        return said_twice([ids for ids, _ in self.taken], [answers for _, answers in self.taken])


def ids_alone(
    workspace: Workspace, paths: Sequence[str], settings: ImportSettings, first: Chunk | None
) -> ImportSettings | None:
    """The settings to read gold by, if the files hold nothing but ids and gold; else None.

    Where nobody names the column of ids it is that of the import before, or ``id``, if items of
    the project have such ids.
    """
    if first is None or settings.gold is None or settings.id == CONTENT:
        return None
    if settings.id is not None:
        return None if has_content(first, settings) else settings
    imported = workspace.runs.latest("import")
    known = None if imported is None else imported.settings.get("id")
    for name in dict.fromkeys((known, USUAL_ID)):
        if name in (None, CONTENT) or name not in first.rows.schema.names:
            continue
        named = replace(settings, id=name)
        if has_content(first, named):
            continue
        # Read again: a key that looks like a number stays text.
        ids = next(items(read(paths, named), named)).items.column(ID)
        if (workspace.items.find(ids.to_pylist()) >= 0).any():
            return named
    return None


def import_gold(
    workspace: Workspace, chunks: Iterable[Chunk], settings: ImportSettings
) -> GoldReport:
    """Records the gold in these rows for the items that have their ids.

    Raises:
        DataError: an empty answer, and nobody said what it means.
    """
    report = GoldReport()
    for batch in items(chunks, settings):
        report.rejects += batch.rejects
        spelled = Spelled(batch.gold, batch.file, batch.line)
        _take(workspace, batch.items.column(ID), spelled, settings.empty, report)
    workspace.rejects.add(report.rejects)
    return report


def add_gold(
    workspace: Workspace, ids: Sequence[str], answers: Sequence[Any], *, empty: str | None = None
) -> GoldReport:
    """Records these answers as gold for the items that have these ids; None is not known.

    Raises:
        DataError: an empty answer, and nobody said what it means.
        SettingsError: `empty` means nothing.
    """
    check_empty(empty)
    texts = [
        answer if answer is None or isinstance(answer, str) else json.dumps(answer)
        for answer in answers
    ]
    spelled = Spelled(pa.array(texts, pa.string()), "gold", np.arange(1, len(texts) + 1))
    report = GoldReport()
    _take(workspace, pa.array(ids, pa.string()), spelled, empty, report)
    return report


def said_twice(ids: Sequence[pa.Array], answers: Sequence[pa.Array]) -> str:
    """Of which ids gold that came in together says several things; empty where it never does."""
    told = pa.table(
        {
            "id": pa.chunked_array(ids, pa.string()),
            "answer": pa.chunked_array(answers, pa.string()),
        }
    )
    counted = told.group_by("id").aggregate([("answer", "count_distinct")])
    several = counted.filter(pc.greater(counted["answer_count_distinct"], 1))["id"]
    if not len(several):
        return ""
    first = several[0].as_py()
    said = pc.unique(told.filter(pc.equal(told["id"], first))["answer"]).to_pylist()
    many = "1 item" if len(several) == 1 else f"{len(several):,} items"
    return (
        f"gold says several things of {many}, such as {first!r} ({', '.join(map(repr, said))}): "
        "the last of each counts"
    )


def record_gold(
    workspace: Workspace, items_: NDArray[np.int64], ids: pa.Array, answers: pa.Array
) -> int:
    """Casts the gold votes that the log does not have yet; gives how many."""
    if not len(ids):
        return 0
    (source,) = workspace.log.register([Source(GOLD_SOURCE, SourceKind.GOLD)])
    rows, before = len(ids), workspace.log.count()
    names = workspace.log.names_of(answers)
    workspace.log.append(
        pa.table(
            {
                "item": pa.array(items_),
                "source": pa.array(np.full(rows, source, np.int32)),
                "state": pa.array(np.full(rows, VoteState.VOTED, np.int8)),
                "answer": answers,
                "round": pa.array(np.full(rows, workspace.round, np.int32)),
                # The same gold twice is one vote; no id holds NUL, so nothing runs together.
                "id": pc.binary_join_element_wise(GOLD_SOURCE, ids, names, "\0"),
            }
        )
    )
    return workspace.log.count() - before


def _take(
    workspace: Workspace,
    ids: pa.Array,
    spelled: Spelled,
    empty: str | None,
    report: GoldReport,
) -> None:
    numbers = workspace.items.find(ids.to_pylist())
    answers, wrong = canonical_answers(spelled, workspace.settings.task, empty)
    out = beyond_items(workspace, numbers, answers)
    for which, why in (
        (numbers < 0, "there is no such item in the project"),
        ((numbers >= 0) & wrong, ""),
        *((np.arange(len(numbers)) == place, why) for place, why in out.items()),
    ):
        for row in np.flatnonzero(which).tolist():
            text = spelled.texts[row].as_py()
            reason = why or not_allowed(text, workspace.settings.task)
            told = f"{ids[row].as_py()}: {text}"
            line = int(spelled.line[row])
            report.rejects.append(RejectedRow.of(spelled.file, line, reason, told))
    sound = (numbers >= 0) & answers.is_valid().to_numpy(zero_copy_only=False)
    sound[[*out]] = False
    keep = pa.array(sound)
    report.taken.append((ids.filter(keep), answers.filter(keep)))
    added = record_gold(workspace, numbers[sound], *report.taken[-1])
    report.added += added
    report.unchanged += int(sound.sum()) - added
