"""Answers given before a change of classes, as they are to be read after it.

A set of classes becomes the set of what its members became; what an answer ruled out stays ruled
out if all that became of it was. Classes that are new say nothing about old answers: nobody was
asked about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from labelwright.core.answers import Partial
from labelwright.core.class_change import ClassChange
from labelwright.core.task import Task
from labelwright.tasks.partial_text import distribution_text, set_text

EVEN = 0.5


def one_class(answer: str | Partial | Mapping[str, float], change: ClassChange) -> str | None:
    """The canonical text of what an answer of one class, or less, means now; None for nothing."""
    after = change.after
    if isinstance(answer, str):
        return _one_of(change.image(answer), after)
    if isinstance(answer, Mapping):
        return _shares(answer, change)
    (first, *others) = answer.names
    if not others and first in change.before.inner:
        return _inner(first, change)
    named = set(answer.names)
    if not answer.excluded:
        return _one_of(_images(named, change), after)
    ruled_out = {
        name
        for name in after.classes
        if change.origins(name) and named.issuperset(change.origins(name))
    }
    return _one_of(set(after.classes) - ruled_out, after)


def several_classes(said: Mapping[str, Any], change: ClassChange) -> dict[str, Any]:
    """What is said of each class now, where anything is.

    Args:
        said: of classes of before: true, false, or the chance that it belongs.
        change: what became of them.
    """
    now = {}
    for name in change.after.classes:
        chances = [_chance_of(old, said.get(old), change) for old in change.origins(name)]
        known = [chance for chance in chances if chance is not None]
        best = max(known, default=None, key=float)
        # That it does not belong is known only if it is of everything that it came from.
        if best is not None and (float(best) >= EVEN or len(known) == len(chances)):
            now[name] = best
    return now


def _chance_of(old: str, chance: Any, change: ClassChange) -> Any:
    """What is known of one of the classes that a class became."""
    ambiguous = len(change.image(old)) > 1
    return None if chance is None or (ambiguous and float(chance) >= EVEN) else chance


def _inner(name: str, change: ClassChange) -> str | None:
    """An inner class keeps its meaning, with whatever lies under it now."""
    now = [image for image in change.image(name) if image in change.after.inner]
    left = [leaf for inner in now for leaf in change.after.leaves(inner)]
    return _one_of(left or _images(change.before.leaves(name), change), change.after)


def _images(names: Iterable[str], change: ClassChange) -> set[str]:
    return {image for name in names for image in change.image(name)}


def _one_of(names: Iterable[str], task: Task) -> str | None:
    left = set(names)
    return set_text(left, task) if 0 < len(left) < len(task.classes) else None


def _shares(answer: Mapping[str, float], change: ClassChange) -> str | None:
    """The distribution over what the classes became; nothing if most of it went nowhere."""
    now: dict[str, float] = {}
    lost = 0.0
    for name, share in answer.items():
        images = change.image(name)
        lost += 0.0 if images else share
        for image in images:
            now[image] = now.get(image, 0.0) + share / len(images)
    if lost >= max(now.values(), default=0.0):
        return None
    total = sum(now.values())
    return distribution_text({n: now[n] / total for n in change.after.classes if n in now})
