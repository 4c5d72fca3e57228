"""Rules in `labelwright.toml`: added, replaced and removed, the rest of the file untouched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable, Table

from labelwright.core.errors import LabelwrightError, ProjectError, SettingsError, StorageError
from labelwright.core.items import user_fields
from labelwright.pipeline.live.snapshot import Snapshot
from labelwright.pipeline.workspace.settings import FILE_NAME
from labelwright.sources import RuleVoter, parse_rule, rule_spec, rule_voter
from labelwright.stores import write_atomic

MAX_DEPTH = 12


class RulesChangedError(ProjectError):
    """Somebody else changed the file since it was read."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The settings file as it stands.

    Attributes:
        path: where it is.
        text: what it holds.
    """

    path: Path
    text: str

    @property
    def revision(self) -> str:
        """Names the content."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def read_rule_file(folder: Path) -> RuleFile:
    """The settings file of a project.

    Raises:
        StorageError: it cannot be read.
    """
    path = folder / FILE_NAME
    try:
        return RuleFile(path, path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{FILE_NAME} cannot be read: {error}") from error


def made_rule(snapshot: Snapshot, spec: Mapping[str, Any]) -> RuleVoter:
    """The rule that a table describes, checked against the task and the items.

    Raises:
        SettingsError: with what is wrong and what is allowed.
    """
    workspace = snapshot.workspace
    name = spec.get("name", "")
    when = spec.get("when", {})
    if _depth(when) > 2 * MAX_DEPTH:
        raise SettingsError(f"conditions may be nested {MAX_DEPTH} deep at most")
    _check_dictionaries(workspace.folder, when)
    rule = parse_rule(spec, "", workspace.folder)
    voter = rule_voter(rule, workspace.settings.task, text=snapshot.text)
    if snapshot.items:
        known = user_fields(workspace.items.schema())
        for field in voter.fields or ():
            if field not in known:
                raise SettingsError(
                    f"the rule {name!r} reads the field {field!r}, which no item has; "
                    f"they have {', '.join(known)}"
                )
    return voter


def save_rule(
    snapshot: Snapshot, spec: Mapping[str, Any], revision: str, replaces: str | None = None
) -> RuleFile:
    """Writes a rule into the settings file, in its canonical form; gives the file as it is then.

    Args:
        snapshot: the project.
        spec: the rule's table.
        revision: of the file that the change starts from.
        replaces: the name of the rule in whose place it goes; None adds it at the end.

    Raises:
        SettingsError: the rule is wrong, its name is taken, or there is none to replace.
        RulesChangedError: the file was changed meanwhile.
    """
    made_rule(snapshot, spec)
    canonical = rule_spec(parse_rule(spec, "", snapshot.workspace.folder))
    file = _unchanged(snapshot, revision)
    document = tomlkit.parse(file.text)
    rules = _rules(document)
    names = [str(rule.get("name")) for rule in rules]
    if canonical["name"] != replaces and canonical["name"] in [*names, *_other_names(snapshot)]:
        raise SettingsError(f"there is a source called {canonical['name']!r} already; name it anew")
    table = _table(canonical)
    if replaces is None:
        added = tomlkit.dumps(_alone(table))
        text = f"{file.text.rstrip()}\n\n{added}"
        return _saved(file, text)
    if replaces in names:
        # Key by key, so that the comments beside the rule stay.
        old = rules[names.index(replaces)]
        for key in [key for key in old if key not in canonical]:
            old.remove(key)
        for key, value in table.items():
            old[key] = value
    else:
        raise SettingsError(f"there is no rule {replaces!r} to replace")
    return _saved(file, tomlkit.dumps(document))


def remove_rule(snapshot: Snapshot, name: str, revision: str) -> RuleFile:
    """Removes a rule from the settings file; its votes stay in the log and count no more.

    Raises:
        SettingsError: there is no such rule.
        RulesChangedError: the file was changed meanwhile.
    """
    file = _unchanged(snapshot, revision)
    document = tomlkit.parse(file.text)
    rules = _rules(document)
    names = [str(rule.get("name")) for rule in rules]
    if name not in names:
        raise SettingsError(f"there is no rule {name!r} to remove")
    del rules[names.index(name)]
    if not rules:
        del document["rules"]
    return _saved(file, tomlkit.dumps(document))


def _unchanged(snapshot: Snapshot, revision: str) -> RuleFile:
    file = read_rule_file(snapshot.workspace.folder)
    if file.revision != revision:
        raise RulesChangedError(f"{FILE_NAME} was changed meanwhile; look at it as it is now")
    return file


def _rules(document: tomlkit.TOMLDocument) -> Any:
    rules = document.get("rules", tomlkit.aot())
    if not isinstance(rules, AoT):
        raise SettingsError(f"{FILE_NAME}: write each rule as a table [[rules]] to edit them here")
    return rules


def _table(spec: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in spec.items():
        table[key] = _inline(value)
    return table


def _inline(value: Any) -> Any:
    """Tables inside a rule on one line, so that the rule stays one block."""
    if isinstance(value, Mapping):
        inline: InlineTable = tomlkit.inline_table()
        for key, inner in value.items():
            inline[key] = _inline(inner)
        return inline
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        for inner in value:
            array.append(_inline(inner))
        return array
    return value


def _alone(table: Table) -> tomlkit.TOMLDocument:
    """A file with nothing but this rule."""
    document = tomlkit.document()
    rules = tomlkit.aot()
    rules.append(table)
    document["rules"] = rules
    return document


def _saved(file: RuleFile, text: str) -> RuleFile:
    write_atomic(file.path, text.encode())
    return RuleFile(file.path, text)


def _other_names(snapshot: Snapshot) -> list[str]:
    """The names of functions, people and whatever else votes."""
    rules = {spec.get("name") for spec in snapshot.workspace.settings.rules}
    known = snapshot.workspace.log.sources()
    return [one.name for one in known if one.name not in rules and one.kind != "rule"]


def _check_dictionaries(folder: Path, when: Any) -> None:
    """Returns if every file that a condition names lies inside the project.

    Raises:
        SettingsError: a rule that comes over the network shall read no other files.
    """
    if isinstance(when, list | tuple):
        for inner in when:
            _check_dictionaries(folder, inner)
    if isinstance(when, Mapping):
        file = when.get("dictionary")
        if isinstance(file, str) and not _inside(folder, file):
            raise SettingsError(f"the dictionary {file!r} must lie in the project's folder")
        for inner in when.values():
            _check_dictionaries(folder, inner)


def _inside(folder: Path, file: str) -> bool:
    try:
        found = (folder / file).resolve()
        hidden = any(part.startswith(".") for part in Path(file).parts)
        return found.is_relative_to(folder.resolve()) and not hidden
    except (OSError, ValueError):
        return False


def _depth(value: Any) -> int:
    """How deep lists and tables are nested."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(inner, Mapping):
            waiting += [(one, depth + 1) for one in inner.values()]
        elif isinstance(inner, list | tuple):
            waiting += [(one, depth + 1) for one in inner]
        if deepest > 2 * MAX_DEPTH:
            break
    return deepest


def wrong_with(error: LabelwrightError) -> str:
    """The message of an error about a rule that has no place in a file yet."""
    return str(error).removeprefix(": ")
