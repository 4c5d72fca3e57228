"""People and rules vote in one project; the label model weighs them all."""

import csv
import tempfile
from pathlib import Path

import labelwright as lw

RULES = """
[[rules]]
name = "prize"
vote = "spam"
when = { field = "text", keywords = ["prize", "claim", "winner"] }

[[rules]]
name = "dinner"
vote = "ham"
when = { field = "text", keywords = ["dinner", "home"] }
"""
SPAM = ["claim your prize {}", "you are a winner {}", "free phone number {}"]
HAM = ["dinner at {}?", "home at {}", "call me at {}"]


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def main():
    folder = Path(tempfile.mkdtemp())
    texts = [(f"m{n}", (SPAM if n % 2 else HAM)[n % 3].format(n)) for n in range(60)]
    project = lw.init(folder / "messages", classes=["spam", "ham"])
    with (project.folder / "labelwright.toml").open("a") as settings:
        settings.write(RULES)
    project = lw.open(project.folder)
    project.import_items(write(folder / "items.csv", ["id", "text"], texts), id="id", text="text")

    # Anna and Ben are right; Cem says spam to everything.
    people = {"anna": range(40), "ben": range(20, 60), "cem": range(60)}
    votes = [
        (f"m{n}", person, "spam" if person == "cem" or n % 2 else "ham")
        for person, seen in people.items()
        for n in seen
    ]
    project.import_votes(write(folder / "votes.csv", ["item", "source", "label"], votes))

    project.vote()
    report = project.sources().report
    for row in report.rows():
        print(
            f"{row['name']:>7}: {row['votes']:2} votes, estimated accuracy {row['estimated']:.2f}"
        )
    story = project.explain("m8")
    print(f"{story.fields['text']!r} is {story.answer} ({story.confidence:.0%} sure):")
    for effect in story.units[0].effects:
        if effect.answer:
            print(f"  {effect.source} said {effect.answer}: {effect.effect:+.2f}")


if __name__ == "__main__":
    main()
