"""Rounds that known truth stopped are not run again before anything has changed."""

from __future__ import annotations

from labelwright.core.identity import digest
from labelwright.pipeline.vote.open_desks import Drainable
from labelwright.pipeline.workspace.settings import FILE_NAME, FUNCTIONS_FILE
from labelwright.pipeline.workspace.workspace import Workspace


class StoppedRounds:
    """Remembers what the last round stopped at, and why."""

    def __init__(self) -> None:
        self._last: tuple[str, str] | None = None

    def note(self, workspace: Workspace, why: str) -> None:
        """Notes that a round stopped at what there is now."""
        self._last = _evidence(workspace), why

    def again(self, workspace: Workspace, desk: Drainable) -> str | None:
        """Why another round would stop, too; None if labels may be others by now."""
        if self._last is None or next(iter(desk.drain()), None) is not None:
            return None
        evidence, why = self._last
        return why if evidence == _evidence(workspace) else None


def _evidence(workspace: Workspace) -> str:
    """Another one whenever labels may be others than before."""
    files = [workspace.folder / name for name in (FILE_NAME, FUNCTIONS_FILE)]
    code = [file.read_bytes() for file in files if file.is_file()]
    forgiven = sorted(map(str, workspace.forgiven.pairs()))
    rows = workspace.log.count(), workspace.items.count()
    return digest((code, forgiven, rows, workspace.set_aside_record()))
