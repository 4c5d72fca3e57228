"""The kinds of task that other packages bring, by the entry points of their distributions.

A package names its kinds in its ``pyproject.toml``, each a frozen dataclass of its settings::

    [project.entry-points."labelwright.tasks"]
    boxes = "my_package.boxes:Boxes"

Wherever the package is installed the kind is known, in worker processes too. To look up what is
installed is a part of importing, which layers that do no I/O do as well.
"""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any

from labelwright.core.errors import ProjectError, shown
from labelwright.core.ports import TaskKind

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "labelwright.tasks"
NEEDED = (
    "check", "schema", "canonical", "read", "choices", "reads", "decompose", "recompose", "align",
    "judge", "alike",
)  # fmt: skip
_loaded: dict[str, type[TaskKind]] = {}


def brought() -> dict[str, EntryPoint]:
    """The entry points by the name of their kind; of two with one name, the first installed."""
    # Only a kind that is not ours needs it, and it takes a while to import.
    from importlib.metadata import entry_points

    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, point)
    return found


def load_kind(name: str) -> type[TaskKind] | None:
    """The class of this kind, None if no package brings it. Looked for until found, then kept.

    Raises:
        ProjectError: it cannot be imported, or is no kind of task.
    """
    if name not in _loaded:
        point = brought().get(name)
        if point is None:
            return None
        _loaded[name] = _class_of(point)
    return _loaded[name]


def _class_of(point: EntryPoint) -> type[TaskKind]:
    package = "" if point.dist is None else f" of {point.dist.name}"
    where = f"the task kind {shown(point.name)} ({point.value}{package})"
    try:
        kind: type[TaskKind] = point.load()
    except Exception as error:
        # Whatever somebody else's code raises, it is told whose it is.
        raise ProjectError(
            f"{where} cannot be loaded: {type(error).__name__}: {error}; mend that package, or "
            "take it away"
        ) from error
    if wrong := _wrong_with(kind):
        raise ProjectError(
            f"{where} is no kind of task: {wrong}; see labelwright.core.ports.TaskKind"
        )
    return kind


def _wrong_with(kind: Any) -> str:
    """Why it is no kind of task; empty if it is one."""
    lacking = [name for name in NEEDED if not hasattr(kind, name)]
    if lacking:
        return f"it lacks {', '.join(lacking)}"
    return "" if isinstance(kind, type) and is_dataclass(kind) else "it is no dataclass"
