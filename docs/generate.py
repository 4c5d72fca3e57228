"""Writes the reference pages from the code; a test compares them with what is committed."""

from __future__ import annotations

import dataclasses
import inspect
import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "reference"
MADE = "<!-- Made by docs/generate.py from the code; edit the code instead. -->\n\n"


def main() -> None:
    """Writes every page."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


def pages() -> dict[str, str]:
    """The text of every generated page, by file name."""
    return {
        "cli.md": _cli(),
        "openapi.json": _openapi(),
        "parts.md": _parts(),
        "python.md": _python(),
    }


def _openapi() -> str:
    """The server's own description, as it gives it out for any project."""
    from starlette.testclient import TestClient

    from labelwright.core.task import Task
    from labelwright.pipeline.api.project import Project
    from labelwright.server import Office, create_app

    with tempfile.TemporaryDirectory() as folder:
        Project.create(folder, Task("classification", ("spam", "ham")))
        office = Office(Path(folder), sign_in=False)
        try:
            described = TestClient(create_app(office)).get("/api/v1/openapi.json").json()
        finally:
            office.close()
    described["info"]["version"] = "1"
    return json.dumps(described, indent=1, sort_keys=True) + "\n"


def _cli() -> str:
    import typer

    from labelwright.cli.main import COMMANDS, app

    group: Any = typer.main.get_command(app)
    lines = [MADE + "# Command line\n"]
    lines += ["Every command takes `--help`; exit code 0 is success, 2 a mistake that the message"]
    lines += [
        "explains, 3 labels that known truth contradicts (or damage that `version verify` found),",
        "130 an interruption. `labelwright --install-completion` sets up completion.\n",
    ]
    for name in COMMANDS:
        command = group.commands[name]
        lines += [
            f"## labelwright {name}\n",
            f"{command.help}\n",
            "| | | default |",
            "|---|---|---|",
        ]
        lines += [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        lines.append("")
        for inner, part in getattr(command, "commands", {}).items():
            lines += [f"### labelwright {name} {inner}\n", f"{part.help}\n"]
            lines += ["| | | default |", "|---|---|---|"]
            lines += [_parameter(one) for one in part.params if one.name != "help"]
            lines.append("")
    return "\n".join(lines)


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.metavar or parameter.name.upper()
    else:
        name = ", ".join([*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    shown = "" if default in (None, False, ()) or callable(default) else f"`{default}`"
    text = getattr(parameter, "help", None) or ""
    required = "required" if parameter.required else shown
    return f"| `{name}` | {text} | {required} |"


def _parts() -> str:
    lines = [MADE + "# Parts\n"]
    lines += ["A part is the frozen dataclass of its settings: its fields are what stands in"]
    lines += ["`labelwright.toml` under its table, and what its class takes in Python.\n"]
    tables = [
        ("Label models", "label_model", "labelmodels", "MODELS"),
        ("End models", "end_model", "endmodels", "MODELS"),
        ("Query strategies", "queue", "queue", "STRATEGIES"),
    ]
    for title, section, package, table in tables:
        module = import_module(f"labelwright.{package}")
        lines.append(f"## {title}: `[{section}]`\n")
        for name in getattr(module, table):
            lines += _part(name, _class_of(getattr(module, table)[name]))
    lines.append("## Training targets: `[training]`\n")
    lines += _part("targets", _class_of("labelwright.endmodels.targets:Targets"))
    lines.append("## Votes and content: `[joining]`\n")
    lines += _part("joining", _class_of("labelwright.endmodels.joint_inference:Joining"))
    return "\n".join(lines)


def _class_of(entry: Any) -> Any:
    if isinstance(entry, type):
        return entry
    module, name = entry.split(":")
    return getattr(import_module(module), name)


def _part(name: str, part: Any) -> list[str]:
    described = (inspect.getdoc(part) or "").split("\n\nExample:")[0]
    lines = [f"### `{name}`\n", f"```\n{described}\n```\n"]
    rows = [f"| `{field.name}` | `{_default(field)}` |" for field in dataclasses.fields(part)]
    if rows:
        lines += ["| setting | default |", "|---|---|", *rows, ""]
    return lines


def _default(field: Any) -> str:
    if field.default is not dataclasses.MISSING:
        return repr(field.default)
    if field.default_factory is not dataclasses.MISSING:
        return repr(field.default_factory())
    return "required"


def _python() -> str:
    import labelwright

    lines = [MADE + "# Python\n", "```python\nimport labelwright as lw\n```\n"]
    for name in labelwright.__all__:
        thing = getattr(labelwright, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            lines += [f"## `lw.{name}{_signature(thing)}`\n", f"{_first(thing)}\n"]
            if inspect.isclass(thing):
                lines += _methods(thing)
    lines.append("## The parts alone\n")
    for package in ("labelmodels", "endmodels", "queue", "quality", "formats", "sources"):
        module = import_module(f"labelwright.{package}")
        lines += [f"### `lw.{package}`\n"]
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) or inspect.isfunction(thing):
                lines.append(f"- `{name}`: {_first(thing)}")
        lines.append("")
    return "\n".join(lines)


def _methods(thing: Any) -> list[str]:
    public = [
        (name, member)
        for name, member in vars(thing).items()
        if not name.startswith("_") and callable(getattr(thing, name, None))
    ]
    return [f"- `{name}{_signature(getattr(thing, name))}`: {_first(getattr(thing, name))}"
            for name, _ in public] + ([""] if public else [])  # fmt: skip


def _signature(thing: Any) -> str:
    if not inspect.isfunction(thing) and not inspect.ismethod(thing):
        return ""
    parameters = [name for name in inspect.signature(thing).parameters if name != "self"]
    return f"({', '.join(parameters)})"


def _first(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


if __name__ == "__main__":
    main()
