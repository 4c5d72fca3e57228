"""A new project: a folder with a settings file, a place for functions, and an empty store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tomlkit

from labelwright._version import __version__
from labelwright.core.errors import ProjectError, StorageError
from labelwright.core.task import Task
from labelwright.pipeline.workspace.settings import FILE_NAME, FORMAT, FUNCTIONS_FILE
from labelwright.pipeline.workspace.workspace import Workspace, open_workspace
from labelwright.stores import Layout
from labelwright.tasks import kind_of

_SETTINGS = """\
# What is asked, who votes, what it costs. Edit by hand, keep in git.
# Every setting is explained in docs/reference/settings.md.
format = {format}
name = {name}

[task]
kind = {kind}
classes = {classes}
guidelines = {guidelines}
{options}
[cost]
wage_usd_per_hour = 30      # of the people who answer
seconds_per_answer = 20     # until real answers were timed

# Rules vote without code. One example; add as many as you like:
#
# [[rules]]
# name = "mentions a prize"
# vote = {first_class}
# when = {{ field = "text", keywords = ["prize", "winner", "free"] }}
"""

_FUNCTIONS = '''\
"""Labeling functions: each looks at one item and votes for a class, or abstains with None.

Fields of an item are attributes: `x.text`, or `x["any name"]`.
Run them with `labelwright vote`; see how good they are with `labelwright sources`.
"""

import labelwright as lw

# Classes: {classes}
#
# @lw.source
# def shouting(x):
#     """Messages in capital letters."""
#     return {first_class} if x.text.isupper() else None
'''

_IGNORE = "# Data is never edited by hand and does not belong into git.\n.labelwright/\n"


def create(folder: Path, task: Task, name: str | None = None) -> Workspace:
    """The project newly made in this folder, which must be empty or not exist yet.

    Raises:
        ProjectError: there is a project already, or the folder holds settings or functions.
        StorageError: the folder cannot be written.
        UnknownNameError: there is no such kind of task.
        SettingsError: the kind cannot ask this: too few classes, an unknown setting.
    """
    kind_of(task).check(task)
    taken = [
        part for part in (FILE_NAME, FUNCTIONS_FILE, ".labelwright") if (folder / part).exists()
    ]
    if taken:
        raise ProjectError(
            f"{folder} holds {taken[0]} already; choose another folder, or go on with the project "
            f"that is there: labelwright status {folder}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in _files(task, name or folder.resolve().name).items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot make the project in {folder}: {error.strerror}") from error
    Layout(folder).create(__version__)
    return open_workspace(folder)


def _files(task: Task, name: str) -> dict[str, str]:
    quoted = [_toml(label) for label in task.classes]
    settings = _SETTINGS.format(
        format=FORMAT,
        name=_toml(name),
        kind=_toml(task.kind),
        classes=f"[{', '.join(quoted)}]",
        guidelines=_toml_lines(task.guidelines),
        options="".join(f"{name} = {_toml_value(value)}\n" for name, value in task.options),
        first_class=quoted[0],
    )
    functions = _FUNCTIONS.format(classes=", ".join(quoted), first_class=quoted[0])
    return {FILE_NAME: settings, FUNCTIONS_FILE: functions, ".gitignore": _IGNORE}


def _toml(text: str) -> str:
    """A TOML string: JSON's escapes are a subset of TOML's, which wants DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_value(value: Any) -> str:
    """A setting as TOML writes it."""
    return str(tomlkit.item(value).as_string())


def _toml_lines(text: str) -> str:
    """A TOML string over several lines, for text that people go on writing."""
    lines = (_toml(line)[1:-1] for line in text.split("\n"))
    return '"""\n' + "\n".join(lines) + '"""'
