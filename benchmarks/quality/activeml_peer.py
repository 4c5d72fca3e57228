"""Which items scikit-activeml asks about; run by quality/label_efficiency.py in the peers' venv.

Arguments: file with points, truth and train; policy; seeds; budget; batch; strength. Prints JSON:
for every seed, the rows asked about, in order.
"""

import json
import sys
import warnings

import numpy as np
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import TypiClust, UncertaintySampling
from skactiveml.utils import MISSING_LABEL
from sklearn.linear_model import LogisticRegression


def main(file, policy, seeds, budget, batch, strength):
    warnings.simplefilter("ignore")
    stored = np.load(file)
    rows = np.flatnonzero(stored["train"])
    points, truth = stored["points"][rows], stored["truth"][rows]
    classes = np.arange(truth.max() + 1)
    found = []
    for seed in range(int(seeds)):
        rng = np.random.default_rng(seed)
        labels = np.full(len(rows), MISSING_LABEL)
        margin = UncertaintySampling(method="margin_sampling", random_state=seed)
        # TypiClust is made for small budgets: it asks the first two a class, at least twenty.
        first = max(20, 2 * len(classes)) if policy.endswith("TypiClust") else 0
        typical = TypiClust(random_state=seed)
        head = SklearnClassifier(
            LogisticRegression(C=float(strength), max_iter=200), classes=classes, random_state=seed
        )
        asked = []
        while len(asked) < int(budget):
            if len(asked) < first:
                picked = typical.query(points, labels, batch_size=int(batch))
            elif not asked:
                picked = rng.choice(len(rows), int(batch), replace=False)
            else:
                picked = margin.query(points, labels, clf=head, fit_clf=True, batch_size=int(batch))
            labels[picked] = truth[picked]
            asked += [int(one) for one in picked]
        found.append([int(rows[one]) for one in asked])
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
