"""The source report: everyone and everything that votes, in one table."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.pipeline.label import Labels, truth_units
from labelwright.pipeline.workspace import Workspace
from labelwright.quality import SourceReport, source_report


@dataclass(frozen=True, slots=True, eq=False)
class SourcesReport:
    """How good the sources are.

    Attributes:
        report: coverage, overlap, conflict, accuracy, copying: arrays over sources.
        kinds: what each source is.
        failures: the most frequent reasons for which sources failed, by name.
        truth: on how many items the truth is known; accuracies on gold rest on these.
    """

    report: SourceReport
    kinds: tuple[str, ...]
    failures: dict[str, tuple[tuple[str, int], ...]]
    truth: int


def report_sources(workspace: Workspace, labels: Labels) -> SourcesReport:
    """The report of the sources that count now, beside gold where there is any."""
    truth = truth_units(workspace, workspace.settings.task)
    tallies = workspace.tallies()
    counted = [tallies[number] for number in labels.active.numbers]
    names = [source.name for source in labels.active.sources]
    report = source_report(
        labels.units.matrix,
        names=names,
        fit=labels.fit,
        posterior=labels.posterior,
        gold=truth,
        failures=[tally.failed for tally in counted],
    )
    return SourcesReport(
        report=report,
        kinds=tuple(source.kind.value for source in labels.active.sources),
        failures={
            name: tally.reasons for name, tally in zip(names, counted, strict=True) if tally.reasons
        },
        truth=int((truth >= 0).sum()),
    )
