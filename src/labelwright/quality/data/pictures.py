"""Pictures that are damaged, dark, pale, blurred or tiny."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.quality.data.findings import Finding, Remedy, Severity, share

DARK, PALE, FLAT = 0.06, 0.97, 0.02
TINY = 16
"""Pixels of the shorter side."""
BLURRED = 0.1
"""Of the median sharpness of the collection; sharpness depends on what is pictured."""

Floats = NDArray[np.float64]


def picture_findings(
    items: NDArray[np.int64], brightness: Floats, contrast: Floats, sharpness: Floats, side: Floats
) -> list[Finding]:
    """What is wrong with pictures, from measures of each; NaN where one could not be read.

    Args:
        items: their numbers.
        brightness: mean grey, 0..1.
        contrast: standard deviation of the greys.
        sharpness: see :func:`sharpness_of`.
        side: pixels of the shorter side.
    """
    damaged = np.isnan(side)
    usual = np.nanmedian(sharpness) if np.any(np.isfinite(sharpness)) else np.nan
    with np.errstate(invalid="ignore"):
        flat = contrast < FLAT
        kinds = (
            ("damaged_image", damaged, "cannot be read", damaged, Remedy.SET_ASIDE),
            ("dark_image", brightness < DARK, "are almost black", brightness, Remedy.LOOK),
            ("pale_image", brightness > PALE, "are almost white", -brightness, Remedy.LOOK),
            ("flat_image", flat & (brightness >= DARK) & (brightness <= PALE),
             "are of one colour", contrast, Remedy.LOOK),
            ("blurred_image", (sharpness < BLURRED * usual) & ~flat, "are blurred", sharpness,
             Remedy.LOOK),
            ("tiny_image", side < TINY, f"have a side under {TINY} pixels", side, Remedy.LOOK),
        )  # fmt: skip
    found = []
    for check, hit, told, order, remedy in kinds:
        places = np.flatnonzero(hit)
        if len(places):
            places = places[np.argsort(order[places], kind="stable")]
            message = f"{share(len(places), len(items))} images {told}"
            severity = Severity.ERROR if check == "damaged_image" else Severity.WARNING
            spare = items[places] if remedy is Remedy.SET_ASIDE else np.zeros(0, np.int64)
            found.append(Finding(check, severity, message, items[places], "", remedy, spare))
    return found


def sharpness_of(grey: Floats) -> float:
    """How much of a picture's variation is fine detail; NaN if it has none or is too small.

    The variance of the Laplacian over the variance of the greys.

    Args:
        grey: 0..1, shape (rows, columns).

    Reference:
        J. L. Pech-Pacheco et al.: Diatom Autofocusing in Brightfield Microscopy. ICPR 2000.
        DOI 10.1109/ICPR.2000.903548
    """
    if min(grey.shape) < 3 or (variance := float(grey.var())) < 1e-6:
        return float("nan")
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * grey[1:-1, 1:-1]).var()) / variance
