"""Which items are held out together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def assign_folds(
    key: NDArray[np.generic], label: NDArray[np.int64], folds: int, seed: int
) -> NDArray[np.int64]:
    """The fold of every item, 0..folds-1, shape (items,).

    A fold follows from what an item holds, not from where it stands: items of one key, such as
    copies of one text, share a fold, so that nothing is judged by a model that saw its copy, and
    the order of the rows does not matter. Each label is dealt evenly over the folds.

    Args:
        key: names the content of every item; any values that sort.
        label: the hard label of every item.
        folds: how many; at most as many are used as there are keys.
        seed: of the order in which keys are dealt.
    """
    keys, first = np.unique(key, return_inverse=True)
    group_label = np.full(len(keys), label.min(initial=0), np.int64)
    np.maximum.at(group_label, first, label)
    shuffled = np.random.default_rng(seed).permutation(len(keys))
    dealt = shuffled[np.argsort(group_label[shuffled], kind="stable")]
    fold_of_key = np.empty(len(keys), np.int64)
    fold_of_key[dealt] = np.arange(len(keys)) % folds
    return fold_of_key[first]


def usable_folds(key: NDArray[np.generic], folds: int) -> int:
    """How many folds leave at least two different items in each, 0 if fewer than two do."""
    possible = min(folds, len(np.unique(key)) // 2)
    return possible if possible >= 2 else 0
