"""The version of a labeling function: a hash of what it does.

For a function in a file: its own code and all that it uses in that file (functions, constants,
patterns, classes, and what these use), read from the syntax tree, so that comments, formatting,
docstrings, the order of definitions and edits elsewhere in the file change nothing; with the
modules of the project's folder that it imports, and the content of its resources. For a function
without a file: its bytecode and the values that it refers to.

Where it is unclear whether something matters, it counts: a version that changes without need
costs a rerun, one that stays without right gives stale votes.
"""

from __future__ import annotations

import ast
import hashlib
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.core.identity import digest
from labelwright.sources.function import LabelingFunction
from labelwright.sources.values import value_of

_DYNAMIC = {"globals", "eval", "exec", "vars", "__import__", "importlib"}
"""Who uses these may reach anything: the whole file counts."""


def version_of(function: LabelingFunction, path: Path | None = None) -> str:
    """The version of the function; `path` is the file that it stands in, if any."""
    inner = function.function
    code = getattr(inner, "__code__", None)
    if path is not None and code is not None:
        content = _code_in_file(inner, code, path)
    else:
        content = value_of(inner)
    resources = {name: _file_digest(file) for name, file in function.resources.items()}
    return digest((content, function.batch, function.fields, resources))


def _code_in_file(inner: Callable[..., Any], code: types.CodeType, path: Path) -> Any:
    module_path = Path(code.co_filename)
    module = _Module.read(module_path if module_path.is_file() else path)
    node = module.function_at(code)
    if node is None:
        return value_of(inner)
    content = module.closure(node)
    if node not in module.tree.body:
        # Made by a factory or a loop: the values that it caught make it what it is.
        cells = [cell.cell_contents for cell in getattr(inner, "__closure__", None) or ()]
        caught = (cells, getattr(inner, "__defaults__", None), inner.__kwdefaults__)
        return (content, value_of(caught))
    return content


@dataclass(frozen=True, eq=False)
class _Module:
    """A Python file: its syntax tree, and which statements make each of its names."""

    path: Path
    tree: ast.Module
    makers: Mapping[str, list[ast.stmt]]
    always: list[ast.stmt]

    @classmethod
    def read(cls, path: Path) -> _Module:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        makers: dict[str, list[ast.stmt]] = {}
        always = []
        for statement in tree.body:
            names = set(_made_names(statement))
            if "*" in names:
                always.append(statement)
            for name in names:
                makers.setdefault(name, []).append(statement)
        return cls(path, tree, makers, always)

    def function_at(self, code: types.CodeType) -> ast.stmt | ast.expr | None:
        """The definition that this code was compiled from."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
                if node.name == code.co_name and first == code.co_firstlineno:
                    return node
            elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
                inside = node.lineno <= code.co_firstlineno <= (node.end_lineno or 0)
                if inside and _is_lambda_of(node, code):
                    return node
        return None

    def closure(self, node: ast.AST) -> Any:
        """The code of the node and of all that it uses, as a value that can be hashed."""
        needed: dict[int, ast.AST] = {}
        imported: dict[str, str] = {}
        todo: list[ast.AST] = [node, *self.always]
        while todo:
            current = todo.pop()
            if id(current) in needed:
                continue
            needed[id(current)] = current
            names = set(_used_names(current))
            if names & _DYNAMIC:
                todo += self.tree.body
            for name in names:
                todo += self.makers.get(name, [])
            imported |= _local_imports(current, self.path.parent, frozenset())
        # Sorted, so that the order of definitions does not matter; statements that change one
        # name keep their own order through the list of makers of that name.
        own = digest(_plain(needed.pop(id(node))))
        others = sorted(digest(_plain(other)) for other in needed.values())
        return (own, others, self._order(needed), imported)

    def _order(self, needed: Mapping[int, ast.AST]) -> list[Any]:
        """The order of the statements that make one name together, such as ``X = 1; X += 1``."""
        return sorted(
            [digest(_plain(maker)) for maker in makers]
            for makers in self.makers.values()
            if len(makers) > 1 and all(id(maker) in needed for maker in makers)
        )


def _is_lambda_of(node: ast.Lambda, code: types.CodeType) -> bool:
    """Whether the lambda is the one of this code, where a line has several."""
    arguments = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    if list(code.co_varnames[: code.co_argcount]) != arguments:
        return False
    columns = [start for _, _, start, _ in code.co_positions() if start]
    body = node.body
    if not columns or node.lineno != body.end_lineno:
        return True
    return body.col_offset <= min(columns) and max(columns) <= (body.end_col_offset or 0)


def _made_names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a file makes or changes."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for alias in names:
                yield alias.asname or alias.name.partition(".")[0]
        case ast.Assign(targets=targets):
            for target in targets:
                yield from _used_names(target)
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            yield from _used_names(target)
        case ast.If(test=test) if _is_main_guard(test):
            pass
        case _:
            # A loop, a `with`, a call such as WORDS.update(...): it may change what it names.
            yield from _used_names(statement)


def _used_names(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            yield child.id
        elif isinstance(child, ast.Import | ast.ImportFrom):
            for alias in child.names:
                yield alias.asname or alias.name.partition(".")[0]
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child.name


def _local_imports(node: ast.AST, folder: Path, seen: frozenset[Path]) -> dict[str, str]:
    """The project's own modules that a piece of code imports, by name, with their hashes."""
    found: dict[str, str] = {}
    for child in ast.walk(node):
        for name in _imported_modules(child):
            file = _module_file(folder, name)
            if file is not None and file not in seen:
                tree = ast.parse(file.read_text(encoding="utf-8"))
                deeper = _local_imports(tree, folder, seen | {file})
                found[name] = digest((_plain(tree), deeper))
    return found


def _imported_modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if base:
            yield base
        yield from (f"{base}.{alias.name}".strip(".") for alias in node.names)


def _module_file(folder: Path, name: str) -> Path | None:
    stem = folder.joinpath(*name.split("."))
    files = (stem.with_name(f"{stem.name}.py"), stem / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def _plain(node: Any) -> Any:
    """The syntax tree as tuples, without positions, docstrings and Labelwright's decorator.

    Empty parts are left out, so that a Python version with a new kind of part changes nothing.
    """
    if isinstance(node, ast.Constant):
        return (type(node.value).__name__, repr(node.value))
    if isinstance(node, ast.AST):
        parts = []
        for name, value in ast.iter_fields(node):
            if name == "ctx" or value is None or value == []:
                continue
            if name == "decorator_list":
                parts.append((name, _plain([mark for mark in value if not _is_source_mark(mark)])))
            elif name == "body" and isinstance(value, list):
                parts.append((name, _plain(_without_docstring(value))))
            else:
                parts.append((name, _plain(value)))
        return (type(node).__name__, parts)
    if isinstance(node, list):
        return [_plain(child) for child in node]
    return node


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return rest
    return body


def _is_source_mark(mark: ast.expr) -> bool:
    """Whether it is ``@source``, ``@lw.source`` or one of these with settings."""
    if isinstance(mark, ast.Call):
        mark = mark.func
    return getattr(mark, "attr", getattr(mark, "id", "")) == "source"


def _is_main_guard(test: ast.expr) -> bool:
    return "__name__" in _used_names(test)


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
