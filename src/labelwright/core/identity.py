"""Content hashes: the same value gives the same name on any machine."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import numpy as np

DIGEST_BYTES = 16


def digest(value: Any) -> str:
    """32 hexadecimal characters that name the value by its content.

    Understands None, booleans, numbers, text, bytes, dates, enumerations, sequences, sets,
    mappings, numpy arrays, and dataclasses (by the name of the class and its fields). The type
    is part of the name: ``1``, ``1.0``, ``True`` and ``"1"`` differ; a list and a tuple do not.
    A field with the metadata ``{"named": "unless empty"}`` came later: where it is empty, names
    are those of before.

    Raises:
        TypeError: the value holds something whose content cannot be read.
    """
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    _feed(hasher, value)
    return hasher.hexdigest()


def named_fields(value: Any) -> list[str]:
    """The fields of a dataclass that are a part of its name."""
    return [
        field.name
        for field in fields(value)
        if field.metadata.get("named") != "unless empty" or getattr(value, field.name)
    ]


def _feed(hasher: hashlib.blake2b, value: Any) -> None:
    # Every piece goes in with its tag and length, so that no two values run together.
    match value:
        case None:
            _piece(hasher, b"n", b"")
        case Enum():
            _feed(hasher, value.value)
        case bool() | np.bool_():
            _piece(hasher, b"b", b"1" if value else b"0")
        case int() | np.integer():
            _piece(hasher, b"i", str(int(value)).encode())
        case float() | np.floating():
            number = float(value)
            _piece(hasher, b"f", b"nan" if math.isnan(number) else number.hex().encode())
        case str():
            _piece(hasher, b"s", value.encode("utf-8", "surrogatepass"))
        case bytes() | bytearray() | memoryview():
            _piece(hasher, b"y", bytes(value))
        case datetime() | date():
            _piece(hasher, b"d", value.isoformat().encode())
        case np.ndarray():
            _piece(hasher, b"a", f"{value.dtype.str}{value.shape}".encode())
            _piece(hasher, b"y", np.ascontiguousarray(value).tobytes())
        case _:
            _feed_container(hasher, value)


def _feed_container(hasher: hashlib.blake2b, value: Any) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        _piece(hasher, b"c", type(value).__name__.encode())
        _feed(hasher, {name: getattr(value, name) for name in named_fields(value)})
    elif isinstance(value, Mapping):
        _piece(hasher, b"m", str(len(value)).encode())
        for name, child in sorted((digest(key), value[key]) for key in value):
            _piece(hasher, b"k", name.encode())
            _feed(hasher, child)
    elif isinstance(value, set | frozenset):
        _piece(hasher, b"u", str(len(value)).encode())
        for name in sorted(digest(child) for child in value):
            _piece(hasher, b"k", name.encode())
    elif isinstance(value, Sequence):
        _piece(hasher, b"l", str(len(value)).encode())
        for child in value:
            _feed(hasher, child)
    else:
        raise TypeError(f"cannot name a {type(value).__name__} by its content")


def _piece(hasher: hashlib.blake2b, tag: bytes, content: bytes) -> None:
    hasher.update(tag + len(content).to_bytes(8, "little"))
    hasher.update(content)
