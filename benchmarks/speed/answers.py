"""What many distinct answers cost: the same for each one, however many there are.

    python benchmarks/speed/answers.py [--distinct 10000 20000 40000 100000] [--boxes 1000000]

The first table takes logs in which every vote is an answer of its own, through each step that once
looked answers up in lists. The second leads boxes of five sources, an answer each, through a whole
project: from a file to a saved version. Seconds are processor time. Each row of the first table is
a process of its own, and so is the second table.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

SOURCES = 5
DISTINCT = (10_000, 20_000, 40_000, 100_000)
CLASSES = ("car", "bicycle", "person")
STEPS = ("to the log", "in force", "again from the log", "codes", "what changed", "name",
         "texts", "pieces")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--distinct", type=int, nargs="*", default=[10_000, 20_000, 40_000, 100_000]
    )
    parser.add_argument("--boxes", type=int, default=1_000_000, help="answers in the second table")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        kind, count = chosen.one[0], int(chosen.one[1])
        boxes(count) if kind == "project" else distinct(count, kind)
        return
    print(f"{'answers':>8} {'kept as':8}" + "".join(f"{step:>20}" for step in STEPS))
    rows = [run(kind, count) for kind in ("texts", "pieces") for count in chosen.distinct]
    record(
        "speed/answers_steps",
        title="Distinct answers, one a vote, kept as texts or as pieces: processor seconds",
        columns=["answers", "kept as", *STEPS],
        rows=rows,
        digits=2,
        measures=["src/labelwright/stores", "src/labelwright/core/answer_book.py"],
    )
    if chosen.boxes:
        print(f"\n{chosen.boxes:,} answers of one box each, {SOURCES} sources")
        record(
            "speed/answers_project",
            title="Answers of one box each, five sources, from a file to a version: processor "
            "seconds, and gigabytes held at most until then",
            columns=["", "seconds", "GB"],
            rows=run("project", chosen.boxes),
            digits={"seconds": 1, "GB": 2},
            measures=["src/labelwright/stores", "src/labelwright/tasks/boxes"],
            settings={"answers": chosen.boxes},
        )


def run(kind, count):
    """Prints what the process of this part prints; its last line is what it found."""
    command = [sys.executable, __file__, "--one", kind, str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = []
        for line in process.stdout:
            sys.stdout.write("".join(said))
            said = [line]
            sys.stdout.flush()
    if process.returncode:
        sys.exit(f"{command}: exit {process.returncode}")
    return json.loads(said[0])


def distinct(count, kind):
    """Every step on a log of so many answers, no two alike, of which the last tenth is new."""
    from labelwright.core.source import Source
    from labelwright.pipeline.label.incremental import changed_items
    from labelwright.pipeline.versions.vote_state import AnswerCodes
    from labelwright.stores import LanceVotes, in_force, votes_name

    spent = {}
    texts = box_texts(count) if kind == "pieces" else [f"class {n}" for n in range(count)]
    items = count // SOURCES
    rows = pa.table(
        {
            "item": np.repeat(np.arange(items), SOURCES),
            "source": np.tile(np.arange(SOURCES, dtype=np.int32), items),
            "state": np.zeros(count, np.int8),
            "answer": pa.array(texts, pa.string()),
            "round": np.zeros(count, np.int32),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        log = LanceVotes(Path(folder), has_pieces=kind == "pieces")
        log.register([Source(f"s{n}") for n in range(SOURCES)])
        with timed(spent, "to the log"):
            log.append(rows.slice(0, count - count // 10))
        before = in_force(log, range(SOURCES), items)
        with timed(spent, "to the log"):
            log.append(rows.slice(count - count // 10))
        with timed(spent, "in force"):
            votes = in_force(log, range(SOURCES), items)
        log = LanceVotes(Path(folder), has_pieces=kind == "pieces")
        with timed(spent, "again from the log"):
            votes = in_force(log, range(SOURCES), items)
        with timed(spent, "codes"):
            codes = AnswerCodes()
            codes.codes(before.answers)
            codes.codes(votes.answers)
        with timed(spent, "what changed"):
            changed = changed_items(before, votes)
        with timed(spent, "name"):
            votes_name(votes, np.ones((items, 2), np.uint64))
        numbers = np.arange(len(votes.answers))
        with timed(spent, "texts"):
            votes.answers.texts(numbers)
        if kind == "pieces":
            with timed(spent, "pieces"):
                votes.answers.pieces(numbers)
    assert len(votes.answers) == count
    assert changed.sum() == items // 10
    told = (f"{spent[step]:>18.2f} s" if step in spent else f"{'':>20}" for step in STEPS)
    print(f"{count:>8,} {kind:8}" + "".join(told), flush=True)
    print(json.dumps([f"{count:,}", kind, *(spent.get(step, "") for step in STEPS)]))


def boxes(count):
    """A project of boxes, command by command."""
    import labelwright as lw

    spent = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        items = count // SOURCES
        keys = [f"image-{number}" for number in range(items)]
        pq.write_table(pa.table({"key": keys, "text": keys}), folder / "items.parquet")
        votes = pa.table(
            {
                "item": np.repeat(keys, SOURCES),
                "worker": np.tile([f"worker {n}" for n in range(SOURCES)], items),
                "label": box_texts(count),
            }
        )
        pq.write_table(votes, folder / "votes.parquet")
        del votes
        project = lw.Project.create(folder / "p", lw.Task("boxes", CLASSES))
        project.import_items(folder / "items.parquet", id="key", text="text")
        steps = {
            "import the votes": lambda: project.import_votes(folder / "votes.parquet"),
            "label": project.label,
            "save a version": lambda: project.history.save("boxes"),
        }
        rows = []
        for step, does in steps.items():
            with timed(spent, step):
                does()
            rows.append([step, spent[step], peak()])
            print(f"{step:24} {spent[step]:6.1f} s, {peak():5.2f} GB at most so far", flush=True)
        print(f"{'together':24} {sum(spent.values()):6.1f} s")
        grown = sum(f.stat().st_size for f in (folder / "p").rglob("*") if f.is_file())
        print(f"{'on disk':24} {grown / count:6.0f} bytes an answer")
        print(json.dumps([*rows, ["together", sum(spent.values()), peak()]]))


def box_texts(count):
    """Boxes around one place an item, no two alike, of nine sources in ten the same class."""
    rng = np.random.default_rng(0)
    place = np.repeat(rng.integers(0, 3000, (count // SOURCES, 2)), SOURCES, axis=0)
    size = np.repeat(rng.integers(40, 400, (count // SOURCES, 2)), SOURCES, axis=0)
    jitter = rng.integers(-400, 400, (count, 4)) / 100
    corners = np.concatenate([place, place + size], axis=1) + jitter
    true = np.repeat(rng.integers(0, len(CLASSES), count // SOURCES), SOURCES)
    label = np.where(rng.random(count) < 0.9, true, rng.integers(0, len(CLASSES), count))
    # The last digits make every box another one.
    corners[:, 2] = np.floor(corners[:, 2]) + np.arange(count) % 100 / 100
    texts = [
        json.dumps([{"label": CLASSES[of], "box": box}], separators=(",", ":"))
        for of, box in zip(label.tolist(), corners.round(2).tolist(), strict=True)
    ]
    return [text.replace(".0,", ",").replace(".0]", "]") for text in texts]


@contextmanager
def timed(spent, step):
    started = time.process_time()
    yield
    spent[step] = spent.get(step, 0.0) + time.process_time() - started


def peak():
    """Gigabytes that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
