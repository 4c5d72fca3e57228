"""Rules: written with a live preview, suggested by the data, saved in `labelwright.toml`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labelwright.core.errors import LabelwrightError
from labelwright.core.source import SourceKind
from labelwright.pipeline.label.label import Labels
from labelwright.pipeline.live.explain_live import RuleHit
from labelwright.pipeline.live.snapshot import Snapshot, spoken
from labelwright.pipeline.rules.rule_file import (
    RulesChangedError,
    made_rule,
    read_rule_file,
    remove_rule,
    save_rule,
    wrong_with,
)
from labelwright.pipeline.rules.rule_preview import Bench, RuleEffect
from labelwright.pipeline.rules.rule_suggestions import Mine, Suggestion, dismiss, dismissed
from labelwright.pipeline.workspace.settings import FUNCTIONS_FILE
from labelwright.quality import wilson
from labelwright.server.api import Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.problems import Refused
from labelwright.server.state import Office
from labelwright.server.to_wire import highlights_told, interval_told, plain, rows_told
from labelwright.server.wire.rules import (
    Dismiss,
    FunctionShown,
    Hit,
    Preview,
    PreviewWanted,
    RuleGiven,
    RuleRemove,
    Rules,
    RuleSave,
    RuleShown,
    Suggested,
    SuggestedRules,
    SuggestWanted,
)
from labelwright.server.wire.values import Interval, Said
from labelwright.sources import RuleVoter, spans

router = new_router("rules", 404, 409)
NOTHING = Interval(value=None)
CODE_BYTES = 1_000_000


@router.get("/rules", operation_id="listRules")
async def list_rules(office: TheOffice, _: Reviewer) -> Rules:
    """The rules as the file has them, and the functions beside them."""
    return await office.run(_listed, office)


@router.post("/rules/preview", operation_id="previewRule")
async def preview_rule(office: TheOffice, _: Reviewer, given: PreviewWanted) -> Preview:
    """What a rule would do, while it is being written."""

    def previewed() -> Preview:
        started = time.perf_counter()
        try:
            spec = {"name": "preview", "vote": given.vote, "when": given.when}
            rule = made_rule(office.snapshot, spec)
            bench = _bench(office)
            effect = bench.effect(rule, np.random.default_rng(), given.replaces)
        except LabelwrightError as error:
            return _wrong(wrong_with(error), started)
        return _preview(bench, rule, effect, started)

    return await office.run(previewed)


@router.post("/rules", operation_id="saveRule")
async def save(office: TheOffice, _: Reviewer, given: RuleSave) -> Rules:
    """Writes a rule into the file, in its canonical form. It votes in the next round."""
    spec = {
        "name": given.rule.name,
        "vote": given.rule.vote,
        "when": given.rule.when,
        **given.rule.settings,
    }

    def saved() -> None:
        save_rule(office.snapshot, spec, given.revision, given.replaces)

    return await office.run(_edited, office, saved)


@router.post("/rules/remove", operation_id="removeRule")
async def remove(office: TheOffice, _: Reviewer, given: RuleRemove) -> Rules:
    """Removes a rule from the file; its votes count no more from the next round on."""

    def removed() -> None:
        remove_rule(office.snapshot, given.name, given.revision)

    return await office.run(_edited, office, removed)


@router.post("/rules/suggest", operation_id="suggestRules")
async def suggest_rules(office: TheOffice, _: Reviewer, given: SuggestWanted) -> SuggestedRules:
    """Rules that the data suggest, or rules from words that were marked in an item."""

    def suggested() -> SuggestedRules:
        mine = office.once("mine", lambda _: Mine(_bench(office)))
        snapshot = mine.bench.catalogue.snapshot
        if given.words:
            found = mine.from_words(snapshot, given.words, given.vote)
        else:
            found = mine.suggestions(_known(office, snapshot), given.limit)
        return SuggestedRules(suggestions=[_suggested(mine.bench, one) for one in found])

    return await office.run(suggested)


@router.post("/rules/dismiss", operation_id="dismissRule")
async def dismiss_rule(office: TheOffice, _: Reviewer, given: Dismiss) -> Said:
    """Remembers that a suggestion was of no use."""
    await office.run(dismiss, office.snapshot, given.key)
    return Said()


def _bench(office: Office) -> Bench:
    return office.once("bench", lambda _: Bench(office.catalogue()))


def _known(office: Office, snapshot: Snapshot) -> set[str]:
    """The keys of suggestions that were dismissed, or are rules by now."""
    made = [
        json.dumps(dict(spec["when"]), sort_keys=True, ensure_ascii=False)
        for spec in snapshot.workspace.settings.rules
        if isinstance(spec.get("when"), dict)
    ]
    return {*dismissed(office.snapshot), *made}


def _edited(office: Office, edit: Callable[[], None]) -> Rules:
    """The rules after a change of the file; refused if somebody else changed it meanwhile."""
    with office.editing:
        try:
            edit()
        except RulesChangedError as error:
            raise Refused(409, "Changed meanwhile", str(error)) from error
        office.refresh()
    return _listed(office)


def _listed(office: Office) -> Rules:
    snapshot = office.snapshot
    settings = snapshot.workspace.settings
    file = read_rule_file(snapshot.workspace.folder)
    lines = [*settings.rule_lines, *([0] * len(settings.rules))]
    return Rules(
        revision=file.revision,
        rules=[
            _rule(snapshot, spec, line) for spec, line in zip(settings.rules, lines, strict=False)
        ],
        functions=_functions(snapshot),
        code=_code(snapshot),
        fields=snapshot.fields,
        error=office.problem,
    )


def _rule(snapshot: Snapshot, spec: Any, line: int) -> RuleShown:
    known = plain(dict(spec))
    name = str(known.pop("name", ""))
    vote = known.pop("vote", "")
    when = known.pop("when", {})
    override = snapshot.workspace.settings.sources.get(name)
    return RuleShown(
        name=name,
        vote=vote if isinstance(vote, list | dict) else str(vote),
        when=when if isinstance(when, dict) else {},
        settings=known,
        line=line,
        enabled=override is None or override.enabled,
    )


def _functions(snapshot: Snapshot) -> list[FunctionShown]:
    labels: Labels | None = snapshot.labels
    if labels is None:
        return []
    tallies = snapshot.workspace.tallies()
    return [
        FunctionShown(
            name=source.name,
            description=source.description,
            votes=tallies[number].voted,
            failures=tallies[number].failed,
            reasons=[reason for reason, _ in tallies[number].reasons],
        )
        for number, source in zip(
            labels.active.numbers.tolist(), labels.active.sources, strict=True
        )
        if source.kind is SourceKind.FUNCTION
    ]


def _code(snapshot: Snapshot) -> str:
    path = snapshot.workspace.folder / FUNCTIONS_FILE
    try:
        return path.read_bytes()[:CODE_BYTES].decode("utf-8", "replace")
    except OSError:
        return ""


def _wrong(message: str, started: float) -> Preview:
    return Preview(
        error=message, items=0, hits=0, coverage=0, overlap=0, conflict=0, new=0, judged=0,
        right=0, precision=NOTHING, changed=0, random=[], doubtful=[],
        milliseconds=(time.perf_counter() - started) * 1e3,
    )  # fmt: skip


def _preview(bench: Bench, rule: RuleVoter, effect: RuleEffect, started: float) -> Preview:
    items = max(effect.items, 1)
    return Preview(
        error=None,
        items=effect.items,
        hits=len(effect.hits),
        coverage=len(effect.hits) / items,
        overlap=effect.overlap / items,
        conflict=effect.conflict / items,
        new=effect.new,
        judged=effect.judged,
        right=effect.right,
        precision=_precision(effect.right, effect.judged),
        changed=effect.changed,
        random=_hits(bench, effect.random, rule),
        doubtful=_hits(bench, effect.doubtful, rule),
        milliseconds=(time.perf_counter() - started) * 1e3,
    )


def _precision(right: int, judged: int) -> Interval:
    if not judged:
        return NOTHING
    ends = wilson(right, judged)
    return interval_told(right / judged, float(ends.low), float(ends.high))


def _hits(bench: Bench, numbers: Sequence[int], rule: RuleVoter) -> list[Hit]:
    snapshot = bench.catalogue.snapshot
    hits = []
    for row in rows_told(snapshot, bench.catalogue, list(numbers)):
        code = int(bench.known[row.content.item])
        fields = row.content.fields
        finding = RuleHit(rule.source.name, rule.answer, tuple(spans(rule.rule.when, fields)))
        hits.append(
            Hit(
                row=row,
                known=spoken(bench.labels.votes.answers[code]) if code >= 0 else None,
                highlights=highlights_told([finding], fields),
            )
        )
    return hits


def _suggested(bench: Bench, one: Suggestion) -> Suggested:
    rule = RuleGiven(name=_name(one), vote=one.vote, when=one.when)
    voter = made_rule(bench.catalogue.snapshot, rule.model_dump(exclude={"settings"}))
    return Suggested(
        key=one.key,
        rule=rule,
        hits=one.hits,
        new=one.new,
        judged=one.judged,
        right=one.right,
        precision=_precision(one.right, one.judged),
        score=one.score,
        reason=(
            f"on {one.hits:,} of {len(bench.numbers):,} items, {one.new:,} of them not covered "
            f"yet; {one.right} of {one.judged} known ones are {one.vote!r}"
        ),
        examples=_hits(bench, one.examples, voter),
    )


def _name(one: Suggestion) -> str:
    """A name that says what the rule does."""
    when = dict(one.when)
    field = when.pop("field", "")
    if "keywords" in when:
        return f"says {' or '.join(when['keywords'])}"[:200]
    if "regex" in when:
        return "says " + when["regex"].replace(r"\b", "").replace(r"\W+", " ")[:190]
    return " ".join([str(field), *(f"{key} {value}" for key, value in when.items())])[:200]
