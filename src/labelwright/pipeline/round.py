"""One round: the whole of Labelwright on one page. Read this file first.

     formats        sources + people        labelmodels             queue              endmodels
     items  ----->  votes (append-only) -->  fit, posterior ---->  assignments  --->  predictor
                       ^                                              |                  |
                       '------------- next round: new votes ----------'------------------'

Values flow one way. The loop closes through data with a higher round number.
"""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.core.pool import Assignment
from labelwright.core.record import Version
from labelwright.pipeline.ask.pick_questions import ask
from labelwright.pipeline.label.label import Labels, label
from labelwright.pipeline.train.contradicted_labels import check_uncontradicted, contradicted
from labelwright.pipeline.train.item_coordinates import item_coordinates
from labelwright.pipeline.train.joint_labels import join
from labelwright.pipeline.train.model_votes import cast_model_votes
from labelwright.pipeline.train.train import Trained, one_class, only_class, train
from labelwright.pipeline.versions.freeze import freeze
from labelwright.pipeline.vote.collect_answers import collect_answers
from labelwright.pipeline.vote.run_sources import VoteReport, cast_votes
from labelwright.pipeline.vote.runnable_sources import runnable
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.tasks import no_model


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """What one round made.

    Attributes:
        answers: how many answers of people came in since the last round.
        votes: what the sources did.
        labels: what the label model made of the votes, content joined in.
        trained: the end model; None where none can be trained.
        untrained: why none can, in words; empty if one was.
        questions: what people should look at next.
        version: the frozen training set.
    """

    answers: int
    votes: VoteReport
    labels: Labels
    trained: Trained | None
    questions: tuple[Assignment, ...]
    version: Version
    untrained: str = ""


def run_round(
    workspace: Workspace,
    *,
    seed: int = 0,
    note: str = "",
    anyway: bool = False,
    progress: Progress = silent,
) -> Round:
    """Collects answers, lets every source vote, labels, trains, asks, and freezes a version.

    Where no end model learns tasks of this kind, or all labels are of one class, labels and
    questions are of votes alone.

    Raises:
        ContradictedError: known truth contradicts the labels, and it is not to be done `anyway`.
            Answers and votes are taken in; nothing is trained or frozen.
    """
    with workspace.writing():
        answers = collect_answers(workspace)
        votes = cast_votes(
            workspace, runnable(workspace), parts.engine(workspace), progress=progress
        )
        labels = label(workspace, parts.label_model(workspace))
        end_model, targets = parts.end_model(workspace), parts.targets(workspace)
        joining = parts.joining(workspace)
        if joining is not None:
            labels = join(workspace, labels, end_model, joining, seed=seed, progress=progress)
        check_uncontradicted(contradicted(workspace, labels), anyway=anyway)
        trained, only = None, only_class(labels)
        untrained = one_class(only) if only else no_model(workspace.settings.task)
        if labels.units.heads and not only:
            untrained = ""
            trained = train(
                workspace, labels, end_model, targets, seed, anyway=anyway, progress=progress
            )
            cast_model_votes(workspace, labels, trained, end_model, targets, seed=seed)
        where = item_coordinates(workspace, end_model)
        questions = ask(workspace, labels, trained, where, parts.strategy(workspace), seed=seed)
        version = freeze(workspace, labels, trained, note=note, anyway=anyway)
    return Round(answers, votes, labels, trained, questions, version, untrained)
