"""Answers made of pieces: kept once, named by their content."""

import json
import random
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.test_pieces import pieces, written
from labelwright.core.errors import ProjectError, StorageError, VotesError
from labelwright.core.pieces import pieces_of, texts_of
from labelwright.core.runs import runs_of
from labelwright.core.source import Source, SourceKind
from labelwright.core.votes import VOTE_SCHEMA, VoteState
from labelwright.stores import LanceVotes, in_force, row_words, segment_name
from labelwright.stores.log.answers import AnswerTable, KeptBook, digests_of

QUICK = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CAR = '[{"label":"car","box":[1,2,30,40.5]}]'
DOGS = '[{"label":"dog","box":[0,0,1,1]},{"label":"dög","box":[5,5,6,6]}]'
SPAN = '[{"label":"name","start":3,"end":9}]'


def texts_array(*texts):
    return pa.array(texts, pa.string())


@pytest.fixture
def table(tmp_path):
    return AnswerTable(tmp_path / "answers.lance")


@pytest.fixture
def log(tmp_path):
    log = LanceVotes(tmp_path, has_pieces=True)
    log.register([Source("anna", SourceKind.PERSON), Source("ben", SourceKind.PERSON)])
    return log


def rows(*told):
    columns = ("item", "source", "answer", "id")
    made = [dict(zip(columns, one, strict=False)) for one in told]
    for row in made:
        voted = row["answer"] is not None
        row |= {"state": int(VoteState.VOTED if voted else VoteState.ABSTAINED), "round": 1}
    return pa.Table.from_pylist(made, schema=VOTE_SCHEMA)


@QUICK
@given(told=st.lists(st.lists(pieces(), max_size=3), min_size=1, max_size=6))
def test_every_text_comes_back(tmp_path_factory, told):
    table = AnswerTable(tmp_path_factory.mktemp("answers") / "answers.lance")
    texts = texts_array(*map(written, told))
    names = table.put(texts)
    assert table.texts(names).equals(texts)
    assert table.pieces(names).equals(pieces_of(texts))
    assert table.count() == len(set(texts.to_pylist()))
    table.check()


def test_an_answer_is_kept_once(table):
    first = table.put(texts_array(CAR, "[]", CAR))
    again = AnswerTable(table.path).put(texts_array("[]", SPAN, first[0].as_py()))
    assert table.count() == 3
    assert again[0] == first[1]
    assert table.texts(again).to_pylist() == ["[]", SPAN, CAR]


def test_a_name_is_the_digest_of_the_text_whoever_wrote_it(table, tmp_path):
    names = table.put(texts_array(CAR))
    assert names.equals(digests_of(texts_array(CAR)))
    assert AnswerTable(tmp_path / "other.lance").put(texts_array(CAR)).equals(names)


def test_texts_that_are_not_kept_are_names_of_themselves(table):
    table.put(texts_array(CAR))
    names = table.names(texts_array(CAR, SPAN))
    assert names.to_pylist() == [digests_of(texts_array(CAR))[0].as_py(), SPAN]
    assert table.texts(names).to_pylist() == [CAR, SPAN]
    found = table.pieces(names).select(["answer", "label"]).to_pylist()
    assert [(row["answer"], row["label"]) for row in found] == [(0, "car"), (1, "name")]


def test_a_book_is_read_by_number(table):
    names = table.put(texts_array(CAR, DOGS, "[]", SPAN)).to_pylist()
    book = KeptBook(names, table)
    assert len(book) == 4
    assert [*book] == [CAR, DOGS, "[]", SPAN] == [book[n] for n in range(4)]
    assert book.texts(np.array([3, 0, 3])).to_pylist() == [SPAN, CAR, SPAN]
    assert book.pieces(np.array([3, 1]))["answer"].to_pylist() == [3, 1, 1]
    assert [*book.names()] == names


@pytest.mark.parametrize(
    ("text", "message"),
    [("[1]", "no list of pieces"), ('[{"start":1, "end":2}]', "has to write"),
     ('[{"box":[1.0,2,3,4]}]', "has to write"), ("0" * 32, "does not have"), ("car", "no answer")],
)  # fmt: skip
def test_what_is_no_canonical_answer_is_refused(table, text, message):
    with pytest.raises(VotesError, match=message):
        table.put(texts_array(text))
    assert table.count() == 0


def test_an_answer_that_is_missing_is_told(table):
    with pytest.raises(StorageError, match="lacks the answer"):
        table.texts(texts_array("0" * 32))


def test_an_answer_that_was_exchanged_is_found(table, tmp_path):
    table.put(texts_array(CAR))
    other = AnswerTable(tmp_path / "other.lance")
    other._add(digests_of(texts_array(CAR)), texts_array(SPAN))
    with pytest.raises(StorageError, match="not the one that its name says"):
        other.check()
    table.check()


def test_megapixel_masks_rest_as_runs(table):
    """Neither as pixels nor as lists of numbers: little more on disk than the bytes of the runs."""
    y, x = np.ogrid[:1000, :1000]
    masks = [runs_of((x - n) ** 2 + (y - 500) ** 2 < 290**2) for n in range(300, 700, 10)]
    numbered = pa.array(np.arange(len(masks), dtype=np.int32))
    texts = texts_of(pa.table({"answer": numbered, "runs": pa.array(masks)}), len(masks))
    names = table.put(texts)
    assert table.texts(names).equals(texts)
    assert table.pieces(names)["runs"].to_pylist() == masks
    size = sum(file.stat().st_size for file in (table.path / "data").iterdir())
    runs = sum(map(len, masks))
    assert runs < 2_500 * len(masks)
    assert size < 1.1 * runs + 8_000


def test_the_log_names_answers_and_shows_texts(log):
    log.append(rows((0, 0, CAR), (0, 1, DOGS), (1, 0, None), (1, 1, CAR)))
    assert log.answers.count() == 2
    assert log.scan(columns=["answer"])["answer"].to_pylist() == [CAR, DOGS, None, CAR]
    named = [name for batch in log.batches(["answer"]) for name in batch.column(0).to_pylist()]
    digests = dict(zip([CAR, DOGS], digests_of(texts_array(CAR, DOGS)).to_pylist(), strict=True))
    assert named == [digests[CAR], digests[DOGS], None, digests[CAR]]
    (shown,) = log.batches(["answer"], "item = 0 and source = 1", as_texts=True)
    assert shown.column(0).to_pylist() == [DOGS]


def test_votes_in_force_hold_a_book(log):
    log.append(rows((0, 0, CAR), (0, 1, DOGS), (1, 0, SPAN), (1, 0, CAR)))
    votes = in_force(log, [0, 1], 2)
    assert {*votes.answers} == {CAR, DOGS}
    said = votes.answers.texts(votes.answer).to_pylist()
    assert [*zip(votes.item.tolist(), votes.source.tolist(), said, strict=True)] == [
        (0, 0, CAR), (0, 1, DOGS), (1, 0, CAR)]  # fmt: skip


def test_a_log_of_texts_is_read_as_it_is(log, tmp_path):
    """A kind that keeps pieces from some release on reads what was cast before."""
    LanceVotes(tmp_path).append(rows((0, 0, CAR), (1, 0, SPAN)))
    log.append(rows((2, 0, CAR), (3, 1, DOGS)))
    votes = in_force(log, [0, 1], 4)
    assert len(votes.answers) == 3
    assert votes.answers.texts(votes.answer).to_pylist() == [CAR, SPAN, CAR, DOGS]
    assert votes.answer[0] == votes.answer[2]


def test_rows_are_named_alike_however_their_answers_came(log, tmp_path):
    items, sources = np.arange(8, dtype=np.uint64).reshape(4, 2), np.ones((2, 2), np.uint64)
    table = rows((0, 0, CAR), (1, 1, None), (2, 0, DOGS), (3, 1, CAR))
    log.append(table)
    kept = segment_name(row_words(batch, items, sources) for batch in log.kept())
    named = log.named(log.take(np.arange(4)))
    assert kept == segment_name(row_words(one, items, sources) for one in named.to_batches())
    assert log.take(np.arange(4))["answer"].to_pylist() == [CAR, None, DOGS, CAR]


def test_a_copy_shares_answers_and_a_closed_one_takes_none(log, tmp_path):
    log.append(rows((0, 0, CAR), (1, 1, DOGS)))
    (tmp_path / "copy").mkdir()
    log.copy_first(1, tmp_path / "copy")
    copy = LanceVotes(tmp_path / "copy", has_pieces=True)
    copy.register(log.sources())
    assert copy.scan(columns=["answer"])["answer"].to_pylist() == [CAR]
    copy.close()
    with pytest.raises(ProjectError):
        copy.append(rows((2, 0, SPAN)))
    assert copy.answers.count() == 2


WRITER = """
import sys
from pathlib import Path
import lance
import pyarrow as pa
from labelwright.core.votes import VOTE_SCHEMA
from labelwright.stores import LanceVotes
log, n = LanceVotes(Path(sys.argv[1]), has_pieces=True), int(sys.argv[2])
print("ready", flush=True)
while True:
    told = [{"item": n * 50 + k, "source": 0, "state": 0, "round": 0, "id": f"{n}-{k}",
             "answer": '[{"label":"car","start":%d,"end":%d}]' % (n * 50 + k, k)}
            for k in range(50)]
    log.append(pa.Table.from_pylist(told, schema=VOTE_SCHEMA))
    print(n, flush=True)
    n += 1
"""


def test_after_a_kill_every_vote_has_its_answer(log, tmp_path):
    rng, kept = random.Random(5), 0
    for _ in range(4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(kept // 50)],
                                  stdout=subprocess.PIPE, text=True)  # fmt: skip
        said = [writer.stdout.readline() for _ in range(3)]
        time.sleep(rng.random() * 0.1)
        writer.kill()
        said += writer.communicate()[0].splitlines()
        opened = LanceVotes(tmp_path, has_pieces=True)
        found = opened.scan(columns=["item", "answer"]).to_pylist()
        assert all(json.loads(row["answer"])[0]["start"] == row["item"] for row in found)
        opened.answers.check()
        assert len(found) >= kept + 50 * (len(said) - 1)
        kept = len(found)
    assert log.answers.count() >= kept
