"""Pretrained sentence embedders in the layout of sentence-transformers, run by onnxruntime.

The folder's own files say how: `modules.json` (which steps), `1_Pooling/config.json` (how token
vectors become one), `sentence_bert_config.json` (how long a text may be), `tokenizer.json`. A
folder with weights for torch only is run by the library sentence-transformers, if it is installed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import MissingExtraError, SettingsError, StorageError

ONNX_FILES = ("onnx/model.onnx", "model.onnx", "onnx/model_quantized.onnx")
WEIGHTS = (*ONNX_FILES, "model.safetensors", "pytorch_model.bin")
HUB_PATTERNS = ["*.json", "*/config.json", "vocab.txt", "*/model.onnx", "model.onnx"]
HUB_PATTERNS += ["*text_model.onnx", "*vision_model.onnx"]
LONGEST = 512
"""Tokens of a text that are read where the model does not say."""
POOLINGS = ("cls", "mean", "max", "mean_sqrt_len")


class _Backend(Protocol):
    """Runs a model on a few texts."""

    def embed(self, texts: list[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class SentenceEmbedder:
    """Texts -> vectors in which near means alike.

    Attributes:
        model: a folder of sentence-transformers, or the name of one on the Hugging Face hub.
        batch_rows: so many texts go through the model at once; texts of similar length together.
    """

    model: str
    batch_rows: int = 32

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors, shape (texts, dimensions).

        Raises:
            MissingExtraError: onnxruntime or tokenizers is not installed.
            SettingsError: the folder is no model that can be run here.
        """
        backend = _backend(self.model)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]), reverse=True)
        starts = range(0, max(len(order), 1), self.batch_rows)
        batches = [order[start : start + self.batch_rows] for start in starts]
        pieces = [backend.embed([texts[place] for place in batch] or [""]) for batch in batches]
        vectors = np.concatenate(pieces)
        back = np.empty((len(texts), vectors.shape[1]), np.float32)
        back[order] = vectors[: len(texts)]
        return back

    def fingerprint(self) -> str:
        """The hash of the files that decide what comes out."""
        names = ("modules.json", "1_Pooling/config.json", "sentence_bert_config.json")
        return fingerprint_of(folder_of(self.model), (*names, "tokenizer.json", *WEIGHTS))


@lru_cache(maxsize=2)
def _backend(model: str) -> _Backend:
    folder = folder_of(model)
    found = [folder / name for name in ONNX_FILES if (folder / name).is_file()]
    if found:
        return _Onnx.opened(folder, found[0])
    if find_spec("sentence_transformers") is not None:
        return _Torch.opened(folder)
    raise SettingsError(
        f"the embedding model in {folder} has no ONNX file ({', '.join(ONNX_FILES)}). Take a "
        "model that has one, export it, or install sentence-transformers, which runs its weights"
    )


def fingerprint_of(folder: Path, names: Sequence[str]) -> str:
    """The hash of those of these files that the folder has."""
    hasher = hashlib.sha256()
    for name in names:
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                hasher.update(hashlib.file_digest(file, "sha256").digest())
    return hasher.hexdigest()


def check_unchanged(model: str, now: str, then: str) -> None:
    """Returns if a pretrained model has the fingerprint that it had when a head was trained on it.

    Raises:
        StorageError: it has not.
    """
    if now != then:
        raise StorageError(
            f"the files of the embedding model {model} have changed since the predictor was "
            "trained; put the old ones back, or train again"
        )


def folder_of(model: str) -> Path:
    """The folder of the model; a name is fetched from the hub, once."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise SettingsError(f"there is no folder {model} with an embedding model")
    if find_spec("huggingface_hub") is None:
        raise MissingExtraError("huggingface-hub", "embed", f"fetching the model {model!r}")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=HUB_PATTERNS))
    except Exception as error:  # the hub's client raises errors of a dozen libraries
        raise StorageError(
            f"the embedding model {model!r} is no folder here and cannot be fetched from the hub "
            f"({type(error).__name__}: {error}). Check the name, or give a folder"
        ) from error


def session_of(weights: Path) -> Any:
    """The ONNX model in this file, ready to run on the processor.

    Raises:
        MissingExtraError: onnxruntime or tokenizers is not installed.
        StorageError: it is no such model.
    """
    for library in ("onnxruntime", "tokenizers"):
        if find_spec(library) is None:
            raise MissingExtraError(library, "embed", "computing embeddings")
    import onnxruntime

    try:
        return onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors derive from Exception alone
        raise StorageError(f"{weights} is no ONNX model that can be run: {error}") from error


def tokens_of(tokenizer: Any, texts: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """What a text model may read of these texts, by the name of its input."""
    encoded = tokenizer.encode_batch(list(texts))
    mask = np.array([one.attention_mask or [0] for one in encoded], np.int64)
    ids = np.array([one.ids or [0] for one in encoded], np.int64)
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(mask)}


@dataclass(frozen=True, slots=True, eq=False)
class _Onnx:
    """A model run by onnxruntime."""

    session: Any
    tokenizer: Any
    inputs: tuple[str, ...]
    pooling: tuple[str, ...]
    normalize: bool
    prepare: Callable[[str], str]

    @classmethod
    def opened(cls, folder: Path, weights: Path) -> _Onnx:
        session = session_of(weights)
        pooling, normalize = _steps(folder)
        bert = read_json(folder / "sentence_bert_config.json")
        lower = bool(bert.get("do_lower_case"))
        return cls(
            session,
            tokenizer_of(folder, bert.get("max_seq_length")),
            tuple(one.name for one in session.get_inputs()),
            pooling,
            normalize,
            str.lower if lower else str,
        )

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        known = tokens_of(self.tokenizer, [self.prepare(text) for text in texts])
        outputs = self.session.run(None, {name: known[name] for name in self.inputs})
        vectors = np.asarray(outputs[0], np.float32)
        if vectors.ndim == 3:
            vectors = pooled(vectors, known["attention_mask"], self.pooling)
        if self.normalize:
            length = np.linalg.norm(vectors, axis=1, keepdims=True)
            vectors = vectors / np.maximum(length, 1e-12)
        return vectors


@dataclass(frozen=True, slots=True, eq=False)
class _Torch:
    """A model run by sentence-transformers."""

    model: Any

    @classmethod
    def opened(cls, folder: Path) -> _Torch:
        library = import_module("sentence_transformers")
        model = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        return cls(model)

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        vectors = self.model.encode(texts, batch_size=len(texts), show_progress_bar=False)
        return np.asarray(vectors, np.float32)


def pooled(
    tokens: NDArray[np.float32], mask: NDArray[np.int64], modes: Sequence[str]
) -> NDArray[np.float32]:
    """One vector a text from its token vectors: each mode's, side by side.

    Args:
        tokens: shape (texts, tokens, dimensions).
        mask: 1 where there is a token, shape (texts, tokens).
        modes: ``cls``, ``mean``, ``max``, ``mean_sqrt_len``.
    """
    weight = mask[..., None].astype(np.float32)
    total = (tokens * weight).sum(axis=1)
    count = np.maximum(weight.sum(axis=1), 1.0)
    ways: dict[str, Callable[[], NDArray[np.float32]]] = {
        "cls": lambda: tokens[:, 0],
        "mean": lambda: total / count,
        "max": lambda: np.where(weight > 0, tokens, np.float32(-1e9)).max(axis=1),
        "mean_sqrt_len": lambda: total / np.sqrt(count),
    }
    return np.concatenate([ways[mode]() for mode in modes], axis=1)


def _steps(folder: Path) -> tuple[tuple[str, ...], bool]:
    """How token vectors become one vector, and whether it is scaled to length 1."""
    modules = read_json(folder / "modules.json") or []
    kinds = [str(module.get("type", "")).rsplit(".", 1)[-1] for module in modules]
    unknown = set(kinds) - {"Transformer", "Pooling", "Normalize"}
    if unknown:
        raise SettingsError(
            f"the embedding model in {folder} has steps {sorted(unknown)}, which are not "
            "supported; take a model of the steps Transformer, Pooling and Normalize"
        )
    if "Pooling" not in kinds:
        return ("mean",), "Normalize" in kinds
    place = modules[kinds.index("Pooling")].get("path") or "1_Pooling"
    config = read_json(folder / place / "config.json")
    long = {"cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max"}
    on = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    modes = [key.removeprefix("pooling_mode_") for key in on] or [config.get("pooling_mode")]
    named = [long.get(mode, str(mode).removesuffix("_tokens")) for mode in modes]
    if not set(named) <= set(POOLINGS):
        raise SettingsError(f"the embedding model in {folder} pools by {named}, known: {POOLINGS}")
    # In the order in which sentence-transformers puts them side by side.
    return tuple(mode for mode in POOLINGS if mode in named), "Normalize" in kinds


def tokenizer_of(folder: Path, longest: int | None) -> Any:
    """The folder's tokenizer, which cuts texts at so many tokens; None for as many as it says."""
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise SettingsError(f"the embedding model in {folder} has no tokenizer.json")
    tokenizer = Tokenizer.from_file(str(path))
    config = read_json(folder / "tokenizer_config.json")
    limit = longest or config.get("model_max_length") or LONGEST
    tokenizer.enable_truncation(int(min(limit, 100_000)) if limit < 1e9 else LONGEST)
    pad = config.get("pad_token") or "[PAD]"
    pad = pad.get("content", "[PAD]") if isinstance(pad, dict) else pad
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad) or 0, pad_token=pad)
    return tokenizer


def read_json(path: Path) -> Any:
    """The file's content, empty where there is no such file."""
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StorageError(f"{path} is damaged: {error}") from error
