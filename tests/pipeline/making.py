"""Small projects for tests."""

import json

import numpy as np

import labelwright as lw
from making_once import made_once

FUNCTIONS = """
import labelwright as lw
from making_once import made_once

@lw.source
def free(x):
    return "spam" if "free" in x.text else None

@lw.source
def win(x):
    return "spam" if "win" in x.text else None

@lw.source
def hello(x):
    return "ham" if "hello" in x.text else None

@lw.source
def long(x):
    return "ham" if len(x.text) > 30 else None
"""

RULES = """
[[rules]]
name = "meet"
vote = "ham"
when = { field = "text", keywords = ["meet", "dinner"] }
"""

WORDS = ["free", "win", "hello", "meet me for a very long evening", "dinner", "cash", "tomorrow"]


def rows(count, start=0):
    """Texts of two words each: spammy ones talk of free things, others of dinner."""
    made = []
    for number in range(start, start + count):
        words = [WORDS[number % len(WORDS)], WORDS[(number * 3 + 1) % len(WORDS)], f"n{number}"]
        text = " ".join(words)
        spam = any(word in ("free", "win", "cash") for word in words[:1])
        made.append({"key": f"m{number}", "text": text, "truth": "spam" if spam else "ham"})
    return made


def write_csv(path, table):
    import csv

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


BALANCE_KNOWN = "\n[label_model]\nclass_balance = [0.5, 0.5]\n"
"""Settings by which items without votes may have labels, and questions need not be random."""


def with_known_balance(project):
    """The project, its owner stating how frequent each class is."""
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + BALANCE_KNOWN)
    return lw.open(project.folder)


def make(folder, count=60, *, gold=False, split=None, functions=FUNCTIONS, rules=RULES):
    """A project with texts, four functions and a rule; nothing has voted yet."""
    project = lw.init(folder / "reviews", classes=["spam", "ham"])
    (project.folder / "sources.py").write_text(functions)
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + rules)
    project = lw.open(project.folder)
    if count:
        path = write_csv(folder / "data.csv", rows(count))
        fields = ("text",)
        project.import_items(
            path, id="key", text="text", gold="truth" if gold else None, split=split, fields=fields
        )
    return project


@made_once
def voted(folder, *how, **more):
    """The same, and everybody has voted."""
    project = make(folder, *how, **more)
    project.vote()
    return project


CLASSES = ["money", "food", "time"]
WORDS_OF = {
    "money": ["cash", "prize", "bank", "pay", "coins", "loan"],
    "food": ["dinner", "bread", "soup", "lunch", "cake", "rice"],
    "time": ["noon", "monday", "hour", "clock", "late", "week"],
}
SET_FUNCTIONS = """
import labelwright as lw

@lw.source
def money(x):
    return {"money": True} if any(w in x.text for w in ("cash", "prize", "bank")) else None

@lw.source
def no_money(x):
    return {"money": False} if any(w in x.text for w in ("quiet", "blue")) else None

@lw.source
def food(x):
    return {"food": any(w in x.text for w in ("dinner", "bread", "soup", "lunch"))}

@lw.source
def hours(x):
    return {"time": any(w in x.text for w in ("noon", "monday", "hour", "clock"))}

@lw.source
def everything(x):
    found = [n for n, ws in (("money", ("cash", "pay")), ("food", ("cake", "soup")),
                             ("time", ("late", "noon"))) if any(w in x.text for w in ws)]
    return found or None
"""


def rows_of_sets(count, start=0):
    """Texts with two words of every class that belongs to them, among words that say nothing."""
    made = []
    for number in range(start, start + count):
        rng = np.random.default_rng(number)
        names = [name for name in CLASSES if rng.random() < 0.4]
        words = [word for name in names for word in rng.choice(WORDS_OF[name], 2, replace=False)]
        words += [*rng.choice(["quiet", "blue", "walk", "tree"], 3), f"n{number}"]
        made.append(
            {
                "key": f"m{number}",
                "text": " ".join(rng.permutation(words)),
                "truth": json.dumps(names),
                "part": "test" if number % 4 == 0 else "train",
            }
        )
    return made


def make_sets(folder, count=200, *, toml="", gold=True, classes=CLASSES, functions=SET_FUNCTIONS):
    """A multilabel project whose functions have voted."""
    project = lw.init(folder / "sets", classes=classes, kind="multilabel")
    (project.folder / "sources.py").write_text(functions)
    settings = project.folder / "labelwright.toml"
    settings.write_text(settings.read_text() + toml)
    project = lw.open(project.folder)
    path = write_csv(folder / "sets.csv", rows_of_sets(count))
    gold_in = {"gold": "truth", "split": "part", "empty": "none"} if gold else {}
    project.import_items(path, id="key", text="text", fields=("text",), **gold_in)
    project.vote()
    return project
