"""Wire types of asking and answering."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from labelwright.server.wire.values import Answer, Given, ItemNumber, Share, Told, Values

VoteId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Shown = Literal["blind", "prelabel", "audit", "rules", "browse"]


class Content(Told):
    """What an item holds. `media` is a path to its image, null if it has none."""

    item: int
    id: str
    fields: Values
    media: str | None


class Suggestion(Told):
    """What the machine thinks: by the `label model` the item's label, else by the `end model`."""

    answer: Answer
    confidence: float
    by: str


class Question(Told):
    """One item for this person, leased until `lease_until` (seconds since the epoch).

    `ask`: `new` item, `second` opinion, `adjudicate`, `audit`. `shown` goes back with the vote.
    """

    content: Content
    suggestion: Suggestion | None
    reason: str
    ask: str
    shown: Shown
    lease_until: float


class Exam(Told):
    """How somebody stands with test questions: so many answered, so many of them rightly.

    `quiz`: so many come first. `held_back`: their answers are kept, and count when further test
    questions are answered well.
    """

    tested: int
    right: int
    quiz: int
    held_back: bool


class NextWanted(Given):
    """How many questions to lease; those leased before stay leased.

    `resume`: first give again what this person holds already, as after a page was loaded anew.
    `ask`: only questions of this kind; of whom test questions examine gets all kinds in any case.
    """

    count: Annotated[int, Field(ge=1, le=50)] = 1
    resume: bool = False
    ask: Literal["audit"] | None = None


class RandomFirst(Told):
    """The first questions are drawn at random: `missing` more answers to such are wanted, `why`.

    Until they are there items on which no source votes have no label.
    """

    answers: int
    missing: int
    why: str


class Next(Told):
    """Questions, most valuable first. `refilling`: none is left now, but more are being picked.

    `exam`: how this person stands with hidden test questions, null where they get none.
    `random_first`: null once it is known how frequent each class is.
    """

    questions: list[Question]
    refilling: bool
    exam: Exam | None
    random_first: RandomFirst | None


class VoteGiven(Given):
    """One answer. `id` is made by the client and makes sending it twice harmless.

    `answer` null abstains ("cannot tell"); one of more than 256 KB is refused. `seconds` is active
    time. `shown`: what the person saw beside the item; left out, an answer counts as blind only if
    it is to a question of the random share that they hold. `supersedes` is the id of this person's
    earlier vote on the item, if this corrects it. `at`: when it was given, seconds since the epoch,
    by the client's clock.
    """

    id: VoteId
    item: ItemNumber
    answer: Answer | None
    seconds: Seconds | None = None
    shown: Shown | None = None
    confidence: Share | None = None
    supersedes: VoteId | None = None
    schema_version: Annotated[str, Field(max_length=64)] = ""
    at: Annotated[float, Field(ge=0, le=1e11)] | None = None


class VotesGiven(Given):
    """Answers, oldest first: one, or all that an outbox held back."""

    votes: Annotated[list[VoteGiven], Field(min_length=1, max_length=200)]


class VoteTaken(Told):
    """What became of one vote: `taken`, `known` (it was there already) or `refused`, with why.

    Taken and known are safe on disk. A refused vote will be refused again: show it, drop it.
    `told`: where this was a hidden test question and the answer wrong, the right one and why.
    """

    id: str
    status: Literal["taken", "known", "refused"]
    detail: str = ""
    told: str = ""


class VotesTaken(Told):
    """What became of each vote, in order."""

    results: list[VoteTaken]


class Undo(Given):
    """Takes back this person's vote. `id` is that of the new vote which says so."""

    id: VoteId
    vote: VoteId


class Undone(Told):
    """The question that is open again."""

    question: Question


class Skip(Given):
    """Leaves a question to somebody else; this person is not asked it again."""

    item: ItemNumber
    seconds: Seconds | None = None


class Flag(Given):
    """Says that something is wrong with an item: it is shown to reviewers."""

    item: ItemNumber
    note: Annotated[str, Field(max_length=2000)] = ""


class Flagged(Told):
    """A flag as reviewers see it."""

    item: int
    id: str
    person: str
    note: str
    time: float


class Flags(Told):
    """The latest flags, newest first."""

    flags: list[Flagged]


class MyVote(Told):
    """A vote of this person. It stands unless it was taken back or corrected."""

    id: str
    item: int
    answer: Answer | None
    withdrawn: bool
    supersedes: str | None
    time: float


class MyVotes(Told):
    """This person's latest votes, newest first."""

    votes: list[MyVote]
