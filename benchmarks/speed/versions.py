"""What a version costs when 1 % of the labels changed, beside DVC 3 and snapshots in Parquet.

    python benchmarks/speed/versions.py [--items 100000 | --full] [--files 2000] [--peers PYTHON]

`--full` is a million texts and 20,000 image files; `--peers` names an interpreter beside which the
program `dvc` is installed. Labels are the majority of eight rules; in every version a person whose
word counts contradicts 1 % of them. (The default label model would learn from that and move more
labels: see `--default-model`.) Seconds are wall time; megabytes are what the project's folder grew
by, without its cache.
"""

import argparse
import io
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import labelwright as lw
from labelwright.core.source import Source, SourceKind
from labelwright.pipeline.label.label import label
from labelwright.pipeline.versions.freeze import freeze
from labelwright.pipeline.workspace import parts
from labelwright.stores import AnswerColumn, put_column

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record, versions

WORDS = [
    *("free", "prize", "dinner", "tonight", "call", "win", "claim", "home", "hello", "cash"),
    *("phone", "meeting", "love", "urgent", "sorry", "thanks", "offer", "later", "mum", "bus"),
]
RULES = [("free", "spam"), ("prize", "spam"), ("win", "spam"), ("cash", "spam"),
         ("dinner", "ham"), ("home", "ham"), ("love", "ham"), ("mum", "ham")]  # fmt: skip
VERSIONS = 5
SHOWN = []


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--full", action="store_true", help="1,000,000 items and 20,000 files")
    parser.add_argument("--default-model", action="store_true", help="not majority vote")
    parser.add_argument("--peers", type=Path, help="an interpreter with dvc beside it")
    chosen = parser.parse_args()
    items, files = (1_000_000, 20_000) if chosen.full else (chosen.items, chosen.files)
    dvc = None if chosen.peers is None else chosen.peers.parent / "dvc"
    with tempfile.TemporaryDirectory() as folder:
        texts(Path(folder), items, dvc, majority=not chosen.default_model)
    with tempfile.TemporaryDirectory() as folder:
        images(Path(folder), files, dvc)
    record(
        "speed/versions",
        title="Versions, a person contradicting 1 % of the labels in each: wall seconds, and "
        "megabytes by which the project grew",
        columns=["", "seconds", "MB"],
        rows=SHOWN,
        digits=3,
        measures=["src/labelwright/stores/versions", "src/labelwright/pipeline/versions"],
        settings={"texts": items, "rules": len(RULES), "image files": files},
        peers=versions(chosen.peers, "dvc") if chosen.peers else None,
    )


def texts(folder, items, dvc, *, majority):
    print(f"{items:,} texts, {len(RULES)} rules, 1 % of the labels changed in each version")
    project = made(folder, items, majority=majority)
    workspace = project.workspace
    labels = label(workspace, parts.label_model(workspace))
    seconds, _ = timed(lambda: freeze(workspace, labels, None))
    row("first version", seconds, None)
    rng = np.random.default_rng(0)
    saves, works, grown, tables = [], [], [], [table_of(labels)]
    for number in range(VERSIONS):
        answer(project, rng, labels)
        labels = label(workspace, parts.label_model(workspace))
        base = workspace.versions.head().labels["column"]
        column = AnswerColumn.of(labels.answers.answer)
        # The work on labels alone, in a store of its own so that the save does it too.
        works.append(timed(lambda base=base, column=column: put_column(
            workspace.objects, column, base))[0])  # fmt: skip
        before = size(workspace.layout.root) - workspace.objects.size(
            put_column(workspace.objects, column, base)
        )
        seconds, _ = timed(
            lambda labels=labels, note=str(number): freeze(workspace, labels, None, note=note)
        )
        saves.append(seconds)
        grown.append(size(workspace.layout.root) - before)
        tables.append(table_of(labels))
    row("save, all of it", statistics.median(saves), statistics.median(grown))
    row("  of that, labels", statistics.median(works), None)
    head, parent = workspace.versions.head(), workspace.versions.head().parent
    row("checkout", timed(lambda: project.history.checkout(head.id, folder / "out"))[0], None)
    seconds, found = timed(lambda: project.history.diff(parent))
    row(f"diff ({found.labels_changed:,} labels, with reasons)", seconds, None)
    seconds, report = timed(project.history.verify)
    row(f"verify ({report.files} files)", seconds, None)
    seconds, report = timed(lambda: project.history.verify(recompute=True))
    row(f"verify --recompute ({len(report.damage)} damaged)", seconds, None)
    snapshots(folder, tables)
    if dvc is not None:
        dvc_tables(folder, tables, dvc)


def images(folder, count, dvc):
    from PIL import Image

    print(f"\n{count:,} image files")
    pictures = folder / "pictures"
    rng = np.random.default_rng(0)
    for number in range(count):
        place = pictures / "ab"[number % 2] / f"{number}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        pixels = rng.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).resize((48, 48)).save(content, "jpeg")
        place.write_bytes(content.getvalue())
    project = lw.init(folder / "p", classes=["a", "b"])
    seconds, _ = timed(lambda: project.import_items(pictures))
    row("import", seconds, size(project.workspace.layout.root))
    numbers = np.arange(count)
    (person,) = project.workspace.log.register([Source("anna", SourceKind.PERSON)])
    project.workspace.log.append(votes(numbers, int(person), np.array(["a", "b"])[numbers % 2]))
    seconds, _ = timed(lambda: project.history.save("first"))
    row("label and save", seconds, None)
    if dvc is not None:
        begin(folder / "d", dvc)
        subprocess.run(["cp", "-r", pictures, folder / "d" / "pictures"], check=True)
        seconds, _ = timed(lambda: run(folder / "d", dvc, "add", "-q", "pictures"))
        row("DVC: add", seconds, size(folder / "d" / ".dvc" / "cache"))


def made(folder, items, *, majority=True):
    rng = np.random.default_rng(1)
    words = np.array(WORDS)[rng.integers(0, len(WORDS), (items, 8))]
    text = [" ".join(line) for line in words.tolist()]
    keys = [f"key-{number}" for number in range(items)]
    pq.write_table(pa.table({"key": keys, "text": text}), folder / "data.parquet")
    project = lw.init(folder / "p", classes=["spam", "ham"])
    rules = "".join(
        f'\n[[rules]]\nname = "{word}"\nvote = "{name}"\n'
        f'when = {{ field = "text", keywords = ["{word}"] }}\n'
        for word, name in RULES
    )
    path = project.folder / "labelwright.toml"
    model = '\n[label_model]\nname = "majority_vote"\n' if majority else ""
    path.write_text(path.read_text() + rules + model)
    project = lw.open(project.folder)
    project.import_items(folder / "data.parquet", id="key", text="text", fields=("text",))
    project.vote()
    return project


def answer(project, rng, labels):
    """A person contradicts 1 % of the labels."""
    log = project.workspace.log
    (person,) = log.register([Source("anna", SourceKind.PERSON, accuracy=0.95)])
    standing = np.array(labels.answers.answer.to_pylist(), object)
    known = np.flatnonzero(standing != None)  # noqa: E711 - by element
    items = np.sort(rng.choice(known, len(standing) // 100, replace=False))
    other = np.where(standing[items] == "spam", "ham", "spam")
    log.append(votes(items, int(person), other))


def votes(items, source, answers):
    count = len(items)
    return pa.table({
        "item": items,
        "source": np.full(count, source, np.int32),
        "state": np.zeros(count, np.int8),
        "answer": pa.array(answers.tolist()),
        "round": np.zeros(count, np.int32),
    })  # fmt: skip


def table_of(labels):
    return pa.table({
        "label": labels.answers.answer.dictionary_encode(),
        "probability": labels.posterior.probability[:, 0],
    })  # fmt: skip


def snapshots(folder, tables):
    paths = [folder / f"snapshot {number}.parquet" for number in range(len(tables))]
    seconds = [
        timed(lambda t=table, p=path: pq.write_table(t, p, compression="zstd"))[0]
        for table, path in zip(tables, paths, strict=True)
    ]
    row("Parquet snapshot: save", statistics.median(seconds), paths[-1].stat().st_size)
    row("Parquet snapshot: read", timed(lambda: pq.read_table(paths[-1]))[0], None)


def dvc_tables(folder, tables, dvc):
    place = folder / "d"
    begin(place, dvc)
    seconds, grown = [], []
    for table in tables[:3]:
        pq.write_table(table, place / "labels.parquet", compression="zstd")
        before = size(place / ".dvc" / "cache")
        seconds.append(timed(lambda: run(place, dvc, "add", "-q", "labels.parquet"))[0])
        grown.append(size(place / ".dvc" / "cache") - before)
    row("DVC: add", statistics.median(seconds), statistics.median(grown))
    (place / "labels.parquet").unlink()
    row("DVC: checkout", timed(lambda: run(place, dvc, "checkout", "-q"))[0], None)


def begin(place, dvc):
    place.mkdir()
    run(place, dvc, "init", "-q", "--no-scm")
    run(place, dvc, "config", "core.analytics", "false")


def run(place, dvc, *arguments):
    subprocess.run([dvc.resolve().parent / dvc.name, *arguments], cwd=place, check=True)


def timed(work):
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def size(folder):
    return sum(
        file.stat().st_size
        for file in folder.rglob("*")
        if file.is_file() and "cache" not in file.relative_to(folder).parts[:1]
    )


def row(what, seconds, grown):
    room = "" if grown is None else f"{grown / 1e6:10.3f} MB"
    print(f"  {what:<45}{seconds:9.3f} s{room}", flush=True)
    SHOWN.append([what.strip(), seconds, None if grown is None else grown / 1e6])


if __name__ == "__main__":
    main()
