"""The versions of a project as Python users hold them: `project.history`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.core.record import Version
from labelwright.pipeline.analysis.explain import Explanation, explain
from labelwright.pipeline.analysis.source_blame import Blame, blame
from labelwright.pipeline.label.label import Labels, label
from labelwright.pipeline.train.joint_labels import with_content
from labelwright.pipeline.train.train import latest_trained
from labelwright.pipeline.train.training_stream import TrainingStream, training_stream
from labelwright.pipeline.versions.checkout import check_saved, checkout, opened_at
from labelwright.pipeline.versions.difference import VersionDifference, difference
from labelwright.pipeline.versions.freeze import freeze
from labelwright.pipeline.versions.garbage import CleanReport, clean
from labelwright.pipeline.versions.merge import check_all_saved
from labelwright.pipeline.versions.push_pull import PullReport, PushReport, pull, push
from labelwright.pipeline.versions.restore import RestoreReport, restore
from labelwright.pipeline.versions.verify import VerifyReport, verify
from labelwright.pipeline.vote.collect_answers import collect_answers
from labelwright.pipeline.workspace import parts
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.stores import Refs

HEAD = "head"


@dataclass(frozen=True)
class History:
    """The versions of a project. A version is named by a tag, a branch, ``head``, or its id.

    The first characters of an id will do.

    Example:
        >>> import labelwright as lw  # doctest: +SKIP
        >>> history = lw.open("reviews").history  # doctest: +SKIP
        >>> history.save("before the new rules")  # doctest: +SKIP
        >>> history.diff("head").causes  # doctest: +SKIP
    """

    workspace: Workspace

    def save(self, note: str = "", *, anyway: bool = False) -> Version:
        """The version of what stands now; the head itself where nothing changed since.

        Args:
            note: why it is saved.
            anyway: whether to save labels that known truth contradicts; that stands in it.

        Raises:
            ContradictedError: known truth contradicts the labels.
            NothingToDoError: there are no items, or nobody has voted.
            ProjectError: the folder is the checkout of a version.
        """
        self.workspace.layout.check_changeable()
        with self.workspace.writing():
            collect_answers(self.workspace)
            labels = _labels(self.workspace)
            trained = latest_trained(self.workspace, len(labels.answers.answer))
            return freeze(self.workspace, labels, trained, note=note, anyway=anyway)

    def log(self, name: str | None = None) -> list[Version]:
        """A version, by default the head, and all that it was made from, newest first."""
        start = None if name is None else self.find(name).id
        return list(self.workspace.versions.history(start))

    def find(self, name: str = HEAD) -> Version:
        """The version of this name.

        Raises:
            UnknownNameError: there is none, or several ids start so.
        """
        return self.workspace.versions.find(name)

    def names(self) -> Refs:
        """The branches and tags, and which branch is worked on."""
        return self.workspace.versions.refs()

    def tag(self, name: str, version: str = HEAD, *, move: bool = False) -> None:
        """Gives a version a name that stays with it."""
        with self.workspace.writing():
            self.workspace.versions.name_tag(name, self.find(version).id, move=move)

    def branch(self, name: str) -> None:
        """Makes a branch that starts at the head, or goes over to one that is there.

        To go over makes the project as the branch has it, as `restore` does.

        Raises:
            ProjectError: to go over, all that is here must be in a version.
        """
        with self.workspace.writing():
            versions = self.workspace.versions
            refs, head = versions.refs(), versions.head()
            if name in refs.branches and name != refs.branch and head is not None:
                collect_answers(self.workspace)
                check_all_saved(self.workspace, head)
                restore(self.workspace, versions.get(refs.branches[name]))
            versions.name_branch(name, refs.head)

    def drop(self, name: str) -> None:
        """Takes a tag or branch away; its versions stay until `clean`."""
        with self.workspace.writing():
            self.workspace.versions.drop_name(name)

    def diff(self, before: str, after: str = HEAD) -> VersionDifference:
        """What changed from one version to another, and why each label did."""
        return difference(self.workspace, self.find(before), self.find(after))

    def checkout(self, version: str, folder: str | Path) -> Path:
        """A folder with the project as it stood, to look at with every command.

        It takes no room for data of its own where the disk has links.
        """
        return checkout(self.workspace, self.find(version), Path(folder)).folder

    def explain(self, item: str, version: str = HEAD) -> Explanation:
        """Why the item had its label at a version.

        Raises:
            UnknownNameError: there is no such item or version.
        """
        found = self.find(version)
        check_saved(found)
        with opened_at(self.workspace, found) as at:
            return explain(at, latest_trained(at, at.items.count()), item)

    def blame(self, version: str | None = None) -> list[Blame]:
        """Which source decides which share of the labels, now or at a version."""
        if version is None:
            return blame(_labels(self.workspace))
        found = self.find(version)
        check_saved(found)
        with opened_at(self.workspace, found) as at:
            return blame(_labels(at))

    def stream(self, version: str | None = None, **settings: Any) -> TrainingStream:
        """The labels of now or of a version with their items, in batches as they are needed.

        Args:
            version: its name; None for what stands now.
            settings: `part`, `fields`, `batch_rows`, `shuffle`, `seed` and `shard`: see
                `pipeline.stream`; `anyway` for labels that known truth contradicts.

        Raises:
            ContradictedError: it does.
        """
        if version is None:
            with self.workspace.writing():
                collect_answers(self.workspace)
                labels = _labels(self.workspace)
            return training_stream(self.workspace, labels, **settings)
        found = self.find(version)
        check_saved(found)
        with opened_at(self.workspace, found) as at:
            return training_stream(self.workspace, _labels(at), at=at, **settings)

    def restore(self, version: str) -> RestoreReport:
        """Makes the project as it was at a version, by adding to it; `save` then keeps that."""
        with self.workspace.writing():
            collect_answers(self.workspace)
            return restore(self.workspace, self.find(version))

    def verify(self, *, recompute: bool | str = False) -> VerifyReport:
        """Hashes every stored file; names what is damaged.

        Args:
            recompute: whether to compute the labels of the head again and compare; or the name
                of the version whose labels.
        """
        wanted = [HEAD] if recompute is True else [recompute] if recompute else []
        return verify(self.workspace, wanted)

    def clean(self, *, dry_run: bool = False) -> CleanReport:
        """Deletes what no head, branch, tag or latest run needs."""
        with self.workspace.writing():
            return clean(self.workspace, dry_run=dry_run)

    def push(self, place: str | Path | None = None, *, anyway: bool = False) -> PushReport:
        """Copies the branch's versions and tags to a folder or address, as far as they lack there.

        Args:
            place: by default where the project came from or was first pushed to.
            anyway: whether to push what was saved though known truth contradicts its labels.

        Raises:
            ContradictedError: the head or a tag was saved so.
            ProjectError: there are versions there that are not here; pull them first.
        """
        with self.workspace.writing():
            return push(self.workspace, None if place is None else str(place), anyway=anyway)

    def pull(self, place: str | Path | None = None, branch: str | None = None) -> PullReport:
        """Takes in the versions of a folder, address or project, and merges where both went on.

        Votes are united and labels computed anew. Where both changed the same lines of
        `labelwright.toml` or `sources.py`, the file shows both; solve that, then `save`.

        Raises:
            ProjectError: something here is not saved yet.
        """
        with self.workspace.writing():
            collect_answers(self.workspace)
            return pull(self.workspace, None if place is None else str(place), branch)

    def merge(self, branch: str) -> PullReport:
        """Takes in another branch of this project."""
        with self.workspace.writing():
            return pull(self.workspace, str(self.workspace.folder), branch)


def _labels(workspace: Workspace) -> Labels:
    return with_content(workspace, label(workspace, parts.label_model(workspace)))
