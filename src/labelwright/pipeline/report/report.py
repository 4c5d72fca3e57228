"""The report: both cards and the story, gathered without changing anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright._version import __version__
from labelwright.core.errors import NothingToDoError, SettingsError
from labelwright.formats import DatasetAbout, croissant, html, hugging_face, markdown, write_text
from labelwright.pipeline.analysis.check_items import check
from labelwright.pipeline.label.honest_tests import honest_tests
from labelwright.pipeline.live.item_table import Catalogue
from labelwright.pipeline.live.progress_board import board
from labelwright.pipeline.live.snapshot import take_snapshot
from labelwright.pipeline.report.data_card import DataCard, data_card
from labelwright.pipeline.report.limits import gaps, limits
from labelwright.pipeline.report.model_card import ModelCard, model_card
from labelwright.pipeline.report.paper import paper
from labelwright.pipeline.report.story import Story, story
from labelwright.pipeline.vote.cost import spending
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace

FORMATS = {
    "html": (".html", ".htm"),
    "markdown": (".md", ".markdown"),
    "croissant": (".json", ".jsonld"),
    "hugging-face": (),
}
"""Name -> the endings that choose it."""


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What there is to say of a project.

    Attributes:
        made: when, ISO 8601 in UTC.
        release: of Labelwright.
        version: the id of the newest version; empty before the first.
        data: the card of the data.
        model: the card of the end model; None before there is one.
        story: what changed since the last version; None before there is one.
    """

    made: str
    release: str
    version: str
    data: DataCard
    model: ModelCard | None
    story: Story | None

    @property
    def gaps(self) -> list[str]:
        """What is missing or doubtful in the data and its labels."""
        return gaps(self.data)

    @property
    def limits(self) -> list[str]:
        """What the model should not be trusted with; empty without one."""
        return [] if self.model is None else limits(self.model)

    def to_dict(self) -> dict[str, Any]:
        """All of it, as `print_json` takes it."""
        return {
            "made": self.made,
            "release": self.release,
            "version": self.version,
            "data": self.data.to_dict(),
            "model": None if self.model is None else self.model.to_dict(),
            "story": self.story,
            "gaps": self.gaps,
            "limits": self.limits,
        }

    def text(self, format_: str, exported: Path | None = None) -> str:
        """The report in one of `FORMATS`; metadata speak of a file that was exported.

        Raises:
            SettingsError: Croissant describes a file, and there is none.
            DataError: the file cannot be read.
        """
        if format_ == "croissant":
            if exported is None:
                raise SettingsError(
                    "Croissant describes a file: export one with: labelwright export --to "
                    "train.parquet, and name it with --data train.parquet"
                )
            return croissant(self._about(), exported)
        document = paper(self.data, self.model, self.story, self._imprint())
        if format_ == "html":
            return html(document)
        body = markdown(document)
        return body if format_ == "markdown" else hugging_face(self._about(), exported, body)

    def write(
        self, path: str | Path, format_: str | None = None, exported: str | Path | None = None
    ) -> str:
        """Writes the report, all of it or nothing; gives the format.

        Args:
            path: the file; its ending chooses the format unless `format_` does.
            format_: one of `FORMATS`.
            exported: the file that metadata describe.

        Raises:
            SettingsError: no such format, or Croissant of no file.
            StorageError: the file cannot be written.
        """
        chosen = format_of(Path(path), format_)
        write_text(Path(path), self.text(chosen, None if exported is None else Path(exported)))
        return chosen

    def _about(self) -> DatasetAbout:
        about, data = self.data.about, self.data
        creators = [one.strip() for one in about.creators.split(",") if one.strip()]
        return DatasetAbout(
            name=data.name,
            description=about.description or f"{data.items:,} items with labels: {data.classes}",
            license=about.license,
            url=about.url,
            creators=creators,
            version=f"1.{max(len(data.rounds) - 1, 0)}.0",
            published=self.made[:10],
            task=_task(data),
            rows=data.items,
            classes=data.classes,
        )

    def _imprint(self) -> str:
        version = f"version {self.version[:12]}" if self.version else "no version frozen yet"
        when = self.made[:16].replace("T", " ")
        return f"{version} · made {when} UTC · Labelwright {self.release}"


def _task(data: DataCard) -> str:
    """The task as Hugging Face names it."""
    if data.media:
        return "image-classification"
    texts = any(one.type == "text" for one in data.fields)
    return "text-classification" if texts else "tabular-classification"


def format_of(path: Path, format_: str | None = None) -> str:
    """The format that a file is to have.

    Raises:
        SettingsError: none has this name or ending.
    """
    if format_ is not None:
        if format_ not in FORMATS:
            raise SettingsError(f"a report is one of {', '.join(FORMATS)}, not {format_!r}")
        return format_
    ending = path.suffix.lower()
    for name, endings in FORMATS.items():
        if ending in endings:
            return name
    raise SettingsError(
        f"{path}: the ending of the name must say what to write: "
        f"{', '.join(one for endings in FORMATS.values() for one in endings)}; or name it with "
        "--format"
    )


def report(workspace: Workspace, *, checks: bool = True, progress: Progress = silent) -> Report:
    """The report of what stands now. Reads, never writes, and runs no code of the project.

    Args:
        workspace: the project.
        checks: whether to look at every item for damage, copies, leaks and wrong answers, as
            `labelwright check` does.
        progress: is told how far it is.

    Raises:
        NothingToDoError: there are no items.
    """
    if workspace.items.count() == 0:
        raise NothingToDoError(
            "there is nothing to report yet; add items with: labelwright import "
            f"{workspace.folder} FILE"
        )
    findings = check(workspace, progress=progress).findings if checks else None
    progress("measuring", 0, 0)
    snapshot = take_snapshot(workspace)
    labels, cost = snapshot.labels, spending(workspace)
    assert labels is not None  # noqa: S101 - there are items, see above
    rounds = board(snapshot, Catalogue(snapshot), honest_tests(workspace)).points
    head = workspace.versions.head()
    return Report(
        made=now(),
        release=__version__,
        version="" if head is None else head.id,
        data=data_card(workspace, labels, findings=findings, rounds=rounds, cost=cost),
        model=model_card(workspace, labels, snapshot.trained),
        story=story(workspace, labels, snapshot.trained, cost),
    )
