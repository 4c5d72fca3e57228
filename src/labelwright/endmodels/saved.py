"""How a trained predictor rests in a folder: a JSON header and plain arrays, never code."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import ProjectVersionError, StorageError, shown

FORMAT = 1
HEADER = "predictor.json"
ARRAYS = "arrays.npz"
LIBRARIES = ("numpy", "scipy", "scikit-learn")


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A fitted thing taken apart.

    Attributes:
        header: small settings, as JSON can hold them.
        arrays: by name; numbers only. A part inside a part has its name before a slash.
    """

    header: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def nested(**parts: Packed) -> Packed:
    """Several packed parts as one."""
    header = {name: part.header for name, part in parts.items()}
    arrays = {
        f"{name}/{key}": array for name, part in parts.items() for key, array in part.arrays.items()
    }
    return Packed(header, arrays)


def part_of(packed: Packed, name: str) -> Packed:
    """One part of what `nested` put together."""
    start = f"{name}/"
    arrays = {
        key.removeprefix(start): array
        for key, array in packed.arrays.items()
        if key.startswith(start)
    }
    return Packed(packed.header[name], arrays)


def texts_to_array(texts: list[str]) -> NDArray[np.uint8]:
    """Any number of texts as one array of bytes (JSON, pure ASCII, so any text survives)."""
    return np.frombuffer(json.dumps(texts).encode("ascii"), np.uint8)


def array_to_texts(array: NDArray[np.uint8]) -> list[str]:
    """The texts that `texts_to_array` stored."""
    texts: list[str] = json.loads(array.tobytes())
    return texts


def write(folder: Path, kind: str, packed: Packed) -> None:
    """Writes the predictor; the header comes last and names the digest of the arrays.

    Raises:
        StorageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{ARRAYS}.new"
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **packed.arrays)
        header = {
            "format": FORMAT,
            "kind": kind,
            "arrays": _digest(temporary),
            "libraries": {name: version(name) for name in ("labelwright", *LIBRARIES)},
            "content": packed.header,
        }
        text = json.dumps(header, indent=1, allow_nan=False)
        temporary.replace(folder / ARRAYS)
        _replace(folder / HEADER, text)
    except OSError as error:
        raise StorageError(f"cannot save the predictor in {folder}: {error}") from error


def read(folder: Path) -> tuple[str, Packed]:
    """The kind of the predictor in the folder, and its content.

    Raises:
        ProjectVersionError: a newer release wrote it.
        StorageError: there is none, or it is damaged.
    """
    try:
        header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        _check_format(folder, header)
        with np.load(folder / ARRAYS, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        kind, content = header["kind"], header["content"]
    except ProjectVersionError:
        raise
    except FileNotFoundError as error:
        raise StorageError(
            f"there is no trained predictor in {folder} ({error.filename} is missing). "
            "Train one first"
        ) from error
    except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
        raise damaged(folder, error) from error
    return kind, Packed(content, arrays)


def damaged(folder: Path, error: Exception) -> StorageError:
    """The error that says the folder's predictor cannot be read."""
    return StorageError(f"the predictor in {folder} is damaged: {error}. Train it again")


def _check_format(folder: Path, header: Any) -> None:
    number = header["format"]
    if not isinstance(number, int) or number < 1:
        raise ValueError(f"its format number is {shown(number)}")
    if number > FORMAT:
        raise ProjectVersionError(
            f"the predictor in {folder} has format {number}, this release reads up to {FORMAT}; "
            f"it was written by labelwright {header['libraries']['labelwright']}. "
            "Update Labelwright, or train again"
        )
    if _digest(folder / ARRAYS) != header["arrays"]:
        raise ValueError(f"{ARRAYS} is not the file that {HEADER} was written with")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
