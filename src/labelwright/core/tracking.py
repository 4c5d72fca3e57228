"""What a tracker is handed: a run with the model that it trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrackedModel:
    """A trained predictor as others may load it.

    Attributes:
        folder: its files.
        loader: the module that can load them.
        reads: the columns that it reads, each with its type: ``string``, ``double``, ``long``,
            ``boolean`` or ``binary``.
        gives: the columns of its answer, likewise.
        stage: what the registry is to call it, such as ``latest``.
    """

    folder: Path
    loader: str
    reads: Mapping[str, str]
    gives: Mapping[str, str]
    stage: str
