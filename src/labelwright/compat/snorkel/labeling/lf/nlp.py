"""Labeling functions of texts as spaCy reads them; Snorkel's `labeling.lf.nlp`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from labelwright.compat.snorkel.labeling.lf.core import LabelingFunction
from labelwright.compat.snorkel.map.core import refuse_bare
from labelwright.compat.snorkel.preprocess.core import BasePreprocessor
from labelwright.compat.snorkel.preprocess.nlp import EN_CORE_WEB_SM, SpacyPreprocessor
from labelwright.core.errors import SettingsError

__all__ = ["NLPLabelingFunction", "nlp_labeling_function"]


SETTINGS = {"text_field": "text", "doc_field": "doc", "language": EN_CORE_WEB_SM, "memoize": True}


class NLPLabelingFunction(LabelingFunction):
    """A labeling function whose items have a spaCy `Doc`, which all of them read once.

    Args:
        name: of the function.
        f: as in `LabelingFunction`; likewise resources.
        resources: see f.
        pre: preprocessors that run before spaCy.
        settings: of `SpacyPreprocessor`. All functions of this class have those of the first.

    Raises:
        SettingsError: other settings than those of the first function.
        ImportError: spaCy is not installed.
    """

    _shared: ClassVar[tuple[dict[str, Any], SpacyPreprocessor] | None] = None

    def __init__(
        self,
        name: str,
        f: Callable[..., int],
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[BasePreprocessor] | None = None,
        **settings: Any,
    ) -> None:
        reading = SETTINGS | settings | {"pre": list(pre or [])}
        super().__init__(name, f, resources, [self._reader(reading)])

    @classmethod
    def _reader(cls, settings: dict[str, Any]) -> SpacyPreprocessor:
        if cls._shared is None:
            cls._shared = settings, SpacyPreprocessor(**settings)
        if cls._shared[0] != settings:
            raise SettingsError(
                f"every {cls.__name__} shares one SpacyPreprocessor, and the first one was made "
                f"with different parameters: {cls._shared[0]}"
            )
        return cls._shared[1]


class nlp_labeling_function:  # noqa: N801 - Snorkel's name
    """Decorator that makes an `NLPLabelingFunction` of a function; arguments as there."""

    makes: type[NLPLabelingFunction] = NLPLabelingFunction

    def __init__(
        self,
        name: str | None = None,
        resources: Mapping[str, Any] | None = None,
        pre: Sequence[BasePreprocessor] | None = None,
        **settings: Any,
    ) -> None:
        refuse_bare(name, type(self).__name__)
        self.name = name
        self.resources = resources
        self.pre = pre
        self._settings = settings

    def __call__(self, f: Callable[..., int]) -> NLPLabelingFunction:
        """The function as a labeling function."""
        name = self.name or f.__name__
        return self.makes(name, f, self.resources, self.pre, **self._settings)
