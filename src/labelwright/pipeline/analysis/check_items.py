"""Is the data sound? Every check on every item, and setting aside what fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.errors import NothingToDoError, UnknownNameError, did_you_mean
from labelwright.core.items import HASH, MEDIA, NUMBER, user_fields
from labelwright.formats import IMAGE_FIELDS, thumbnail
from labelwright.pipeline.analysis.label_errors import label_error_findings
from labelwright.pipeline.ingest.declared_rules import (
    TEXT_CHARACTERS,
    FindingShown,
    _column,
    declared_findings,
    told_of,
)
from labelwright.pipeline.label.judge_labels import truth_of_heads
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.environment import author
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import (
    Finding,
    Severity,
    alike_pictures,
    alike_texts,
    balance_findings,
    column_findings,
    copies,
    leaked_answers,
    outliers,
    personal_data,
    picture_findings,
    sharpness_of,
    text_findings,
)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the checks found.

    Attributes:
        items: how many were looked at.
        findings: errors first.
        set_aside: how many items are set aside, by the check that they were set aside for.
    """

    items: int
    findings: tuple[FindingShown, ...]
    set_aside: dict[str, int]

    def worst(self) -> Severity | None:
        """The worst severity of a finding that still stands; None if there is none."""
        standing = {Severity(told.severity) for told in self.findings if not told.standing}
        return next((severity for severity in Severity if severity in standing), None)

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return asdict(self)

    def to_frame(self) -> Any:
        """One row a finding, as a Polars data frame."""
        import polars as pl

        return pl.DataFrame(self.to_dict()["findings"], infer_schema_length=None)


def check(workspace: Workspace, *, progress: Progress = silent) -> CheckReport:
    """Looks at every item; reads, never writes, and runs no code of the project."""
    findings = list(_findings(workspace, progress))
    order = list(Severity)
    findings.sort(key=lambda found: order.index(found.severity))
    items = workspace.items.count()
    aside = workspace.set_aside.mask(items)
    reasons = workspace.set_aside.reasons()
    return CheckReport(
        items,
        tuple(told_of(workspace, found, aside) for found in findings),
        {reason: len(numbers) for reason, numbers in reasons.items()},
    )


def set_aside(workspace: Workspace, name: str) -> int:
    """Sets the spare items of a check's findings aside; gives how many.

    Raises:
        UnknownNameError: a check of that name found nothing that could be set aside.
        NothingToDoError: no check did.
    """
    workspace.layout.check_changeable()
    able = [found for found in _findings(workspace, silent) if len(found.spare)]
    chosen = [found for found in able if found.check == name]
    if not chosen:
        names = sorted({found.check for found in able})
        if not names:
            raise NothingToDoError("nothing was found that could be set aside")
        raise UnknownNameError(
            f"no finding {name!r} has items to set aside{did_you_mean(name, names)}; see them "
            "with: labelwright check"
        )
    items = np.unique(np.concatenate([found.spare for found in chosen]))
    return workspace.set_aside.add(name, items.tolist(), who=author(), when=now())


def take_back(workspace: Workspace, name: str) -> int:
    """Takes items back that were set aside for a check; gives how many.

    Raises:
        UnknownNameError: no items are set aside for it, but some are for others.
        NothingToDoError: none are.
    """
    workspace.layout.check_changeable()
    known = sorted(workspace.set_aside.reasons())
    if not known:
        raise NothingToDoError("no items are set aside")
    if name not in known:
        raise UnknownNameError(f"nothing is set aside for {name!r}{did_you_mean(name, known)}")
    return workspace.set_aside.take_back(name, who=author(), when=now())


def _findings(workspace: Workspace, progress: Progress) -> Iterator[Finding]:
    if not workspace.items.count():
        return
    yield from declared_findings(workspace)
    task = workspace.settings.task
    truth = truth_of_heads(workspace)
    if len(truth) != workspace.items.count():
        truth = np.full(workspace.items.count(), -1, np.int64)  # units that are no items
    else:
        yield from balance_findings(task.classes, truth)
    splits = workspace.splits()
    yield from _about_columns(workspace, truth, progress)
    same = _codes(_column(workspace, HASH))
    yield from copies(same, splits, truth, exact=True)
    text = workspace.text_field()
    if text is not None and text in user_fields(workspace.items.schema()):
        progress("comparing texts", 0, 0)
        alike = _once_each(alike_texts(_column(workspace, text)), same)
        yield from copies(alike, splits, truth, exact=False)
    if workspace.items.has_media():
        yield from _about_pictures(workspace, same, splits, truth, progress)
    yield from label_error_findings(workspace, progress)


def _about_columns(
    workspace: Workspace, truth: NDArray[np.int64], progress: Progress
) -> Iterator[Finding]:
    names = user_fields(workspace.items.schema())
    # What the import measured of an image is none of the owner's columns.
    measured = set(IMAGE_FIELDS) if workspace.items.has_media() else set()
    main = workspace.text_field()
    numbers: dict[str, pa.Array] = {}
    for place, name in enumerate(names):
        progress("looking at columns", place, len(names))
        column = _column(workspace, name)
        if name != main:
            yield from leaked_answers(name, column, truth, workspace.settings.task.classes)
        if name in measured:
            continue
        yield from column_findings(name, column)
        if pa.types.is_string(column.type):
            yield from personal_data(name, column)
            if name == main or _mean_length(column) > TEXT_CHARACTERS:
                yield from text_findings(name, column)
        elif pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            numbers[name] = column
    yield from outliers(numbers)


def _about_pictures(
    workspace: Workspace,
    same: NDArray[np.int64],
    splits: NDArray[np.str_],
    truth: NDArray[np.int64],
    progress: Progress,
) -> Iterator[Finding]:
    count = workspace.items.count()
    measures = np.full((4, count), np.nan)
    tiny = np.zeros((count, 8, 9))
    given = np.zeros(count, np.bool_)
    for batch in workspace.items.scan([MEDIA]):
        for number, media in zip(batch.column(NUMBER), batch.column(MEDIA), strict=True):
            place = number.as_py()
            content = media.as_py()
            given[place] = content is not None
            small = thumbnail(content)
            if small is not None:
                side = min(small.width, small.height)
                grey = small.grey
                measures[:, place] = (grey.mean(), grey.std(), sharpness_of(grey), side)
                tiny[place] = small.tiny
        progress("looking at images", place + 1, count)
    shown = np.flatnonzero(given)
    yield from picture_findings(shown, *measures[:, shown])
    alike = np.full(count, -1, np.int64)
    readable = np.flatnonzero(np.isfinite(measures[3]))
    alike[readable] = alike_pictures(tiny[readable])
    yield from copies(_once_each(alike, same), splits, truth, exact=False)


def _once_each(alike: NDArray[np.int64], same: NDArray[np.int64]) -> NDArray[np.int64]:
    """The groups of alike items without those that consist of equal items alone."""
    groups = alike.copy()
    for group in np.unique(groups[groups >= 0]):
        members = np.flatnonzero(groups == group)
        if same[members[0]] >= 0 and np.all(same[members] == same[members[0]]):
            groups[members] = -1
    return groups


def _codes(hashes: pa.Array) -> NDArray[np.int64]:
    """A number for every value that comes more than once, -1 for the others."""
    codes = hashes.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(np.bincount(codes)[codes] > 1, codes, -1)


def _mean_length(texts: pa.Array) -> float:
    import pyarrow.compute as pc

    return pc.mean(pc.utf8_length(texts)).as_py() or 0.0
