"""Metadata of an exported file: Croissant for machines, the head of a Hugging Face card.

Reference:
    M. Akhtar and others: Croissant: A Metadata Format for ML-Ready Datasets. DEEM 2024.
    https://doi.org/10.1145/3650203.3663326; format 1.0:
    https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.core.columns import probabilities
from labelwright.core.errors import DataError, SettingsError

MEDIA_TYPES = {
    ".parquet": "application/x-parquet",
    ".csv": "text/csv",
    ".jsonl": "application/jsonlines",
}
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
MOST = "n>1M"


@dataclass(frozen=True, slots=True)
class DatasetAbout:
    """What metadata say of a data set.

    Attributes:
        name: of it.
        description: what it is.
        license: as SPDX names it; empty if unknown.
        url: where it is published; empty if nowhere.
        creators: who made it.
        version: such as ``1.0.0``.
        published: the day, ISO 8601.
        task: as Hugging Face names it, such as ``text-classification``.
        rows: how many items there are.
        classes: whose probabilities a file of the data set may hold.
    """

    name: str
    description: str
    license: str
    url: str
    creators: Sequence[str]
    version: str
    published: str
    task: str
    rows: int
    classes: Sequence[str] = ()


def croissant(about: DatasetAbout, file: Path) -> str:
    """The Croissant metadata of a file that was exported, as JSON-LD.

    Raises:
        SettingsError: a format that it cannot describe.
        DataError: the file cannot be read.
    """
    columns = _columns(file)
    chances = zip(probabilities(about.classes), about.classes, strict=True)
    meanings = _MEANINGS | {name: f"the probability of the class {one}" for name, one in chances}
    described: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name,
        "description": about.description,
        "version": about.version,
        "datePublished": about.published,
    }
    known = {"license": _license(about.license), "url": about.url}
    described |= {name: value for name, value in known.items() if value}
    if about.creators:
        described["creator"] = [{"@type": "sc:Person", "name": one} for one in about.creators]
    described["distribution"] = [
        {
            "@type": "cr:FileObject",
            "@id": file.name,
            "name": file.name,
            "contentUrl": file.name,
            "contentSize": f"{file.stat().st_size} B",
            "encodingFormat": MEDIA_TYPES[file.suffix.lower()],
            "sha256": _sha256(file),
        }
    ]
    described["recordSet"] = [
        {
            "@type": "cr:RecordSet",
            "@id": "items",
            "name": "items",
            "key": {"@id": "items/id"},
            "field": [
                _field(name, kind, file.name, meanings.get(name)) for name, kind in columns.items()
            ],
        }
    ]
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def hugging_face(about: DatasetAbout, file: Path | None, body: str) -> str:
    """A data set card as Hugging Face reads it: a head of YAML, then Markdown.

    Args:
        about: the data set.
        file: what was exported, if anything.
        body: the card in Markdown.
    """
    size = next((name for most, name in SIZES if about.rows < most), MOST)
    head: dict[str, Any] = {"pretty_name": about.name}
    if about.license:
        head["license"] = about.license.lower()
    head |= {
        "task_categories": [about.task],
        "size_categories": [size],
        "annotations_creators": ["machine-generated"],
        "tags": ["weak-supervision", "labelwright"],
    }
    if file is not None:
        files = [{"split": "train", "path": file.name}]
        head["configs"] = [{"config_name": "default", "data_files": files}]
    # A value of JSON is one of YAML.
    lines = [f"{name}: {json.dumps(value, ensure_ascii=True)}" for name, value in head.items()]
    return "---\n" + "\n".join(lines) + "\n---\n\n" + body


def _columns(file: Path) -> dict[str, str]:
    """The columns of the file, each with its type in Croissant."""
    import polars as pl

    ending = file.suffix.lower()
    if ending not in MEDIA_TYPES:
        raise SettingsError(
            f"{file}: metadata describe a file of {', '.join(MEDIA_TYPES)}; export one first"
        )
    scans: dict[str, Callable[[Path], pl.LazyFrame]] = {
        ".parquet": pl.scan_parquet,
        ".csv": pl.scan_csv,
        ".jsonl": pl.scan_ndjson,
    }
    try:
        schema = scans[ending](file).collect_schema()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(f"{file}: cannot be read ({error}); export it again") from error
    return {name: _kind(kind) for name, kind in schema.items()}


def _kind(kind: Any) -> str:
    if kind.is_nested():
        return f"{_kind(kind.inner)}[]" if hasattr(kind, "inner") else "sc:Text"
    if kind.is_integer():
        return "sc:Integer"
    if kind.is_float():
        return "sc:Float"
    return {"Boolean": "sc:Boolean", "Date": "sc:Date"}.get(str(kind), "sc:Text")


def _field(name: str, kind: str, file: str, meaning: str | None) -> dict[str, Any]:
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"items/{name}",
        "name": name,
        "dataType": kind.removesuffix("[]"),
        "source": {"fileObject": {"@id": file}, "extract": {"column": name}},
    }
    if meaning is not None:
        field["description"] = meaning
    return field | ({"repeated": True} if kind.endswith("[]") else {})


def _license(name: str) -> str:
    """The address that SPDX gives a licence of this name; what is none of its names stays."""
    plain = re.fullmatch(r"[A-Za-z0-9.+-]+", name)
    return f"https://spdx.org/licenses/{name}.html" if plain else name


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


_MEANINGS = {
    "id": "the item's key",
    "split": "train, valid, test or empty",
    "label": "the most probable class; empty where nothing is known",
    "confidence": "the probability of the label",
    "basis": "what the label rests on",
    "sources": "who voted what",
    "votes_label": "what votes alone say",
    "votes_confidence": "the probability of that",
    "model_label": "what the end model says",
    "model_confidence": "the probability of that",
}
_OWN = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty",
    "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField",
    "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator",
    "source", "subField", "transform",
)  # fmt: skip
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _OWN},
}
