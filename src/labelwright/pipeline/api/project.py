"""A project as Python users hold it: one object whose methods are the commands."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from labelwright.core.errors import NothingToDoError
from labelwright.core.pool import Assignment
from labelwright.core.record import Version
from labelwright.core.source import Source
from labelwright.core.task import Task
from labelwright.core.votes import Vote
from labelwright.pipeline.analysis.check_items import CheckReport, check, set_aside, take_back
from labelwright.pipeline.analysis.compare_label_models import DISPUTED, MethodsReport, compare
from labelwright.pipeline.analysis.explain import Explanation, explain
from labelwright.pipeline.analysis.source_report import (
    LabelReport,
    SourcesReport,
    report_labels,
    report_sources,
)
from labelwright.pipeline.analysis.status import Status, status
from labelwright.pipeline.api.budget import Budget
from labelwright.pipeline.api.classes import Classes
from labelwright.pipeline.api.crowd import Team
from labelwright.pipeline.api.drift import Drift
from labelwright.pipeline.api.experiments import Experiments
from labelwright.pipeline.api.history import History
from labelwright.pipeline.ask.next_questions import next_questions, pick
from labelwright.pipeline.ask.pick_questions import QUESTIONS
from labelwright.pipeline.ask.record_answer import Question, answer, withdraw
from labelwright.pipeline.ingest.import_items import ImportReport, ImportSettings, import_items
from labelwright.pipeline.ingest.import_votes import (
    VotesImportReport,
    VotesImportSettings,
    import_votes,
)
from labelwright.pipeline.ingest.input_paths import listed
from labelwright.pipeline.label.label import Labels, label
from labelwright.pipeline.round import Round, run_round
from labelwright.pipeline.train.contradicted_labels import check_learnt
from labelwright.pipeline.train.export_training_set import ExportReport, export
from labelwright.pipeline.train.joint_labels import join, with_content
from labelwright.pipeline.train.predict import PredictReport, predict
from labelwright.pipeline.train.train import Trained, latest_trained, train
from labelwright.pipeline.train.what_stands import Standing, standing
from labelwright.pipeline.vote.collect_answers import collect_answers
from labelwright.pipeline.vote.open_desks import team_accounts
from labelwright.pipeline.vote.run_sources import VoteReport, cast_votes
from labelwright.pipeline.vote.runnable_sources import runnable
from labelwright.pipeline.watch.model_gate import predicting
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.create import create
from labelwright.pipeline.workspace.progress import Progress, silent
from labelwright.pipeline.workspace.settings import Settings
from labelwright.pipeline.workspace.workspace import Workspace, open_workspace
from labelwright.quality import Stability, stability
from labelwright.quality.labels.stability import RESAMPLES, UNITS

if TYPE_CHECKING:
    from labelwright.stores import Accounts

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class Project:
    """An opened project. Opening reads settings and stores, and runs no code of the project.

    Example:
        >>> import labelwright as lw  # doctest: +SKIP
        >>> project = lw.open("reviews")  # doctest: +SKIP
        >>> project.vote()  # doctest: +SKIP
        >>> project.label().posterior.probability  # doctest: +SKIP
    """

    workspace: Workspace

    @classmethod
    def open(cls, folder: str | Path = ".", *, desk: str | None = None) -> Project:
        """The project in this folder.

        Args:
            folder: of the project.
            desk: the URL of the database of the team's desk, if it is not in the project.

        Raises:
            ProjectError: there is none, or its data is damaged.
            ProjectVersionError: it was made by a newer release.
            SettingsError: its `labelwright.toml` is wrong.
        """
        return cls(open_workspace(Path(folder), desk))

    @classmethod
    def create(cls, folder: str | Path, task: Task, *, name: str | None = None) -> Project:
        """A new project in this folder."""
        return cls(create(Path(folder), task, name))

    @property
    def settings(self) -> Settings:
        """What `labelwright.toml` says, as read when the project was opened."""
        return self.workspace.settings

    @property
    def folder(self) -> Path:
        """Where the project is."""
        return self.workspace.folder

    @property
    def drift(self) -> Drift:
        """What came after: has it drifted, may the new model be published, watching a folder."""
        return Drift(self.workspace)

    @property
    def classes(self) -> Classes:
        """The classes as the file says now: rename, merge, add, remove, undo keep every vote."""
        return Classes(open_workspace(self.folder, self.workspace.desk_url))

    def import_items(
        self,
        paths: Paths,
        *,
        format_: str | None = None,
        progress: Progress = silent,
        **settings: Any,
    ) -> ImportReport:
        """Adds items from files; the keywords are those of `ImportSettings`.

        The endings of the files tell their format, unless `format_` does.
        """
        files, how = listed(paths), ImportSettings(**settings)
        with self.workspace.writing():
            return import_items(self.workspace, files, how, format_=format_, progress=progress)

    def import_votes(self, paths: Paths, **settings: Any) -> VotesImportReport:
        """Adds votes of people from files; the keywords are those of `VotesImportSettings`."""
        with self.workspace.writing():
            return import_votes(self.workspace, listed(paths), VotesImportSettings(**settings))

    def vote(self, *, progress: Progress = silent) -> VoteReport:
        """Runs every function and rule on the items that it has not seen yet."""
        with self.workspace.writing():
            collect_answers(self.workspace)
            voters, engine = runnable(self.workspace), parts.engine(self.workspace)
            return cast_votes(self.workspace, voters, engine, progress=progress)

    def label(self, model: str | None = None, *, full: bool = False) -> Labels:
        """Turns the votes into probabilistic labels.

        Where there are very many items and few of them changed, what was learnt from the votes
        follows the change, nearly as if it were learnt again; `full` learns from all votes.
        """
        with self.workspace.writing():
            collect_answers(self.workspace)
            return label(self.workspace, parts.label_model(self.workspace, model), full=full)

    def label_report(self, model: str | None = None, *, stability: bool = False) -> LabelReport:
        """The labels as arrays that are ready to be plotted, with their ids and their basis."""
        labels = self.label(model)
        return report_labels(self.workspace, labels, self.stability(model) if stability else None)

    def stability(
        self, model: str | None = None, *, resamples: int = RESAMPLES, units: int = UNITS
    ) -> Stability:
        """How many labels change when the items are resampled: `resamples` + 1 fits."""
        labels = self.label(model)
        made, rng = parts.label_model(self.workspace, model), np.random.default_rng(0)
        return stability(made, labels.units.matrix, rng, resamples=resamples, units=units)

    def compare(self, *methods: str, show: int = DISPUTED) -> MethodsReport:
        """What several label models make of the votes; the project's labels stay as they are.

        By default majority vote, Dawid-Skene, data programming, MeTaL, and the project's own.
        """
        with self.workspace.writing():
            collect_answers(self.workspace)
        return compare(self.workspace, methods, show=show)

    def sources(self, model: str | None = None, *, check: bool = True) -> SourcesReport:
        """How good every source is, where it conflicts, and where the model does not fit."""
        made = parts.label_model(self.workspace, model)
        return report_sources(self.workspace, self.label(model), made, check=check)

    def join(
        self,
        labels: Labels | None = None,
        model: str | None = None,
        *,
        seed: int = 0,
        progress: Progress = silent,
    ) -> Labels:
        """The labels, by default those that stand now, with the items' content joined in.

        An end model, by default that of the settings, says what it thinks of each item that it
        was not trained on; items on which nobody voted get labels too. Where ``[joining]`` is
        switched off, the labels as they are.
        """
        labels = self.label() if labels is None else labels
        joining = parts.joining(self.workspace)
        if joining is None:
            return labels
        end_model = parts.end_model(self.workspace, model)
        with self.workspace.writing():
            return join(self.workspace, labels, end_model, joining, seed=seed, progress=progress)

    def train(
        self,
        model: str | None = None,
        *,
        labels: Labels | None = None,
        seed: int = 0,
        force: bool = False,
        anyway: bool = False,
        progress: Progress = silent,
    ) -> Trained:
        """Trains an end model on these labels, by default those that stand now, content joined in.

        The same labels, settings and seed are not trained again, unless `force`. Labels that
        known truth contradicts are refused (`ContradictedError`), unless `anyway`.
        """
        if labels is None:
            labels = self.join(model=model, seed=seed, progress=progress)
        workspace = self.workspace
        learner, aims = parts.end_model(workspace, model), parts.targets(workspace)
        with workspace.writing():
            return train(
                workspace,
                labels,
                learner,
                aims,
                seed,
                force=force,
                anyway=anyway,
                progress=progress,
            )

    def next(
        self, count: int = QUESTIONS, *, person: str = "", rule: str | None = None, seed: int = 0
    ) -> list[Question]:
        """The items that a person should look at now, most valuable first.

        Nobody needs to have voted: the first questions then are spread over all items. A person
        who is named gets no item twice, and test questions where the project has them.

        Args:
            count: how many.
            person: who will answer.
            rule: rather ask about random hits of this rule or function: is it useful?
            seed: of every random number.
        """
        return next_questions(self.workspace, count, person=person, rule=rule, seed=seed)

    def pick(
        self, count: int = QUESTIONS, *, seed: int = 0, taken: Sequence[int] = ()
    ) -> tuple[Assignment, ...]:
        """The same questions as numbers of items, without those `taken` already."""
        return tuple(pick(self.workspace, count, seed=seed, taken=taken)[2])

    def answer(
        self,
        item: str,
        answer_: Any,
        *,
        person: str = "me",
        seconds: float | None = None,
        supersedes: str | None = None,
    ) -> Vote:
        """Takes a person's answer; safe once this returns. None abstains.

        Raises:
            UnknownNameError: there is no such item.
            AnswerError: the task does not allow the answer.
        """
        return answer(
            self.workspace, item, answer_, person=person, seconds=seconds, supersedes=supersedes
        )

    def withdraw(self, vote: Vote) -> None:
        """Takes back a person's answer, as if the question had not been asked."""
        withdraw(self.workspace, vote)

    @property
    def crowd(self) -> Team:
        """The people who answer: how they stand, and what they are forgiven."""
        return Team(self.workspace)

    @property
    def budget(self) -> Budget:
        """What labels will cost, and would have cost in other ways."""
        return Budget(self.workspace)

    def round(
        self, *, seed: int = 0, note: str = "", anyway: bool = False, progress: Progress = silent
    ) -> Round:
        """Collects answers, votes, labels, trains, asks, freezes; contradicted only `anyway`."""
        return run_round(self.workspace, seed=seed, note=note, anyway=anyway, progress=progress)

    def export(
        self,
        path: str | Path,
        *,
        only_labelled: bool = False,
        mask_personal_data: bool = False,
        votes_only: bool = False,
        anyway: bool = False,
    ) -> ExportReport:
        """Writes the training set; the ending of the name chooses the format.

        What content last said is joined to the votes as they stand now, unless `votes_only`.
        Labels that known truth contradicts are refused (`ContradictedError`), unless `anyway`.
        """
        labels = self.label() if votes_only else with_content(self.workspace, self.label())
        trained = latest_trained(self.workspace, len(labels.answers.answer))
        return export(
            self.workspace,
            labels,
            trained,
            Path(path),
            only_labelled=only_labelled,
            mask_personal_data=mask_personal_data,
            anyway=anyway,
        )

    def standing(self) -> Standing:
        """The labels that would be exported now: how many, on what basis, how right."""
        labels = label(self.workspace, parts.label_model(self.workspace), write=False)
        return standing(self.workspace, with_content(self.workspace, labels))

    def check(self, *, progress: Progress = silent) -> CheckReport:
        """What is wrong with the items and the answers of people; changes nothing."""
        return check(self.workspace, progress=progress)

    def set_aside(self, name: str) -> int:
        """Takes the spare items of a check's findings out of labels, questions and training.

        They stay in the project; `take_back` undoes it. Gives how many items were taken out.
        """
        with self.workspace.writing():
            return set_aside(self.workspace, name)

    def take_back(self, name: str) -> int:
        """Puts back the items that were set aside for a check; gives how many."""
        with self.workspace.writing():
            return take_back(self.workspace, name)

    def explain(self, item: str) -> Explanation:
        """Why the item with this id has its label, as the latest labelling weighs its votes."""
        trained = latest_trained(self.workspace, self.workspace.items.count())
        try:
            return explain(self.workspace, trained, item)
        except NothingToDoError:
            self.label()
            return explain(self.workspace, trained, item)

    def predict(
        self, paths: Paths, to: str | Path, *, anyway: bool = False, **settings: Any
    ) -> PredictReport:
        """Lets the published end model, else the latest, predict; a contradicted one `anyway`."""
        trained = predicting(self.workspace)
        check_learnt(trained.run, anyway=anyway)
        return predict(self.workspace, trained, listed(paths), Path(to), ImportSettings(**settings))

    def freeze(self, note: str = "", *, anyway: bool = False) -> str:
        """Saves a version of what stands now; gives its id. See `History.save`."""
        return self.history.save(note, anyway=anyway).id

    @property
    def history(self) -> History:
        """The versions: saved, compared, checked, restored, merged, pushed and pulled."""
        return History(self.workspace)

    def versions(self) -> list[Version]:
        """The frozen versions, the oldest first."""
        return self.workspace.versions.list()

    def status(self) -> Status:
        """How far the project is and what to do next."""
        return status(self.workspace)

    def accounts(self) -> AbstractContextManager[Accounts]:
        """The people who may use the team's desk, which is made if it is not there yet."""
        return team_accounts(self.workspace)

    @property
    def experiments(self) -> Experiments:
        """Runs and reports: what was done and what came out."""
        return Experiments(self.workspace)

    def known_sources(self) -> tuple[Source, ...]:
        """Every source version that ever voted."""
        return self.workspace.log.sources()
