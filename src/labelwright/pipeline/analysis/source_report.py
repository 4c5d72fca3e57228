"""Reports that people read and plot: of everyone and everything that votes, and of the labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.items import ID
from labelwright.core.ports import LabelModel
from labelwright.pipeline.label.basis import ORDER, Basis, basis_of
from labelwright.pipeline.label.class_balance import told_at_random
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import (
    Calibration,
    ModelChecks,
    SourceReport,
    Stability,
    model_checks,
    source_report,
    undecided,
)


@dataclass(frozen=True, slots=True, eq=False)
class SourcesReport:
    """How good the sources are.

    Attributes:
        report: coverage, overlap, conflict, accuracy with intervals, confusions, copying: arrays
            over sources.
        kinds: what each source is.
        classes: names of the classes that they vote for.
        failures: the most frequent reasons for which sources failed, by name.
        truth: on how many items the truth is known, by gold or by somebody taken at their word who
            was asked at random; accuracies on gold rest on these.
        votes: on how many items each source voted, shape (sources,).
        abstentions: on how many it was asked about and chose not to, shape (sources,).
        checks: whether the label model reproduces what the votes show; None if not asked for.
    """

    report: SourceReport
    kinds: tuple[str, ...]
    classes: tuple[str, ...]
    failures: dict[str, tuple[tuple[str, int], ...]]
    truth: int
    votes: NDArray[np.int64]
    abstentions: NDArray[np.int64]
    checks: ModelChecks | None = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a source; its votes and abstentions are those on items."""
        counted = zip(self.votes.tolist(), self.abstentions.tolist(), self.kinds, strict=True)
        return [
            row | {"votes": votes, "abstentions": silent, "kind": kind}
            for row, (votes, silent, kind) in zip(self.report.rows(), counted, strict=True)
        ]

    def warnings(self, most: int | None = None) -> list[str]:
        """What the owner of the sources should look at, in plain words with numbers."""
        if self.checks is None:
            return self.report.warnings()
        found = self.checks.warnings()
        if most is not None and len(found) > most:
            more = len(found) - most
            found = [*found[:most], f"and {more} more findings of this kind: see --json"]
        return self.report.warnings(copies=False) + found

    def confusions(self) -> list[dict[str, Any]]:
        """A row for each source and true class: how often it voted what, in expectation."""
        report = self.report
        return [
            {
                "source": name,
                "class": truth,
                "votes": dict(zip(self.classes, believed.tolist(), strict=True)),
                "verified": dict(zip(self.classes, verified.tolist(), strict=True)),
            }
            for place, name in enumerate(report.names)
            for truth, verified, believed in zip(
                self.classes,
                report.verified[place],
                report.verified[place] + report.believed[place],
                strict=True,
            )
        ]

    def to_dict(self, *, confusions: bool = False) -> dict[str, Any]:
        """Everything, as JSON can hold it; the confusion counts only if asked for."""
        made = {
            "sources": self.rows(),
            "classes": list(self.classes),
            "warnings": self.warnings(),
            "findings": [] if self.checks is None else self.checks.rows(),
        }
        return made | ({"confusions": self.confusions()} if confusions else {})

    def to_frame(self) -> Any:
        """The rows as a Polars data frame, one a source."""
        import polars as pl

        return pl.DataFrame(self.rows(), infer_schema_length=None)


def report_sources(
    workspace: Workspace, labels: Labels, model: LabelModel, *, check: bool = True
) -> SourcesReport:
    """The report of the sources that count now, beside gold where there is any.

    Args:
        workspace: the project.
        labels: what the label model made of the votes.
        model: the label model.
        check: whether to check that the model reproduces what the votes show, which takes a few
            seconds.
    """
    truth = labels.units.truth
    told = told_at_random(workspace, labels.votes, labels.units)
    tallies = workspace.tallies()
    counted = [tallies[number] for number in labels.active.numbers]
    votes = labels.votes
    voted, many = votes.answer >= 0, len(votes.sources)
    cast = np.bincount(votes.source[voted], minlength=many)
    silent = np.bincount(votes.source[~voted], minlength=many)
    failed = np.array([tally.failed for tally in counted], np.int64)
    names = [source.name for source in labels.active.sources]
    classes = labels.units.class_names
    report = source_report(
        labels.units.matrix,
        names=names,
        classes=classes,
        fit=labels.fit,
        posterior=labels.posterior,
        gold=truth,
        told=told,
        failures=failed.tolist(),
        assumed=getattr(model, "accuracy", None),
        item=labels.units.item,
        balance=_known_balance(labels),
    )
    return SourcesReport(
        report=report,
        kinds=tuple(source.kind.value for source in labels.active.sources),
        classes=classes,
        failures={
            name: tally.reasons for name, tally in zip(names, counted, strict=True) if tally.reasons
        },
        truth=int(labels.units.to_items((truth >= 0) | (told >= 0), "most").sum()),
        votes=cast,
        abstentions=np.where(votes.complete, votes.items - cast - failed, silent),
        checks=model_checks(
            model, labels.units.matrix, np.random.default_rng(0), names=names, classes=classes
        )
        if check
        else None,
    )


def _known_balance(labels: Labels) -> NDArray[np.float64] | None:
    """How frequent each class is among all units, on the mean of the heads; None if not known."""
    balance = labels.balance
    if balance is None or not balance.known.all():
        return None
    return np.asarray(balance.share.mean(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class LabelReport:
    """The labels, ready to be plotted. U units, K classes; rows of arrays are the same units.

    Attributes:
        model: the label model.
        classes: names of the classes, shape (K,).
        item: the id of the item that each unit belongs to, shape (U,).
        label: the class of each unit, -1 where nobody voted, shape (U,).
        confidence: the probability of it, 0 where nobody voted, shape (U,).
        probability: of every class, shape (U, K).
        basis: what they come from: ``gold``, ``votes``, ``class descriptions``, ``tied votes`` or
            ``class balance``, (U,).
        undecided: whether two classes are exactly as probable, so that the label is the first
            of them by order alone, shape (U,).
        balance: the share of every class among the labels, shape (K,).
        calibration: how far confidences can be trusted; None without verified items.
        stability: how far labels depend on the sample; None if not asked for.
    """

    model: str
    classes: tuple[str, ...]
    item: pa.StringArray
    label: NDArray[np.int64]
    confidence: NDArray[np.float64]
    probability: NDArray[np.float64]
    basis: NDArray[np.str_]
    undecided: NDArray[np.bool_]
    balance: NDArray[np.float64]
    calibration: Calibration | None
    stability: Stability | None

    def to_dict(self) -> dict[str, Any]:
        """The labels at large, as JSON can hold it."""
        return {
            "model": self.model,
            "units": len(self.label),
            "basis": {one.value: int((self.basis == one).sum()) for one in Basis},
            "undecided": int(self.undecided.sum()),
            "balance": dict(zip(self.classes, self.balance.tolist(), strict=True)),
        }

    def to_frame(self) -> Any:
        """One row a unit, as a Polars data frame: item, label, confidence, basis, p_CLASS."""
        import polars as pl

        names = np.array([*self.classes, None], object)
        columns = {f"p_{name}": self.probability[:, k] for k, name in enumerate(self.classes)}
        return pl.DataFrame(
            {
                "item": pl.Series(self.item.to_pylist(), dtype=pl.String),
                "label": pl.Series(names[self.label].tolist(), dtype=pl.String),
                "confidence": self.confidence,
                "basis": self.basis.tolist(),
                "undecided": self.undecided,
                **columns,
            }
        )


def report_labels(
    workspace: Workspace, labels: Labels, stability: Stability | None = None
) -> LabelReport:
    """The labels as arrays with the ids of their items."""
    posterior, units = labels.posterior, labels.units
    batches = [batch.column(ID) for batch in workspace.items.scan([ID])]
    ids = pa.chunked_array(batches, pa.string()).combine_chunks()
    counts = np.bincount(posterior.label[posterior.covered], minlength=posterior.classes)
    return LabelReport(
        model=labels.fit.model,
        classes=units.class_names,
        item=ids.take(pa.array(units.item)),
        label=np.where(posterior.covered, posterior.label, -1),
        confidence=np.where(posterior.covered, posterior.confidence, 0.0),
        probability=posterior.probability,
        basis=np.array([one.value for one in ORDER])[
            basis_of(units, posterior, labels.votes_posterior)
        ],
        undecided=undecided(posterior),
        balance=counts / max(counts.sum(), 1),
        calibration=labels.calibration,
        stability=stability,
    )
