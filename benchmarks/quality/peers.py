"""The peers of `label_models.py`, run in the interpreter of an environment that has them.

    PYTHON benchmarks/quality/peers.py VOTES.npz OUT.npz SECONDS NAME ...

Reads votes (arrays unit, source, label, size = units, sources, classes), runs every peer named at
its defaults, each for at most so many seconds, and writes the probability of every class of every
unit, the seconds taken, and why there is no result where there is none. A peer that only gives
labels (`ONLY_LABELS`) puts probability 1 on each.
"""

import json
import os
import signal
import sys
import time
import warnings

import numpy as np

ONLY_LABELS = {"crowdkit_mmsr", "crowdkit_kos"}
CROWDKIT = {
    "crowdkit_majority": "MajorityVote",
    "crowdkit_wawa": "Wawa",
    "crowdkit_zero_based_skill": "ZeroBasedSkill",
    "crowdkit_dawid_skene": "DawidSkene",
    "crowdkit_one_coin": "OneCoinDawidSkene",
    "crowdkit_glad": "GLAD",
    "crowdkit_mace": "MACE",
    "crowdkit_mmsr": "MMSR",
    "crowdkit_kos": "KOS",
}
PACKAGES = {
    "snorkel": "snorkel",
    "snorkel_majority": "snorkel",
    "hyperlm": "hyperlm",
    "flyingsquid": "flyingsquid",
    **dict.fromkeys(CROWDKIT, "crowdkit"),
}


class NoResultError(Exception):
    """The peer cannot, or took too long."""


def main():
    warnings.simplefilter("ignore")
    votes_path, out_path, limit, *names = sys.argv[1:]
    held = np.load(votes_path)
    votes = held["unit"], held["source"], held["label"], *held["size"].tolist()
    found, said = {}, {}
    signal.signal(signal.SIGALRM, too_long)
    for name in names:
        signal.setitimer(signal.ITIMER_REAL, float(limit))
        start = time.perf_counter()
        try:
            found[name] = np.asarray(run(name, *votes), float)
            said[name] = time.perf_counter() - start
        except Exception as error:  # noqa: BLE001 - whatever a peer raises, the others go on
            said[name] = f"{type(error).__name__}: {error}".splitlines()[0][:90]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    np.savez(out_path, **found, said=json.dumps(said))


def too_long(*_):
    raise NoResultError("time-out")


def run(name, unit, source, label, units, sources, classes):
    """The probabilities of one peer, shape (units, classes)."""
    if name in CROWDKIT:
        return crowdkit(name, unit, source, label, units, classes)
    dense = np.full((units, sources), -1)
    dense[unit, source] = label
    if name == "hyperlm":
        return hyperlm(dense, classes)
    if name == "flyingsquid":
        return flyingsquid(dense, classes)
    from snorkel.labeling.model import LabelModel, MajorityLabelVoter

    if name == "snorkel_majority":
        return MajorityLabelVoter(cardinality=classes).predict_proba(dense)
    model = LabelModel(cardinality=classes, verbose=False)
    model.fit(dense, n_epochs=100, seed=0, progress_bar=False)
    return model.predict_proba(dense)


def crowdkit(name, unit, source, label, units, classes):
    import pandas as pd
    from crowdkit import aggregation

    table = pd.DataFrame({"task": unit, "worker": source, "label": label})
    method = getattr(aggregation, CROWDKIT[name])()
    probability = np.full((units, classes), 1 / classes)
    if name in ONLY_LABELS:
        if name == "crowdkit_kos" and classes > 2:
            raise NoResultError("two classes only")
        answer = method.fit_predict(table)
        probability[answer.index] = np.eye(classes)[answer.to_numpy().astype(int)]
        return probability
    if name in {"crowdkit_wawa", "crowdkit_zero_based_skill"}:
        # Their last step, without its check, which newer scikit-learn refuses.
        answer = aggregation.MajorityVote().fit_predict_proba(table, method.fit(table).skills_)
    else:
        answer = method.fit_predict_proba(table)
    probability[answer.index] = answer.reindex(columns=range(classes)).fillna(0).to_numpy()
    return probability


def hyperlm(dense, classes):
    # Its checkpoint was written before torch refused to read more than tensors.
    os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
    from hyperlm import HyperLabelModel

    covered = np.flatnonzero((dense >= 0).any(axis=1))
    voted = (dense >= 0).any(axis=0)
    given = HyperLabelModel().infer(dense[np.ix_(covered, voted)], return_probs=True)
    probability = np.full((len(dense), classes), 1 / classes)
    probability[covered] = 0
    probability[covered, : given.shape[1]] = given
    return probability


def flyingsquid(dense, classes):
    """As in WRENCH: for more than two classes, one model each against the rest."""
    # Written for numpy 1, of which it needs no more than three names.
    vars(np).update(product=np.prod, int=int, float=float)
    from flyingsquid.label_model import LabelModel

    rest = dense[:, (dense >= 0).any(axis=0)]
    against = range(classes) if classes > 2 else [1]
    columns = []
    for each in against:
        signed = np.where(rest == each, 1, np.where(rest < 0, 0, -1))
        model = LabelModel(rest.shape[1])
        share = 1 / classes
        model.fit(signed, class_balance=np.array([1 - share, share]), verbose=False)
        columns.append(model.predict_proba(signed, verbose=False)[:, 1])
    if classes == 2:
        return np.stack([1 - columns[0], columns[0]], axis=1)
    scores = np.exp(np.nan_to_num(np.stack(columns, axis=1)))
    return scores / scores.sum(axis=1, keepdims=True)


if __name__ == "__main__":
    main()
