"""What a pathologist might write about fine-needle samples of breast tumours.

Each item holds 30 measurements of cell nuclei: mean, standard error and worst of ten features.
A function votes for a class or abstains by returning None.
"""

import labelwright as lw


@lw.source
def dented_contour(x):
    """Deep and many dents in the outline of the nuclei speak for cancer."""
    if x.worst_concave_points > 0.15 and x.worst_concavity > 0.3:
        return "malignant"
    return None


@lw.source
def smooth_and_even(x):
    """Smooth nuclei that hardly differ in size are harmless."""
    if x.mean_concave_points < 0.04 and x.area_error < 40:
        return "benign"
    return None


@lw.source
def complex_boundary(x):
    """An old wives' tale: a boundary of high fractal dimension means cancer. It does not."""
    return "malignant" if x.mean_fractal_dimension > 0.063 else None
