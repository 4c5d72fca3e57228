"""Wire types of rounds and events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from labelwright.server.wire.values import Given, Told


class RoundWanted(Given):
    """A round to run in the background. Same seed and data, same result.

    `anyway`: go on though known truth contradicts the labels; that is put on record.
    """

    seed: Annotated[int, Field(ge=0, le=2**31)] = 0
    note: Annotated[str, Field(max_length=500)] = ""
    anyway: bool = False


class RoundState(Told):
    """The work in the background. `what`/`done`/`total` tell how far it is (total 0: unknown).

    `detail` says why the last job failed, or what a round went without. `contradicted`: it stopped
    because known truth contradicts the labels; `anyway` goes on.
    """

    state: Literal["idle", "running", "failed"]
    job: str
    what: str
    done: int
    total: int
    started: float | None
    detail: str
    contradicted: bool = False


class RoundDone(Told):
    """A frozen version."""

    number: int
    version: str
    created: str
    note: str
    author: str


class Rounds(Told):
    """What runs now, and what was frozen, newest first."""

    now: RoundState
    rounds: list[RoundDone]


class HeadMoved(Told):
    """Suggestions and questions follow the answers: how many were new, and how long it took."""

    answers: int
    seconds: float


class Event(Told):
    """What the stream tells. `event:` is the kind, `data:` this as JSON.

    `round`: progress (with `round`). `labels`: labels changed, read them anew. `rules`: the file
    with the rules changed. `project`: task or settings changed. `queue`: new questions are ready.
    `head`: suggestions and questions follow the latest answers (with `head`).
    """

    kind: Literal["round", "labels", "rules", "project", "queue", "head"]
    round: RoundState | None = None
    head: HeadMoved | None = None
