"""An opened project: its settings and its stores. Every step is handed one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright._version import __version__
from labelwright.core.columns import COLUMNS, beside, probabilities, says_answers
from labelwright.core.errors import (
    ProjectError,
    SettingsError,
    UnknownNameError,
    did_you_mean,
    shown,
)
from labelwright.core.identity import digest
from labelwright.core.items import HASH, ID, MEDIA, MEDIA_URI, SPLIT, user_fields
from labelwright.core.record import Run
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import Votes
from labelwright.pipeline.workspace import clock
from labelwright.pipeline.workspace.class_history import ClassRecord
from labelwright.pipeline.workspace.settings import FILE_NAME, Settings, read_settings
from labelwright.stores import (
    Arrivals,
    Cache,
    FileChecksums,
    Forgiven,
    JournalDesk,
    JsonLines,
    LanceItems,
    LanceVotes,
    Layout,
    Objects,
    Published,
    RandomDraws,
    Rejects,
    Runs,
    Segments,
    SetAside,
    SourceTally,
    Versions,
    asked,
    in_force,
    item_words,
    items_name,
    tally,
    writing,
)
from labelwright.tasks import kind_of, piece_columns

WAIT_FOR_WRITER_S = 10.0


@dataclass(frozen=True)
class Workspace:
    """A project's settings and stores.

    Attributes:
        folder: the project's folder.
        settings: what `labelwright.toml` says.
        desk_url: of the team's desk, where it is neither the project's own nor in the environment.
    """

    folder: Path
    settings: Settings
    desk_url: str | None = None

    @cached_property
    def layout(self) -> Layout:
        """Where each store is."""
        return Layout(self.folder)

    @cached_property
    def items(self) -> LanceItems:
        """The items."""
        return LanceItems(self.layout.items)

    @cached_property
    def log(self) -> LanceVotes:
        """The vote log, its answers as they are to be read now."""
        meaning = self.classes.meaning if self.layout.classes.exists() else None
        kind = kind_of(self.settings.task)
        return LanceVotes(
            self.layout.votes,
            self.settings.schema,
            meaning,
            has_pieces=bool(piece_columns(kind)),
        )

    @cached_property
    def classes(self) -> ClassRecord:
        """What became of the classes."""
        lines = JsonLines(self.layout.classes)
        return ClassRecord(lines, self.settings.schema, self.settings.task)

    @cached_property
    def objects(self) -> Objects:
        """What runs wrote, by content."""
        return Objects(self.layout.objects)

    @cached_property
    def cache(self) -> Cache:
        """What can be computed again."""
        return Cache(self.layout.cache)

    @cached_property
    def runs(self) -> Runs:
        """The record of runs."""
        return Runs(self.layout.runs)

    @cached_property
    def versions(self) -> Versions:
        """The frozen training sets."""
        return Versions(self.layout.versions)

    @cached_property
    def segments(self) -> Segments:
        """Which rows of items and votes came when."""
        return Segments(self.layout.segments)

    @cached_property
    def sums(self) -> FileChecksums:
        """What the stored files held when a version was saved."""
        return FileChecksums(self.layout.root, self.layout.versions / "sums.jsonl")

    def seal(self) -> None:
        """Takes down what the stored files hold now, so that damage is noticed later."""
        layout = self.layout
        self.sums.seal([layout.items, layout.votes, layout.segments, layout.set_aside])

    @cached_property
    def desk(self) -> JournalDesk:
        """Where people's answers come in."""
        return JournalDesk(self.layout.desk / "answers.jsonl")

    @cached_property
    def rejects(self) -> Rejects:
        """The bad rows that were set aside."""
        return Rejects(self.layout.rejects)

    @cached_property
    def drawn(self) -> RandomDraws:
        """The random shares of the questions."""
        return RandomDraws(self.layout.drawn)

    @cached_property
    def forgiven(self) -> Forgiven:
        """Contested answers to test questions."""
        return Forgiven(self.layout.forgiven)

    @cached_property
    def set_aside(self) -> SetAside:
        """The items that have no part in labels, questions and training."""
        return SetAside(self.layout.set_aside)

    @cached_property
    def published(self) -> Published:
        """Which model predicts, and which were refused."""
        return Published(self.layout.published)

    @cached_property
    def arrivals(self) -> Arrivals:
        """What a watched folder brought."""
        return Arrivals(self.layout.arrivals)

    def set_aside_record(self) -> dict[str, str]:
        """What a run or version depends on if items are set aside; nothing if none are."""
        reasons = self.set_aside.reasons()
        return {"set_aside": digest(sorted(reasons.items()))} if reasons else {}

    def writing(self) -> AbstractContextManager[None]:
        """Holds the project for writing; another process gets a ProjectBusyError."""
        return writing(self.layout.root, wait_s=WAIT_FOR_WRITER_S)

    @property
    def round(self) -> int:
        """The number of the round that is going on, from 1: one more than versions frozen."""
        return len(self.versions.list()) + 1

    def text_field(self) -> str | None:
        """The field with the main text: as the settings say, else as the import said."""
        if self.settings.text is not None:
            return self.settings.text
        imported = self.runs.latest("import")
        return imported.settings.get("text") if imported else None

    def splits(self) -> NDArray[np.str_]:
        """The split of every item, shape (items,)."""
        parts = [np.asarray(batch.column(SPLIT), "U5") for batch in self.items.scan([SPLIT])]
        return np.concatenate([np.zeros(0, "U5"), *parts])

    def items_digest(self) -> str:
        """The name of all items by ids, contents and splits, in any order of arrival."""
        return items_name(item_words(self.items, self.cache))

    def plain_fields(self) -> list[str]:
        """Everything about an item but its image."""
        return [ID, SPLIT, *user_fields(self.items.schema())]

    def called(self) -> dict[str, str]:
        """What each of the user's fields is called wherever it stands beside what we say."""
        ours = (*COLUMNS, *probabilities(self.settings.task.classes))
        return beside(ours, user_fields(self.items.schema()))

    def content_fields(self) -> list[str]:
        """The user's fields but for those that are called like answers.

        People who are asked do not see these, and no end model reads them unless it is told to.
        """
        classes, text = self.settings.task.classes, self.text_field()
        fields = user_fields(self.items.schema())
        return [name for name in fields if name == text or not says_answers(name, classes)]

    def asked_fields(self) -> list[str]:
        """The fields that people see who are asked about an item.

        Raises:
            SettingsError: ``[desk] fields`` names one that the items lack.
        """
        chosen, known = self.settings.desk.fields, user_fields(self.items.schema())
        if chosen is None:
            return self.content_fields()
        for name in chosen:
            if known and name not in known:
                raise SettingsError(
                    f"{FILE_NAME}: desk.fields: the items have no field {shown(name)}"
                    + did_you_mean(name, known)
                )
        return [name for name in chosen if name in known]

    def content_sample(self, rows: int) -> pa.Table:
        """`sample` without the fields that are called like answers."""
        found = self.sample(rows)
        hidden = {*user_fields(found.schema)} - {*self.content_fields()}
        return found.drop_columns([*hidden])

    def sample(self, rows: int) -> pa.Table:
        """At most so many items, drawn from all over; the same ones every time."""
        count = self.items.count()
        chosen = np.random.default_rng(0).choice(count, min(rows, count), replace=False)
        return self.items.take(np.sort(chosen))

    def fields_for(self, wanted: Sequence[tuple[str, ...] | None]) -> list[str]:
        """The columns that these readers need together; None asks for all that an item has."""
        known = self.items.schema().names
        if any(fields is None for fields in wanted):
            absent = {HASH} if self.items.has_media() else {HASH, MEDIA, MEDIA_URI}
            return [name for name in known if name not in absent]
        return sorted({name for fields in wanted for name in fields or ()} & set(known))

    def in_force(self, numbers: NDArray[np.int32], sources: Sequence[Source]) -> Votes:
        """The votes in force of these source versions, told to be `sources`."""
        votes = in_force(self.log, numbers.tolist(), self.items.count(), self.cache)
        return replace(votes, sources=tuple(sources))

    def gold(self) -> Votes:
        """What gold says of every item; read once for a state of the log, which only grows."""
        stamp = (self.log.count(), self.items.count())
        known = self._gold.get(stamp)
        if known is None:
            everyone = self.log.sources()
            numbers = [n for n, source in enumerate(everyone) if source.kind is SourceKind.GOLD]
            known = self.in_force(np.array(numbers, np.int32), [everyone[n] for n in numbers])
            self._gold.clear()
            self._gold[stamp] = known
        return known

    @cached_property
    def _gold(self) -> dict[tuple[int, int], Votes]:
        """The votes of gold that were read last, by the state of the log."""
        return {}

    def rows_on(self, item: int) -> dict[int, dict[str, Any]]:
        """The last row of each source on the item, by the source's number."""
        columns = ["source", "state", "answer", "confidence", "reason"]
        batches = self.log.batches(columns, f"item = {item:d}", as_texts=True)
        return {row["source"]: row for batch in batches for row in batch.to_pylist()}

    def asked(self, numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which items each source version was asked about, shape (sources, items)."""
        return asked(self.log, numbers.tolist(), self.items.count())

    def tallies(self) -> tuple[SourceTally, ...]:
        """What became of each source version's questions, in the order of their numbers."""
        return tally(self.log, range(len(self.log.sources())), self.items.count())

    @contextmanager
    def timed(self, run: Run) -> Iterator[Callable[..., Run]]:
        """Gives a function that completes the run with its outputs, start and seconds."""
        started, since = clock.started(), perf_counter()

        def finished(**made: Any) -> Run:
            told = {"environment": {"labelwright": __version__}, **made}
            return replace(run, started=started, seconds=perf_counter() - since, **told)

        yield finished

    def done(self, id_: str) -> Run | None:
        """The run with this id whose outputs are still here; a posterior can be made again."""
        run = self.runs.find(id_)
        made = {} if run is None else {**run.outputs, "posterior": ""}
        there = all(not name or name in self.objects for name in made.values())
        return run if there else None

    def mark_used(self, run: Run) -> Run:
        """The run, on record as the latest of its step."""
        again = replace(run, started=clock.started())
        self.runs.record(again)
        return again


def open_workspace(folder: Path, desk_url: str | None = None) -> Workspace:
    """The project in this folder.

    Raises:
        ProjectError: there is none, or its data is damaged.
        ProjectVersionError: it was made by a newer release.
        SettingsError: `labelwright.toml` is wrong.
    """
    if not (folder / FILE_NAME).is_file():
        raise ProjectError(
            f"{folder} is no project: it holds no {FILE_NAME}; make one with: "
            f"labelwright init {folder} --classes spam,ham"
        )
    workspace = Workspace(folder, read_settings(folder / FILE_NAME), desk_url)
    workspace.layout.check()
    return workspace


def number_of(workspace: Workspace, item: str) -> int:
    """The number of the item with this id.

    Raises:
        UnknownNameError: there is none.
    """
    if not isinstance(item, str):
        raise UnknownNameError(
            f"there is no item {shown(item)}: an item is called by its id, which is text, such as "
            f"{shown(str(item))}"
        )
    (number,) = workspace.items.find([item])
    if number < 0:
        raise UnknownNameError(
            f"there is no item {shown(item)} in the project {workspace.settings.name!r}; "
            "item ids stand in the export and in your own data"
        )
    return int(number)
