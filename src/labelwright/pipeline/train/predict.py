"""The end model predicts rows of files that are no part of the project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from labelwright.core.columns import beside, probabilities, renamed
from labelwright.core.errors import DataError, did_you_mean
from labelwright.core.items import ID, MEDIA, user_fields
from labelwright.formats import ImportSettings, RejectedRow, items, read, write
from labelwright.pipeline.ingest.known_types import read_as_known
from labelwright.pipeline.train.answer_columns import answer_columns
from labelwright.pipeline.train.train import Trained
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.sources import beliefs_of_items


@dataclass(frozen=True, slots=True)
class PredictReport:
    """What was predicted.

    Attributes:
        path: the file that was written.
        rows: how many rows it holds.
        set_aside: how many rows could not be read, or hold a value that the model cannot read.
        renamed: columns of the rows that have a name of ours -> what they are called in the file.
        examples: some of the rows set aside, with file, line and reason.
    """

    path: Path
    rows: int
    set_aside: int
    renamed: dict[str, str] = field(default_factory=dict)
    examples: tuple[RejectedRow, ...] = ()


def predict(
    workspace: Workspace,
    trained: Trained,
    paths: Sequence[str],
    to: Path,
    settings: ImportSettings,
) -> PredictReport:
    """Writes id, label, confidence and class probabilities of every row, then its own fields.

    A field of the row that has one of these names gets another one: `label` is `label_of_item`.
    A row with text where the model reads a number is set aside.

    Raises:
        DataError: the files lack a column that the model reads, or every row was set aside.
    """
    task = workspace.settings.task
    settings = _as_imported(workspace, paths, settings)
    ours = ("id", "label", "confidence", *probabilities(task.classes))
    called: dict[str, str] = {}
    chunks = read_as_known(workspace, paths, settings, numbers=trained.fields)
    rejects: list[RejectedRow] = []
    rows = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal rows, called
        for batch in items(chunks, settings):
            rejects.extend(batch.rejects)
            _check_columns(trained.fields, batch.items, batch.file)
            probability = trained.predictor.predict(pa.Table.from_batches([batch.items]))
            beliefs = beliefs_of_items(probability, task)
            rows += batch.items.num_rows
            called = beside(ours, user_fields(batch.items.schema))
            own = {new: batch.items.column(name) for name, new in called.items()}
            yield pa.RecordBatch.from_pydict(
                {
                    "id": batch.items.column(ID),
                    **answer_columns(beliefs, task),
                    **own,
                }
            )
        if rejects and not rows:
            raise DataError(f"no row can be predicted: {rejects[0]}")

    write(to, batches())
    return PredictReport(to, rows, len(rejects), renamed(called), tuple(rejects[:5]))


def _as_imported(
    workspace: Workspace, paths: Sequence[str], settings: ImportSettings
) -> ImportSettings:
    """The settings, with key and text named as for the project's items where nobody names them.

    Otherwise the same text could be read as a number here and have another id.
    """
    imported = workspace.runs.latest("import")
    if imported is None:
        return settings
    for name in ("id", "text"):
        known = imported.settings.get(name)
        if getattr(settings, name) is None and known is not None:
            try:
                read(paths, ImportSettings(**{name: known}))
            except DataError:
                continue  # these files have no such column
            settings = replace(settings, **{name: known})
    return settings


def _check_columns(needed: Sequence[str], batch: pa.RecordBatch, file: str) -> None:
    for name in needed:
        if name not in batch.schema.names:
            if name == MEDIA:
                raise DataError(f"{file}: the model reads images, and these rows have none")
            raise DataError(
                f"{file}: the model reads the column {name!r}, which is missing"
                + did_you_mean(name, user_fields(batch.schema))
            )
