"""What is known of the truth, and what the labels would be if it had no say in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.answer_book import TextBook
from labelwright.core.posterior import Posterior
from labelwright.core.source import Source, SourceKind
from labelwright.core.units import Units
from labelwright.core.votes import Votes
from labelwright.labelmodels import MajorityVote
from labelwright.pipeline.label.class_balance import believed
from labelwright.pipeline.label.honest_tests import HonestTests, random_tests
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.label.reduce_votes import extent_of, units_of
from labelwright.pipeline.label.votes_that_count import without
from labelwright.pipeline.train.joint_labels import as_joined
from labelwright.pipeline.workspace.gold_settings import CHOSEN
from labelwright.pipeline.workspace.parts import label_model_of
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.quality import HeldLabels, chance_right

GOLD, ANSWERS = "gold", "answers to items drawn at random"


@dataclass(frozen=True, slots=True, eq=False)
class KnownTruth:
    """Some truth, beside the labels as they are without it.

    Attributes:
        what: in words.
        units: whose `truth` is known of some, without the votes of those who know it.
        posterior: of them, with content where the labels have it.
        tests: the answers that it comes from; None for gold.
        chosen: whether its items were chosen, so that it does not say what is common.
    """

    what: str
    units: Units
    posterior: Posterior
    tests: HonestTests | None = None
    chosen: bool = False

    @property
    def rows(self) -> NDArray[np.int64]:
        """The units that have a label and whose truth is known."""
        return np.flatnonzero((self.units.truth >= 0) & self.posterior.covered)


def known_truths(
    workspace: Workspace, labels: Labels, tests: HonestTests | None = None
) -> tuple[KnownTruth, ...]:
    """Gold, and people's answers to items drawn at random, as far as there are any.

    Args:
        workspace: the project.
        labels: they.
        tests: the answers, if they are at hand.
    """
    found = []
    if labels.ungilded is not None:
        posterior = as_joined(workspace, labels, *labels.ungilded)
        chosen = workspace.settings.gold_sample == CHOSEN
        found.append(KnownTruth(GOLD, labels.ungilded[0], posterior, chosen=chosen))
    tests = random_tests(workspace) if tests is None else tests
    tests = tests.of_first(labels.votes.items)
    if len(tests):
        units = _without_people(workspace, labels, tests)
        votes = believed(label_model_of(labels.run.settings), labels.fit, units)
        found.append(KnownTruth(ANSWERS, units, as_joined(workspace, labels, units, votes), tests))
    return tuple(one for one in found if len(one.rows))


def held_against(known: KnownTruth) -> HeldLabels:
    """The labels beside the truth and beside what counting the same votes would say."""
    units, rows = known.units, known.rows
    wanted = np.zeros(units.matrix.units, bool)
    wanted[rows] = True
    votes = units.matrix.only(wanted[units.matrix.unit])
    counting = MajorityVote(confidences=False)
    counted = counting.posterior(counting.fit(votes), votes)
    truth = units.truth[rows]
    heads = max(units.heads, 1)
    return HeldLabels(
        item=units.item[rows],
        head=rows % heads,
        truth=truth,
        right=chance_right(_only(known.posterior, rows), truth),
        counting=chance_right(_only(counted, rows), truth),
        class_names=units.class_names,
        head_names=units.head_names or ("",),
    )


def _only(posterior: Posterior, rows: NDArray[np.int64]) -> Posterior:
    return Posterior(posterior.probability[rows], posterior.covered[rows])


def _without_people(workspace: Workspace, labels: Labels, tests: HonestTests) -> Units:
    """The votes of machines on the items of the tests, whose answers are the truth of the units."""
    votes = labels.votes
    people = np.array(
        [one.kind in (SourceKind.PERSON, SourceKind.GOLD) for one in votes.sources], bool
    )
    tested = np.zeros(votes.items, bool)
    tested[tests.item] = True
    machines = without(votes, people[votes.source] | ~tested[votes.item])
    task = workspace.settings.task
    truth = _as_gold(tests, votes.items)
    return units_of(machines, task, guests=truth, extent=extent_of(workspace))


def _as_gold(tests: HonestTests, items: int) -> Votes:
    """The answers as votes of one who knows; of several to one item the last."""
    last = dict(zip(tests.item.tolist(), tests.truth.tolist(), strict=True))
    coded = pa.array([last[item] for item in sorted(last)], pa.string()).dictionary_encode()
    return Votes(
        item=np.array(sorted(last), np.int64),
        source=np.zeros(len(last), np.int32),
        answer=coded.indices.to_numpy().astype(np.int32),
        answers=TextBook(tuple(coded.dictionary.to_pylist())),
        sources=(Source("answers", SourceKind.GOLD),),
        items=items,
        complete=np.zeros(1, bool),
    )
