"""Where votes rest: the append-only log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.answer_book import AnswerBook, TextBook
from labelwright.core.class_change import Meaning
from labelwright.core.errors import UnknownNameError, VotesError, shown
from labelwright.core.identity import digest
from labelwright.core.source import Source
from labelwright.core.votes import VOTE_SCHEMA
from labelwright.stores.disk.lance_table import LanceTable
from labelwright.stores.log.answers import AnswerTable, KeptBook, digests_of
from labelwright.stores.log.source_register import SourceRegister

# These texts repeat; coded, a row of a machine takes two bytes on disk and is read coded.
CODED = ("answer", "reason")
_MARKED = ("item", "source", "state", "answer", "time", "round", "id")
_CODED_TYPE = pa.dictionary(pa.int32(), pa.string())
_PHYSICAL = pa.schema(
    [field.with_type(_CODED_TYPE) if field.name in CODED else field for field in VOTE_SCHEMA]
)
# Each piece has its own dictionary, so an answer that never repeats is kept once, not per page.
_PIECE_ROWS = 262_144
_ANSWER_ROWS = 65_536


class LanceVotes:
    """The vote log in a Lance table; implements the port ``VoteLog``.

    Rows are only ever added. A row with an ``id`` that the log has already is left out, so that
    adding the votes of a desk twice is harmless.

    Rows stay in the class names in which they were cast, with the number of changes of classes
    that came before; whoever reads answers gets what they mean now.

    Answers made of pieces are kept apart, each once; a row names one by the digest of its text.

    Attributes:
        folder: holds the table and the list of sources; it must exist.
        schema: how many changes of classes there were; rows are added under this number. Without a
            meaning no answer is read otherwise than it was written.
        answers: where answers made of pieces rest; None where an answer is a short text.
    """

    def __init__(
        self,
        folder: Path,
        schema: int = 0,
        meaning: Meaning | None = None,
        *,
        has_pieces: bool = False,
    ) -> None:
        self.folder = folder
        self.schema = schema
        self.answers = AnswerTable(folder / "answers.lance") if has_pieces else None
        self._meaning = meaning
        self._table = LanceTable(folder / "log.lance")
        self._register = SourceRegister(folder / "sources.jsonl")

    def sources(self) -> tuple[Source, ...]:
        """Every source version that was ever registered; its number is its place."""
        return self._register.sources()

    def register(self, sources: Sequence[Source]) -> NDArray[np.int32]:
        """The numbers of these sources, shape (sources,); new ones are added.

        Name, kind and version make a source what it is; a new price or description does not
        give it a new number.
        """
        return self._register.register(sources)

    def count(self) -> int:
        """How many rows there are, in force or not."""
        return self._table.count()

    def append(self, votes: pa.Table, *, as_cast: bool = False) -> None:
        """Adds rows of `VOTE_SCHEMA` in one commit; nullable columns may lack.

        Args:
            votes: the rows.
            as_cast: whether they come from another log, where one without a number of changes of
                classes was cast before all of them; else it is cast now, after those there are.

        Raises:
            VotesError: a column lacks or does not fit, an unknown source, a negative item.
            StorageError: the disk is full or read-only; then none was added.
        """
        rows = self._unknown(_checked(votes, len(self.sources())))
        if not rows.num_rows:
            return
        if self.schema and not as_cast:
            place = rows.schema.get_field_index("schema")
            numbered = rows["schema"].fill_null(self.schema)
            rows = rows.set_column(place, VOTE_SCHEMA.field("schema"), numbered)
        if self.answers is not None:
            # Before the votes that name them: a kill in between leaves answers that no vote names.
            rows = _with_answers(rows, self.answers.put)
        self._table.create(_PHYSICAL)
        stored = self._table.schema()
        new = [field for field in _PHYSICAL if field.name not in stored.names]
        if new:
            self._table.add_columns(new)
        self._table.append(_PHYSICAL, map(_coded, rows.to_batches(max_chunksize=_PIECE_ROWS)))

    def names_of(self, answers: pa.StringArray) -> pa.StringArray:
        """What rows call these answers: texts, or the digests of those made of pieces."""
        return answers if self.answers is None else digests_of(answers)

    def named(self, rows: pa.Table) -> pa.Table:
        """The rows as the log keeps them: answers made of pieces by the digests of their texts."""
        return rows if self.answers is None else _with_answers(rows, digests_of)

    def book(self, names: Sequence[str]) -> AnswerBook:
        """The answers that the log calls so."""
        return TextBook(tuple(names)) if self.answers is None else KeptBook(names, self.answers)

    def scan(
        self, sources: Sequence[int] | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """The rows of these sources, in the order in which they were added, answers as texts.

        Args:
            sources: numbers; all by default.
            columns: of `VOTE_SCHEMA`; all by default.

        Raises:
            UnknownNameError: there is no such column.
        """
        names = VOTE_SCHEMA.names if columns is None else list(columns)
        where = None
        if sources is not None:
            # A condition on nothing is none that Lance can parse.
            where = f"source in ({','.join(str(int(number)) for number in sources)})"
            if not len(sources):
                where = "false"
        schema = pa.schema([VOTE_SCHEMA.field(name) for name in names if _known(name)])
        batches = [batch.cast(schema) for batch in self.batches(names, where, as_texts=True)]
        return pa.Table.from_batches(batches, schema)

    def batches(
        self,
        columns: Sequence[str],
        where: str | None = None,
        *,
        start: int = 0,
        as_texts: bool = False,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in pieces, in order, ``answer`` and ``reason`` coded by dictionaries.

        Columns that a log of an older release lacks are null.

        Args:
            columns: of `VOTE_SCHEMA`.
            where: a condition in SQL.
            start: how many rows to leave out from the beginning; not together with `where`.
            as_texts: whether answers made of pieces come as texts rather than by their names.
        """
        stored = self._table.schema().names
        wanted = list(columns)
        translate = self._meaning is not None and "answer" in wanted
        if translate and "schema" not in wanted:
            wanted.append("schema")
        there = [name for name in wanted if name in stored]
        for batch in self._table.scan(
            there or ["item"], start=start, where=where, batch_rows=_PIECE_ROWS
        ):
            answer = self._answer(batch, as_texts) if "answer" in there else None
            yield _filled(batch, columns, answer)

    def kept(self, start: int = 0) -> Iterator[pa.RecordBatch]:
        """The rows from a place on in pieces, with every column, as they were cast.

        In the class names of then, so that what names rows by their content gives the same name
        whatever became of classes since.
        """
        stored = self._table.schema().names
        there = [name for name in VOTE_SCHEMA.names if name in stored] or ["item"]
        for batch in self._table.scan(there, start=start, batch_rows=_PIECE_ROWS):
            answer = batch.column("answer")
            if self.answers is not None:
                names = digests_of(answer.dictionary)
                answer = pa.DictionaryArray.from_arrays(answer.indices, names)
            yield _filled(batch, VOTE_SCHEMA.names, answer)

    def mark(self, rows: int) -> str:
        """A digest of the row before place `rows`: as long as it stays, so did all before it.

        Empty if the log has not so many rows, or `rows` is 0.
        """
        if not 0 < rows <= self.count():
            return ""
        row = self._table.take(np.array([rows - 1]), [*_MARKED]).to_pylist()
        return digest([[str(one[name]) for name in _MARKED] for one in row])

    def take(self, places: NDArray[np.int64]) -> pa.Table:
        """The rows at these places, in this order, with the columns of `VOTE_SCHEMA`.

        Answers are texts, in the class names in which they were cast.
        """
        if not len(places):
            return VOTE_SCHEMA.empty_table()
        stored = self._table.schema().names
        found = self._table.take(places, [name for name in VOTE_SCHEMA.names if name in stored])
        arrays = [
            found[field.name].cast(field.type)
            if field.name in stored
            else pa.nulls(len(places), field.type)
            for field in VOTE_SCHEMA
        ]
        rows = pa.Table.from_arrays(arrays, schema=VOTE_SCHEMA)
        return rows if self.answers is None else _with_answers(rows, self.answers.texts)

    def check(self) -> None:
        """Returns if answers that are kept apart are what their names say.

        Raises:
            StorageError: one is not.
        """
        if self.answers is not None:
            self.answers.check()

    def copy_first(self, rows: int, folder: Path) -> None:
        """Makes a log of the first rows that shares this one's files; its sources it lacks."""
        self._table.copy_first(rows, folder / "log.lance")
        if self.answers is not None:
            self.answers.copy(folder / self.answers.path.name)

    def close(self) -> None:
        """Makes the log refuse new rows from now on."""
        self._table.close()
        if self.answers is not None:
            self.answers.close()

    def compact(self) -> bool:
        """Joins the files of many small appends, if there are many. The order stays."""
        if self.answers is not None:
            self.answers.compact()
        return self._table.compact()

    def _answer(self, batch: pa.RecordBatch, as_texts: bool) -> pa.DictionaryArray:
        """The answers of a batch, as they are to be read now."""
        answer = batch.column("answer")
        if self.answers is None:
            return self._as_now(batch, answer)
        if len(answer.dictionary) > len(answer):  # those of other rows are none of its business
            answer = answer.dictionary_decode().dictionary_encode()
        answer = self._as_now(batch, answer)
        how = self.answers.texts if as_texts else self.answers.names
        return pa.DictionaryArray.from_arrays(answer.indices, how(answer.dictionary))

    def _as_now(self, batch: pa.RecordBatch, answer: pa.DictionaryArray) -> pa.DictionaryArray:
        """The answers of a batch, translated where classes changed since."""
        if self._meaning is None:
            return answer
        number = np.zeros(batch.num_rows, np.int64)
        if "schema" in batch.schema.names:
            number = batch.column("schema").fill_null(0).to_numpy().astype(np.int64)
        _check_known(number, self.schema)
        if number.min(initial=self.schema) >= self.schema:
            return answer
        names = answer.dictionary
        texts = (names if self.answers is None else self.answers.texts(names)).to_pylist()
        code = answer.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
        means: dict[str, int] = {}
        said = np.full(len(number), -1, np.int32)
        for schema in np.unique(number).tolist():
            now = [self._meaning(text, schema) for text in texts]
            of = [-1 if text is None else means.setdefault(text, len(means)) for text in now]
            rows = number == schema
            said[rows] = np.array([*of, -1], np.int32)[code[rows]]
        return pa.DictionaryArray.from_arrays(
            pa.array(said, mask=said < 0), pa.array(list(means), pa.string())
        )

    def _unknown(self, votes: pa.Table) -> pa.Table:
        """The rows without those whose id the log has, or an earlier one of them has."""
        ids = votes["id"].combine_chunks()
        if ids.null_count == len(ids):
            return votes
        fresh = np.ones(len(ids), bool)
        given = np.flatnonzero(ids.is_valid().to_numpy(zero_copy_only=False))
        # pc.unique keeps the order of first appearance; index_in names the first place.
        texts = ids.take(pa.array(given))
        codes = texts.dictionary_encode().indices.to_numpy()
        fresh[given] = np.diff(np.maximum.accumulate(codes), prepend=-1) > 0
        for batch in self.batches(["id"], "id is not null"):
            known = pc.is_in(ids, value_set=batch.column(0), skip_nulls=True)
            fresh &= ~known.to_numpy(zero_copy_only=False)
        return votes if fresh.all() else votes.filter(pa.array(fresh))


def _filled(
    batch: pa.RecordBatch, columns: Sequence[str], answer: pa.Array | None
) -> pa.RecordBatch:
    """These columns of a batch, with null in those that a log of an older release lacks."""
    there = {name: batch.column(name) for name in batch.schema.names}
    if answer is not None:
        there["answer"] = answer
    schema = pa.schema([_PHYSICAL.field(name) for name in columns])
    arrays = [
        there[field.name] if field.name in there else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _with_answers(rows: pa.Table, how: Callable[[pa.StringArray], pa.StringArray]) -> pa.Table:
    """The rows with every answer as `how` has it, few at a time: texts may be long."""
    parts = []
    for batch in rows.to_batches(max_chunksize=_ANSWER_ROWS):
        answer = batch.column("answer").cast(pa.string()).dictionary_encode()
        parts.append(how(answer.dictionary).take(answer.indices))
    column = pa.chunked_array(parts, pa.string())
    return rows.set_column(rows.schema.get_field_index("answer"), "answer", column)


def _check_known(number: NDArray[np.int64], schema: int) -> None:
    if number.max(initial=0) > schema:
        raise VotesError(
            f"votes were cast after {number.max()} changes of classes, but labelwright.toml knows "
            f"of {schema}; take back the newer file (its [task] has schema = {number.max()})"
        )


def _known(column: str) -> bool:
    if column not in VOTE_SCHEMA.names:
        raise UnknownNameError(
            f"votes have no column {shown(column)}; they have {', '.join(VOTE_SCHEMA.names)}"
        )
    return True


def _checked(votes: pa.Table, sources: int) -> pa.Table:
    """The votes with exactly the columns of the schema."""
    arrays = []
    for field in VOTE_SCHEMA:
        if field.name in votes.column_names:
            column = votes[field.name]
        elif field.nullable:
            column = pa.nulls(votes.num_rows, field.type)
        else:
            raise VotesError(f"votes for the log need the column {field.name!r}")
        if column.null_count and not field.nullable:
            raise VotesError(f"the column {field.name!r} of votes must not be null")
        try:
            arrays.append(column.cast(field.type))
        except pa.ArrowException as error:
            raise VotesError(f"the column {field.name!r} of votes does not fit: {error}") from error
    for name, end in (("item", None), ("source", sources)):
        span = pc.min_max(votes[name]).as_py()
        if votes.num_rows and (span["min"] < 0 or (end is not None and span["max"] >= end)):
            wrong = span["min"] if span["min"] < 0 else span["max"]
            raise VotesError(
                f"votes refer to {name} number {wrong}, which does not exist; add items and "
                "register sources before their votes"
            )
    return pa.Table.from_arrays(arrays, schema=VOTE_SCHEMA)


def _coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    arrays = [
        batch.column(field.name).dictionary_encode()
        if field.name in CODED
        else batch.column(field.name)
        for field in _PHYSICAL
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=_PHYSICAL)
