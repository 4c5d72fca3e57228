"""Are new items like those before? Every column, word, place, label and source is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from labelwright.core.beliefs import Beliefs
from labelwright.core.errors import NothingToDoError
from labelwright.core.items import user_fields
from labelwright.core.posterior import Posterior
from labelwright.core.record import Run
from labelwright.core.source import SourceKind
from labelwright.core.task import Task
from labelwright.core.units import Units
from labelwright.endmodels import coordinates
from labelwright.pipeline.ask.drift_questions import DRIFT, MARKS, marked
from labelwright.pipeline.label.label import label
from labelwright.pipeline.label.votes_that_count import HELD_OUT
from labelwright.pipeline.train.train import latest_trained
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import (
    Apart,
    Shift,
    categories_shift,
    judged,
    mean_shift,
    numbers_shift,
    share_shift,
    space_shift,
    words_shift,
)
from labelwright.quality.drift.drift import LEAST_ITEMS
from labelwright.sources import beliefs_of_items
from labelwright.tasks import grid_of, learnable

NAMES = 0.5
"""A column of texts of which more than this share differ holds names; they are new by nature."""
TEXT_CHARACTERS = 20
PREDICTED = 5_000
"""So many items of either side are predicted."""
HUMAN = (SourceKind.PERSON, SourceKind.GOLD)

Numbers = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DriftReport:
    """How new items compare with those before.

    Attributes:
        against: the id of the version whose items were before; empty for an import's.
        before: how many items those are, without what is set aside.
        after: how many are new.
        alpha: how often items that did not drift raise an alarm.
        shifts: one for every aspect that was tested, the drifted ones first.
        untested: what was not tested, and why.
        marked: the numbers of new items that are unlike those before, most unlike first; people
            are asked about them. Empty unless the space drifted.
    """

    against: str
    before: int
    after: int
    alpha: float
    shifts: tuple[Shift, ...]
    untested: tuple[str, ...]
    marked: tuple[int, ...]

    @property
    def drifted(self) -> bool:
        """Whether any aspect did."""
        return any(shift.drifted for shift in self.shifts)


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """The numbers of the items on both sides, and how they are compared."""

    workspace: Workspace
    before: Numbers
    after: Numbers
    permutations: int
    untested: list[str]

    def drawn(self, rng: np.random.Generator, most: int) -> tuple[Numbers, Numbers]:
        """At most so many of either side, in order."""
        return _some(self.before, most, rng), _some(self.after, most, rng)

    def columns(self, name: str) -> tuple[pa.Array, pa.Array]:
        """The values of a column on both sides."""
        batches = self.workspace.items.scan([name])
        column = pa.chunked_array([batch.column(name) for batch in batches]).combine_chunks()
        return column.take(pa.array(self.before)), column.take(pa.array(self.after))


def drift(
    workspace: Workspace,
    *,
    against: str | None = None,
    before: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> DriftReport:
    """Tests whether the items that came since differ from those before; records what it found.

    Runs no code of the project: sources that have not voted on the new items are not tested.

    Args:
        workspace: the project, held for writing.
        against: a version; the items that came after it are the new ones. By default the newest
            version that has fewer items than there are now, else the items before the last import.
        before: how many items there were before, instead of a version.
        seed: of the samples and permutations.
        progress: is told how far it is.

    Raises:
        NothingToDoError: there are fewer than 20 items on either side.
        UnknownNameError: there is no such version.
    """
    version, count = ("", before) if before is not None else _reference(workspace, against)
    rules = workspace.settings.keeping.drift
    sides = _sides(workspace, count)
    rng = np.random.default_rng([seed, count, workspace.items.count()])
    shifts: list[Shift] = []
    for name in _fields(workspace):
        progress(f"comparing {name}", 0, 0)
        shifts += _of_column(sides, name, rng)
    progress("comparing labels", 0, 0)
    shifts += _of_votes(sides)
    shifts += _of_predictions(sides, rng)
    progress("comparing the space", 0, 0)
    apart = _of_space(sides, rng)
    if apart is not None:
        shifts.append(apart[0].shift)
    found = judged(shifts, alpha=rules.alpha, least=rules.least)
    moved = apart is not None and any(s.drifted for s in found if s.aspect == "space")
    report = DriftReport(
        against=version,
        before=len(sides.before),
        after=len(sides.after),
        alpha=rules.alpha,
        shifts=tuple(found),
        untested=tuple(sides.untested),
        marked=tuple(apart[1][apart[0].unlike].tolist()) if apart is not None and moved else (),
    )
    _record(workspace, report, count, seed)
    return report


def _record(workspace: Workspace, report: DriftReport, count: int, seed: int) -> None:
    run = Run(
        step=DRIFT,
        inputs={"before": count, "items": workspace.items.count()},
        settings=parts.described(workspace.settings.keeping.drift),
        seed=seed,
    )
    with workspace.timed(run) as finished:
        # Those of earlier tests stay until they are answered.
        both = dict.fromkeys([*report.marked, *marked(workspace).tolist()])
        chosen = np.array([*both][:MARKS], np.int64)
        outputs = {"marked": workspace.objects.put_arrays({"item": chosen})}
        metrics = {
            "drifted": float(report.drifted),
            "aspects": float(sum(shift.drifted for shift in report.shifts)),
            "marked": float(len(report.marked)),
        }
        workspace.runs.record(finished(outputs=outputs, metrics=metrics))


def _reference(workspace: Workspace, against: str | None) -> tuple[str, int]:
    """The id of the version, and how many items there were before."""
    if against is not None:
        version = workspace.versions.find(against)
        return version.id, int(version.items["count"])
    now = workspace.items.count()
    for version in reversed(workspace.versions.list()):
        if version.items["count"] < now:
            return version.id, int(version.items["count"])
    counts = [run.inputs["items"] for run in workspace.runs.list("import")]
    return "", max((count for count in counts if count < now), default=0)


def _sides(workspace: Workspace, count: int) -> _Sides:
    items = workspace.items.count()
    usable = ~workspace.set_aside.mask(items)
    before, after = np.flatnonzero(usable[:count]), count + np.flatnonzero(usable[count:])
    if min(len(before), len(after)) < LEAST_ITEMS:
        raise NothingToDoError(
            f"there are {len(before):,} items before and {len(after):,} new ones; drift is tested "
            f"from {LEAST_ITEMS} on either side. Import more, or name an older version: "
            "labelwright drift --against VERSION"
        )
    # p values must be able to fall below alpha: a third of it for space, labels, and all words.
    tests = 3 * (3 + len(_fields(workspace)))
    permutations = min(20_000, ceil(2 * tests / workspace.settings.keeping.drift.alpha))
    return _Sides(workspace, before, after, permutations, [])


def _fields(workspace: Workspace) -> list[str]:
    ignored = workspace.settings.keeping.drift.ignore
    return [name for name in user_fields(workspace.items.schema()) if name not in ignored]


def _of_column(sides: _Sides, name: str, rng: np.random.Generator) -> Iterator[Shift]:
    before, after = sides.columns(name)
    lost = before.null_count, after.null_count
    if any(lost):
        yield share_shift("missing", name, (lost[0], len(before)), (lost[1], len(after)))
    before, after = before.drop_null(), after.drop_null()
    if min(len(before), len(after)) < LEAST_ITEMS:
        sides.untested.append(f"{name}: too few values")
    elif _is_number(before.type):
        old, new = _finite(before), _finite(after)
        if min(len(old), len(new)) >= LEAST_ITEMS:
            yield numbers_shift(name, old, new)
    elif pa.types.is_boolean(before.type):
        yield categories_shift(name, before, after)
    elif not pa.types.is_string(before.type):
        sides.untested.append(f"{name}: {before.type} is not compared")
    elif name == sides.workspace.text_field() or _length(before).mean() > TEXT_CHARACTERS:
        yield numbers_shift(name, _length(before), _length(after), "length")
        most = sides.workspace.settings.keeping.drift.sample
        texts, others = (_drawn_texts(side, most, rng) for side in (before, after))
        yield words_shift(name, texts, others, rng, permutations=sides.permutations)
    elif pc.count_distinct(before).as_py() > NAMES * len(before):
        sides.untested.append(f"{name}: nearly every value differs")
    else:
        yield categories_shift(name, before, after)


def _of_votes(sides: _Sides) -> Iterator[Shift]:
    """Hit rates, estimated accuracies and labels, by what machines voted alone.

    Answers of people stay out: they were asked about some items, and not at random.
    """
    workspace = sides.workspace
    model = parts.label_model(workspace)
    try:
        labels = label(workspace, model, write=False)
    except NothingToDoError:
        sides.untested.append("sources and labels: nobody has voted")
        return
    votes = labels.votes
    human = np.array([source.kind in HUMAN for source in votes.sources], bool)
    units = labels.units.without(human)
    posterior = model.posterior(labels.fit, units.matrix)
    asked = workspace.asked(labels.active.numbers)
    for place, source in enumerate(votes.sources):
        if human[place]:
            continue
        name = source.name
        known = [side[asked[place][side]] for side in (sides.before, sides.after)]
        if min(map(len, known)) < LEAST_ITEMS:
            sides.untested.append(f"{name}: has not voted on enough items on both sides")
            continue
        hit = np.zeros(votes.items, bool)
        hit[votes.item[(votes.source == place) & (votes.answer >= 0)]] = True
        yield share_shift("hit rate", name, *((int(hit[side].sum()), len(side)) for side in known))
        right = [_rightness(units, posterior, place, side) for side in (sides.before, sides.after)]
        if min(map(len, right)) >= LEAST_ITEMS:
            yield mean_shift("accuracy", name, *right)
    yield from _of_labels(sides, units, posterior)


def _rightness(
    units: Units, posterior: Posterior, source: int, side: Numbers
) -> NDArray[np.float64]:
    """How probable the label model thinks each vote of the source on these items."""
    matrix = units.matrix
    inside = np.zeros(int(units.item.max(initial=-1)) + 1, bool)
    inside[side[side < len(inside)]] = True
    chosen = (matrix.source == source) & matrix.voted & (matrix.label < matrix.classes)
    chosen &= inside[units.item[matrix.unit]]
    found: Shares = posterior.probability[matrix.unit[chosen], matrix.label[chosen]]
    return found.astype(np.float64)


def _of_labels(sides: _Sides, units: Units, posterior: Posterior) -> Iterator[Shift]:
    beliefs = units.beliefs(posterior.probability, posterior.covered)
    told = [_of_items(beliefs, side) for side in (sides.before, sides.after)]
    if min(len(np.unique(one.item)) for one in told) < LEAST_ITEMS:
        sides.untested.append("labels: machines voted on too few items")
        return
    yield from _classes_shift("labels", told[0], told[1], sides.workspace.settings.task)


def _of_items(beliefs: Beliefs, side: Numbers) -> Beliefs:
    """What is believed of the covered units of these items."""
    rows = np.flatnonzero(beliefs.covered & np.isin(beliefs.item, side))
    key = None if beliefs.key is None else beliefs.key.take(pa.array(rows))
    return replace(
        beliefs,
        item=beliefs.item[rows],
        probability=beliefs.probability[rows],
        covered=beliefs.covered[rows],
        key=key,
    )


def _classes_shift(aspect: str, before: Beliefs, after: Beliefs, task: Task) -> Iterator[Shift]:
    """How the shares of classes moved; of sets how often each class belongs."""
    if before.key is None or not learnable(task):
        names = pa.array(before.class_names)
        old, new = (names.take(pa.array(one.label)) for one in (before, after))
        yield categories_shift("", old, new, aspect)
        return
    for head, name in enumerate(grid_of(task, 0).head_names):
        belongs = [one.label[np.asarray(one.key) == head] > 0 for one in (before, after)]
        if min(map(len, belongs)) >= LEAST_ITEMS:
            yield share_shift(aspect, name, *((int(one.sum()), len(one)) for one in belongs))


def _of_predictions(sides: _Sides, rng: np.random.Generator) -> Iterator[Shift]:
    """Shares of predicted classes, on items that the model was not trained on."""
    workspace = sides.workspace
    trained = latest_trained(workspace)
    if trained is None:
        return
    unseen = np.isin(workspace.splits(), HELD_OUT)
    unseen[trained.run.inputs["items"] :] = True
    drawn = [_some(side[unseen[side]], PREDICTED, rng) for side in (sides.before, sides.after)]
    if min(map(len, drawn)) < LEAST_ITEMS:
        sides.untested.append("predictions: too few items that the model was not trained on")
        return
    task = workspace.settings.task
    tables = (workspace.items.take(side, trained.fields) for side in drawn)
    old, new = (beliefs_of_items(trained.predictor.predict(table), task) for table in tables)
    yield from _classes_shift("predictions", old, new, task)


def _of_space(sides: _Sides, rng: np.random.Generator) -> tuple[Apart, Numbers] | None:
    """The test in the end model's own features, and the new items that were compared."""
    workspace = sides.workspace
    model = parts.end_model(workspace)
    if not hasattr(model, "features"):
        sides.untested.append("space: the end model has no features of its own")
        return None
    before, after = sides.drawn(rng, workspace.settings.keeping.drift.sample)
    both = np.concatenate([before, after])
    items = workspace.items.take(both, model.fields)
    # Learnt from both sides alike, or the projection itself would tell them apart.
    placed = coordinates(items, model)  # type: ignore[arg-type] # has features, see above
    old, new = placed[: len(before)], placed[len(before) :]
    return space_shift(old, new, rng, permutations=sides.permutations), after


def _some(side: Numbers, most: int, rng: np.random.Generator) -> Numbers:
    return np.sort(rng.choice(side, most, replace=False)) if len(side) > most else side


def _drawn_texts(texts: pa.Array, most: int, rng: np.random.Generator) -> list[str]:
    return texts.take(pa.array(_some(np.arange(len(texts)), most, rng))).to_pylist()


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind)


def _finite(column: pa.Array) -> NDArray[np.float64]:
    numbers = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers[np.isfinite(numbers)]


def _length(column: pa.Array) -> NDArray[np.int64]:
    return pc.utf8_length(column).to_numpy(zero_copy_only=False)
