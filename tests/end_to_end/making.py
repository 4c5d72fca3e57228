"""Data and projects for whole stories, made by command line."""

import csv
import html
import json
import os
import random
import re
import subprocess
import sys

SPAMMY = ["free", "win", "cash", "prize", "claim", "winner"]
HAMMY = ["hello", "dinner", "tomorrow", "meeting", "lunch", "thanks"]
FILLER = ["the", "you", "with", "about", "from", "this", "some", "day", "week", "now"]

SOURCES = """
import labelwright as lw

@lw.source
def free(x):
    return "spam" if "free" in x.body else None

@lw.source
def cash(x):
    return "spam" if "cash" in x.body or "prize" in x.body else None

@lw.source
def greets(x):
    return "ham" if "hello" in x.body or "thanks" in x.body else None
"""
RULES = """
[[rules]]
name = "meets"
vote = "ham"
when = { field = "body", keywords = ["dinner", "lunch", "meeting"] }

[[rules]]
name = "wins"
vote = "spam"
when = { field = "body", keywords = ["win", "winner"], whole_word = true }
"""


def messages(count, seed=0):
    """Rows with a key, a body, the truth and a split; spam speaks of prizes, ham of dinner."""
    rng = random.Random(seed)
    made = []
    for number in range(count):
        spam = rng.random() < 0.4
        words = rng.sample(SPAMMY if spam else HAMMY, 2) + rng.sample(FILLER, 3)
        rng.shuffle(words)
        made.append(
            {
                "key": f"m{number}",
                "body": " ".join(words) + f" n{number}",
                "truth": "spam" if spam else "ham",
                "part": "test" if number % 4 == 0 else "train",
            }
        )
    return made


def write_csv(path, table, **how):
    with path.open("w", newline="", encoding=how.pop("encoding", "utf-8")) as file:
        writer = csv.DictWriter(file, list(table[0]), **how)
        writer.writeheader()
        writer.writerows(table)
    return path


def edit(folder, sources=SOURCES, rules=RULES):
    """What the owner writes into the project's two files."""
    (folder / "sources.py").write_text(sources, encoding="utf-8")
    settings = folder / "labelwright.toml"
    settings.write_text(settings.read_text("utf-8") + rules, encoding="utf-8")
    return folder


def make(lw, folder, count=120, *, gold="test", classes="spam,ham", sources=SOURCES, rules=RULES):
    """A project with messages; gold says the truth of the test split, of all, or of nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    table = messages(count)
    for row in table:
        if gold != "all" and row["part"] != gold:
            row["truth"] = ""
    data = write_csv(folder / "data.csv", table)
    project = folder / "reviews"
    ok(lw("init", project, "--task", "classification", "--classes", classes))
    options = ["--text", "body", "--id", "key", "--gold", "truth", "--split", "part"]
    ok(lw("import", project, data, *options))
    return edit(project, sources, rules)


def ok(done):
    assert done.code == 0, done.err
    return done


def told(done):
    """What a command with --json said."""
    return json.loads(ok(done).out, parse_constant=_no_constant)


def _no_constant(name):
    raise AssertionError(f"{name} is no JSON")


def wrong(done, *words):
    """The message of a user's error: exit code 2, no traceback, and these words in it."""
    assert done.code == 2, (done.code, done.out, done.err)
    assert "Traceback" not in done.err
    assert done.err.strip(), "an error without a word"
    for word in words:
        assert str(word) in done.err, (word, done.err)
    return done.err


def labelwright(*arguments, **how):
    """The command line in a process of its own."""
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, env=environment(), **how
    )


def start(*arguments, **how):
    """The same, without waiting for it."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | how
    return subprocess.Popen(command(*arguments), env=environment(), **streams)


def command(*arguments):
    return [sys.executable, "-m", "labelwright", *map(str, arguments)]


def environment(**more):
    return {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "120", **more}


def flat(text):
    """What a page or a terminal says in one line: no tags, no escapes, no broken lines."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\\", "")
    return re.sub(r"\s+", " ", re.sub(r"-\s*\n\s*", "-", plain))
