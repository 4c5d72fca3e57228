"""Snorkel's interface (0.10) on our label model: write `labelwright.compat.snorkel` for `snorkel`.

What is here, under the names that Snorkel's users import:

- `labeling`: `labeling_function`, `LabelingFunction`, `LFApplier`, `PandasLFApplier`,
  `LFAnalysis`, `filter_unlabeled_dataframe`; also by way of `labeling.lf`, `labeling.apply`,
  `labeling.analysis` and `labeling.utils`; `labeling.lf.nlp` where spaCy is installed
- `labeling.model`: `LabelModel`, `MajorityLabelVoter`, `MajorityClassVoter`, `RandomVoter`
- `map`: `Mapper`, `LambdaMapper`, `lambda_mapper`; `preprocess`: `preprocessor`, `Preprocessor`,
  `LambdaPreprocessor`, `BasePreprocessor`, `preprocess.nlp.SpacyPreprocessor`
- `slicing`: `slicing_function`, `SlicingFunction`, `SFApplier`, `PandasSFApplier`,
  `slice_dataframe`
- `augmentation`: `transformation_function`, `TransformationFunction`, `TFApplier`,
  `PandasTFApplier`, and the policies
- `analysis`: `Scorer` with `score_slices`, `metric_score`, `get_label_buckets`,
  `get_label_instances`
- `utils`: `probs_to_preds`, `preds_to_probs`, `to_int_label_array`, `filter_labels`
- `types`, and `synthetic.synthetic_data`

What is not: Snorkel's own classifiers (slice-aware ones too), and what needs Dask or Spark. The
page docs/how-to/from-snorkel.md says what differs where both have a name.
"""

from __future__ import annotations

import sys

from labelwright.compat.snorkel import configs, operators
from labelwright.compat.snorkel import predictions as utils

__all__ = ["utils"]

# Snorkel's names for the modules. Ours are called by what they hold, as every file in this house.
for name, module in (
    ("utils", utils),
    ("utils.core", utils),
    ("utils.config_utils", configs),
    ("utils.lr_schedulers", configs),
    ("utils.optimizers", configs),
    ("utils.data_operators", operators),
):
    sys.modules[f"{__name__}.{name}"] = module
    if "." in name:
        setattr(utils, name.split(".")[1], module)
