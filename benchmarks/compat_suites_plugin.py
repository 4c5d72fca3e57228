"""What a peer's tests see under `compat_suites.py`: our modules, and stand-ins for what is absent.

A pytest plugin, which that script copies beside the tests. A stand-in skips the test that uses it,
or fails it where the part should be there.
"""

import ast
import importlib
import inspect
import json
import os
import textwrap
import unittest

import pytest

ABOUT = json.loads(os.environ["COMPAT_SUITE"])
PEER = ABOUT["peer"]


def found(module, name=None):
    """A module or what it has by this name: of ours for the peer's; else a stand-in."""
    ours = "labelwright.compat." + module if module.split(".")[0] == PEER else module
    try:
        value = importlib.import_module(ours)
    except ImportError:
        return Absent(f"{module}.{name}" if name else module)
    if name is None or hasattr(value, name):
        return value if name is None else getattr(value, name)
    return found(f"{module}.{name}")


class Absent:
    """Stands for what is not there; tells so when it is used."""

    def __init__(self, name):
        self._absent = name

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._absent}.{name}")

    def __call__(self, *args, **kwargs):
        self._tell()

    def __instancecheck__(self, value):
        self._tell()

    def __mro_entries__(self, bases):
        absent = self

        class Base:
            def __init__(self, *args, **kwargs):
                absent._tell()

        return (Base,)

    def _tell(self):
        if self._absent.split(".")[0] != PEER:
            raise pytest.skip.Exception(
                f"needs {self._absent.split('.')[0]}, absent here", allow_module_level=True
            )
        for name, reason in ABOUT["not_offered"].items():
            if (self._absent + ".").startswith(name + "."):
                raise pytest.skip.Exception(f"not offered: {reason}", allow_module_level=True)
        raise AssertionError(f"{self._absent} is missing in labelwright.compat")


def pytest_configure():
    """Messages are ours: only the kinds of exceptions and warnings are compared."""

    def of_kind(self, kind, _text, *args, **kwargs):
        return self.assertRaises(kind, *args, **kwargs)  # noqa: PT027 - what it stands for

    unittest.TestCase.assertRaisesRegex = of_kind
    pytest.raises, pytest.warns = without_text(pytest.raises), without_text(pytest.warns)


def without_text(expect):
    def expected(*args, **kwargs):
        kwargs.pop("match", None)
        return expect(*args, **kwargs)

    return expected


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    """A library that our part imports and that is absent here is absent for the test, too."""
    report = yield
    error = call.excinfo and call.excinfo.value
    if isinstance(error, ModuleNotFoundError) and error.name.split(".")[0] != "labelwright":
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: needs {error.name}, absent here")
    return report


def pytest_collection_modifyitems(items):
    for item in items:
        reason = next(filter(None, map(looks_inside, sources(item))), None)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def sources(item):
    """The trees of the test, of the helpers that it calls on itself, and of its fixtures."""
    fixtures = item._fixtureinfo.name2fixturedefs  # noqa: SLF001 - there is no other way
    used = [fixtures[name][-1].func for name in item.fixturenames if name in fixtures]
    waiting, seen = [item.obj, *used], set()
    while waiting:
        function = waiting.pop()
        name = getattr(function, "__qualname__", None)
        if name in seen or not inspect.isroutine(function):
            continue
        seen.add(name)
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        except (OSError, TypeError, SyntaxError):
            continue
        yield tree
        helpers = {node.attr for node in ast.walk(tree) if is_attribute(node) and of_self(node)}
        waiting += [getattr(item.cls, name, None) for name in sorted(helpers)]


def looks_inside(tree):
    """Why the code concerns nobody but its authors; None if it does not."""
    for node in ast.walk(tree):
        if is_attribute(node) and not of_self(node):
            if node.attr in ABOUT["internals"]:
                return ABOUT["internals"][node.attr]
            if node.attr.startswith("_") and not node.attr.startswith("__"):
                return "private names"
    return None


def is_attribute(node):
    return isinstance(node, ast.Attribute)


def of_self(node):
    return isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
