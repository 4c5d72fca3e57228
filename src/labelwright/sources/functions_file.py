"""A project's `sources.py`, loaded."""

from __future__ import annotations

import sys
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from labelwright.core.errors import SourceError
from labelwright.core.identity import digest
from labelwright.sources.function import LabelingFunction, collected


def load_functions(path: Path) -> list[LabelingFunction]:
    """The labeling functions that a file defines, in order. Runs the file.

    Raises:
        SourceError: the file cannot be read or run, with file and line; two of its functions
            have one name.
    """
    path = path.resolve()
    module = types.ModuleType(f"labelwright_sources_{digest(str(path))[:8]}")
    module.__file__ = str(path)
    # Dataclasses and pickle look a class's module up by its name.
    sys.modules[module.__name__] = module
    with importable(path.parent), collected() as found, redirect_stdout(sys.stderr):
        _run(path, module)
    _check_names(path, found)
    return list(found)


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Within it, the modules of the folder can be imported; after it, they are forgotten.

    Two projects may each have a module of the same name, and an edited one must be read again.
    """
    known = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        if str(folder) in sys.path:
            sys.path.remove(str(folder))
        for name in set(sys.modules) - known:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(folder) and "site-packages" not in file:
                del sys.modules[name]


def place_in(path: Path, error: BaseException) -> str:
    """The last line of the file that the error passed through, such as ``sources.py:12``."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return f"{path.name}:{lines[-1]}" if lines else path.name


def _run(path: Path, module: types.ModuleType) -> None:
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - its owner asked to run it
    except SyntaxError as error:
        name = Path(error.filename).name if error.filename else path.name
        raise SourceError(f"{name}:{error.lineno}: {error.msg}; mend it and try again") from error
    except OSError as error:
        if error.filename == str(path):
            raise SourceError(f"{path} cannot be read: {error.strerror}") from error
        raise _failed(path, error) from error
    except SourceError as error:
        raise SourceError(f"{place_in(path, error)}: {error}") from error
    except (Exception, SystemExit) as error:
        raise _failed(path, error) from error


def _failed(path: Path, error: BaseException) -> SourceError:
    return SourceError(
        f"{place_in(path, error)}: running the file failed: {type(error).__name__}: {error}"
    )


def _check_names(path: Path, functions: list[LabelingFunction]) -> None:
    lines: dict[str, int] = {}
    for function in functions:
        code = getattr(function.function, "__code__", None)
        line = code.co_firstlineno if code else 0
        if function.name in lines:
            raise SourceError(
                f"{path.name}:{line}: a second source is called {function.name!r}, after line "
                f"{lines[function.name]}; give one of them another: @lw.source(name=...)"
            )
        lines[function.name] = line
