"""Speed and size of the stores, side by side with plain Parquet files.

python benchmarks/speed/stores.py [items] [sources]

Every row is one process's figure; `lance` imports are counted where they happen.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from labelwright.core.items import MEDIA
from labelwright.core.source import Source
from labelwright.core.votes import VOTE_SCHEMA
from labelwright.stores import LanceItems, LanceVotes, Objects, asked, in_force, tally

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

BATCH = 32_768
SHOWN: list[list[object]] = []


def texts(count: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, count, BATCH):
        span = range(start, min(start + BATCH, count))
        yield pa.record_batch(
            {
                "_id": [f"key-{i}" for i in span],
                "_hash": [f"{i * 0x9E3779B97F4A7C15 % (1 << 128):032x}" for i in span],
                "text": [f"review {i} of a product that somebody bought " * 2 for i in span],
                "stars": [i % 5 for i in span],
            }
        )


def images(count: int) -> Iterator[pa.RecordBatch]:
    rng = np.random.default_rng(0)
    for start in range(0, count, 512):
        span = range(start, min(start + 512, count))
        media = [rng.bytes(2_500) for _ in span]
        yield pa.record_batch(
            {
                "_id": [f"img-{i}" for i in span],
                "_hash": [f"h{i}" for i in span],
                MEDIA: pa.array(media, pa.large_binary()),
            }
        )


def machine_votes(items: range, sources: int, seed: int) -> pa.Table:
    """Every source's row on every item, three in ten of them an answer."""
    rng = np.random.default_rng(seed)
    rows = len(items) * sources
    voted = rng.random(rows) < 0.3
    codes = pa.array(rng.integers(0, 2, rows).astype(np.int32), mask=~voted)
    moment = pa.scalar(1_800_000_000_000, VOTE_SCHEMA.field("time").type)
    given = {
        "item": np.repeat(np.arange(items.start, items.stop), sources),
        "source": np.tile(np.arange(sources, dtype=np.int32), len(items)),
        "state": (~voted).astype(np.int8),
        "answer": pa.DictionaryArray.from_arrays(codes, pa.array(["ham", "spam"])).cast("string"),
        "time": pa.repeat(moment, rows),
        "round": np.zeros(rows, np.int32),
    }
    arrays = [given.get(field.name, pa.nulls(rows, field.type)) for field in VOTE_SCHEMA]
    return pa.Table.from_arrays([pa.array(column) for column in arrays], schema=VOTE_SCHEMA)


def size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def timed(what: str, work: Callable[[], object], note: Callable[[], str] = str) -> object:
    start = time.perf_counter()
    result = work()
    seconds, noted = time.perf_counter() - start, note()
    print(f"{what:<58} {seconds:9.3f} s  {noted}", flush=True)
    SHOWN.append([what.strip(), seconds, noted])
    return result


def peak() -> str:
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"


def items_part(folder: Path, count: int) -> None:
    batches = list(texts(min(count, 1_000_000)))
    path = folder / "items.lance"
    store = LanceItems(path)
    timed("import lance, open an empty store", store.count)
    timed(f"append {count:,} texts", lambda: store.append(batches), peak)
    timed("  peer: the same rows to one Parquet file (zstd)", lambda: parquet(batches, folder))
    both = f"{size(path) / 1e6:.0f} / {size(folder / 'p') / 1e6:.0f} MB"
    print(f"{'  size: Lance / Parquet':<58} {both}")
    timed("append them again (nothing new)", lambda: LanceItems(path).append(batches), peak)
    timed("open and count", lambda: LanceItems(path).count())
    rng = np.random.default_rng(1)
    some = rng.integers(0, count, 1_000)
    fresh = LanceItems(path)
    timed("take 1,000 random rows, first", lambda: fresh.take(some))
    timed("take 1,000 random rows, again", lambda: fresh.take(rng.integers(0, count, 1_000)))
    timed("take one row", lambda: fresh.take(some[:1]))
    timed("find one id", lambda: fresh.find([f"key-{count - 1}"]))
    timed("find 10,000 ids", lambda: fresh.find([f"key-{i * 7}" for i in range(10_000)]))
    timed("scan one field", lambda: sum(len(batch) for batch in fresh.scan(["text"])), peak)


def parquet(batches: list[pa.RecordBatch], folder: Path) -> None:
    pq.write_table(pa.Table.from_batches(batches), folder / "p", compression="zstd")


def media_part(folder: Path) -> None:
    store = LanceItems(folder / "images.lance")
    batches = list(images(20_000))
    timed("append 20,000 images of 2.5 kB", lambda: store.append(batches))
    timed("scan their ids (media untouched)", lambda: sum(len(b) for b in store.scan(["_id"])))
    some = np.random.default_rng(1).integers(0, 20_000, 1_000)
    timed("take 1,000 random images", lambda: store.take(some, [MEDIA]))


def votes_part(folder: Path, items: int, sources: int) -> None:
    home = folder / "votes"
    home.mkdir()
    log = LanceVotes(home)
    log.register([Source(f"source {i}") for i in range(sources)])
    step = max(1_000_000 // sources, 1)
    pieces = [
        machine_votes(range(start, min(start + step, items)), sources, start)
        for start in range(0, items, step)
    ]
    rows = items * sources
    start = time.perf_counter()
    timed(f"append {rows:,} votes, 1M a commit", lambda: [log.append(piece) for piece in pieces])
    pace = f"{rows / (time.perf_counter() - start):,.0f} {size(home) / rows:.2f}"
    print(f"{'  rows/s, bytes/row':<58} {pace}")
    whole = pa.concat_tables(pieces)
    timed("  peer: Parquet (zstd)", lambda: pq.write_table(whole, folder / "v", compression="zstd"))
    print(f"{'  peer: bytes/row':<58} {size(folder / 'v') / rows:.2f}")
    columns = ["item", "source", "state", "answer"]
    everyone = range(sources)
    timed("scan four columns, coded", lambda: sum(len(b) for b in log.batches(columns)), peak)
    timed("  peer: Parquet", lambda: pq.read_table(folder / "v", columns=columns))
    timed("in_force", lambda: in_force(log, everyone, items), peak)
    timed("asked", lambda: asked(log, everyone, items).all())
    timed("tally", lambda: tally(log, everyone, items))
    nothing_new = f"""
from pathlib import Path
from labelwright.stores import LanceItems, LanceVotes, asked
LanceItems(Path({str(folder / "items.lance")!r})).count()
assert asked(LanceVotes(Path({str(home)!r})), range({sources}), {items}).all()
"""
    again = [sys.executable, "-c", nothing_new]
    timed("a new process that finds nothing to do", lambda: subprocess.run(again, check=True))
    small = machine_votes(range(1), 1, 0)
    timed("100 appends of one vote", lambda: [log.append(small) for _ in range(100)])
    timed("compact", log.compact)


def objects_part(folder: Path, items: int) -> None:
    home = folder / "objects"
    home.mkdir()
    posterior = pa.table({"0": np.random.default_rng(0).random(items), "1": np.zeros(items)})
    name = timed("put a posterior", lambda: Objects(home).put_table(posterior))
    timed("get it, verified", lambda: Objects(home).get_table(name))
    timed("get it, mapped only", lambda: Objects(home).get_table(name, verify=False))


def main() -> None:
    given = [int(text) for text in sys.argv[1:]]
    items, sources = [*given, *(1_000_000, 10)[len(given) :]]
    with tempfile.TemporaryDirectory() as name:
        items_part(Path(name), items)
        media_part(Path(name))
        votes_part(Path(name), items, sources)
        objects_part(Path(name), items)
    record(
        "speed/stores",
        title="The stores, beside plain Parquet files (peer): wall seconds, one after the other in "
        "one process",
        columns=["", "seconds", "memory"],
        rows=SHOWN,
        digits=3,
        measures=["src/labelwright/stores"],
        settings={"items": items, "sources": sources},
    )


if __name__ == "__main__":
    main()
