"""What every labeler of Snorkel's interface does with its probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, overload
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.compat.snorkel.analysis import Scorer
from labelwright.compat.snorkel.predictions import probs_to_preds
from labelwright.core.errors import DataError, SettingsError, StorageError, shown
from labelwright.core.matrix import VoteMatrix

__all__ = ["BaseLabeler"]

Probabilities = NDArray[np.float64]
Labels = NDArray[np.int64]


class BaseLabeler:
    """A labeler; those that extend it define `predict_proba`.

    Args:
        cardinality: how many classes there are.

    Raises:
        SettingsError: fewer than two classes.
    """

    def __init__(self, cardinality: int = 2, **kwargs: Any) -> None:
        if not isinstance(cardinality, int | np.integer) or cardinality < 2:
            raise SettingsError(f"cardinality must be at least 2, got {shown(cardinality)}")
        self.cardinality = int(cardinality)

    def predict_proba(self, L: ArrayLike) -> Probabilities:  # noqa: N803 - Snorkel's name
        """The class probabilities of every item, shape (items, cardinality).

        Args:
            L: labels of the functions, shape (items, functions), -1 where they abstained.

        Raises:
            VotesError: `L` is no such matrix.
        """
        raise NotImplementedError

    @overload
    def predict(
        self,
        L: ArrayLike,  # noqa: N803
        return_probs: Literal[False] = ...,
        tie_break_policy: str = ...,
    ) -> Labels: ...
    @overload
    def predict(
        self,
        L: ArrayLike,  # noqa: N803
        return_probs: Literal[True],
        tie_break_policy: str = ...,
    ) -> tuple[Labels, Probabilities]: ...
    def predict(
        self,
        L: ArrayLike,  # noqa: N803 - Snorkel's name
        return_probs: bool = False,
        tie_break_policy: str = "abstain",
    ) -> Labels | tuple[Labels, Probabilities]:
        """The most probable class of every item, shape (items,); see `probs_to_preds` for ties.

        Args:
            L: as in `predict_proba`.
            return_probs: whether to give the probabilities too.
            tie_break_policy: "abstain" (-1), "random" (the same every time) or "true-random".
        """
        probability = self.predict_proba(L)
        labels = probs_to_preds(probability, tie_break_policy)
        return (labels, probability) if return_probs else labels

    def score(
        self,
        L: ArrayLike,  # noqa: N803 - Snorkel's name
        Y: ArrayLike,  # noqa: N803 - Snorkel's name
        metrics: Sequence[str] | None = ("accuracy",),
        tie_break_policy: str = "abstain",
    ) -> dict[str, float]:
        """Scores against gold by name; items without gold or prediction (-1) do not count.

        Args:
            L: as in `predict_proba`.
            Y: true labels, shape (items,).
            metrics: names from `analysis.METRICS`.
            tie_break_policy: as in `predict`.
        """
        labels, probability = self.predict(L, True, tie_break_policy)
        return Scorer(metrics).score(np.asarray(Y), labels, probability)

    def save(self, destination: str | Path) -> None:
        """Writes what was learnt to this file: arrays, no code, so that opening it is safe.

        Raises:
            StorageError: it cannot be written.
        """
        try:
            # By handle: by name, numpy would add an ending of its own.
            with Path(destination).open("wb") as file:
                np.savez(file, labeler=np.array(type(self).__name__), **self._learnt())
        except OSError as error:
            raise StorageError(f"cannot write {destination}: {error}") from error

    def load(self, source: str | Path) -> None:
        """Takes over what `save` wrote.

        Raises:
            StorageError: the file cannot be read.
            DataError: the file was not written by a labeler of this class. Snorkel's own files are
                pickles, which run code when opened: fit again.
        """
        try:
            with Path(source).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        except (ValueError, BadZipFile, EOFError, AttributeError, TypeError):
            arrays = {}
        except OSError as error:
            raise StorageError(f"cannot read {source}: {error}") from error
        if str(arrays.pop("labeler", "")) != type(self).__name__:
            raise DataError(
                f"{source} holds no {type(self).__name__} saved by this class. Files that Snorkel "
                "saved are pickles, which are not opened: fit again"
            )
        self._take_over(arrays)

    def _learnt(self) -> dict[str, Any]:
        return {"cardinality": np.array(self.cardinality)}

    def _take_over(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.cardinality = int(arrays["cardinality"])


def label_matrix(labels: ArrayLike, cardinality: int) -> VoteMatrix:
    """Snorkel's label matrix as ours.

    Raises:
        VotesError: it is none, or has labels that are no class.
    """
    return VoteMatrix.from_dense(labels, classes=cardinality)
