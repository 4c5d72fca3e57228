"""Snorkel's `LabelModel`, on our label model."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.compat.snorkel.configs import TrainConfig, checked_training
from labelwright.compat.snorkel.labeling.model.base_labeler import (
    BaseLabeler,
    Probabilities,
    label_matrix,
)
from labelwright.compat.snorkel.predictions import to_int_label_array
from labelwright.core.errors import NothingToDoError, SettingsError, VotesError, shown
from labelwright.core.matrix import ABSTAINED, VoteMatrix
from labelwright.core.posterior import LabelModelFit
from labelwright.labelmodels import by_name
from labelwright.pipeline.workspace.settings import DEFAULT_LABEL_MODEL

__all__ = ["LabelModel", "OptionTypeError", "TrainConfig"]

WITH_MEANING = ("prec_init", "mu_eps")
"""The rest of `TrainConfig` is of Snorkel's gradient descent. Ours is a few closed steps that
draw no numbers."""

_OF_THE_FIT = (
    "class_prior", "confusion", "accuracy", "class_score", "vote_score", "abstain_score",
)  # fmt: skip


class OptionTypeError(SettingsError, TypeError):
    """An option is of a wrong type. It is a `TypeError` too, as in Snorkel."""


class LabelModel(BaseLabeler):
    """How good each labeling function is, and from that the label of every item.

    Where this differs from Snorkel's: any number of functions will do, not three or more; the
    class balance of items with votes is estimated where none is given; nothing is random.
    Where nobody voted both give the class balance that they were given, else even odds.

    Args:
        cardinality: how many classes there are.
        verbose: without meaning here.
        device: without meaning here; it runs on the processor.
        method: the name of another label model of `labelwright.labelmodels.MODELS`.
        settings: of that method.

    Raises:
        SettingsError: fewer than two classes, an unknown setting.
        UnknownNameError: an unknown method.

    Example:
        >>> model = LabelModel(verbose=False)
        >>> model.fit([[0, 0, -1], [1, 1, -1], [0, 0, 1], [-1, -1, -1]])
        >>> model.predict([[0, 0, -1], [1, 1, -1], [-1, -1, -1]]).tolist()
        [0, 1, -1]
    """

    def __init__(
        self,
        cardinality: int = 2,
        verbose: bool = True,
        device: str = "cpu",
        method: str = DEFAULT_LABEL_MODEL,
        **settings: Any,
    ) -> None:
        super().__init__(cardinality)
        self._choose(method, settings)
        self._fit: LabelModelFit | None = None
        self._voted: Probabilities | None = None
        self._balance: NDArray[np.float64] | None = None

    def fit(
        self,
        L_train: ArrayLike,  # noqa: N803 - Snorkel's name
        Y_dev: ArrayLike | None = None,  # noqa: N803 - Snorkel's name
        class_balance: ArrayLike | None = None,
        progress_bar: bool = True,
        **kwargs: Any,
    ) -> None:
        """Learns how good each function is.

        Args:
            L_train: labels of the functions, shape (items, functions), -1 where they abstained.
            Y_dev: true labels of some items, for the class balance and nothing else.
            class_balance: the share of every class, shape (cardinality,); goes before `Y_dev`.
            progress_bar: without meaning here.
            kwargs: `prec_init`, what is believed of the functions' accuracy (one number, or one
                each); `mu_eps`, the least of `get_conditional_probs`; and Snorkel's other
                training options, which have no meaning here, with a warning.

        Raises:
            VotesError: labels that are no class, accuracies outside 0..1.
            SettingsError: a class balance of another shape or with a class that has no share, or
                an unknown option.
            OptionTypeError: accuracies that are no numbers.
        """
        self.train_config = checked_training(kwargs)
        _warn_of_options(kwargs)
        votes = label_matrix(L_train, self.cardinality)
        if self.train_config.prec_init is not None:
            votes = _with_accuracies(votes, self.train_config.prec_init)
        self._balance = _given_balance(Y_dev, class_balance, self.cardinality)
        self._fit = self._model.fit(votes)
        self._voted = self._shares_of_votes(votes, self.predict_proba(L_train))

    def predict_proba(self, L: ArrayLike) -> Probabilities:  # noqa: N803 - Snorkel's name
        """The class probabilities of every item, shape (items, cardinality).

        Raises:
            NothingToDoError: not fitted.
            VotesError: `L` is no label matrix of the functions that were fitted.
        """
        fit = self._fitted()
        votes = label_matrix(L, self.cardinality)
        probability = self._model.posterior(fit, votes).probability
        if self._balance is not None:
            # Bayes' rule with another prior: the estimated balance out, the given one in.
            probability = probability * (self._balance / fit.class_prior)
            probability /= probability.sum(axis=1, keepdims=True)
        even = np.full(self.cardinality, 1 / self.cardinality)
        probability[~votes.covered] = even if self._balance is None else self._balance
        return probability

    def get_weights(self) -> NDArray[np.float64]:
        """The estimated accuracy of each function, NaN if it never voted, shape (functions,).

        Raises:
            NothingToDoError: not fitted.
        """
        return np.clip(self._fitted().accuracy, 1e-6, 1.0)

    def get_conditional_probs(self) -> NDArray[np.float64]:
        """P(function gives l | class is y), shape (functions, cardinality + 1, cardinality).

        l = 0 is abstention. Counted in the labels that were fitted, each item as its classes are
        probable; no label is rarer than the `mu_eps` of `fit`, nor more frequent than 1 - `mu_eps`.

        Raises:
            NothingToDoError: not fitted.
        """
        self._fitted()
        least = self.train_config.mu_eps or 0.0
        voted = np.asarray(self._voted).clip(least, 1 - least)
        return np.concatenate([1 - voted.sum(axis=1, keepdims=True), voted], axis=1)

    @staticmethod
    def _shares_of_votes(votes: VoteMatrix, classes: Probabilities) -> Probabilities:
        """P(function votes for a class | class is y), shape (functions, classes voted, classes)."""
        cell = votes.source * np.int64(votes.classes) + votes.label
        shape = votes.sources, votes.classes, votes.classes
        counts = [np.bincount(cell, of_class[votes.unit], shape[0] * shape[1])
                  for of_class in classes.T]  # fmt: skip
        weight = np.maximum(classes.sum(axis=0), np.finfo(float).tiny)
        return np.stack(counts, axis=1).reshape(shape) / weight

    def _choose(self, method: str, settings: Mapping[str, Any]) -> None:
        self.method = method
        self.settings = dict(settings)
        self._model = by_name(method, **self.settings)

    def _fitted(self) -> LabelModelFit:
        if self._fit is None:
            raise NothingToDoError("the label model is not fitted; call fit(L_train) first")
        return self._fit

    def _learnt(self) -> dict[str, Any]:
        fit = self._fitted()
        balance = {} if self._balance is None else {"balance": self._balance}
        about = {"method": self.method, "settings": self.settings, "model": fit.model}
        return {
            "about": np.array(json.dumps(about)),
            "cardinality": np.array(self.cardinality),
            "history": np.array(fit.history, np.float64),
            "heat": np.array(fit.heat),
            "voted": np.asarray(self._voted),
            "mu_eps": np.array(self.train_config.mu_eps or 0.0),
            **{name: getattr(fit, name) for name in _OF_THE_FIT},
            **{f"extra/{name}": array for name, array in fit.extra.items()},
            **balance,
        }

    def _take_over(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        about = json.loads(str(arrays["about"]))
        self._choose(about["method"], about["settings"])
        self.cardinality = int(arrays["cardinality"])
        self._balance = arrays.get("balance")
        self._voted = arrays["voted"]
        self.train_config = TrainConfig(mu_eps=float(arrays["mu_eps"]))
        extra = {
            name.removeprefix("extra/"): array
            for name, array in arrays.items()
            if name.startswith("extra/")
        }
        learnt: dict[str, Any] = {name: arrays[name] for name in _OF_THE_FIT}
        learnt["history"] = tuple(arrays["history"].tolist())
        learnt["heat"] = float(arrays.get("heat", 1.0))
        self._fit = LabelModelFit(model=about["model"], extra=extra, **learnt)


def _warn_of_options(options: Mapping[str, Any]) -> None:
    without = [name for name in options if name not in WITH_MEANING]
    if without:
        # Said of this line of ours, not of the caller's, so that Python shows it once.
        warnings.warn(
            f"{', '.join(without)}: training options of Snorkel's that have no meaning for this "
            "label model, which is fitted in a few exact steps without random numbers",
            stacklevel=1,
        )


def _with_accuracies(votes: VoteMatrix, believed: Any) -> VoteMatrix:
    try:
        accuracies = np.asarray(believed, np.float64)
    except ValueError:
        raise OptionTypeError(f"prec_init must be numbers, got {shown(believed)}") from None
    if accuracies.shape not in {(), (votes.sources,)}:
        raise VotesError(f"prec_init must be one number, or one for each of {votes.sources}")
    if not np.all((accuracies >= 0) & (accuracies <= 1)):
        raise VotesError("prec_init must lie in 0..1")
    return replace(votes, accuracies=np.broadcast_to(accuracies, (votes.sources,)).copy())


def _given_balance(
    labels: ArrayLike | None, shares: ArrayLike | None, classes: int
) -> NDArray[np.float64] | None:
    """The class balance that the user knows, shape (classes,); None without any."""
    if shares is None and labels is None:
        return None
    if shares is not None:
        balance = np.asarray(shares, np.float64)
        origin = "class_balance"
    else:
        known = to_int_label_array(np.asarray(labels))
        known = known[known != ABSTAINED]
        if known.min(initial=0) < 0:
            raise SettingsError(f"Y_dev holds {known.min()}, which is no class")
        balance = np.bincount(known, minlength=classes).astype(np.float64)
        origin = "Y_dev"
    if balance.shape != (classes,):
        raise SettingsError(f"{origin} has {len(balance)} classes, cardinality says {classes}")
    if not np.all(np.isfinite(balance) & (balance > 0)):
        missing = int(np.argmin(np.nan_to_num(balance)))
        raise SettingsError(
            f"{origin}: class {missing} has no share; give every class one in class_balance"
        )
    return balance / balance.sum()
