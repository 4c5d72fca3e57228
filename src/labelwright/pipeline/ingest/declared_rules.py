"""What the owner declared of columns, held when items arrive and told by checks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.items import ID, user_fields
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.environment import author
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import (
    Finding,
    schema_findings,
)

EXAMPLES = 5


TEXT_CHARACTERS = 20
"""A column of longer texts on average is read as texts, one of shorter ones as names."""


@dataclass(frozen=True, slots=True)
class FindingShown:
    """A finding as it is shown.

    Attributes:
        check: its name.
        severity: ``error``, ``warning`` or ``note``.
        message: what was found.
        count: how many items are concerned.
        examples: the ids of some of them, worst first.
        field: the column that it is about, empty if none.
        remedy: what can be done: ``set aside``, ``mask``, ``look``, ``none``.
        spare: how many items a set-aside would take.
        standing: whether all of those are set aside already.
    """

    check: str
    severity: str
    message: str
    count: int
    examples: tuple[str, ...]
    field: str
    remedy: str
    spare: int
    standing: bool


def on_arrival(workspace: Workspace, first: int) -> tuple[FindingShown, ...]:
    """What new items break of what was declared, set aside where that was declared too.

    Args:
        workspace: the project, held for writing.
        first: the number of the first new item.
    """
    items = workspace.items.count()
    if first >= items:
        return ()
    by_itself = {rule.column for rule in workspace.settings.keeping.columns if rule.set_aside}
    found = []
    for finding in declared_findings(workspace):
        new, spare = (kept[kept >= first] for kept in (finding.items, finding.spare))
        if len(finding.items) and not len(new):
            continue  # what is wrong with older items was told when they came
        if finding.field in by_itself and len(spare):
            numbers = spare.tolist()
            workspace.set_aside.add(finding.check, numbers, who=author(), when=now())
        found.append(replace(finding, items=new, spare=spare))
    aside = workspace.set_aside.mask(items)
    return tuple(told_of(workspace, finding, aside) for finding in found)


def declared_findings(workspace: Workspace) -> list[Finding]:
    """What breaks the rules of the tables ``[check.columns.NAME]``."""
    rules = workspace.settings.keeping.columns
    known = user_fields(workspace.items.schema())
    columns = {rule.column for rule in rules} & set(known)
    return schema_findings(rules, {name: _column(workspace, name) for name in columns})


def told_of(workspace: Workspace, found: Finding, aside: NDArray[np.bool_]) -> FindingShown:
    """The finding as it is shown; `aside` are the items set aside, shape (items,)."""
    rows = workspace.items.take(found.items[:EXAMPLES], [ID])
    return FindingShown(
        check=found.check,
        severity=found.severity.value,
        message=found.message,
        count=found.count,
        examples=tuple(rows.column(ID).to_pylist()),
        field=found.field,
        remedy=found.remedy.value,
        spare=len(found.spare),
        standing=len(found.spare) > 0 and bool(aside[found.spare].all()),
    )


def _column(workspace: Workspace, name: str) -> pa.Array:
    pieces = [batch.column(name) for batch in workspace.items.scan([name])]
    return pa.chunked_array(pieces).combine_chunks()
