"""The classes in `labelwright.toml`, and what else there names them: changed in place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT

from labelwright.core.class_change import ClassChange
from labelwright.core.errors import AnswerError, SettingsError, shown
from labelwright.core.ports import TranslatingTaskKind
from labelwright.core.task import Task
from labelwright.pipeline.workspace.settings import FILE_NAME, FUNCTIONS_FILE

_MOST_NAMED = 20


def changed_rules(
    rules: Sequence[Mapping[str, Any]], kind: TranslatingTaskKind, change: ClassChange
) -> dict[str, Any]:
    """What rules vote after the change, by name; those that vote as before are left out.

    Raises:
        SettingsError: nothing is left of what a rule votes.
    """
    found: dict[str, Any] = {}
    lost = []
    for rule in rules if change.becomes else ():
        name, vote = str(rule.get("name", "")), rule.get("vote")
        try:
            text = kind.canonical(vote, change.before)
        except AnswerError:
            continue  # the file is wrong there already, and says so when it is run
        now = kind.translated(text, change)
        if now is None:
            lost.append(name)
        elif now != text:
            found[name] = _plain(kind.read(now, change.after), now)
    if lost:
        raise SettingsError(
            f"the rules {shown(lost)} vote for nothing else; remove them from {FILE_NAME} first, "
            "or name the class that takes over with --to CLASS"
        )
    return found


def with_classes(
    text: str,
    task: Task,
    schema: int,
    rules: Mapping[str, Any],
    change: ClassChange,
    lines: Mapping[str, str] | None = None,
) -> str:
    """The text of the settings file with these classes and votes of rules; the rest as it was.

    `lines` are the descriptions of the classes, None where the file has no table of them.
    """
    document = tomlkit.parse(text)
    table: Any = document["task"]
    multiline = "\n" in table["classes"].as_string()
    classes = tomlkit.array().multiline(multiline=multiline)
    classes.extend(task.classes)
    table["classes"] = classes
    if task.parents:
        parents: Any = table.get("parents")
        if parents is None:
            parents = table["parents"] = tomlkit.table()
        for name in [name for name in parents if name not in dict(task.parents)]:
            del parents[name]
        for name, parent in task.parents:
            if parents.get(name) != parent:
                parents[name] = parent
    elif "parents" in table:
        del table["parents"]
    table["schema"] = schema
    if lines is not None:
        _describe(table, lines)
    for rule in document.get("rules", []):
        if str(rule.get("name")) in rules:
            rule["vote"] = rules[str(rule["name"])]
    _move_balance(document, change)
    return tomlkit.dumps(document)


def with_descriptions(text: str, lines: Mapping[str, str]) -> str:
    """The text of the settings file with these lines about classes; without any, no table."""
    document = tomlkit.parse(text)
    table: Any = document["task"]
    if lines:
        _describe(table, lines)
    elif "descriptions" in table:
        del table["descriptions"]
    return tomlkit.dumps(document)


def named_elsewhere(folder: Path, names: Sequence[str]) -> list[str]:
    """Where labeling functions and settings still name these classes: file, line, what it says."""
    quoted = re.compile("|".join(rf"""["']{re.escape(name)}["']""" for name in names))
    found = []
    for file in (FUNCTIONS_FILE, FILE_NAME):
        path = folder / file
        lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
        found += [
            f"{file}:{number}: {line.strip()}"
            for number, line in enumerate(lines, 1)
            if quoted.search(line)
        ]
    return found[:_MOST_NAMED]


def check_editable(text: str) -> None:
    """Returns if rules can be changed in this text.

    Raises:
        SettingsError: they are written in another form.
    """
    rules: Any = tomlkit.parse(text).get("rules", tomlkit.aot())
    if not isinstance(rules, AoT):
        raise SettingsError(f"{FILE_NAME}: write each rule as a table [[rules]] to edit them here")


def _describe(task: Any, lines: Mapping[str, str]) -> None:
    known = task.get("descriptions")
    table: Any = tomlkit.table() if known is None else known
    for name in [name for name in table if name not in lines]:
        del table[name]
    for name, line in lines.items():
        if table.get(name) != line:
            table[name] = line
    if known is None:
        table.add(tomlkit.nl())
        task["descriptions"] = table


def _move_balance(document: Any, change: ClassChange) -> None:
    """Shares of classes by name follow the classes; a new class still needs its own."""
    balance = document.get("label_model", {}).get("class_balance")
    if not isinstance(balance, Mapping):
        return
    shares = {str(name): float(share) for name, share in balance.items()}
    now: dict[str, float] = {}
    for name, share in shares.items():
        for image in change.image(name):
            now[image] = now.get(image, 0.0) + share / len(change.image(name))
    if now != shares:
        total = sum(now.values()) or 1.0
        table = tomlkit.inline_table()
        table.update({name: round(share / total, 6) for name, share in now.items()})
        document["label_model"]["class_balance"] = table


def _plain(answer: Any, text: str) -> Any:
    """An answer as the file writes it."""
    if isinstance(answer, tuple):
        return list(answer)
    return answer if isinstance(answer, dict) else text
