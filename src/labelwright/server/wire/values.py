"""What all wire types share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import to_json

Name = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
ItemNumber = Annotated[int, Field(ge=0, le=2**53)]
Answer = str | list[Any] | dict[str, Any]
"""What the task's kind takes as an answer: the name of a class, or for multi-label tasks the list
of them, empty: none of these. Others take lists of objects. The kind checks it; `readProject` tells
its form."""
MAX_ANSWER_BYTES = 256 * 1024
"""So much JSON an answer may have that a client sends: some thousand pieces."""
Values = dict[str, Any]


def too_large(answer: Answer | None) -> str:
    """Why an answer is too large to be taken; empty if it is not."""
    size = len(to_json(answer))
    if size <= MAX_ANSWER_BYTES:
        return ""
    return (
        f"an answer may have at most {MAX_ANSWER_BYTES:,} bytes as JSON, this one has {size:,}; "
        "larger ones come in by `labelwright import --votes`"
    )


def _checked(answer: Answer) -> Answer:
    if wrong := too_large(answer):
        raise ValueError(wrong)
    return answer


AnswerGiven = Annotated[Answer, AfterValidator(_checked)]
"""An answer in a request that is refused whole if it is too large."""


class Given(BaseModel):
    """What a client sends: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """What the server answers."""

    model_config = ConfigDict(frozen=True)


class Said(Told):
    """Nothing but that it was done."""

    done: bool = True


class Interval(Told):
    """A number with the ends of its 95 % interval; null where nothing is known."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Problem(Told):
    """An error as `application/problem+json` (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
