"""Small projects for tests."""

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
