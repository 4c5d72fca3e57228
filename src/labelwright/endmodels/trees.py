"""Trees as plain arrays, and a prediction that needs no library but numpy.

scikit-learn grows the trees; what they learnt is copied out, so that a saved model opens under
any version of it, runs no code when opened, and predicts the same for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.endmodels.saved import Packed

BLOCK = 1 << 17
"""Rows times trees that are walked at once: small enough for the processor's cache."""
CATEGORY_WORDS = 8
"""A set of categories is 256 bits, in words of 32."""


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """Boosted trees. Shapes: (nodes,) unless said otherwise; tree t adds to score t % scores.

    Attributes:
        feature: the feature that the node asks about.
        threshold: a number goes left up to here; NaN at a leaf.
        child: the node on the left and the one on the right, the node itself at a leaf,
            shape (2 * nodes,).
        missing_left: whether a missing value goes left.
        category: the row of `categories` that goes left, -1 where a number is asked.
        value: what a leaf adds to the score.
        root: the first node of each tree, shape (trees,).
        categories: sets of categories as bits, shape (sets, 8), uint32.
        baseline: the scores before any tree, shape (scores,).
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    child: NDArray[np.int32]
    missing_left: NDArray[np.bool_]
    category: NDArray[np.int32]
    value: NDArray[np.float64]
    root: NDArray[np.int32]
    categories: NDArray[np.uint32]
    baseline: NDArray[np.float64]

    @classmethod
    def copied(cls, model: Any) -> Trees:
        """The trees of a fitted HistGradientBoostingClassifier.

        Its categorical features must come first and hold the codes 0, 1, ... of categories that
        all occur, as then its own recoding of them changes nothing.
        """
        grown = [tree for step in model._predictors for tree in step]  # noqa: SLF001 - no public way to the nodes
        baseline = np.ravel(model._baseline_prediction)  # noqa: SLF001 - likewise
        sizes = [len(tree.nodes) for tree in grown]
        sets = [len(tree.raw_left_cat_bitsets) for tree in grown]
        start = np.cumsum([0, *sizes])
        nodes = np.concatenate([tree.nodes for tree in grown])
        tree_start = np.repeat(start[:-1], sizes)
        set_start = np.repeat(np.cumsum([0, *sets])[:-1], sizes)
        leaf, itself = nodes["is_leaf"].astype(np.bool_), np.arange(len(nodes))
        left = np.where(leaf, itself, tree_start + nodes["left"])
        right = np.where(leaf, itself, tree_start + nodes["right"])
        by_category = nodes["is_categorical"].astype(np.bool_) & ~leaf
        return cls(
            feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int32),
            threshold=np.where(leaf, np.nan, nodes["num_threshold"]),
            child=np.stack([left, right], axis=1).astype(np.int32).ravel(),
            missing_left=nodes["missing_go_to_left"].astype(np.bool_),
            category=np.where(by_category, set_start + nodes["bitset_idx"], -1).astype(np.int32),
            value=nodes["value"].astype(np.float64),
            root=start[:-1].astype(np.int32),
            categories=np.concatenate([tree.raw_left_cat_bitsets for tree in grown]).astype(
                np.uint32
            ),
            baseline=baseline.astype(np.float64),
        )

    def scores(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The raw scores, shape (items, scores)."""
        scores = np.tile(self.baseline, (len(features), 1))
        rows = max(1, BLOCK // max(len(self.root), 1))
        for start in range(0, len(features), rows):
            piece = slice(start, start + rows)
            added = self.value[self._leaves(features[piece])]
            scores[piece] += added.reshape(len(added), -1, len(self.baseline)).sum(axis=1)
        return scores

    def pack(self) -> Packed:
        """All arrays."""
        return Packed(arrays={name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def unpack(cls, packed: Packed) -> Trees:
        """The trees that were packed."""
        return cls(**packed.arrays)

    def _leaves(self, features: NDArray[np.float64]) -> NDArray[np.int32]:
        """The leaf in which each item ends, shape (items, trees)."""
        ends = np.tile(self.root, len(features))
        row = np.repeat(np.arange(len(features)) * features.shape[1], len(self.root))
        flat = features.ravel()
        walking = np.arange(len(ends))
        while len(walking):
            node = ends[walking]
            inner = self.child[2 * node] != node
            walking, node = walking[inner], node[inner]
            value = flat[row[walking] + self.feature[node]]
            right = value > self.threshold[node]
            gap = np.isnan(value)
            if gap.any():
                right |= gap & ~self.missing_left[node]
            if len(self.categories):
                right = self._by_category(node, value, right)
            ends[walking] = self.child[2 * node + right]
        return ends.reshape(len(features), -1)

    def _by_category(
        self, node: NDArray[np.int32], value: NDArray[np.float64], right: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        asked = self.category[node]
        here = (asked >= 0) & ~np.isnan(value)
        code = value[here].astype(np.int64)
        word = self.categories[asked[here], code // 32]
        right[here] = (word >> (code % 32).astype(np.uint32)) & 1 == 0
        return right
