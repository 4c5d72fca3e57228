"""A table of votes as numbers, and what is counted from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.core.errors import DataError

__all__ = ["COLUMNS", "MissingColumnError", "Votes", "best_of", "check_columns"]

COLUMNS = ("task", "worker", "label")


class MissingColumnError(DataError, KeyError):
    """A table lacks a column. It is a `KeyError` too, as pandas raises it."""

    # A KeyError shows the repr of its message.
    __str__ = Exception.__str__


@dataclass(frozen=True)
class Votes:
    """The rows of a table, as often as they occur.

    Attributes:
        task: the place of each row's task in `tasks`, shape (votes,); likewise worker and label.
        worker: see task.
        label: see task.
        tasks: the names, in order if they have one; a pandas index; likewise workers and labels.
        workers: see tasks.
        labels: see tasks.
    """

    task: NDArray[np.intp]
    worker: NDArray[np.intp]
    label: NDArray[np.intp]
    tasks: Any
    workers: Any
    labels: Any

    @classmethod
    def of(cls, data: Any) -> Votes:
        """The votes of a pandas frame with the columns task, worker and label.

        Raises:
            DataError: no pandas frame, or an empty value.
            MissingColumnError: a column is missing.
        """
        check_columns(data, COLUMNS)
        codes, names = zip(*(_factorized(data[column], column) for column in COLUMNS), strict=True)
        return cls(*codes, *names)

    def __len__(self) -> int:
        return len(self.task)

    def counts(self, weight: ArrayLike | None = None) -> NDArray[np.float64]:
        """How many votes each task has for each label, shape (tasks, labels).

        Args:
            weight: what each vote counts, shape (votes,); by default 1.
        """
        shape = len(self.tasks), len(self.labels)
        cell = self.task * shape[1] + self.label
        return np.bincount(cell, weight, shape[0] * shape[1]).reshape(shape).astype(np.float64)

    def agreement(self, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        """The share of each worker's votes that are the label of their task, shape (workers,).

        Args:
            chosen: the place of each task's label, shape (tasks,).
        """
        once = self.once
        right = self.label[once] == chosen[self.task[once]]
        many = len(self.workers)
        return np.bincount(self.worker[once], right, many) / np.bincount(
            self.worker[once], None, many
        )

    @cached_property
    def once(self) -> NDArray[np.intp]:
        """The rows without those that repeat another one."""
        _, first = np.unique(
            np.stack([self.task, self.worker, self.label]), axis=1, return_index=True
        )
        return first

    def frame(self, probability: NDArray[np.float64]) -> Any:
        """Numbers of shape (tasks, labels) as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(probability, self.tasks.rename("task"), self.labels.rename("label"))

    def chosen(self, probability: NDArray[np.float64]) -> Any:
        """The label of the highest number of each task, the first of equals; a pandas Series."""
        import pandas as pd

        labels = self.labels.take(best_of(probability))
        return pd.Series(labels.array, self.tasks.rename("task"), name="agg_label")

    def of_workers(self, values: NDArray[np.float64], name: str = "skill") -> Any:
        """A number of each worker as a pandas Series."""
        import pandas as pd

        return pd.Series(values, self.workers.rename("worker"), name=name)


def best_of(numbers: NDArray[np.float64]) -> NDArray[np.intp]:
    """The place of the highest number of each row, the first of equals; of no columns, no rows."""
    return numbers.argmax(axis=1) if numbers.size else np.empty(0, np.intp)


def check_columns(data: Any, columns: tuple[str, ...]) -> None:
    """Nothing, if it is a pandas frame with these columns.

    Raises:
        DataError: no pandas frame.
        MissingColumnError: a column is missing.
    """
    if not hasattr(data, "iloc") or not hasattr(data, "columns"):
        raise DataError(f"expected a pandas DataFrame with the columns {', '.join(columns)}")
    missing = [name for name in columns if name not in data.columns]
    if missing:
        raise MissingColumnError(
            f"the table has no column {missing[0]!r}; "
            f"expected a pandas DataFrame with the columns {', '.join(columns)}"
        )


def _factorized(column: Any, name: str) -> tuple[NDArray[np.intp], Any]:
    """The place of every value in the index of their names, and that index.

    Raises:
        DataError: an empty value.
    """
    import pandas as pd

    code, values = pd.factorize(column)
    if len(code) and code.min() < 0:
        raise DataError(f"column {name!r} has {(code < 0).sum()} empty values")
    index = pd.Index(values)
    try:
        order = index.argsort()
    except TypeError:  # values of several types have no order: as they first appear
        return code, index
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    return place[code], index[order]
