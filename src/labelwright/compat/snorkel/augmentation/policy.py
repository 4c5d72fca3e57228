"""Which transformations an item goes through; Snorkel's `augmentation.policy`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = [
    "ApplyAllPolicy",
    "ApplyEachPolicy",
    "ApplyOnePolicy",
    "MeanFieldPolicy",
    "Policy",
    "RandomPolicy",
]


class Policy:
    """Sequences of transformations by number; those that extend it define `generate`.

    Args:
        n_tfs: how many transformations there are.
        n_per_original: how many sequences an item goes through.
        keep_original: whether the item itself comes first.
    """

    def __init__(self, n_tfs: int, n_per_original: int = 1, keep_original: bool = True) -> None:
        self.n = n_tfs
        self.n_per_original = n_per_original
        self.keep_original = keep_original

    def generate_for_example(self) -> list[list[int]]:
        """The sequences for one item; the empty one keeps it as it is."""
        made = [self.generate() for _ in range(self.n_per_original)]
        return [[], *made] if self.keep_original else made

    def generate(self) -> list[int]:
        """One sequence."""
        raise NotImplementedError(f"{type(self).__name__} must define generate")


class ApplyAllPolicy(Policy):
    """All transformations in order.

    Example:
        >>> ApplyAllPolicy(2).generate_for_example()
        [[], [0, 1]]
    """

    def generate(self) -> list[int]:
        """All, in order."""
        return list(range(self.n))


class ApplyOnePolicy(ApplyAllPolicy):
    """The only transformation."""

    def __init__(self, n_per_original: int = 1, keep_original: bool = True) -> None:
        super().__init__(1, n_per_original, keep_original)


class ApplyEachPolicy(Policy):
    """Each transformation by itself.

    Example:
        >>> ApplyEachPolicy(2, keep_original=False).generate_for_example()
        [[0], [1]]
    """

    def __init__(self, n_tfs: int, keep_original: bool = True) -> None:
        super().__init__(n_tfs, n_tfs, keep_original)

    def generate_for_example(self) -> list[list[int]]:
        """A sequence for each transformation."""
        made = [[number] for number in range(self.n)]
        return [[], *made] if self.keep_original else made


class MeanFieldPolicy(Policy):
    """Transformations drawn independently, from numpy's global state as in Snorkel.

    Args:
        n_tfs: as in `Policy`, as n_per_original and keep_original.
        sequence_length: how many are drawn.
        p: the probability of each, shape (n_tfs,); by default even.
    """

    def __init__(
        self,
        n_tfs: int,
        sequence_length: int = 1,
        p: Sequence[float] | None = None,
        n_per_original: int = 1,
        keep_original: bool = True,
    ) -> None:
        super().__init__(n_tfs, n_per_original, keep_original)
        self.sequence_length = sequence_length
        self._p = p

    def generate(self) -> list[int]:
        """A sequence of the length."""
        drawn = np.random.choice(self.n, self.sequence_length, p=self._p)  # noqa: NPY002 - see above
        return [int(number) for number in drawn]


class RandomPolicy(MeanFieldPolicy):
    """Transformations drawn evenly; arguments as in `MeanFieldPolicy`."""

    def __init__(
        self,
        n_tfs: int,
        sequence_length: int = 1,
        n_per_original: int = 1,
        keep_original: bool = True,
    ) -> None:
        super().__init__(n_tfs, sequence_length, None, n_per_original, keep_original)
