"""A version freezes everything that a label needs to explain itself."""

from __future__ import annotations

import json
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version as version_of
from typing import Any

import pyarrow.compute as pc

from labelwright._version import __version__
from labelwright.core.identity import digest
from labelwright.core.items import ID
from labelwright.core.record import CONTRADICTED, ONLY_CLASS, VERSION_FORMAT, Run, Version
from labelwright.pipeline.label.experts import VOUCHED
from labelwright.pipeline.label.incremental import FOLLOWS
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.random_answers import draws_by_id
from labelwright.pipeline.train.contradicted_labels import check_uncontradicted
from labelwright.pipeline.train.train import Trained, only_class
from labelwright.pipeline.train.what_stands import Standing, standing
from labelwright.pipeline.vote.cost import spending
from labelwright.pipeline.workspace.clock import now
from labelwright.pipeline.workspace.environment import author
from labelwright.pipeline.workspace.parts import described
from labelwright.pipeline.workspace.settings import FILE_NAME, FUNCTIONS_FILE
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import Cost
from labelwright.stores import (
    ITEMS,
    VOTES,
    AnswerColumn,
    item_words,
    items_name,
    put_column,
    row_words,
    segment_name,
    source_words,
    votes_name,
)

CODE = (FILE_NAME, FUNCTIONS_FILE)
"""What people edit: kept with every version as it stands."""
STEPS = ("import", "vote", "label", "join", "train")
"""The steps whose latest runs a version keeps, so that it opens as the project stood."""
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "polars", "pyarrow", "pylance")


def freeze(
    workspace: Workspace,
    labels: Labels,
    trained: Trained | None,
    *,
    note: str = "",
    anyway: bool = False,
) -> Version:
    """Saves the version of what stands now; the same content again gives the same version.

    What known truth says against its labels stands in it.

    Raises:
        ContradictedError: known truth contradicts the labels, and it is not to be done `anyway`.
    """
    stands = standing(workspace, labels)
    against = check_uncontradicted(stands.contradicted, anyway=anyway)
    refs, head = workspace.versions.refs(), workspace.versions.head()
    words = item_words(workspace.items, workspace.cache)
    runs = _runs(workspace, labels, trained)
    version = Version(
        items=_items(workspace, words, head),
        votes=_votes(workspace, labels, words, head),
        sources=tuple(described(source) for source in labels.active.sources),
        task=described(workspace.settings.task),
        runs={step: run.id for step, run in runs.items()},
        objects=_objects(workspace, labels, trained, runs),
        cost=_cost(spending(workspace)),
        metrics=_metrics(stands, trained),
        parent="" if head is None else head.id,
        note=note,
        author=author(),
        created=now(),
        format=VERSION_FORMAT,
        merged=refs.merging,
        code=_code(workspace),
        settings=_settings(workspace, labels, trained),
        labels={**_labels(workspace, labels, head), **_against(against), **_alone(labels)},
        environment=_environment(),
    )
    if head is not None and _same(head, version):
        return head
    workspace.layout.mark_format()
    workspace.seal()
    workspace.versions.record(version)
    return version


def _same(head: Version, version: Version) -> bool:
    """Whether the head has all that the version has: what went in, and what truth said of it."""
    against = [bool(one.labels.get(CONTRADICTED)) for one in (head, version)]
    return head.content == version.content and not version.merged and against[0] == against[1]


def aside_by_id(workspace: Workspace) -> dict[str, list[str]]:
    """The ids of the items that are set aside, sorted, by reason."""
    found = {}
    for reason, numbers in sorted(workspace.set_aside.reasons().items()):
        found[reason] = sorted(workspace.items.take(numbers, [ID])[ID].to_pylist())
    return found


def _items(workspace: Workspace, words: Any, head: Version | None) -> dict[str, Any]:
    """What items there are: those that came since the head are a new segment."""
    start, segments = _since(workspace, ITEMS, head)
    if len(words) > start:
        name = segment_name([words[start:]])
        workspace.segments.add(ITEMS, name, [(start, len(words))])
        segments.append(name)
    aside = aside_by_id(workspace)
    named = {"set_aside": digest(aside)} if aside else {}
    return {"digest": items_name(words), "count": len(words), "segments": segments, **named}


def _votes(
    workspace: Workspace, labels: Labels, words: Any, head: Version | None
) -> dict[str, Any]:
    """What votes there are: rows that came since the head are a new segment."""
    start, segments = _since(workspace, VOTES, head)
    sources = source_words(workspace.log.sources())
    end = workspace.log.count()
    if end > start:
        batches = workspace.log.kept(start)
        name = segment_name(row_words(batch, words, sources) for batch in batches)
        workspace.segments.add(VOTES, name, [(start, end)])
        segments.append(name)
    named = {"digest": votes_name(labels.votes, words), "count": len(labels.votes.item)}
    return {**named, "rows": end, "segments": segments}


def _since(workspace: Workspace, table: str, head: Version | None) -> tuple[int, list[str]]:
    """The first row that no version has, and the segments of all before it."""
    if head is None or head.format == 1:
        return 0, []
    known = dict.fromkeys((head.items if table == ITEMS else head.votes)["segments"])
    # What a merge brought, or a save that was cut short, is here and in no version yet.
    all_of = workspace.segments.all(table)
    return workspace.segments.end(table), [*known, *(name for name in all_of if name not in known)]


def _runs(workspace: Workspace, labels: Labels, trained: Trained | None) -> dict[str, Run]:
    found = {step: workspace.runs.latest(step) for step in ("import", "vote")}
    found["label"] = labels.run
    found["join"] = None if labels.joint is None else labels.joint.run
    found["train"] = None if trained is None else trained.run
    return {step: run for step, run in found.items() if run is not None}


def _objects(
    workspace: Workspace, labels: Labels, trained: Trained | None, runs: Mapping[str, Run]
) -> dict[str, str]:
    kept = json.dumps([asdict(run) for run in runs.values()], sort_keys=True)
    objects = {"fit": labels.run.outputs["fit"]}
    register = json.dumps([asdict(source) for source in workspace.log.sources()])
    objects["register"] = workspace.objects.put_bytes(register.encode())
    objects["runs"] = workspace.objects.put_bytes(kept.encode())
    aside = aside_by_id(workspace)
    if workspace.layout.forgiven.exists():
        objects["forgiven"] = workspace.objects.put_bytes(workspace.layout.forgiven.read_bytes())
    draws = draws_by_id(workspace, labels.votes)
    if draws:
        objects["drawn"] = workspace.objects.put_bytes(json.dumps(draws).encode())
    if workspace.classes.entries:
        changes = json.dumps([entry.record() for entry in workspace.classes.entries])
        objects["classes"] = workspace.objects.put_bytes(changes.encode())
    if aside:
        objects["set_aside"] = workspace.objects.put_bytes(json.dumps(aside).encode())
    if labels.joint is not None:
        objects["content"] = labels.joint.run.outputs["content"]
    if trained is not None:
        objects |= trained.run.outputs
    return objects


def _code(workspace: Workspace) -> dict[str, str]:
    files = (workspace.folder / name for name in CODE)
    return {
        path.name: workspace.objects.put_bytes(path.read_bytes())
        for path in files
        if path.is_file()
    }


def _settings(workspace: Workspace, labels: Labels, trained: Trained | None) -> dict[str, Any]:
    """What besides items and votes decides the labels: settings, seeds, code."""
    toml = tomllib.loads((workspace.folder / FILE_NAME).read_text(encoding="utf-8-sig"))
    functions = workspace.folder / FUNCTIONS_FILE
    named = {
        "label": dict(labels.run.settings),
        "vouched": VOUCHED,
        "follows": labels.run.inputs.get(FOLLOWS, ""),
        # The project's name may be another in every folder.
        "toml": digest({name: value for name, value in toml.items() if name != "name"}),
        "functions": digest(functions.read_bytes()) if functions.is_file() else "",
    }
    draws = draws_by_id(workspace, labels.votes)
    if draws:
        named["drawn"] = digest(draws)
    if labels.joint is not None:
        named["join"] = {**labels.joint.run.settings, "seed": labels.joint.run.seed}
    if trained is not None:
        named["train"] = {**trained.run.settings, "seed": trained.run.seed}
    return json.loads(json.dumps(named, default=str))


def _labels(workspace: Workspace, labels: Labels, head: Version | None) -> dict[str, Any]:
    base = None if head is None else head.labels.get("column")
    column = AnswerColumn.of(labels.answers.answer)
    counts = pc.value_counts(labels.answers.answer.drop_null()).to_pylist()
    by_answer = sorted(((one["values"], one["counts"]) for one in counts), key=lambda one: -one[1])
    return {
        "column": put_column(workspace.objects, column, base),
        "posterior": labels.run.outputs["posterior"],
        "labelled": len(labels.answers.answer) - labels.answers.answer.null_count,
        "counts": dict(by_answer[:100]),
    }


def _against(said: tuple[str, ...]) -> dict[str, Any]:
    """On record with the labels: what known truth said against them when they were saved."""
    return {CONTRADICTED: list(said)} if said else {}


def _alone(labels: Labels) -> dict[str, str]:
    """On record with the labels: the only class that they have, where that may well be wrong."""
    only = only_class(labels)
    return {ONLY_CLASS: only} if only else {}


def _metrics(stands: Standing, trained: Trained | None) -> dict[str, float]:
    metrics = {}
    if stands.right is not None:
        metrics["label_accuracy"] = stands.right.share
    if trained is not None and trained.quality is not None:
        metrics["test_accuracy"] = trained.quality.accuracy
    return metrics


def _cost(cost: Cost) -> dict[str, float]:
    votes = {f"votes_{kind}": float(count) for kind, count in cost.votes.items()}
    return {"person_seconds": cost.person_seconds, "usd": cost.usd, **votes}


def _environment() -> dict[str, str]:
    libraries = {name: version_of(name) for name in _LIBRARIES}
    return {"labelwright": __version__, "python": platform.python_version(), **libraries}
