"""What groups of equal or alike items mean: waste, leakage, contradicting truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.quality.data.findings import Finding, Remedy, Severity, share

HELD_OUT = ("test", "valid")

Numbers = NDArray[np.int64]


def copies(
    groups: Numbers,
    splits: NDArray[np.str_],
    truth: Numbers,
    *,
    exact: bool,
) -> list[Finding]:
    """Findings about groups of copies.

    Args:
        groups: which group each item belongs to, -1 for none, shape (items,).
        splits: of the items.
        truth: the known class of each item, -1 where unknown.
        exact: whether the items of a group are equal, not just alike.
    """
    grouped = np.flatnonzero(groups >= 0)
    if not len(grouped):
        return []
    order = grouped[np.argsort(groups[grouped], kind="stable")]
    others = (
        _leak(groups, order, splits, exact=exact),
        _contradiction(groups, order, truth, exact=exact),
    )
    waste = _waste(groups, order, splits, exact=exact)
    return [waste, *(finding for finding in others if finding is not None)]


def _waste(groups: Numbers, order: Numbers, splits: NDArray[np.str_], *, exact: bool) -> Finding:
    # Of copies a held-out one stays: taking it away would change what is measured.
    kept_first = np.lexsort((order, ~np.isin(splits[order], HELD_OUT), groups[order]))
    _, first = np.unique(groups[order][kept_first], return_index=True)
    spare = np.delete(order[kept_first], first)
    spare = np.sort(spare[~np.isin(splits[spare], HELD_OUT)])
    what = "the same as" if exact else "almost the same as"
    message = (
        f"{share(len(order), len(groups))} items are {what} another one; setting "
        f"{len(spare):,} of them aside leaves one of each"
    )
    check = "duplicates" if exact else "near_duplicates"
    return Finding(check, Severity.WARNING, message, order, "", Remedy.SET_ASIDE, spare)


def _leak(
    groups: Numbers, order: Numbers, splits: NDArray[np.str_], *, exact: bool
) -> Finding | None:
    held = np.isin(splits, HELD_OUT)
    count = groups.max() + 1
    in_held = np.bincount(groups[order], held[order], count) > 0
    in_train = np.bincount(groups[order], ~held[order], count) > 0
    leaking = order[(in_held & in_train)[groups[order]]]
    if not len(leaking):
        return None
    spare = leaking[~held[leaking]]
    test = leaking[held[leaking]]
    message = (
        f"{len(test):,} held-out items have {'a copy' if exact else 'a near-copy'} among the items "
        "to learn from: results on them are too good; set the copies aside"
    )
    severity = Severity.ERROR if exact else Severity.WARNING
    check = "leaking_duplicates" if exact else "leaking_near_duplicates"
    return Finding(check, severity, message, leaking, "", Remedy.SET_ASIDE, spare)


def _contradiction(
    groups: Numbers, order: Numbers, truth: Numbers, *, exact: bool
) -> Finding | None:
    known = order[truth[order] >= 0]
    if not len(known):
        return None
    pairs = np.unique(np.stack([groups[known], truth[known]]), axis=1)
    group, answers = np.unique(pairs[0], return_counts=True)
    torn = known[np.isin(groups[known], group[answers > 1])]
    if not len(torn):
        return None
    what = "equal" if exact else "almost equal"
    message = f"{len(torn):,} {what} items have different true answers; look which is right"
    severity = Severity.ERROR if exact else Severity.WARNING
    return Finding("contradicting_truth", severity, message, torn, "", Remedy.LOOK)
