"""Texts as spaCy reads them; Snorkel's `preprocess.nlp`. It needs spaCy, which is not ours."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from labelwright.compat.snorkel.preprocess.core import BasePreprocessor, Preprocessor
from labelwright.compat.snorkel.types import FieldMap, HashingFunction

__all__ = ["EN_CORE_WEB_SM", "SpacyPreprocessor"]

EN_CORE_WEB_SM = "en_core_web_sm"


class SpacyPreprocessor(Preprocessor):
    """Adds spaCy's `Doc` of a text to the item.

    Args:
        text_field: the field with the text.
        doc_field: the field for the `Doc`.
        language: the spaCy model.
        disable: parts of the model that shall not run.
        pre: as in `Preprocessor`, as what follows.
        gpu: whether spaCy may use one.

    Raises:
        ImportError: spaCy is not installed.
    """

    def __init__(
        self,
        text_field: str,
        doc_field: str,
        language: str = EN_CORE_WEB_SM,
        disable: list[str] | None = None,
        pre: Sequence[BasePreprocessor] | None = None,
        memoize: bool = False,
        memoize_key: HashingFunction | None = None,
        gpu: bool = False,
    ) -> None:
        super().__init__(
            type(self).__name__, {"text": text_field}, {"doc": doc_field}, pre, memoize, memoize_key
        )
        self.gpu = gpu
        spacy: Any = importlib.import_module("spacy")
        if gpu:
            spacy.prefer_gpu()
        self._nlp = spacy.load(language, disable=disable or [])

    def run(self, text: str) -> FieldMap:  # type: ignore[override]  # by field, as `Mapper` wants
        """The text's `Doc`."""
        return {"doc": self._nlp(text)}
