"""Snorkel's interface (0.10) on our label model: write `labelwright.compat.snorkel` for `snorkel`.

What is here, under the names that Snorkel's users import:

- `labeling`: `labeling_function`, `LabelingFunction`, `LFApplier`, `PandasLFApplier`,
  `LFAnalysis`, `filter_unlabeled_dataframe`; also by way of `labeling.lf`, `labeling.apply`
  and `labeling.analysis`
- `labeling.model`: `LabelModel`, `MajorityLabelVoter`, `MajorityClassVoter`, `RandomVoter`
- `preprocess`: `preprocessor`, `Preprocessor`, `LambdaPreprocessor`, `BasePreprocessor`
- `analysis`: `Scorer`, `metric_score`, `get_label_buckets`, `get_label_instances`
- `utils`: `probs_to_preds`, `preds_to_probs`, `to_int_label_array`, `filter_labels`

What is not: slicing, augmentation, Snorkel's own classifiers, and what needs spaCy, Dask or
Spark. The page docs/how-to/from-snorkel.md says what differs where both have a name.
"""

from __future__ import annotations

import sys

from labelwright.compat.snorkel import predictions as utils

__all__ = ["utils"]

# Snorkel's name for the module. Ours is called by what it holds, as every file in this house.
sys.modules[f"{__name__}.utils"] = utils
