"""Sixteen clients at once, the server killed in the middle: no double claim, no vote lost."""

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import time
import uuid

import pytest

from postgres_server import WHY_NOT, postgres_server, programs
from serving import OWN, make_project, open_office, person

CLIENTS = 16
ITEMS = 400


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/desk.sqlite"
        return
    if programs() is None:
        pytest.skip(WHY_NOT)
    with postgres_server() as url:
        yield f"{url}/desk"


class Server:
    """`labelwright serve` in a process of its own, started again at the same port when killed."""

    def __init__(self, folder, database):
        command = [sys.executable, "-m", "labelwright", "serve", str(folder), "--no-browser"]
        self.command = [*command, "--sign-in", "--database", database]
        self.port = 0
        self.start()

    def start(self):
        command = [*self.command, "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.port = int(line.split(" at http://127.0.0.1:")[1].split()[0])

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@pytest.mark.slow
def test_no_double_claim_and_no_lost_vote_though_the_server_is_killed(tmp_path, database):
    folder = tmp_path / "project"
    make_project(folder, count=ITEMS)
    office = open_office(folder, database=database, questions=ITEMS)
    tokens = [person(office, f"person {n}") for n in range(CLIENTS)]
    office.close()
    server = Server(folder, database)
    claimed, acknowledged, sent = [], set(), []
    try:
        asyncio.run(play(server, tokens, claimed, acknowledged, sent))
    finally:
        server.kill()

    # Nobody held what somebody else held or had answered: leases are longer than the test.
    by_item = {}
    for who, item in claimed:
        by_item.setdefault(item, set()).add(who)
    assert all(len(people) == 1 for people in by_item.values())
    assert len(claimed) == len(set(claimed))
    assert len(acknowledged) > 100
    office = open_office(folder, database=database, questions=0)
    # Some were taken into the log meanwhile, for suggestions to follow them; gold has other ids.
    logged = [
        id_
        for id_ in office.workspace.log.scan(columns=["id"])["id"].to_pylist()
        if id_ and "\0" not in id_
    ]
    waiting = [vote.id for vote in office.desk.drain()]
    office.close()
    assert len(logged) == len(set(logged))
    assert len(waiting) == len(set(waiting))
    assert acknowledged <= {*logged, *waiting} <= set(sent)


async def play(server, tokens, claimed, acknowledged, sent):
    """Everybody answers for some seconds; the server dies and comes back twice meanwhile."""
    until = time.monotonic() + 25
    people = [
        asyncio.create_task(answer(server, n, token, until, claimed, acknowledged, sent))
        for n, token in enumerate(tokens)
    ]
    for _ in range(2):
        await asyncio.sleep(4)
        server.kill()
        await asyncio.to_thread(server.start)
    await asyncio.gather(*people)


async def answer(server, n, token, until, claimed, acknowledged, sent):
    """One person: claims, votes, and sends again what was not acknowledged."""
    outbox = []
    for turn in itertools.count():
        if time.monotonic() > until:
            break
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        try:
            while time.monotonic() < until:
                if outbox:
                    body = await post(reader, writer, token, "/votes", {"votes": outbox})
                    assert {one["status"] for one in body["results"]} <= {"taken", "known"}
                    acknowledged.update(one["id"] for one in body["results"])
                    outbox = []
                    if (turn + len(sent)) % 11 == 0:
                        break  # the network is cut
                body = await post(reader, writer, token, "/queue/next", {"count": 1 + n % 3})
                for question in body["questions"]:
                    claimed.append((n, question["content"]["item"]))
                    vote = {"id": uuid.uuid4().hex, "item": claimed[-1][1], "answer": "spam"}
                    outbox.append(vote)
                    sent.append(vote["id"])
                if not body["questions"]:
                    await asyncio.sleep(0.2)
        except (OSError, EOFError, IndexError):
            await asyncio.sleep(0.05)
        finally:
            writer.close()


async def post(reader, writer, token, path, body):
    content = json.dumps(body).encode()
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(content)), **token, **OWN}
    lines = [f"POST /api/v1{path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
    writer.write("\r\n".join(lines).encode() + content)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    answer = json.loads(await reader.readexactly(length))
    if not head.startswith(b"HTTP/1.1 200"):
        # Stopping, or not quite up: as good as no network.
        assert answer["status"] in (500, 503), answer
        raise OSError(answer["detail"])
    return answer
