"""A labeling function on a port: it votes on batches, and what goes wrong is one item's failure."""

from __future__ import annotations

import functools
import io
import sys
import typing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from labelwright.core.errors import LabelwrightError, SourceError
from labelwright.core.items import RESERVED
from labelwright.core.ports import Ballot, OvertimeError
from labelwright.core.source import Source
from labelwright.core.task import Task
from labelwright.sources.answers import BallotBox, canonical_for, is_missing
from labelwright.sources.fingerprint import version_of
from labelwright.sources.function import LabelingFunction, as_labeling_function
from labelwright.sources.functions_file import importable, load_functions, place_in
from labelwright.sources.row import Row, rows

SHOWN_LINES = 5


@dataclass(frozen=True, eq=False)
class FunctionVoter:
    """A labeling function as a `Voter`.

    Attributes:
        function: what votes.
        task: what it may answer.
        source: who it is.
        path: the file that it was loaded from; None if it was made in a running session, in
            which case it can run there only.

    Example:
        >>> task = Task("classification", ("spam", "ham"))
        >>> voter = function_voter(lambda x: 0 if "free" in x.body else None, task, name="free")
        >>> batch = pa.RecordBatch.from_pylist([{"body": "free"}, {"body": "no"}])
        >>> voter.vote(batch).answer.to_pylist()
        ['spam', None]
    """

    function: LabelingFunction
    task: Task
    source: Source
    path: Path | None = None

    @property
    def fields(self) -> tuple[str, ...] | None:
        """The columns that the function says it reads."""
        return self.function.fields

    @property
    def isolated(self) -> bool:
        """Whether a worker can load it from its file."""
        return self.path is not None

    def vote(self, batch: pa.RecordBatch) -> Ballot:
        """Its votes; an item on which the function raises or answers nonsense is a failure."""
        box = BallotBox(batch.num_rows, self._canonical)
        folder = nullcontext() if self.path is None else importable(self.path.parent)
        with folder, _captured() as printed:
            if self.function.batch:
                self._vote_at_once(_narrowed(batch, self.fields), box)
            else:
                self._vote_by_row(batch, box)
        return box.ballot(printed.text())

    @functools.cached_property
    def _canonical(self) -> Callable[[Any], str]:
        return canonical_for(self.task)

    def _vote_by_row(self, batch: pa.RecordBatch, box: BallotBox) -> None:
        function, cast, place = self.function.function, box.cast, 0
        try:
            items = rows(_narrowed(batch, self.fields))
            if self.isolated:
                items = _SHELF.rows(batch, self.fields, items)
            for place, row in enumerate(items):
                try:
                    answer = function(row)
                    if answer is not None:
                        cast(place, answer)
                except (Exception, SystemExit) as error:  # noqa: BLE001 - its owner's code
                    box.fail(place, self._reason(error))
        except OvertimeError as error:
            box.fail(place, str(error))
            box.leave(place + 1)

    def _vote_at_once(self, batch: pa.RecordBatch, box: BallotBox) -> None:
        if not batch.num_rows:
            return
        try:
            answers = _call_on_batch(self.function.function, batch)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - its owner's code
            for place in range(batch.num_rows):
                box.fail(place, self._reason(error))
            return
        for place, answer in enumerate(answers):
            try:
                if not is_missing(answer):
                    box.cast(place, answer)
            except LabelwrightError as error:
                box.fail(place, self._reason(error))

    def _reason(self, error: BaseException) -> str:
        place = "" if self.path is None else f" ({place_in(self.path, error)})"
        if isinstance(error, EOFError) and "reading a line" in str(error):
            return f"EOFError: a source cannot ask for input(){place}"
        message = " ".join(str(error).split())
        name = type(error).__name__
        return f"{name}: {message}{place}" if message else f"{name}{place}"

    def __reduce__(self) -> Any:
        if self.path is None:
            raise SourceError(
                f"source {self.source.name!r} has no file, so no other process can run it"
            )
        return _reloaded, (self.path, self.task, self.source)


def function_voter(
    function: Callable[..., Any], task: Task, *, name: str | None = None, path: Path | None = None
) -> FunctionVoter:
    """The function, decorated or not, as a voter.

    Args:
        function: what votes.
        task: what it may answer.
        name: of the source, if not the function's own.
        path: the file that it was loaded from by `load_functions`.
    """
    decorated = as_labeling_function(function)
    source = Source(
        name or decorated.name,
        decorated.kind,
        version_of(decorated, path),
        decorated.cost_usd,
        decorated.seconds,
        decorated.accuracy,
        decorated.description,
    )
    return FunctionVoter(decorated, task, source, path)


def function_voters(path: Path, task: Task) -> list[FunctionVoter]:
    """A voter for every labeling function of the file, in order. Runs the file.

    Raises:
        SourceError: see :func:`load_functions`.
    """
    path = path.resolve()
    return [function_voter(function, task, path=path) for function in load_functions(path)]


def _narrowed(batch: pa.RecordBatch, fields: tuple[str, ...] | None) -> pa.RecordBatch:
    """The columns that a function declares: what it did not ask for is not there, anywhere."""
    if fields is None:
        return batch
    wanted = {*fields, *RESERVED}
    return batch.select([name for name in batch.schema.names if name in wanted])


class _Shelf:
    """The rows of the latest batch, so that ten functions of a file share them in their worker."""

    def __init__(self) -> None:
        self._batch: pa.RecordBatch | None = None
        self._rows: dict[tuple[str, ...] | None, list[Row]] = {}

    def rows(
        self, batch: pa.RecordBatch, fields: tuple[str, ...] | None, fresh: Iterator[Row]
    ) -> Iterator[Row]:
        """The rows kept for this very batch and these fields, else the fresh ones."""
        if self._batch is not batch:
            self._batch, self._rows = batch, {}
        if fields in self._rows:
            yield from self._rows[fields]
            return
        kept = []
        for row in fresh:
            kept.append(row)
            yield row
        self._rows[fields] = kept


_SHELF = _Shelf()


@functools.cache
def _loaded(path: Path, task: Task) -> dict[str, FunctionVoter]:
    return {voter.source.name: voter for voter in function_voters(path, task)}


def _reloaded(path: Path, task: Task, source: Source) -> FunctionVoter:
    """The same voter in another process, which loads the file once for all of its functions."""
    found = _loaded(path, task).get(source.name)
    if found is None or found.source.version != source.version:
        raise SourceError(f"{path.name} was edited while its sources ran; run them again")
    return found


def _call_on_batch(function: Callable[..., Any], batch: pa.RecordBatch) -> Sequence[Any]:
    """The answers that a batch-wise function gives, one for each item.

    Raises:
        SourceError: it gave another number of answers.
    """
    import polars as pl

    frame = None
    if _wants_arrow(function):
        answers = function(batch)
    else:
        frame = typing.cast("pl.DataFrame", pl.from_arrow(batch))
        answers = function(frame)
    if answers is None:
        return [None] * batch.num_rows
    if isinstance(answers, pl.Expr):
        frame = typing.cast("pl.DataFrame", pl.from_arrow(batch)) if frame is None else frame
        answers = frame.select(answers.alias("answer")).to_series()
    for convert in ("to_list", "to_pylist", "tolist"):
        if hasattr(answers, convert):
            answers = getattr(answers, convert)()
            break
    if isinstance(answers, str) or not hasattr(answers, "__len__"):
        raise SourceError(
            f"a batch-wise source returns a sequence of answers, got a {type(answers).__name__}"
        )
    if len(answers) != batch.num_rows:
        raise SourceError(f"got {len(answers)} answers for {batch.num_rows} items")
    return typing.cast("Sequence[Any]", answers)


@functools.lru_cache(maxsize=256)
def _wants_arrow(function: Callable[..., Any]) -> bool:
    """Whether the function's first argument is annotated as an Arrow batch or table."""
    notes = getattr(function, "__annotations__", {})
    first = next((note for name, note in notes.items() if name != "return"), None)
    name = first if isinstance(first, str) else getattr(first, "__name__", "")
    return name.rpartition(".")[2] == "RecordBatch"


class _Printed(io.TextIOBase):
    """Takes what is printed; keeps the first lines and counts the rest."""

    def __init__(self) -> None:
        self._start = ""
        self._lines = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._lines < SHOWN_LINES:
            self._start += text[: 200 * SHOWN_LINES]
        self._lines += text.count("\n")
        return len(text)

    def text(self) -> str:
        """The first lines, and how many there were."""
        lines = self._start.splitlines()[:SHOWN_LINES]
        more = self._lines - len(lines)
        return "\n".join([*lines, f"… and {more} lines more"] if more > 0 else lines)


@contextmanager
def _captured() -> Iterator[_Printed]:
    """Within it, code prints into the value given and finds nothing to read."""
    printed, stdin = _Printed(), sys.stdin
    sys.stdin = io.StringIO()
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            yield printed
    finally:
        sys.stdin = stdin
