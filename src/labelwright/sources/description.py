"""A line about each class as a source: an item gets the class whose description it is nearest to.

Nothing is learnt from labels. What an item and a description have in common is the cosine of their
embeddings. Some descriptions are near to everything, so each class's mean over items is taken off
first; the differences, in units of their spread, then are the scores of a soft vote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import SourceError
from labelwright.core.identity import digest
from labelwright.core.ports import Ballot
from labelwright.core.source import Source, SourceKind
from labelwright.core.task import Task
from labelwright.tasks import kind_of

Array = NDArray[np.float64]
Embed = Callable[[pa.Table], NDArray[Any]]
"""Items -> vectors, shape (items, dimensions), NaN where an item cannot be read."""

NAME = "descriptions"
CODE = 1
"""Another number whenever the same descriptions and items would get other votes."""
UNREADABLE = "there is no text or image in it that can be read"
TINY = 1e-12


def lines_of(task: Task, descriptions: Mapping[str, str]) -> tuple[str, ...]:
    """One line a class: its description, else what the guidelines say of it, else its name.

    The guidelines say something of a class in a line that begins with its name and a colon or a
    dash; marks of Markdown around the name do not matter.

    Example:
        >>> task = Task("classification", ("spam", "ham"), "- **spam**: wants your money")
        >>> lines_of(task, {})
        ('wants your money', 'ham')
    """
    return tuple(
        descriptions.get(name) or _guideline(task.guidelines, name) or name for name in task.classes
    )


@dataclass(frozen=True, slots=True, eq=False)
class Compass:
    """Where each class lies among the items.

    Attributes:
        directions: the embeddings of the descriptions, of length 1, shape (classes, dimensions).
        centre: how near each description is to items on average, shape (classes,).
        spread: the standard deviation of what is left, over items and classes.
    """

    directions: Array
    centre: Array
    spread: float

    @classmethod
    def of(cls, lines: NDArray[Any], sample: NDArray[Any]) -> Compass:
        """The compass of these descriptions among a sample of the items.

        Args:
            lines: embeddings of the descriptions, shape (classes, dimensions).
            sample: embeddings of items, shape (items, dimensions), NaN where unreadable.

        Raises:
            SourceError: descriptions and items are embedded in different spaces.
        """
        if lines.shape[1] != sample.shape[1]:
            raise SourceError(
                f"the embedding model gives descriptions {lines.shape[1]} dimensions and items "
                f"{sample.shape[1]}; take one that puts both into one space"
            )
        directions = _unit(lines)
        near = _unit(sample[~np.isnan(sample).any(axis=1)]) @ directions.T
        if not len(near):
            return cls(directions, np.zeros(len(directions)), 1.0)
        centre = near.mean(axis=0)
        # All items alike: nothing can be told from them, and nothing shall be divided by 0.
        spread = float(np.sqrt(((near - centre) ** 2).mean()))
        return cls(directions, centre, spread if spread > TINY else 1.0)

    def shares(self, vectors: NDArray[Any]) -> Array:
        """How likely each class is by its description alone, shape (items, classes).

        Humble by choice, one unit of spread being worth one unit of log odds: how far these
        shares can be trusted is for the label model to find out.
        """
        score = (_unit(vectors) @ self.directions.T - self.centre) / self.spread
        score -= score.max(axis=1, keepdims=True)
        share = np.exp(score)
        shares: Array = share / share.sum(axis=1, keepdims=True)
        return shares

    @property
    def version(self) -> str:
        """Names it by its content."""
        return digest([self.directions, self.centre, self.spread, CODE])


@dataclass(frozen=True, eq=False)
class DescriptionVoter:
    """Class descriptions as a `Voter`: a soft vote on every item that can be read.

    Attributes:
        task: of a kind whose answers are one class an item.
        compass: where each class lies among the items.
        embed: items -> vectors, in the space of the compass.
        embed_version: what names the weights behind `embed`.
        reads: the columns that `embed` reads.
    """

    task: Task
    compass: Compass
    embed: Embed
    embed_version: str
    reads: tuple[str, ...]

    @property
    def source(self) -> Source:
        """The descriptions as a source; another description or model is another version."""
        content = [self.compass.version, self.embed_version, self.task.classes, self.reads]
        about = "how near an item is to the description of each class"
        return Source(NAME, SourceKind.DESCRIPTION, digest(content), description=about)

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return self.reads

    @property
    def isolated(self) -> bool:
        """Never: the weights are data, not its owner's code."""
        return False

    def vote(self, batch: pa.RecordBatch) -> Ballot:
        """A distribution over the classes for every item."""
        if not batch.num_rows:
            return Ballot(pa.array([], pa.string()))
        vectors = np.asarray(self.embed(pa.Table.from_batches([batch])), np.float64)
        readable = ~np.isnan(vectors).any(axis=1)
        answers = np.full(batch.num_rows, None, object)
        answers[readable] = self._texts(self.compass.shares(vectors[readable]))
        failures = dict.fromkeys(np.flatnonzero(~readable).tolist(), UNREADABLE)
        return Ballot(pa.array(answers, pa.string()), failures=failures)

    def _texts(self, shares: Array) -> list[str]:
        kind, names = kind_of(self.task), self.task.classes
        rows, which = np.unique(hundredths(shares), axis=0, return_inverse=True)
        texts = [
            kind.canonical({names[k]: row[k] / 100 for k in np.flatnonzero(row)}, self.task)
            for row in rows
        ]
        return [texts[place] for place in which.ravel()]


def hundredths(shares: Array) -> NDArray[np.int64]:
    """The shares in hundredths that add up to 100, the largest remainders rounded up.

    So many items say the same, which keeps the log small, and no class of very many is lost to
    rounding alone.
    """
    whole = np.floor(shares * 100 + 1e-9).astype(np.int64)
    left = 100 - whole.sum(axis=1)
    order = np.argsort(whole - shares * 100, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    found: NDArray[np.int64] = whole + (rank < left[:, None])
    return found


def _guideline(guidelines: str, name: str) -> str:
    told = re.search(
        rf"^[\s>#*+\-]*[*_`\"']*{re.escape(name)}[*_`\"']*\s*(?::[*_]*|\s[-–—])\s*(\S.*)$",
        guidelines,
        re.MULTILINE | re.IGNORECASE,
    )
    return told[1].strip() if told else ""


def _unit(vectors: NDArray[Any]) -> Array:
    wide = np.asarray(vectors, np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    unit: Array = wide / np.maximum(length, TINY)
    return unit
