"""How long people wait for the next question and for their vote to be safe.

    python benchmarks/speed/server.py [--items 100000] [--people 16] [--postgres] [--full]

A project of so many texts is labelled by eight rules, `labelwright serve` runs in a process of its
own, and this process plays the people, each with a connection that stays open: `next` gives one
question, `vote` answers it. Two tables: *at work* (everybody answers twice a second, faster than
anybody reads) and *without a pause* (as fast as the server answers, which is its limit, not a
person's wait). On this machine the server and the people share the processors. Also shown: what
one fdatasync of the disk takes, because a vote is acknowledged after one (SQLite; a `next` is not).
With `--postgres` the same once more on a PostgreSQL of its own (Debian's programs), with
`--database` on that of the URL. Meanwhile the end model's last layer follows the answers (up to
200,000 items), unless `--refit 0`.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np
import pyarrow as pa

from labelwright.core.items import content_hashes
from labelwright.core.pool import Assignment
from labelwright.core.task import Task
from labelwright.pipeline.api.project import Project
from labelwright.pipeline.vote.open_desks import open_team_desk
from labelwright.stores import Role, SecretKind, SqlDesk

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

WORDS = ("free", "prize", "winner", "cash", "lunch", "meeting", "thanks", "report")
WARM_UP = 10


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--database", default=None)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--refit", type=int, default=10)
    parser.add_argument("--full", action="store_true", help="a million items")
    chosen = parser.parse_args()
    items = 1_000_000 if chosen.full else chosen.items
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "project"
        project = made(folder, items, chosen.database, refit=chosen.refit)
        databases = {"SQLite" if chosen.database is None else "--database": chosen.database}
        if chosen.postgres:
            sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
            from postgres_server import postgres_server

            databases["PostgreSQL"] = f"{stack.enter_context(postgres_server())}/desk"
        rows = [
            row
            for name, database in databases.items()
            for row in measure(name, project, database, chosen)
        ]
    record(
        "speed/server",
        title="People answer twice a second each (at work) or as fast as the server lets them: ms "
        "until the next question is there and until a vote is safe",
        columns=["", "", "", "p50", "p95", "p99", "a second"],
        rows=rows,
        digits={"": 1, "a second": 0},
        measures=["src/labelwright/server", "src/labelwright/stores/desk"],
        settings={"items": items, "people": chosen.people, "suggestions every": chosen.refit},
    )


def measure(name, project, database, chosen):
    """Prints both tables for a desk in this database, and returns their rows."""
    project = Project.open(project.folder, desk=database)
    tokens = people(project, chosen.people, project.workspace.items.count())
    print(
        f"\n{name}: {project.workspace.items.count():,} items, {chosen.people} people, fdatasync "
        f"{sync_ms(project.folder):.1f} ms, load {os.getloadavg()[0]:.1f}"
    )
    server, port = started(project.folder, database)
    rows = []
    try:
        print(f"{'':22}{'':8}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'a second':>10}")
        for way, pause in (("at work", 0.5), ("without a pause", 0.0)):
            found, seconds = asyncio.run(play(port, tokens, chosen.seconds, pause))
            for what, times in found.items():
                p50, p95, p99 = np.percentile(np.array(times) * 1e3, (50, 95, 99))
                rate = len(times) / seconds
                print(f"{way:22}{what:8}{p50:8.2f}{p95:8.2f}{p99:8.2f}{rate:10,.0f}")
                rows.append([name, way, what, p50, p95, p99, rate])
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    return rows


def made(folder, items, database, *, refit=10):
    """A project with texts and the votes of eight rules."""
    project = Project.create(folder, Task("classification", ("spam", "ham")))
    rules = "".join(
        f'\n[[rules]]\nname = "says {word}"\nvote = "{"spam" if place < 4 else "ham"}"\n'
        f'when = {{ field = "text", keywords = ["{word}"] }}\n'
        for place, word in enumerate(WORDS)
    )
    settings = folder / "labelwright.toml"
    desk = f"\n[desk]\nrefit_every = {refit}\n"
    settings.write_text(settings.read_text() + rules + desk)
    project = Project.open(folder, desk=database)
    rng = np.random.default_rng(0)

    def batches():
        for start in range(0, items, 50_000):
            size = min(50_000, items - start)
            chosen = rng.integers(0, 40, (size, 12))
            texts = [
                " ".join(WORDS[w] if w < len(WORDS) else f"word{w}" for w in row) for row in chosen
            ]
            batch = pa.record_batch({"_id": [f"t{start + i}" for i in range(size)], "text": texts})
            yield batch.append_column("_hash", content_hashes(batch.select(["text"])))

    project.workspace.items.append(batches())
    project.vote()
    project.label()
    return project


def people(project, count, items):
    """An API token for each, and questions enough on the desk."""
    desk: SqlDesk = open_team_desk(project.workspace)
    chosen = np.random.default_rng(1).choice(items, min(items, 50_000), replace=False)
    questions = [Assignment(int(item), "", 1.0, False, "", 0.0) for item in chosen]
    # Of a kind of their own: those that the server picks meanwhile replace only their like.
    desk.offer(questions, [f"t{item}" for item in chosen], ask="bench")
    desk.database.close()
    with project.accounts() as accounts:
        made = []
        for place in range(count):
            name = f"person {place}"
            account = accounts.by_name(name) or accounts.add(name, Role.LABELLER, time.time())
            made.append(accounts.make_secret(account.id, SecretKind.TOKEN, time.time())[1])
        return made


def sync_ms(folder):
    with (Path(folder) / "probe").open("wb") as file:
        began = time.perf_counter()
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) / 50 * 1e3


def started(folder, database):
    """The server in a process of its own, and its port."""
    command = [sys.executable, "-m", "labelwright", "serve", str(folder), "--port", "0"]
    command += ["--no-browser", "--sign-in", *(["--database", database] if database else [])]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = server.stdout.readline()
    return server, int(line.split(" at http://127.0.0.1:")[1].split()[0])


async def play(port, tokens, seconds, pause):
    found = {"next": [], "vote": []}
    began = time.perf_counter()
    until = began + seconds
    await asyncio.gather(
        *(
            person(port, token, until, pause, pause * place / len(tokens), found)
            for place, token in enumerate(tokens)
        )
    )
    return found, time.perf_counter() - began


async def person(port, token, until, pause, later, found):
    """Claims and answers until the time is over, over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(later)
    done = 0
    while time.perf_counter() < until:
        took, body = await ask(reader, writer, token, "/api/v1/queue/next", {"count": 1})
        item = body["questions"][0]["content"]["item"]
        if pause:
            await asyncio.sleep(pause)
        vote = {"id": uuid.uuid4().hex, "item": item, "answer": "spam", "seconds": pause}
        voted, body = await ask(reader, writer, token, "/api/v1/votes", {"votes": [vote]})
        assert body["results"][0]["status"] == "taken", body
        done += 1
        if done > (WARM_UP if not pause else 1):
            found["next"].append(took)
            found["vote"].append(voted)
    writer.close()


async def ask(reader, writer, token, path, body):
    """Sends one request; the seconds until the whole answer was there, and the answer."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    began = time.perf_counter()
    writer.write(head.encode() + content)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    got = await reader.readexactly(length)
    took = time.perf_counter() - began
    assert answer.startswith(b"HTTP/1.1 200"), (answer, got)
    return took, json.loads(got)


if __name__ == "__main__":
    main()
