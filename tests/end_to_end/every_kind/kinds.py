"""Four kinds of task as one project each: items, truth, people, functions and rules.

Two are ours and two are tiny ones that a package brings. What a test asks of one it asks of all;
what differs between kinds stands in `KINDS` and nowhere else.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labelwright.core.task import Task
from labelwright.pipeline.label.agreement import agrees
from labelwright.tasks import kind_of
from tasks.tiny_kinds import row_of

ITEMS = 60
HEADER = "import labelwright as lw\n\n"


@dataclass(frozen=True)
class Kind:
    """A kind of task with a small project for it.

    Attributes:
        name: of the kind.
        classes: of its task.
        draw: a true answer, and a text that tells it.
        wrong: an answer that nobody can take for this one.
        near: an answer that is right, though it may be written otherwise.
        functions: the project's ``sources.py``.
        rules: the names, votes and keywords of its rules.
        learns: whether an end model learns the kind.
    """

    name: str
    classes: tuple[str, ...]
    draw: Callable[[random.Random], tuple[Any, str]]
    wrong: Callable[[Any], Any]
    near: Callable[[Any], Any]
    functions: str
    rules: tuple[tuple[str, Any, str], ...]
    learns: bool = False

    def spelled(self, answer):
        """The answer as a file has it."""
        return answer if isinstance(answer, str) else json.dumps(answer)

    def same(self, one, other):
        """Whether two answers, read or spelled, are the same to the last digit."""
        return _plain(one) == _plain(other)

    def right(self, said, truth):
        """Whether a label, read or spelled, agrees with the truth as the kind judges it."""
        task = Task(self.name, self.classes)
        said, truth = (kind_of(task).canonical(answer, task) for answer in (said, truth))
        return agrees(said, truth, task)

    def items(self):
        """Every item with its truth, a test item in four."""
        rng = random.Random(self.name)
        rows = []
        for number in range(ITEMS):
            truth, text = self.draw(rng)
            part = "test" if number % 4 == 0 else "train"
            rows.append(
                {"key": f"k{number}", "text": f"{text} n{number}", "part": part, "truth": truth}
            )
        return rows

    def truth(self, item):
        """What is true of the item with this id."""
        return self.items()[int(item.removeprefix("k"))]["truth"]


def _plain(answer):
    """The answer as tuples of a fixed order, whether it was text or not."""
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            return answer
    return sorted(row_of(one) if isinstance(one, list | tuple | dict) else one for one in answer)


def _message(rng):
    spam = rng.random() < 0.5
    words = rng.sample(["free", "prize", "cash"] if spam else ["hello", "lunch", "thanks"], 2)
    return "spam" if spam else "ham", " ".join(["you", *words, "today"])


MARKS = {"news": "report", "sport": "match", "money": "bank"}


def _topics(rng):
    topics = [name for name in MARKS if rng.random() < 0.5]
    return topics, " ".join(["this", *(MARKS[name] for name in topics), "piece"])


def _scene(rng):
    """Boxes of twenty pixels in cells of forty, so that only the same ones overlap."""
    cells = rng.sample(range(9), rng.randrange(4))
    boxes = [(rng.choice(["car", "dog"]), c % 3 * 40, c // 3 * 40) for c in sorted(cells)]
    truth = [[name, x, y, x + 20, y + 20] for name, x, y in boxes]
    said = [f"{name} at {x} {y}" for name, x, y in boxes]
    return truth, ", ".join(["scene", *said] if said else ["scene", "empty"])


def _moved(boxes):
    return [[name, x0 + 1, y0, x1 + 1, y1] for name, x0, y0, x1, y1 in boxes]


def _elsewhere(boxes):
    return [["dog", 400, 400, 420, 420]]


NAMES, PLACES = ["Ann", "Bob", "Cem"], ["Rome", "Oslo"]


def _sentence(rng):
    who, where = rng.random() < 0.7, rng.random() < 0.7
    words = [rng.choice(NAMES) if who else "nobody", "went", rng.choice(PLACES) if where else "off"]
    spans = [["person", 0, 1]] * who + [["place", 2, 3]] * where
    return spans, " ".join(words)


def _same(answer):
    return answer


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "classification", ("spam", "ham"), _message,
            wrong=lambda answer: "ham" if answer == "spam" else "spam",
            near=_same,
            functions="""
@lw.source
def free(x):
    return "spam" if "free" in x.text or "cash" in x.text else None

@lw.source
def hello(x):
    return "ham" if "hello" in x.text or "thanks" in x.text else None
""",
            rules=(("prizes", "spam", "prize"), ("lunches", "ham", "lunch")),
            learns=True,
        ),
        Kind(
            "multilabel", tuple(MARKS), _topics,
            wrong=lambda answer: [name for name in MARKS if name not in answer],
            near=lambda answer: answer[::-1],
            functions="""
@lw.source
def marks(x):
    found = [("news", "report"), ("sport", "match"), ("money", "bank")]
    return [name for name, word in found if word in x.text]

@lw.source
def sports(x):
    return {"sport": "match" in x.text}
""",
            rules=(("none", [], "this piece"), ("rich", ["news", "money"], "report bank")),
            learns=True,
        ),
        Kind(
            "tiny boxes", ("car", "dog"), _scene,
            wrong=_elsewhere,
            near=_moved,
            functions="""
import re

@lw.source
def draws(x):
    found = re.findall(r"(car|dog) at ([0-9]+) ([0-9]+)", x.text)
    return [(name, int(a), int(b), int(a) + 20, int(b) + 20) for name, a, b in found]

@lw.source
def cars(x):
    found = re.findall(r"car at ([0-9]+) ([0-9]+)", x.text)
    return [("car", int(a), int(b) + 1, int(a) + 20, int(b) + 21) for a, b in found] or None
""",
            rules=(("bare", [], "empty"),),
        ),
        Kind(
            "tiny spans", ("person", "place"), _sentence,
            wrong=lambda answer: [["place", 0, 2]],
            near=lambda answer: answer[::-1],
            functions="""
@lw.source
def capitals(x):
    first, _, third, *_ = x.text.split()
    found = [("person", 0, 1)] if first[0].isupper() else []
    return found + ([("place", 2, 3)] if third[0].isupper() else [])

@lw.source
def people(x):
    return [("person", 0, 1)] if x.text.split()[0] in ("Ann", "Bob") else None
""",
            rules=(("stays", [], "nobody went off"),),
        ),
    )
}  # fmt: skip
BROUGHT = {
    "tiny boxes": "tasks.tiny_kinds:TinyBoxes",
    "tiny spans": "tasks.tiny_kinds:TinySpans",
}
"""As a package's entry points name them."""
PERFECT, ERRING = "ada", "cem"


def votes_of_people(kind):
    """Ada is always right, Bea nearly always, Cem once in two; an item in five has no answer."""
    rows = []
    for number, row in enumerate(kind.items()):
        truth = row["truth"]
        if number % 5 == 4:
            continue
        said = {PERFECT: kind.near(truth) if number % 3 != 2 else None}
        said["bea"] = None if number % 3 else truth if number % 12 else kind.wrong(truth)
        said[ERRING] = kind.wrong(truth) if number % 4 < 2 else truth
        rows += [
            {"item": row["key"], "source": name, "label": kind.spelled(answer)}
            for name, answer in said.items()
            if answer is not None
        ]
    return rows


def write_items(kind, path, *, gold, rows=None):
    """The items as a file; gold tells the truth of the test items and of every second other."""
    lines = []
    for number, row in enumerate(kind.items() if rows is None else rows):
        told = {name: row[name] for name in ("key", "text", "part")}
        if gold:
            known = row["part"] == "test" or number % 2
            told["truth"] = kind.spelled(row["truth"]) if known else None
        lines.append(json.dumps(told) + "\n")
    path.write_text("".join(lines), "utf-8")
    return path


def owner_writes(kind, folder):
    """What the owner writes into the project's two files."""
    (folder / "sources.py").write_text(HEADER + kind.functions, "utf-8")
    settings = folder / "labelwright.toml"
    text = settings.read_text("utf-8") + "\n[crowd]\nquiz = 3\n\n[desk]\nrefit_every = 0\n"
    for name, vote, words in kind.rules:
        text += f'\n[[rules]]\nname = "{name}"\nvote = {json.dumps(vote)}\n'
        text += f'when = {{ field = "text", keywords = ["{words}"] }}\n'
    settings.write_text(text, "utf-8")
