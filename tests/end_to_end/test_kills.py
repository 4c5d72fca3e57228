"""Real commands in real processes: killed at any moment, and two at once."""

import random
import signal
import time
from pathlib import Path

import pytest

import labelwright as lw_
from end_to_end.making import (
    SOURCES,
    edit,
    labelwright,
    messages,
    ok,
    start,
    told,
    write_csv,
    wrong,
)
from labelwright.pipeline.workspace import workspace

COUNT = 2_000
OPTIONS = ["--text", "body", "--id", "key", "--gold", "truth", "--split", "part"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("data") / "data.csv", messages(COUNT))


def steps(data):
    return {"import": [data, *OPTIONS], "vote": [], "round": []}


def fresh(folder):
    """A project with rules and functions, and nothing in it."""
    lw_.init(folder, classes=["spam", "ham"])
    return edit(folder)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, data):
    """What comes out when nobody is killed, and how long each step takes in a process."""
    project, seconds = fresh(tmp_path_factory.mktemp("undisturbed") / "p"), {}
    for command, rest in steps(data).items():
        began = time.monotonic()
        done = labelwright(command, project, *rest)
        assert done.returncode == 0, done.stderr
        seconds[command] = time.monotonic() - began
    return outcome(project), seconds


def outcome(project):
    """Everything that must come out the same."""
    opened = lw_.open(project)
    (version,) = opened.versions()
    ids = [row["_id"] for batch in opened.workspace.items.scan(["_id"])
           for row in batch.to_pylist()]  # fmt: skip
    return version.id, ids, opened.label().posterior.probability.tolist()


def kill(command, project, rest, delay_s):
    """Runs the command and kills it after so long; gives whether it was done before."""
    process = start(command, project, *rest, start_new_session=True)
    time.sleep(delay_s)
    done = process.poll() is not None
    # The process alone: its workers must notice for themselves.
    process.send_signal(signal.SIGKILL)
    out, err = process.communicate(timeout=30)
    assert not done or process.returncode == 0, err
    return done, out


def check(project, acknowledged):
    """The project opens and has what was acknowledged."""
    opened = lw_.open(project)
    status = opened.status()
    assert status.items >= acknowledged["items"]
    if status.items == 0:
        return
    assert status.rounds >= acknowledged["rounds"]
    assert sum(status.votes.values()) >= acknowledged["votes"]
    # Items come whole: every one has its content, and numbers without gaps.
    rows = [row for batch in opened.workspace.items.scan(["_number", "_id", "body"])
            for row in batch.to_pylist()]  # fmt: skip
    assert [row["_number"] for row in rows] == list(range(status.items))
    assert all(row["body"] for row in rows)


def kill_often(folder, data, undisturbed, times, seed):
    expected, seconds = undisturbed
    project, rng = fresh(folder / "p"), random.Random(seed)
    acknowledged = {"items": 0, "votes": 0, "rounds": 0}
    for command, rest in steps(data).items():
        for _ in range(times):
            # Python itself takes some tenths of a second to begin.
            done, _ = kill(command, project, rest, rng.uniform(0.3, 1) * seconds[command])
            if done:
                acknowledge(project, acknowledged)
            check(project, acknowledged)
        finished = labelwright(command, project, *rest)
        assert finished.returncode == 0, finished.stderr
        acknowledge(project, acknowledged)
    assert acknowledged["items"] == COUNT
    assert outcome(project) == expected


def acknowledge(project, acknowledged):
    status = lw_.open(project).status()
    acknowledged["items"] = status.items
    acknowledged["votes"] = sum(status.votes.values())
    acknowledged["rounds"] = status.rounds


def test_commands_that_are_killed_and_run_again_end_as_if_nothing_had_been(
    tmp_path, data, undisturbed
):
    kill_often(tmp_path, data, undisturbed, 1, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_commands_that_are_killed_many_times_end_as_if_nothing_had_been(
    tmp_path, data, undisturbed, seed
):
    kill_often(tmp_path, data, undisturbed, 12, seed=seed)


def test_an_answer_that_was_acknowledged_survives_a_killed_round(tmp_path, data):
    project = fresh(tmp_path / "p")
    opened = lw_.open(project)
    opened.import_items(data, text="body", id="key", split="part", sample=200)
    given = [question.item for question in opened.next(6)]
    for number, item in enumerate(given):
        opened.answer(item, "spam", person="anna")
        if number in (2, 5):
            kill("round", project, [], 0.6 + 0.1 * number)
    opened = lw_.open(project)
    opened.label()
    log = opened.workspace.log.scan().to_pylist()
    people = [n for n, source in enumerate(opened.known_sources()) if source.name == "anna"]
    said = [row for row in log if row["source"] in people]
    assert len(said) == 6
    numbers = opened.workspace.items.find(given).tolist()
    assert sorted(row["item"] for row in said) == sorted(numbers)


WAITING = (
    SOURCES
    + """
import time
from pathlib import Path

@lw.source
def waits(x):
    here = Path(__file__).parent
    (here / "began").touch()
    while not (here / "go").exists():
        time.sleep(0.02)
    return "ham"
"""
)


def until(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


@pytest.fixture
def voting(tmp_path, data):
    """A process in the middle of a vote."""
    project = fresh(tmp_path / "p")
    lw_.open(project).import_items(data, text="body", id="key", sample=20)
    (project / "sources.py").write_text(WAITING)
    with start("vote", project) as process:
        try:
            until((project / "began").exists)
            yield project, process
        finally:
            (project / "go").touch()
            process.communicate(timeout=120)


def test_a_second_writer_is_refused_by_name_and_readers_are_not(lw, voting, data, monkeypatch):
    project, process = voting
    monkeypatch.setattr(workspace, "WAIT_FOR_WRITER_S", 0.2)
    for command in (["vote", project], ["round", project], ["import", project, data, *OPTIONS]):
        wrong(lw(*command), f"process {process.pid}", "Wait until it is done")
    assert told(lw("status", project, "--json"))["items"] == 20
    ok(lw("version", "log", "-p", project))
    # A person may go on answering meanwhile.
    lw_.open(project).answer("m1" if known(project, "m1") else first(project), "spam")
    (project / "go").touch()
    assert process.wait(timeout=120) == 0
    assert told(lw("vote", project, "--json"))["sources"] == []
    assert told(lw("label", project, "--json"))["labelled"] == 20


def known(project, item):
    return lw_.open(project).workspace.items.find([item])[0] >= 0


def first(project):
    return lw_.open(project).workspace.items.take([0]).to_pylist()[0]["_id"]


def test_a_killed_writer_leaves_no_lock_and_no_worker_behind(lw, voting, monkeypatch):
    project, process = voting
    monkeypatch.setattr(workspace, "WAIT_FOR_WRITER_S", 5.0)
    workers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (project / "go").touch()
    assert told(lw("vote", project, "--json"))["sources"]
    until(lambda: not any(alive(worker) for worker in workers))


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_ctrl_c_ends_a_vote_with_130_and_the_next_one_completes_it(lw, voting):
    project, process = voting
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "what was finished is safe" in err
    assert "Traceback" not in err
    (project / "go").touch()
    ok(lw("vote", project))
    assert told(lw("label", project, "--json"))["labelled"] == 20


def test_two_imports_at_once_lose_nothing(tmp_path):
    project = fresh(tmp_path / "p")
    table = messages(400)
    paths = [
        write_csv(tmp_path / f"{n}.csv", part) for n, part in enumerate((table[:250], table[150:]))
    ]
    processes = [start("import", project, path, *OPTIONS) for path in paths]
    told_wrong = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told_wrong
    status = lw_.open(project).status()
    assert status.items == 400
    assert status.votes == {"gold": 400}
    assert not (project / ".labelwright" / "lock.json").exists()
