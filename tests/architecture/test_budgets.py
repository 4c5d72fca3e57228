"""Files fit in the head, functions on a screen, and no drawer collects what has no name."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "labelwright").rglob("*.py"))
FILE_LINES = 400
FUNCTION_LINES = 50
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base"}
VAGUE = {"keeping", "carrying", "moved", "marked", "drawn", "standing", "trouble", "depot", "told",
         "moving", "joining", "following", "arriving", "telling", "asking", "examining", "office",
         "quick", "sums", "places", "clean", "team", "check"}  # fmt: skip
"""Names of files that say something was done to something."""


def body_lines(function):
    """Lines from the first statement after the docstring to the end."""
    statements = function.body
    if ast.get_docstring(function) is not None:
        statements = statements[1:]
    return statements[-1].end_lineno - statements[0].lineno + 1 if statements else 0


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_at_most_400_lines_and_its_functions_fit_a_screen(path):
    text = path.read_text()
    assert len(text.splitlines()) <= FILE_LINES
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    too_long = {f.name: body_lines(f) for f in functions if body_lines(f) > FUNCTION_LINES}
    assert not too_long


def test_no_file_or_folder_is_a_drawer_or_named_by_one_vague_word():
    names = {part for path in SOURCES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not names & DRAWERS
    assert not names & VAGUE


def test_inheritance_is_at_most_one_deep():
    """A class may extend another library's, a port or an error, not a child of ours.

    `compat` has the class trees of other libraries, since code asks them by `isinstance`.
    """
    parents = {}
    for path in SOURCES:
        if "compat" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                parents[node.name] = [b.id for b in node.bases if isinstance(b, ast.Name)]
    errors = {"LabelwrightError", "ProjectError", "DataError"}
    deep = {
        name
        for name, bases in parents.items()
        for base in bases
        if base in parents and base not in errors and set(parents[base]) & set(parents)
    }
    assert not deep
