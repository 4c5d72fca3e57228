"""Which files a path, a folder or a glob means, and which format each has."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from labelwright.core.errors import DataError, StorageError, UnknownNameError, shown

PathLike = str | os.PathLike[str]
COMPRESSED = ".gz"
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read.

    Attributes:
        path: where it is.
        root: the folder that its relative path starts from.
        format: the name of its format.
    """

    path: Path
    root: Path
    format: str

    @property
    def relative(self) -> str:
        """Its path below the root, with forward slashes."""
        return self.path.relative_to(self.root).as_posix()


def find(
    paths: PathLike | Iterable[PathLike],
    suffixes: Mapping[str, str],
    format_name: str | None,
) -> list[Found]:
    """The files that the paths mean, each once, in order; inside a folder or glob, by name.

    Args:
        paths: files, folders (read with all below them) and globs (``**`` goes deep).
        suffixes: file ending -> format.
        format_name: of every file named or matched by a glob; None goes by the endings.

    Raises:
        DataError: nothing there, no known file, or both images and tables.
        UnknownNameError: there is no such format.
    """
    if format_name is not None and format_name not in suffixes.values():
        known = ", ".join(sorted(set(suffixes.values())))
        raise UnknownNameError(f"unknown format {shown(format_name)}; known: {known}")
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not given:
        raise DataError("no files were named; expected a path, a folder or a glob")
    found: dict[Path, Found] = {}
    for path in given:
        for file in _expanded(os.fspath(path), suffixes, format_name):
            found.setdefault(file.path.absolute(), file)
    files = list(found.values())
    images = sum(file.format == "images" for file in files)
    if 0 < images < len(files):
        raise DataError(
            f"{_listed(given)}: {images} images and {len(files) - images} tables cannot be read "
            "together; name one with the option format, or a narrower glob"
        )
    return files


def _expanded(path: str, suffixes: Mapping[str, str], wanted: str | None) -> list[Found]:
    if not path.strip() or "\0" in path:
        raise DataError(f"{shown(path)} is no path; expected a file, a folder or a glob")
    place = Path(path)
    if place.is_dir():
        return _in_folder(place, suffixes, wanted)
    if place.exists():
        return [Found(place, place.parent, wanted or _format_of(place, suffixes, strict=True))]
    if not _WILD.intersection(path):
        near = f"; the folder {place.parent} does not exist either" * (not place.parent.is_dir())
        raise DataError(f"{path}: no such file or folder{near}")
    matches = [Path(match) for match in sorted(glob.glob(path, recursive=True))]  # noqa: PTH207 - Path.glob takes no absolute pattern
    files = [match for match in matches if match.is_file()]
    if not files:
        raise DataError(f"{path}: the glob matches no file; {_expected(suffixes)}")
    root = _root(path)
    known = [(file, wanted or _format_of(file, suffixes)) for file in files]
    chosen = [Found(file, root, name) for file, name in known if name]
    if not chosen:
        _format_of(files[0], suffixes, strict=True)
    return chosen


def _in_folder(folder: Path, suffixes: Mapping[str, str], wanted: str | None) -> list[Found]:
    files = [(file, _format_of(file, suffixes)) for file in sorted(_walk(folder))]
    # In a folder the format chooses among the files: a README beside images is no image.
    chosen = [
        Found(file, folder, name) for file, name in files if name and name == (wanted or name)
    ]
    if not chosen:
        what = f"{wanted} file" if wanted else "known file"
        raise DataError(
            f"{folder}: the folder holds no {what} among its {len(files)} files; "
            f"{_expected(suffixes)}"
        )
    return chosen


def _walk(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise StorageError(f"{error.filename}: cannot be listed ({error.strerror})") from error

    for place, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in names if not name.startswith("."))


def _format_of(file: Path, suffixes: Mapping[str, str], *, strict: bool = False) -> str:
    name = file.name.lower().removesuffix(COMPRESSED)
    found = suffixes.get(Path(name).suffix, "")
    if strict and not found:
        raise DataError(
            f"{file}: the ending {shown(file.suffix)} is unknown; {_expected(suffixes)}, "
            "or name it with the option format"
        )
    return found


def _root(pattern: str) -> Path:
    parts = Path(pattern).parts
    fixed = [i for i, part in enumerate(parts) if _WILD.intersection(part)]
    return Path(*parts[: fixed[0]])


def _expected(suffixes: Mapping[str, str]) -> str:
    return f"expected one of {' '.join(suffixes)}, the text formats also with {COMPRESSED}"


def _listed(given: list[PathLike]) -> str:
    return ", ".join(os.fspath(path) for path in given[:3]) + ", …" * (len(given) > 3)
