"""Wire types of rules."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from labelwright.server.wire.items import Highlight, Row
from labelwright.server.wire.values import Answer, AnswerGiven, Given, Interval, Name, Told, Values


class RuleShown(Told):
    """A rule of `labelwright.toml`; `when` is its condition as the file has it."""

    name: str
    vote: Answer
    when: Values
    settings: Values
    line: int
    enabled: bool


class FunctionShown(Told):
    """A function of `sources.py`, read-only, as it was when it last voted."""

    name: str
    description: str
    votes: int
    failures: int
    reasons: list[str]


class Rules(Told):
    """All rules. `revision` names the state of the file: send it back with a change."""

    revision: str
    rules: list[RuleShown]
    functions: list[FunctionShown]
    code: str
    fields: list[str]
    error: str | None


class RuleGiven(Given):
    """A rule. `settings`: confidence, accuracy, cost_usd, seconds, description, if any."""

    name: Name
    vote: AnswerGiven
    when: Values
    settings: Values = Field(default_factory=dict)


class RuleSave(Given):
    """A rule to add or to put in the place of `replaces`."""

    rule: RuleGiven
    replaces: Name | None = None
    revision: Annotated[str, Field(max_length=64)]


class RuleRemove(Given):
    """A rule to remove."""

    name: Name
    revision: Annotated[str, Field(max_length=64)]


class PreviewWanted(Given):
    """A rule that need not be whole yet. `replaces`: the rule whose votes do not count."""

    vote: AnswerGiven
    when: Values
    replaces: Annotated[str, Field(max_length=200)] | None = None


class Hit(Told):
    """An item that the rule hits, with the words that it found."""

    row: Row
    known: Answer | None
    highlights: list[Highlight]


class Preview(Told):
    """What the rule would do. Shares are of `items`, the items it was tried on.

    `precision`: of its votes on items whose answer people or gold gave (`judged`), with Wilson's
    interval. `new`: hits that no source votes on yet. `changed`: how many labels would turn over.
    `error` is null, or says what is wrong with the rule and where; the numbers are then 0.
    """

    error: str | None
    items: int
    hits: int
    coverage: float
    overlap: float
    conflict: float
    new: int
    judged: int
    right: int
    precision: Interval
    changed: int
    random: list[Hit]
    doubtful: list[Hit]
    milliseconds: float


class Suggested(Told):
    """A rule worth a look. `key` names it when it is dismissed."""

    key: str
    rule: RuleGiven
    hits: int
    new: int
    judged: int
    right: int
    precision: Interval
    score: float
    reason: str
    examples: list[Hit]


class SuggestedRules(Told):
    """Suggestions, best first: lower bound of precision x newly covered items."""

    suggestions: list[Suggested]


class Dismiss(Given):
    """A suggestion that is of no use; it does not come again."""

    key: Annotated[str, Field(max_length=400)]


class SuggestWanted(Given):
    """Rules from what is labelled; or, with `words` marked in an item, rules from these words."""

    words: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=20)
    ] = Field(default_factory=list)
    vote: AnswerGiven | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 10
