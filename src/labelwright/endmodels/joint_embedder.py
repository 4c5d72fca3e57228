"""Texts and images in one space, by a folder with an ONNX encoder for each.

The layout is that of exported CLIP-like models: `text_model.onnx` and `vision_model.onnx`, beside
each other or in `onnx/`; `tokenizer.json`; `preprocessor_config.json` says how pictures are cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import SettingsError
from labelwright.endmodels.embedder import (
    fingerprint_of,
    folder_of,
    read_json,
    session_of,
    tokenizer_of,
    tokens_of,
)
from labelwright.endmodels.pixels import decoded

TEXT_FILES = ("onnx/text_model.onnx", "text_model.onnx", "onnx/text_model_quantized.onnx")
IMAGE_FILES = ("onnx/vision_model.onnx", "vision_model.onnx", "onnx/vision_model_quantized.onnx")
OUTPUTS = ("text_embeds", "image_embeds", "pooler_output")
"""What the vectors are called, the most telling name first."""
SIDE = 224
BICUBIC = 3


@dataclass(frozen=True, slots=True)
class JointEmbedder:
    """Texts and images -> vectors in which near means alike, of whichever kind they are.

    Attributes:
        model: the folder, or its name on the Hugging Face hub.
        batch_rows: so many texts or images go through the model at once.
    """

    model: str
    batch_rows: int = 32

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of texts, shape (texts, dimensions).

        Raises:
            MissingExtraError: onnxruntime or tokenizers is not installed.
            SettingsError: the folder has no encoder for texts and one for images.
        """
        both = _opened(self.model)
        starts = range(0, max(len(texts), 1), self.batch_rows)
        pieces = [both.text(texts[one : one + self.batch_rows] or [""]) for one in starts]
        return np.concatenate(pieces)[: len(texts)]

    def embed_images(self, contents: Sequence[bytes | None]) -> NDArray[np.float32]:
        """The vectors of image files, NaN where one cannot be read, shape (images, dimensions)."""
        both = _opened(self.model)
        starts = range(0, max(len(contents), 1), self.batch_rows)
        pieces = [both.images(contents[one : one + self.batch_rows] or [None]) for one in starts]
        return np.concatenate(pieces)[: len(contents)]

    def fingerprint(self) -> str:
        """The hash of the files that decide what comes out."""
        names = ("tokenizer.json", "preprocessor_config.json", *TEXT_FILES, *IMAGE_FILES)
        return fingerprint_of(folder_of(self.model), names)


def reads_images(model: str) -> bool:
    """Whether the model has an encoder for images beside one for texts."""
    folder = folder_of(model)
    return bool(_found(folder, TEXT_FILES) and _found(folder, IMAGE_FILES))


@dataclass(frozen=True, slots=True)
class _Cut:
    """How a picture becomes what the model reads."""

    shortest: int
    height: int
    width: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    resample: int

    @classmethod
    def read(cls, folder: Path) -> _Cut:
        told = read_json(folder / "preprocessor_config.json")
        size, crop = _sides(told.get("size")), _sides(told.get("crop_size"))
        if not told.get("do_center_crop", crop is not None):
            crop = None
        shortest = size[2] if size else (crop[0] if crop else SIDE)
        height, width = (crop or size or (SIDE, SIDE, 0))[:2]
        return cls(
            shortest=0 if crop is None else shortest,
            height=height or shortest,
            width=width or shortest,
            mean=tuple(told.get("image_mean") or (0.0,) * 3),
            deviation=tuple(told.get("image_std") or (1.0,) * 3),
            resample=told.get("resample", BICUBIC),
        )

    def pixels(self, image: Any) -> NDArray[np.float64]:
        """The middle of the picture in the model's size, values 0..1."""
        if self.shortest:
            scale = self.shortest / min(image.size)
            wide, high = (max(round(side * scale), self.shortest) for side in image.size)
            left, top = (wide - self.width) // 2, (high - self.height) // 2
            image = image.resize((wide, high), self.resample)
            image = image.crop((left, top, left + self.width, top + self.height))
        else:
            image = image.resize((self.width, self.height), self.resample)
        return np.asarray(image, np.float64) / 255


@dataclass(frozen=True, slots=True, eq=False)
class _Both:
    """Both encoders, open."""

    text_session: Any
    image_session: Any
    tokenizer: Any
    cut: _Cut

    def text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        known = tokens_of(self.tokenizer, texts)
        wanted = [one.name for one in self.text_session.get_inputs()]
        return _vectors(self.text_session, {name: known[name] for name in wanted})

    def images(self, contents: Sequence[bytes | None]) -> NDArray[np.float32]:
        side = max(self.cut.height, self.cut.width)
        pictures = [decoded(one, side, partial(_Cut.pixels, self.cut)) for one in contents]
        blank = np.zeros((self.cut.height, self.cut.width, 3))
        pixels = np.stack([blank if one is None else one for one in pictures])
        scaled = (pixels - np.array(self.cut.mean)) / np.array(self.cut.deviation)
        (name,) = [one.name for one in self.image_session.get_inputs()]
        fed = {name: scaled.transpose(0, 3, 1, 2).astype(np.float32)}
        vectors = _vectors(self.image_session, fed)
        vectors[[one is None for one in pictures]] = np.nan
        return vectors


@lru_cache(maxsize=1)
def _opened(model: str) -> _Both:
    folder = folder_of(model)
    text, image = _found(folder, TEXT_FILES), _found(folder, IMAGE_FILES)
    if text is None or image is None:
        raise SettingsError(
            f"the embedding model in {folder} cannot hold images against texts: that takes an "
            f"encoder for each, {TEXT_FILES[0]} and {IMAGE_FILES[0]}"
        )
    sessions = session_of(text), session_of(image)
    return _Both(*sessions, tokenizer_of(folder, None), _Cut.read(folder))


def _vectors(session: Any, fed: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    names = [one.name for one in session.get_outputs()]
    chosen = next((name for name in OUTPUTS if name in names), names[0])
    vectors = np.array(session.run([chosen], fed)[0], np.float32)
    if vectors.ndim != 2:
        raise SettingsError(
            f"the output {chosen} of the embedding model has {vectors.ndim} dimensions, not one "
            "vector an item; export the model with its projection"
        )
    return vectors


def _found(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _sides(told: Any) -> tuple[int, int, int] | None:
    """Height, width and shortest side of a setting that is a number or a table."""
    if not told:
        return None
    if isinstance(told, int):
        return told, told, told
    shortest = told.get("shortest_edge", 0)
    height, width = told.get("height", shortest), told.get("width", shortest)
    return height, width, shortest or min(height, width)
