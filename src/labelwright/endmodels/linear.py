"""Multinomial logistic regression on soft labels: the head of every linear end model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.core.errors import DataError, SettingsError
from labelwright.endmodels.calibration import (
    Calibrating,
    ProbabilityCorrection,
    log_loss,
    log_softmax,
)
from labelwright.endmodels.encoders import Matrix, is_sparse
from labelwright.endmodels.folds import assign_folds, usable_folds
from labelwright.endmodels.saved import Packed
from labelwright.endmodels.targets import SeenClasses
from labelwright.endmodels.threads import threads_for

DEFAULT_STRENGTH = 1.0
EXACT = (1e-5, 1e-11)
"""The optimiser stops at such a gradient, or such a relative gain."""
ROUGH = (1e-4, 1e-7)
"""Likewise where only a loss is compared."""
CLEARLY_WORSE = 1.02
"""A loss this many times the best ends the search for the strength."""
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True, eq=False)
class LinearFit:
    """A trained linear classifier.

    Attributes:
        coefficient: shape (features, seen classes).
        intercept: shape (seen classes,).
        seen: the classes that training showed.
        calibration: of the seen classes' probabilities.
        strength: the C that was used, as in scikit-learn: smaller regularises more.
        loss: the cross-fitted expected log loss before calibration; NaN if not measured.
    """

    coefficient: NDArray[np.float64]
    intercept: NDArray[np.float64]
    seen: SeenClasses
    calibration: ProbabilityCorrection
    strength: float
    loss: float = float("nan")

    def predict(self, features: Matrix) -> NDArray[np.float64]:
        """Class probabilities, shape (items, classes)."""
        scores = np.asarray(features @ self.coefficient) + self.intercept
        return self.seen.widen(self.calibration.apply(np.exp(log_softmax(scores))))

    def pack(self) -> Packed:
        """All of it as a header and arrays."""
        header = {
            "classes": self.seen.classes,
            "floor": self.seen.floor,
            "scale": self.calibration.scale,
            "strength": self.strength,
            "loss": None if np.isnan(self.loss) else self.loss,
        }
        arrays: dict[str, NDArray[np.generic]] = {
            "coefficient": self.coefficient,
            "intercept": self.intercept,
            "seen": self.seen.seen,
            "share": self.seen.share,
            "shift": self.calibration.shift,
        }
        return Packed(header, arrays)

    @classmethod
    def unpack(cls, packed: Packed) -> LinearFit:
        """The fit that was packed."""
        header, arrays = packed.header, packed.arrays
        return cls(
            coefficient=arrays["coefficient"],
            intercept=arrays["intercept"],
            seen=SeenClasses(arrays["seen"], arrays["share"], header["classes"], header["floor"]),
            calibration=ProbabilityCorrection(header["scale"], arrays["shift"]),
            strength=header["strength"],
            loss=float("nan") if header["loss"] is None else header["loss"],
        )


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Logistic regression on soft labels with an L2 penalty; the intercept is not penalised.

    Minimises the sum over items of weight * cross-entropy(target, prediction), plus
    |coefficients|^2 / (2 * strength), by L-BFGS. Two classes share one vector of coefficients and
    more have one each, so that hard labels give the coefficients of scikit-learn at the same C.

    Attributes:
        strength: scikit-learn's C; None chooses it by cross-validated expected log loss.
        calibration: how probabilities are corrected, on predictions of models that did not see
            the item.
        folds: of the cross-validation.
        tuning_rows: at most so many items take part in the cross-validation.
        steps: at most so many steps of L-BFGS.

    Example:
        >>> features = np.array([[0.0], [1.0], [2.0], [3.0]])
        >>> target = np.array([[1, 0], [0.8, 0.2], [0.3, 0.7], [0, 1]])
        >>> fit = LinearHead(strength=1.0).fit(features, target, np.ones(4))
        >>> fit.predict(features).argmax(axis=1)
        array([0, 0, 1, 1])
    """

    strength: float | None = None
    calibration: Calibrating = "temperature"
    folds: int = 5
    tuning_rows: int = 20_000
    steps: int = 1_000

    def __post_init__(self) -> None:
        if self.strength is not None and not 0 < self.strength < float("inf"):
            raise SettingsError(f"strength must be a number above 0, got {self.strength}")
        if self.calibration not in ("temperature", "vector", "none"):
            raise SettingsError(
                f"calibration is temperature, vector or none, got {self.calibration!r}"
            )

    def fit(
        self,
        features: Matrix,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        *,
        seed: int = 0,
        start: LinearFit | None = None,
        toward: LinearFit | None = None,
    ) -> LinearFit:
        """The classifier that these soft labels teach.

        Args:
            features: dense or CSR, finite, shape (items, features).
            target: class probabilities, shape (items, classes).
            weight: positive, shape (items,).
            seed: of the folds.
            start: where to start from, such as the fit of the round before; changes how long it
                takes, not where it ends.
            toward: the penalty is on how far the coefficients, and the intercept, are from those
                of this fit rather than from zero: what is known before, which these labels
                correct. The classes that it saw count as seen. The strength must be given then,
                and nothing is calibrated.

        Raises:
            DataError: a feature that is not finite.
        """
        values = features.data if is_sparse(features) else features
        if not np.all(np.isfinite(values)):
            raise DataError("features must be finite numbers; fill NaN and infinity first")
        size = features.nnz if is_sparse(features) else features.size
        with threads_for(size * target.shape[1]):
            if toward is not None:
                return self._corrected(features, target, weight, toward, start)
            return self._fitted(features, target, weight, seed, start)

    def _fitted(
        self,
        features: Matrix,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        seed: int,
        start: LinearFit | None,
    ) -> LinearFit:
        seen = SeenClasses.of(target, weight)
        strength, loss = self.strength or DEFAULT_STRENGTH, float("nan")
        calibration = ProbabilityCorrection.none(len(seen.seen))
        if len(seen.seen) > 1 and (self.strength is None or self.calibration != "none"):
            strength, loss, calibration = self._tuned(features, target, weight, seen, seed)
        narrow = seen.narrow(target)
        begin = _parameters(start, features.shape[1], seen)
        coefficient, intercept = _solve(features, narrow, weight, strength, self.steps, begin)
        return LinearFit(coefficient, intercept, seen, calibration, strength, loss)

    def _corrected(
        self,
        features: Matrix,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        toward: LinearFit,
        start: LinearFit | None,
    ) -> LinearFit:
        seen = SeenClasses.of(target, weight, toward.seen.seen)
        strength = self.strength or DEFAULT_STRENGTH
        narrow = seen.narrow(target)
        centre = _centre(toward, features, seen)
        begin = _parameters(start, features.shape[1], seen)
        begin = centre if begin is None else begin
        solved = _solve(features, narrow, weight, strength, self.steps, begin, centre=centre)
        return LinearFit(*solved, seen, ProbabilityCorrection.none(len(seen.seen)), strength)

    def _tuned(
        self,
        features: Matrix,
        target: NDArray[np.float64],
        weight: NDArray[np.float64],
        seen: SeenClasses,
        seed: int,
    ) -> tuple[float, float, ProbabilityCorrection]:
        """The best strength, its cross-fitted loss, and the calibration that goes with it."""
        key = content_key(features, seed)
        rows = drawn_rows(key, self.tuning_rows)
        features, key, weight = features[rows], key[rows], weight[rows]
        target = seen.narrow(target[rows])
        folds = usable_folds(key, self.folds)
        if not folds:
            default = self.strength or DEFAULT_STRENGTH
            return default, float("nan"), ProbabilityCorrection.none(len(seen.seen))
        fold = assign_folds(key, target.argmax(axis=1), folds, seed)
        strengths = STRENGTHS if self.strength is None else (self.strength,)
        path = _cross_fitted_path(features, target, weight, fold, strengths, self.steps)
        losses = [log_loss(probability, target, weight) for probability in path]
        best = int(np.argmin(losses))
        calibration = ProbabilityCorrection.fit(path[best], target, weight, self.calibration)
        return strengths[best], losses[best], calibration


def content_key(features: Matrix, seed: int) -> NDArray[np.float64]:
    """A number that rows of equal features share, and other rows almost surely do not."""
    direction = np.random.default_rng(seed).normal(size=features.shape[1])
    # Rounded, since the last bits of a product may depend on the row's place in the matrix.
    product: NDArray[np.float64] = np.asarray(features @ direction, np.float64)
    return product.round(9)


def drawn_rows(key: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """The rows that take part in tuning, the same ones whatever their order."""
    if len(key) <= most:
        return np.arange(len(key))
    # Multiplying the bits by an odd number near 2^64 / golden ratio spreads the keys evenly.
    lottery = (key + 0.0).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return np.argsort(lottery, kind="stable")[:most]


def _cross_fitted_path(
    features: Matrix,
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    fold: NDArray[np.int64],
    strengths: Sequence[float],
    steps: int,
) -> list[NDArray[np.float64]]:
    """Probabilities from models that did not see the item, one array a strength tried.

    Each strength starts from the solution before it; when the loss has clearly risen, the weaker
    penalties left will not do better.
    """
    parts = [
        (np.flatnonzero(fold != held), np.flatnonzero(fold == held)) for held in np.unique(fold)
    ]
    train = [(features[learn], target[learn], weight[learn]) for learn, _ in parts]
    begin: list[LinearFit | None] = [None] * len(parts)
    path: list[NDArray[np.float64]] = []
    losses: list[float] = []
    for strength in strengths:
        probability = np.empty_like(target)
        for place, (_, held) in enumerate(parts):
            x, t, w = train[place]
            seen = SeenClasses.of(t, w)
            start = _parameters(begin[place], x.shape[1], seen)
            solved = _solve(x, seen.narrow(t), w, strength, steps, start, ROUGH)
            fit = LinearFit(*solved, seen, ProbabilityCorrection.none(len(seen.seen)), strength)
            probability[held] = fit.predict(features[held])
            begin[place] = fit
        path.append(probability)
        losses.append(log_loss(probability, target, weight))
        if losses[-1] > CLEARLY_WORSE * min(losses):
            break
    return path


def _parameters(
    start: LinearFit | None, features: int, seen: SeenClasses
) -> NDArray[np.float64] | None:
    """The fit as the optimiser's parameters, None where it is of other features or classes."""
    if start is None or start.coefficient.shape != (features, len(seen.seen)):
        return None
    if not np.array_equal(start.seen.seen, seen.seen):
        return None
    return _flat(start.coefficient, start.intercept)


def _centre(toward: LinearFit, features: Matrix, seen: SeenClasses) -> NDArray[np.float64]:
    """The calibrated fit as the optimiser's parameters, of at least the classes that it saw.

    A class that it never saw is as likely as any other: nothing was known of it.
    """
    scale, shift = toward.calibration.scale, toward.calibration.shift
    own, intercept = scale * toward.coefficient, scale * toward.intercept + shift
    scores = np.asarray(features @ own) + intercept
    level = float((scores - log_softmax(scores)).mean())
    place = np.searchsorted(seen.seen, toward.seen.seen)
    coefficient = np.zeros((features.shape[1], len(seen.seen)))
    intercepts = np.full(len(seen.seen), level - np.log(len(seen.seen)))
    coefficient[:, place], intercepts[place] = own, intercept
    return _flat(coefficient, intercepts)


def _flat(coefficient: NDArray[np.float64], intercept: NDArray[np.float64]) -> NDArray[np.float64]:
    """The optimiser's parameters: two classes share one column, the difference."""
    both = np.vstack([coefficient, intercept])
    if both.shape[1] == 2:
        both = both[:, 1:] - both[:, :1]
    return both.ravel()


def _solve(
    features: Matrix,
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    strength: float,
    steps: int,
    start: NDArray[np.float64] | None,
    tolerance: tuple[float, float] = EXACT,
    centre: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients (features, classes) and intercept (classes,) at the minimum.

    With a `centre` the penalty is on how far they are from it, the intercept included.
    """
    from scipy.optimize import minimize

    classes, size = target.shape[1], features.shape[1]
    if classes == 1:
        return np.zeros((size, 1)), np.zeros(1)
    columns = 1 if classes == 2 else classes
    begin = np.zeros((size + 1) * columns) if start is None else start
    total = weight.sum()
    solution = minimize(
        _loss_and_gradient,
        begin,
        args=(features, target, weight / total, 1 / (strength * total), centre),
        jac=True,
        method="L-BFGS-B",
        # Large problems keep less history: it is what takes the memory.
        options={
            "maxiter": steps,
            "maxfun": 2 * steps,
            "gtol": tolerance[0],
            "ftol": tolerance[1],
            "maxcor": 10 if len(begin) < 200_000 else 5,
        },
    )
    solved = solution.x.reshape(size + 1, columns)
    if columns == 1:
        # Two classes: the scores 0 and x, centred so that both classes look alike.
        solved = np.hstack([-solved / 2, solved / 2])
    return solved[:-1], solved[-1]


def _loss_and_gradient(
    flat: NDArray[np.float64],
    features: Matrix,
    target: NDArray[np.float64],
    share: NDArray[np.float64],
    penalty: float,
    centre: NDArray[np.float64] | None,
) -> tuple[float, NDArray[np.float64]]:
    """The expected cross-entropy per unit of weight with its penalty, and its gradient."""
    parameters = flat.reshape(features.shape[1] + 1, -1)
    coefficient = parameters[:-1]
    scores = np.asarray(features @ coefficient) + parameters[-1]
    binary = scores.shape[1] == 1
    if binary:
        scores = np.hstack([np.zeros_like(scores), scores])
    logs = log_softmax(scores)
    residual = share[:, None] * (np.exp(logs) - target)
    if binary:
        residual = residual[:, 1:]
    gradient = np.empty_like(parameters)
    gradient[:-1] = features.T @ residual
    gradient[-1] = residual.sum(axis=0)
    loss = -float((share[:, None] * target * logs).sum())
    if centre is None:
        # Nothing holds the intercept.
        gradient[:-1] += penalty * coefficient
        return loss + 0.5 * penalty * float((coefficient * coefficient).sum()), gradient.ravel()
    moved = flat - centre
    return loss + 0.5 * penalty * float(moved @ moved), gradient.ravel() + penalty * moved
