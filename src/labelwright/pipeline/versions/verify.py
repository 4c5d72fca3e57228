"""Whether every stored byte is what it was, and whether labels come out the same again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from labelwright.core.errors import LabelwrightError, StorageError
from labelwright.core.record import Version
from labelwright.core.votes import VOTE_SCHEMA
from labelwright.pipeline.label.class_balance import (
    balance_of,
    balance_of_votes,
    believed,
    unbiased,
    votes_to_fit,
    with_balance,
)
from labelwright.pipeline.label.experts import as_stated
from labelwright.pipeline.label.fit_record import fit_of, posterior_name, write_fit
from labelwright.pipeline.label.incremental import FOLLOWS
from labelwright.pipeline.label.label import label
from labelwright.pipeline.label.reduce_votes import answers_of
from labelwright.pipeline.train.joint_labels import with_content
from labelwright.pipeline.versions.checkout import needed, opened_at, runs_of
from labelwright.pipeline.workspace.parts import described, label_model_of
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import (
    ITEMS,
    VOTES,
    AnswerColumn,
    Cache,
    get_column,
    item_words,
    items_name,
    row_words,
    segment_name,
    source_words,
    votes_name,
)


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it was saved.

    Attributes:
        place: the file, or the version whose labels came out otherwise.
        what: what is wrong with it, and what to do.
    """

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found.

    Attributes:
        versions: how many versions were looked at.
        files: how many files were hashed.
        bytes: how many bytes they have.
        recomputed: the ids of the versions whose labels were computed again.
        damage: what is wrong; empty if all is well.
    """

    versions: int
    files: int
    bytes: int
    recomputed: tuple[str, ...]
    damage: tuple[Damage, ...]


def verify(workspace: Workspace, recompute: Sequence[str] = ()) -> VerifyReport:
    """Hashes every stored file, and computes the labels of these versions again.

    Args:
        workspace: the project.
        recompute: names of versions.
    """
    damage: list[Damage] = []

    def check(place: str, look: Callable[[], object]) -> bool:
        try:
            look()
        except LabelwrightError as error:
            damage.append(Damage(place, str(error)))
            return False
        return True

    objects, names = workspace.objects, workspace.objects.names()
    for name in names:
        check(f"object {name}", lambda name=name: objects.check(name))  # type: ignore[misc]
    sums = workspace.sums
    damage += [Damage(str(file), f"{file} {what}") for file, what in sums.broken()]
    versions: list[Version] = []
    check(str(workspace.layout.versions), lambda: versions.extend(workspace.versions.list()))
    check(str(workspace.layout.versions), lambda: _names(workspace))
    check(str(workspace.layout.runs), workspace.runs.list)
    for version in versions:
        if version.format > 1:
            check(version.id, lambda version=version: _objects_there(workspace, version))  # type: ignore[misc]
    check("items and votes", lambda: _rows(workspace, versions))
    done = []
    for name in recompute:
        version = workspace.versions.find(name)
        if check(version.id, lambda version=version: recomputed(workspace, version)):  # type: ignore[misc]
            done.append(version.id)
    files, size = sums.count()
    size += sum(objects.size(name) for name in names)
    return VerifyReport(len(versions), files + len(names), size, tuple(done), tuple(damage))


def recomputed(workspace: Workspace, version: Version) -> None:
    """Returns if the version's labels, computed again from its votes, are those that it kept.

    Raises:
        StorageError: they are not; says what came out otherwise.
    """
    with opened_at(workspace, version) as at:
        run = next(run for run in runs_of(workspace, version) if run.step == "label")
        model = label_model_of(run.settings)
        labels = label(at, model)
        words = item_words(at.items, Cache(at.layout.root / "none" / "kept"))
        fit = fit_of(at, version.objects["fit"])
        again = believed(model, fit, labels.units)
        answers = answers_of(labels.units, again, fit, at.settings.task)
        stood = replace(labels, fit=fit, posterior=again, answers=answers)
        column = AnswerColumn.of(with_content(at, stood).answers.answer)
        kept = get_column(workspace.objects, version.labels["column"])
        otherwise = []
        if votes_name(labels.votes, words) != version.votes["digest"]:
            otherwise.append("the votes in force")
        known = unbiased(at, model, labels.votes)
        # What was made with other settings than this release has, or of other knowledge beside
        # the votes, cannot be made again.
        same = described(model) == run.settings and run.inputs.get("balance") == known.name
        if FOLLOWS not in run.inputs and same:
            balance = balance_of_votes(labels.units, labels.votes, known)
            votes = votes_to_fit(labels.units, labels.votes, known, balance)
            fitted = as_stated(model.fit(votes), labels.votes)
            if balance_of(fit) is not None:  # of earlier releases there is none
                fitted = with_balance(fitted, balance)
            if write_fit(at, fitted, again)["fit"] != version.objects["fit"]:
                otherwise.append("the fit")
        if posterior_name(again) != version.labels["posterior"]:
            otherwise.append("the posterior")
        if not np.array_equal(kept.among(column.names), column.code):
            otherwise.append("the labels")
    if otherwise:
        then = version.environment
        raise StorageError(
            f"of the version {version.id[:12]} {', '.join(otherwise)} came out otherwise than "
            f"they were saved (with Labelwright {then['labelwright']}, numpy {then['numpy']}, "
            f"scipy {then['scipy']}). Other libraries or another processor may round otherwise; "
            "if neither changed, restore the project from a backup."
        )


def _names(workspace: Workspace) -> None:
    refs = workspace.versions.refs()
    workspace.versions.reached([*refs.branches.values(), *refs.tags.values()])


def _objects_there(workspace: Workspace, version: Version) -> None:
    for name in needed(workspace, version):
        if name not in workspace.objects:
            raise StorageError(
                f"the version {version.id[:12]} needs the object {name}, which is missing. Pull "
                "it from where the project was pushed to, or restore it from a backup."
            )


def _rows(workspace: Workspace, versions: Sequence[Version]) -> None:
    """Returns if items and votes are those that the names of their segments say."""
    words = item_words(workspace.items, Cache(workspace.layout.cache / "none" / "kept"))
    for name in workspace.segments.all(ITEMS):
        places = workspace.segments.places(ITEMS, [name], sort=False)
        _equal(name, segment_name([words[places]]), ITEMS, workspace.layout.items)
    workspace.log.check()
    sources = source_words(workspace.log.sources())
    for name, runs in workspace.segments.all(VOTES).items():
        rows = (row_words(batch, words, sources) for batch in _batches(workspace.log.kept, runs))
        found = segment_name(rows)
        if found != name:
            # Earlier releases named rows by what they meant after a change of classes.
            now = partial(workspace.log.batches, VOTE_SCHEMA.names)
            found = segment_name(row_words(b, words, sources) for b in _batches(now, runs))
        _equal(name, found, VOTES, workspace.layout.votes)
    for version in versions:
        if version.format > 1:
            places = workspace.segments.places(ITEMS, version.items["segments"])
            if items_name(words[places]) != version.items["digest"]:
                raise StorageError(f"the version {version.id[:12]} has other items than it names")


def _batches(
    rows: Callable[..., Iterator[pa.RecordBatch]], runs: Sequence[Sequence[int]]
) -> Iterator[pa.RecordBatch]:
    """The rows of the vote log from the first number of each run to before the last."""
    for start, end in runs:
        left = end - start
        for batch in rows(start=start):
            yield batch.slice(0, left)
            left -= batch.num_rows
            if left <= 0:
                break


def _equal(name: str, found: str, table: str, path: Path) -> None:
    if name != found:
        raise StorageError(
            f"{path} is damaged: the {table} of the segment {name} are not those that were saved. "
            "Restore it from a backup, or clone the project from where it was pushed to."
        )
