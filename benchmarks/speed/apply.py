"""Ten rules on short texts: rows a second of our rules, our functions, a plain loop, and Snorkel.

    python benchmarks/speed/apply.py [--rows 200000] [--stream 5000000] [--snorkel PYTHON]

`--snorkel` names the Python of an environment that has Snorkel (benchmarks/requirements.txt);
without it, this one is tried. The functions are the same, to the letter, for everybody.
"""

import argparse
import importlib.util
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record, versions

CLASSES = ("spam", "ham")
MEASURES = ["src/labelwright/sources", "src/labelwright/engines"]
FUNCTIONS = r"""
import re

PHONE = re.compile(r"\b\d{5,}\b")
MONEY = re.compile(r"(?i)[$£]\s?\d+|\bpounds?\b")
ADDRESS = re.compile(r"(?i)www\.|https?://")
SHOUT = re.compile(r"\b[A-Z]{4,}\b")
PRIZE = re.compile(r"(?i)\b(?:prize|award)(?:ed|s)?\b")

def has(x, *words):
    text = x.text.lower()
    return any(word in text for word in words)

def free(x): return 0 if has(x, "free") else -1
def win(x): return 0 if has(x, "winner", "you won") else -1
def call(x): return 0 if has(x, "call now", "claim") else -1
def love(x): return 1 if has(x, "love", "dear") else -1
def home(x): return 1 if has(x, "home", "lunch", "tonight") else -1
def phone(x): return 0 if PHONE.search(x.text) else -1
def money(x): return 0 if MONEY.search(x.text) else -1
def address(x): return 0 if ADDRESS.search(x.text) else -1
def shout(x): return 0 if SHOUT.search(x.text) else -1
def prize(x): return 0 if PRIZE.search(x.text) else -1

FUNCTIONS = [free, win, call, love, home, phone, money, address, shout, prize]
"""
# Ours abstain with None.
OURS = FUNCTIONS.replace("else -1", "else None") + (
    "\nimport labelwright.sources as lw\nfor f in FUNCTIONS:\n    lw.source(fields=['text'])(f)\n"
)
RULES = [
    ("free", 0, {"keywords": ["free"], "whole_word": False}),
    ("win", 0, {"keywords": ["winner", "you won"], "whole_word": False}),
    ("call", 0, {"keywords": ["call now", "claim"], "whole_word": False}),
    ("love", 1, {"keywords": ["love", "dear"], "whole_word": False}),
    ("home", 1, {"keywords": ["home", "lunch", "tonight"], "whole_word": False}),
    ("phone", 0, {"regex": r"\b\d{5,}\b"}),
    ("money", 0, {"regex": r"(?i)[$£]\s?\d+|\bpounds?\b"}),
    ("address", 0, {"regex": r"(?i)www\.|https?://"}),
    ("shout", 0, {"regex": r"\b[A-Z]{4,}\b"}),
    ("prize", 0, {"regex": r"(?i)\b(?:prize|award)(?:ed|s)?\b"}),
]


def texts(rows, seed=0):
    """Short made-up messages, 16 words each; one in fifty has a character outside ASCII."""
    rng = random.Random(seed)
    plain = ["".join(rng.choices("etaoinshrdlucmfwyp", k=rng.randint(2, 8))) for _ in range(2000)]
    # fmt: off
    telling = ["free", "WINNER", "you won", "call now", "love", "dear", "home", "lunch", "£5",
               "$20", "0800123456", "www.x.com", "prize", "AWARDED", "claim", "pounds", "café"]
    # fmt: on
    return [
        " ".join([*rng.choices(plain, k=15), rng.choice(telling if rng.random() < 0.4 else plain)])
        for _ in range(rows)
    ]


def batches(data, rows=32_768):
    import pyarrow as pa

    table = pa.table({"text": pa.array(data, pa.string())})
    return table.to_batches(max_chunksize=rows)


def task():
    from labelwright.core.task import Task

    return Task("classification", CLASSES)


def rule_team():
    from labelwright.sources import rule_voters

    specs = [{"name": name, "vote": vote, "when": when} for name, vote, when in RULES]
    return rule_voters(specs, task(), text="text")


def run(voters, given, processes=None):
    """Seconds, and how many votes each voter cast."""
    from labelwright.engines import LocalEngine

    start = time.perf_counter()
    counts = [0] * len(voters)
    for _, ballots in LocalEngine(processes).run(voters, given):
        for place, ballot in enumerate(ballots):
            assert not ballot.failures, ballot.failures
            counts[place] += len(ballot.answer) - ballot.answer.null_count
    return time.perf_counter() - start, counts


def function_team(folder):
    from labelwright.sources import function_voters

    (folder / "sources.py").write_text(OURS)
    return function_voters(folder / "sources.py", task())


def plain_loop(data):
    names = {}
    exec(FUNCTIONS, names)

    class Item:
        def __init__(self, text):
            self.text = text

    start = time.perf_counter()
    votes = [[function(item) for function in names["FUNCTIONS"]] for item in map(Item, data)]
    seconds = time.perf_counter() - start
    return seconds, [sum(row[place] >= 0 for row in votes) for place in range(10)]


SNORKEL = """
import json, sys, time
import pandas as pd
from snorkel.labeling import LabelingFunction, PandasLFApplier
path, code = sys.argv[1:]
names = {}
exec(code, names)
data = pd.DataFrame({"text": json.load(open(path))})
applier = PandasLFApplier([LabelingFunction(f.__name__, f) for f in names["FUNCTIONS"]])
start = time.perf_counter()
votes = applier.apply(data, progress_bar=False)
print(json.dumps([time.perf_counter() - start, (votes >= 0).sum(axis=0).tolist()]))
"""


def snorkel(python, data, folder):
    """Runs in a process of its own, which may be of another environment."""
    path = folder / "texts.json"
    path.write_text(json.dumps(data))
    done = subprocess.run(
        [python, "-W", "ignore", "-c", SNORKEL, str(path), FUNCTIONS],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


STREAM = """
import sys, time, resource
sys.path[:0] = [{place!r}]
import apply
data = apply.batches(apply.texts(200_000))
rows = sum(batch.num_rows for batch in data)
team = apply.rule_team()
seconds, _ = apply.run(team, (batch for _ in range({rows} // rows) for batch in data))
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def stream(rows):
    """Seconds and peak memory of the rules on a stream, in a process of its own."""
    script = STREAM.format(place=str(Path(__file__).parent), rows=rows)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return map(float, done.stdout.split())


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--peer-rows", type=int, default=20_000, help="rows for Snorkel")
    options.add_argument("--stream", type=int, default=5_000_000)
    options.add_argument("--snorkel", default="", metavar="PYTHON")
    chosen = options.parse_args()
    data = texts(chosen.rows)
    given = batches(data)
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer = chosen.snorkel or (sys.executable if importlib.util.find_spec("snorkel") else "")
        if peer:
            few = data[: chosen.peer_rows]
            results["Snorkel PandasLFApplier"] = (len(few), *snorkel(peer, few, folder))
        else:
            print("Snorkel is not installed; see benchmarks/requirements.txt or --snorkel")
        results["plain Python loop"] = (len(data), *plain_loop(data))
        functions = function_team(folder)
        for processes in (1, 2):
            seconds, counts = run(functions, given, processes)
            results[f"our functions, {processes} process{'es' * (processes > 1)}"] = (
                len(data), seconds, counts,
            )  # fmt: skip
        rules = rule_team()
        run(rules, given[:1])
        results["our rules"] = (len(data), *run(rules, given))
    report(results)
    keep(results, peer)
    if chosen.stream:
        seconds, memory = stream(chosen.stream)
        print(
            f"\nrules on a stream of {chosen.stream:,} rows: {seconds:.1f} s, "
            f"peak {memory / 2**30:.2f} GiB (goal < 2)"
        )
        record(
            "speed/apply_stream",
            title="Our rules on a stream of texts (goal: less than 2 GiB)",
            columns=["rows", "seconds", "peak GiB"],
            rows=[[f"{chosen.stream:,}", seconds, memory / 2**30]],
            digits={"seconds": 1, "peak GiB": 2},
            measures=MEASURES,
        )


def report(results):
    first = next(iter(results))
    base = results[first][0] / results[first][1]
    print(f"10 sources on short texts; ratios to: {first}\n")
    print(f"{'':28}{'rows':>9}{'seconds':>9}{'rows/s':>12}{'ratio':>9}")
    for name, (rows, seconds, _) in results.items():
        speed = rows / seconds
        print(f"{name:28}{rows:>9,}{seconds:>9.2f}{speed:>12,.0f}{speed / base:>9.1f}")
    most = max(rows for rows, _, _ in results.values())
    counts = {tuple(counts) for rows, _, counts in results.values() if rows == most}
    assert len(counts) == 1, f"they do not vote alike: {counts}"


def keep(results, peer):
    rate = {name: rows / seconds for name, (rows, seconds, _) in results.items()}
    base = next(iter(rate))
    record(
        "speed/apply",
        title=f"Ten functions or rules on short texts: rows a second, and how many times: {base}",
        columns=["", "rows a second", "ratio"],
        rows=[[name, each, each / rate[base]] for name, each in rate.items()],
        digits={"rows a second": 0, "ratio": 1},
        measures=MEASURES,
        settings={name: rows for name, (rows, _, _) in results.items()},
        peers=versions(peer, "snorkel") if peer else None,
    )


if __name__ == "__main__":
    main()
