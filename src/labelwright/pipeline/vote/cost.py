"""What the labels took, against labelling everything by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.core.source import Source, SourceKind
from labelwright.pipeline.vote.active_sources import with_overrides
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Cost, Wage, labelling_cost


def spending(workspace: Workspace) -> Cost:
    """Votes, minutes and money so far, and what answering every item by hand would take."""
    settings = workspace.settings
    known = workspace.log.sources()
    tallies = workspace.tallies()
    return labelling_cost(
        [with_overrides(source, settings) for source in known],
        [tally.voted + tally.abstained for tally in tallies],
        workspace.items.count(),
        wage=Wage(settings.cost.wage_usd_per_hour, settings.cost.seconds_per_answer),
        seconds=_measured_seconds(workspace, known),
    )


def seconds_of_people(workspace: Workspace) -> NDArray[np.float64]:
    """The time that each source's votes took in all, by its number; NaN where nobody measured."""
    return _measured_seconds(workspace, workspace.log.sources())


def _measured_seconds(workspace: Workspace, sources: Sequence[Source]) -> NDArray[np.float64]:
    """The time that each person's votes took in all, NaN where nobody measured, (sources,).

    Answers that were corrected later took their time too.
    """
    people = [n for n, source in enumerate(sources) if source.kind is SourceKind.PERSON]
    rows = workspace.log.scan(people, ["source", "seconds"])
    spent = rows["seconds"].to_numpy()
    measured = ~np.isnan(spent)
    number = rows["source"].to_numpy()[measured]
    total = np.bincount(number, spent[measured], minlength=len(sources))
    count = np.bincount(number, minlength=len(sources))
    return np.where(count > 0, total, np.nan)
