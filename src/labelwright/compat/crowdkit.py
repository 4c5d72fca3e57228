"""crowd-kit's interface (1.4) on our label models: write `labelwright.compat.crowdkit`.

There is a class for every method of `labelwright.labelmodels.MODELS`, by its name there
(`MajorityVote`, `Wawa`, `DawidSkene`, ...; `MACE` and `GLAD` as crowd-kit spells them), for
crowd-kit's `crowdkit.aggregation`. Each takes its own settings by name, and `n_iter` for `steps`.
A pair of task and worker may occur once; crowd-kit counts it as often as it occurs.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

import numpy as np

from labelwright.core.errors import DataError, SettingsError, shown
from labelwright.core.matrix import VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.core.source import SourceKind
from labelwright.labelmodels import MODELS, by_name

COLUMNS = ("task", "worker", "label")
_SPELLINGS = {"Mace": "MACE", "Glad": "GLAD"}


class Aggregator:
    """A label model on a table of votes; the classes of this module extend it.

    Args:
        n_iter: how many steps, for methods that take some.
        settings: of the method.

    Attributes:
        labels_: the most probable label of each task; a Series "agg_label" indexed by task.
        probas_: the probability of each label; a frame indexed by task, a column a label.
        skills_: the estimated accuracy of each worker; a Series "skill" indexed by worker.
        priors_: the share of each label; a Series "prior" indexed by label.
        errors_: P(worker gives label | column is true); a frame indexed by worker and label.

    Raises:
        SettingsError: a setting that the method lacks or refuses.

    Example:
        >>> import pandas as pd
        >>> votes = [("a", "Ann", "yes"), ("a", "Bo", "yes"), ("a", "Cy", "no")]
        >>> table = pd.DataFrame(votes, columns=["task", "worker", "label"])
        >>> DawidSkene().fit_predict(table).to_dict()
        {'a': 'yes'}
    """

    method: ClassVar[str]

    def __init__(self, n_iter: int | None = None, **settings: Any) -> None:
        if n_iter is not None:
            if "steps" not in [field.name for field in fields(_class_of(self.method))]:
                raise SettingsError(f"{self.method} takes no steps, so n_iter has no meaning")
            settings["steps"] = n_iter
        self._model = by_name(self.method, **settings)
        self.labels_: Any = None
        self.probas_: Any = None
        self.skills_: Any = None
        self.priors_: Any = None
        self.errors_: Any = None

    def fit(self, data: Any, true_labels: Any = None) -> Aggregator:
        """Itself, fitted to the votes.

        Args:
            data: a pandas frame with the columns task, worker and label.
            true_labels: a Series of known labels, indexed by task; tasks without votes in it do
                not count.

        Raises:
            DataError: no such frame, an empty value, or a true label that nobody gave.
            VotesError: a worker voted twice on a task.
        """
        import pandas as pd

        codes, names = _coded(data)
        if not len(data):
            self._keep_nothing()
            return self
        kinds = [SourceKind.PERSON] * len(names[1])
        if true_labels is not None:
            codes = _with_gold(codes, names, true_labels)
            kinds.append(SourceKind.GOLD)
        votes = VoteMatrix.build(
            *codes,
            units=len(names[0]),
            classes=max(2, len(names[2])),
            kinds=kinds,
            complete=np.zeros(len(kinds), bool),
        )
        fit = self._model.fit(votes)
        probability = self._model.posterior(fit, votes).probability[:, : len(names[2])]
        probability /= probability.sum(axis=1, keepdims=True)
        self.probas_ = pd.DataFrame(probability, names[0].rename("task"), names[2].rename("label"))
        self.labels_ = self.probas_.idxmax(axis="columns").rename("agg_label")
        self._keep(fit, names)
        return self

    def fit_predict(self, data: Any, true_labels: Any = None) -> Any:
        """The most probable label of each task, a Series; arguments as in `fit`."""
        return self.fit(data, true_labels).labels_

    def fit_predict_proba(self, data: Any, true_labels: Any = None) -> Any:
        """The probability of each label, a frame with a row a task; arguments as in `fit`."""
        return self.fit(data, true_labels).probas_

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._model!r})"

    def _keep(self, fit: LabelModelFit, names: list[Any]) -> None:
        """What was learnt of workers and labels, under crowd-kit's names."""
        import pandas as pd

        workers, labels = names[1].rename("worker"), names[2].rename("label")
        people, classes = len(workers), len(labels)
        self.skills_ = pd.Series(fit.accuracy[:people], workers, name="skill")
        prior = fit.class_prior[:classes]
        self.priors_ = pd.Series(prior / prior.sum(), labels, name="prior")
        errors = fit.confusion[:people, :classes, :classes].transpose(0, 2, 1)
        self.errors_ = pd.DataFrame(
            errors.reshape(-1, classes),
            pd.MultiIndex.from_product([workers, labels]),
            labels.rename(None),
        )

    def _keep_nothing(self) -> None:
        import pandas as pd

        task = pd.Index([], name="task")
        self.labels_ = pd.Series([], task, dtype=object, name="agg_label")
        self.probas_ = pd.DataFrame(index=task)
        self.skills_ = pd.Series([], pd.Index([], name="worker"), dtype=float, name="skill")
        self.priors_ = pd.Series([], pd.Index([], name="label"), dtype=float, name="prior")
        self.errors_ = pd.DataFrame()


def _coded(data: Any) -> tuple[list[Any], list[Any]]:
    """The columns as numbers, and the names that the numbers stand for, in order if they have one.

    Raises:
        DataError: no such frame, or an empty value.
    """
    missing = [name for name in COLUMNS if name not in getattr(data, "columns", ())]
    if missing or not hasattr(data, "iloc"):
        raise DataError(f"expected a pandas DataFrame with the columns {', '.join(COLUMNS)}")
    codes, names = [], []
    for column in COLUMNS:
        code, name = _factorized(data[column])
        if len(code) and code.min() < 0:
            raise DataError(f"column {column!r} has {(code < 0).sum()} empty values")
        codes.append(code)
        names.append(name)
    return codes, names


def _factorized(column: Any) -> tuple[Any, Any]:
    import pandas as pd

    code, name = pd.factorize(column)
    index = pd.Index(name)
    try:
        order = index.argsort()
    except TypeError:  # values of several types have no order: as they first appear
        return code, index
    place = np.empty(len(order) + 1, np.int64)
    place[order], place[-1] = np.arange(len(order)), -1
    return place[code], index[order]


def _with_gold(codes: list[Any], names: list[Any], true_labels: Any) -> list[Any]:
    """The votes and those of one more source, that is never wrong."""
    if not hasattr(true_labels, "index") or not true_labels.index.is_unique:
        raise DataError("true_labels must be a pandas Series indexed by task, each task once")
    unit = names[0].get_indexer(true_labels.index)
    label = names[2].get_indexer(true_labels.to_numpy())
    if np.any((unit >= 0) & (label < 0)):
        unknown = true_labels.iloc[int(np.flatnonzero((unit >= 0) & (label < 0))[0])]
        raise DataError(f"true_labels holds {shown(unknown)}, a label that no worker gave")
    known = unit >= 0
    gold = [unit[known], np.full(known.sum(), len(names[1])), label[known]]
    return [np.concatenate(pair) for pair in zip(codes, gold, strict=True)]


def _class_of(method: str) -> Any:
    return MODELS[method]


def _classes() -> dict[str, type[Aggregator]]:
    """An aggregator for every label model there is, under crowd-kit's spelling."""
    made = {}
    for method, model in MODELS.items():
        name = _SPELLINGS.get(model.__name__, model.__name__)
        about = {"method": method, "__module__": __name__, "__doc__": f"{name}; see `Aggregator`."}
        made[name] = type(name, (Aggregator,), about)
    return made


AGGREGATORS = _classes()
"""Every class by name."""

globals().update(AGGREGATORS)
__all__ = sorted(["AGGREGATORS", "Aggregator", *AGGREGATORS])  # noqa: PLE0605 - one a method
