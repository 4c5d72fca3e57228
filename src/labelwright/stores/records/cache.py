"""What can be computed again at any time, kept because it takes long: a file a name."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Kept:
    """Something from the cache.

    Attributes:
        about: what it was made of.
        arrays: by name.
    """

    about: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of arrays that may be deleted at any time.

    A value is there in full or not at all; one that cannot be read is not there. Nothing is ever
    an error: a full disk or a read-only folder means that nothing is kept.

    Attributes:
        root: the folder; it is made when something is first put into it.
    """

    root: Path

    def put(self, name: str, about: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Keeps the arrays under this name, in place of what was there."""
        draft = None
        try:
            self.root.mkdir(exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=self.root, prefix=".new-")
            with os.fdopen(handle, "wb") as file:
                np.savez(file, allow_pickle=False, _about=np.array(json.dumps(about)), **arrays)
            Path(draft).replace(self._path(name))
        except OSError:
            if draft is not None:
                Path(draft).unlink(missing_ok=True)

    def about(self, name: str) -> Mapping[str, Any] | None:
        """What the value was made of, without reading it; None if there is none."""
        kept = self._read(name, ["_about"])
        return None if kept is None else kept.about

    def get(self, name: str) -> Kept | None:
        """The value, None if there is none."""
        return self._read(name)

    def _read(self, name: str, names: list[str] | None = None) -> Kept | None:
        try:
            # Opened here, since numpy leaves a damaged file open.
            with (
                self._path(name).open("rb") as opened,
                np.load(opened, allow_pickle=False) as file,
            ):
                arrays = {key: file[key] for key in names or file.files}
            return Kept(json.loads(str(arrays.pop("_about"))), arrays)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def _path(self, name: str) -> Path:
        return self.root / f"{name}.npz"
