"""Writes the tables of `benchmarks/README.md` from `benchmarks/results`, and tells which are old.

    python benchmarks/tables.py [--check]

A table stands between `<!-- table quality/joint_words -->` and `<!-- end -->`, each on a line of
its own; what is around them is written by hand, and names no figures. Remarks that do name them
are lines of the table's file (`"remarks": [...]`), written after the run that they speak of: a new
run drops them with the figures. `--check` writes nothing and fails where the page is another one.
"""

import json
import re
import sys

from recording import HERE, RESULTS, git

PAGE = HERE / "README.md"
PLACE = re.compile(r"(<!-- table (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main():
    text = PAGE.read_text(encoding="utf-8")
    made = filled(text)
    if "--check" in sys.argv[1:]:
        sys.exit("benchmarks/README.md is old: make bench" if made != text else 0)
    PAGE.write_text(made, encoding="utf-8")
    for warning in old():
        print(warning)


def filled(text):
    """The page with every table as its file says; what is missing on either side is an error."""
    placed = [name for _, name, _ in PLACE.findall(text)]
    tables = recorded()
    strange = set(placed) ^ set(tables) or {name for name in placed if placed.count(name) > 1}
    if strange:
        sys.exit(f"one place and one file a table, please: {', '.join(sorted(strange))}")
    return PLACE.sub(lambda found: f"{found[1]}\n{shown(tables[found[2]])}\n{found[3]}", text)


def recorded():
    """Every table on record, by name."""
    paths = sorted(RESULTS.rglob("*.json"))
    return {
        path.relative_to(RESULTS).with_suffix("").as_posix(): json.loads(path.read_text("utf-8"))
        for path in paths
    }


def shown(table):
    """A table in Markdown: what it shows, its rows, where they come from, what they say."""
    columns, digits = table["columns"], table["digits"]
    of = digits if isinstance(digits, dict) else {"": digits}
    places = [of.get(column, of.get("", 1)) for column in columns]
    lines = [f"{table['title']} (`{table['command']}`).", ""]
    lines += [line(columns), "|---" * len(columns) + "|"]
    for row in table["rows"]:
        lines.append(line(cell(one, to) for one, to in zip(row, places, strict=True)))
    lines += ["", f"*{origin(table)}*", ""]
    for remark in table.get("remarks", ()):
        lines += [remark, ""]
    return "\n".join(lines)


def line(cells):
    return f"| {' | '.join(cells)} |"


def cell(value, places):
    if isinstance(value, list):
        return " / ".join(cell(one, places) for one in value)
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:,.{places}f}"


def origin(table):
    """Where the figures come from: commit, day, machine, repetitions, settings, peers."""
    made = table["made"]
    told = [f"Made at commit {made['commit']}{' with changes' if made.get('dirty') else ''}"]
    told += [f"{row} at {commit}" for row, commit in made.get("rows", {}).items()]
    told.append(made["date"])
    if made.get("carried_over"):
        told.append("carried over from an older page")
    if "load" in made:
        told.append(f"load {made['load']} on {made['cores']} cores")
    if "plays" in table:
        told.append(f"{table['plays']:,} plays")
    told += [f"{name} {setting(value)}" for name, value in table.get("settings", {}).items()]
    told += [f"{name} {version}" for name, version in table.get("peers", {}).items()]
    return "; ".join(told) + "."


def setting(value):
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def old():
    """A line for each table that is older than the code that it measures."""
    for name, table in recorded().items():
        commit = table["made"]["commit"]
        if not git("cat-file", "-t", commit):
            yield f"{name}: commit {commit} is not in this clone"
            continue
        since = git("log", "--oneline", f"{commit}..HEAD", "--", *table["measures"])
        if since:
            yield f"{name} is older than the code it measures, by {len(since.splitlines())} commits"


if __name__ == "__main__":
    main()
