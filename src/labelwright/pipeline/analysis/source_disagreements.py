"""Where a source votes against the label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import UnknownNameError
from labelwright.pipeline.label.label import Labels


def disagreements(labels: Labels, source: int) -> tuple[NDArray[np.int64], list[str]]:
    """The items on which a source votes against the label, surest first, and what it votes.

    Args:
        labels: whose label counts.
        source: its place among the active sources.

    Raises:
        UnknownNameError: there is no such source.
    """
    if not 0 <= source < len(labels.active.sources):
        raise UnknownNameError(f"there is no source number {source}")
    votes = labels.votes
    mine = (votes.source == source) & (votes.answer >= 0)
    items, said = votes.item[mine], votes.answer[mine]
    index = {text: place for place, text in enumerate(votes.answers)}
    coded = labels.answers.answer.dictionary_encode()
    # A label that nobody voted as a whole (of a multi-label task) is unlike every vote.
    places = [index.get(text, -2) for text in coded.dictionary.to_pylist()]
    lookup = np.array([*places, -1], np.int64)
    label = lookup[coded.indices.fill_null(len(places)).to_numpy(zero_copy_only=False)]
    other = (label[items] != said) & (label[items] != -1)
    items, said = items[other], said[other]
    order = np.argsort(-labels.answers.confidence[items], kind="stable")
    texts: list[str] = votes.answers.texts(said[order]).to_pylist()
    return items[order], texts
