"""Raw data and rules in; a versioned, explained, costed training set and a trained model out.

    import labelwright as lw

    project = lw.open("reviews")      # a project, with the commands as methods
    lw.labelmodels.DawidSkene()       # or the parts alone, on arrays and data frames

Names are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from labelwright._version import __version__

if TYPE_CHECKING:
    from labelwright.core.answers import not_, one_of
    from labelwright.core.errors import LabelwrightError
    from labelwright.core.matrix import VoteMatrix
    from labelwright.core.posterior import Posterior
    from labelwright.core.task import Task
    from labelwright.core.votes import ABSTAIN
    from labelwright.pipeline.api.project import Project
    from labelwright.pipeline.vote.apply_to_table import apply
    from labelwright.sources import source, when

__all__ = [
    "ABSTAIN",
    "LabelwrightError",
    "Posterior",
    "Project",
    "Task",
    "VoteMatrix",
    "__version__",
    "apply",
    "init",
    "not_",
    "one_of",
    "open",
    "source",
    "when",
]

_HOMES = {
    "ABSTAIN": "core.votes",
    "LabelwrightError": "core.errors",
    "Posterior": "core.posterior",
    "Project": "pipeline.api.project",
    "Task": "core.task",
    "VoteMatrix": "core.matrix",
    "apply": "pipeline.vote.apply_to_table",
    "not_": "core.answers",
    "one_of": "core.answers",
    "source": "sources",
    "when": "sources",
}
_PACKAGES = (
    "compat", "core", "endmodels", "engines", "formats", "labelmodels",
    "pipeline", "quality", "queue", "sources", "stores", "tasks", "testing",
)  # fmt: skip


def open(folder: Any = ".") -> Project:  # noqa: A001 lw.open reads as it should
    """The project in this folder; see :meth:`Project.open`."""
    from labelwright.pipeline.api.project import Project

    return Project.open(folder)


def init(
    folder: Any, *, classes: Any, kind: str = "classification", name: str | None = None
) -> Project:
    """A new project in this folder, to label items with these classes."""
    from labelwright.core.task import Task
    from labelwright.pipeline.api.project import Project

    return Project.create(folder, Task(kind, tuple(classes)), name=name)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"labelwright.{_HOMES[name]}"), name)
    if name in _PACKAGES:
        return import_module(f"labelwright.{name}")
    raise AttributeError(f"module 'labelwright' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_PACKAGES])
