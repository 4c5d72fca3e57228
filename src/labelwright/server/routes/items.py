"""Single items: what they hold, why they have their label, what ever happened to them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request, Response

from labelwright.core.class_change import Meaning
from labelwright.core.votes import VOTE_SCHEMA, VoteState
from labelwright.pipeline.analysis.explain import UnitStory
from labelwright.pipeline.live.explain_live import findings, why
from labelwright.pipeline.live.snapshot import Snapshot, spoken
from labelwright.server.api import Labeller, Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.media import picture
from labelwright.server.problems import Refused
from labelwright.server.questions import is_blind
from labelwright.server.state import Office
from labelwright.server.to_wire import content_asked, content_told, highlights_told
from labelwright.server.wire.items import Effect, History, HistoryRow, ItemDetail, Unit, Why
from labelwright.stores import Account, DeskVote, Role

router = new_router("items", 404, 409)
Number = Annotated[int, Path(ge=0, le=2**53)]
_SHOWN = ("source", "state", "answer", "confidence", "seconds", "time", "round", "id", "supersedes")


@router.get("/items/{item}", operation_id="readItem")
async def read_item(office: TheOffice, me: Labeller, item: Number) -> ItemDetail:
    """What an item holds; for reviewers also what is known of it."""

    def read() -> ItemDetail:
        snapshot = office.snapshot
        _check_may_see(office, snapshot, me, item)
        (content,) = snapshot.contents([item])
        if me.role is Role.LABELLER:
            return ItemDetail(
                content=content_asked(snapshot, content), split="", label=None, confidence=None,
                prediction=None, prediction_confidence=None,
            )  # fmt: skip
        label, confidence = snapshot.label_of(item)
        prediction, sure = snapshot.prediction_of(item)
        return ItemDetail(
            content=content_told(content),
            split=str(snapshot.splits[item]),
            label=label,
            confidence=confidence if label is not None else None,
            prediction=prediction,
            prediction_confidence=sure if prediction is not None else None,
        )

    return await office.run(read)


@router.get(
    "/items/{item}/media",
    operation_id="readMedia",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}, "description": "The image's bytes"}},
)
async def read_media(request: Request, office: TheOffice, me: Labeller, item: Number) -> Response:
    """The bytes of an item's image. They never change, so browsers keep them."""

    def read() -> Response:
        snapshot = office.snapshot
        _check_may_see(office, snapshot, me, item)
        found = picture(snapshot, item)
        headers = {
            "etag": f'"{found.tag}"',
            "cache-control": "private, max-age=604800, immutable",
            "content-disposition": "inline",
            "content-security-policy": "default-src 'none'; sandbox",
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return Response(found.content, media_type=found.type, headers=headers)

    return await office.run(read)


@router.get("/items/{item}/why", operation_id="explainItem")
async def explain_item(office: TheOffice, me: Labeller, item: Number) -> Why:
    """Why the machine thinks so: who voted what, and the words that rules found."""

    def explained() -> Why:
        snapshot = office.snapshot
        if is_blind(me, snapshot):
            raise Refused(403, "Not allowed", "in this project labellers do not see suggestions")
        _check_may_see(office, snapshot, me, item)
        moved = office.moved
        story, guess = why(snapshot, item, moved), snapshot.guess(item, moved)
        voted = [
            effect.source
            for unit in story.units
            for effect in unit.effects
            if effect.state == "voted"
        ]
        return Why(
            item=item,
            label=None if guess is None else guess.answer,
            confidence=0.0 if guess is None else guess.confidence,
            units=[_unit(unit) for unit in story.units],
            prediction=story.prediction,
            highlights=highlights_told(findings(snapshot, item, voted), story.fields),
        )

    return await office.run(explained)


@router.get("/items/{item}/history", operation_id="readHistory")
async def read_history(office: TheOffice, _: Reviewer, item: Number) -> History:
    """Every vote that was ever cast on the item, in force or not."""

    def read() -> History:
        snapshot = office.snapshot
        id_ = snapshot.id_of(item)
        log = snapshot.workspace.log
        sources = log.sources()
        batches = log.batches(
            [name for name in VOTE_SCHEMA.names if name in _SHOWN],
            f"item = {item:d}",
            as_texts=True,
        )
        rows = [row for batch in batches for row in batch.to_pylist()]
        logged = {row["id"] for row in rows}
        told = [
            _row(row, sources[row["source"]].name, sources[row["source"]].kind.value)
            for row in rows
        ]
        now = snapshot.workspace.classes.meaning
        waiting = [one for one in office.desk.waiting_on(id_) if one.vote.id not in logged]
        return History(item=item, rows=[*told, *(_waiting(one, now) for one in waiting)])

    return await office.run(read)


def _check_may_see(office: Office, snapshot: Snapshot, me: Account, item: int) -> None:
    """Returns if the item is there and, for labellers, was asked of them."""
    id_ = snapshot.id_of(item)
    if me.role is Role.LABELLER and not office.desk.saw(me.name, id_):
        raise Refused(403, "Not allowed", "labellers see the items that they are asked about")


def _unit(unit: UnitStory) -> Unit:
    return Unit(
        name=unit.name,
        label=unit.label,
        probability=unit.probability,
        before=unit.before,
        effects=[
            Effect(
                source=effect.source,
                kind=effect.kind,
                state=effect.state,
                answer=spoken(effect.answer),
                accuracy=effect.accuracy,
                effect=effect.effect,
                reason=effect.reason,
            )
            for effect in unit.effects
        ],
    )


def _row(row: dict[str, Any], source: str, kind: str) -> HistoryRow:
    return HistoryRow(
        source=source,
        kind=kind,
        state=VoteState(row["state"]).name.lower(),
        answer=spoken(row["answer"]),
        confidence=row["confidence"],
        seconds=row["seconds"],
        time=row["time"].timestamp() if row["time"] else None,
        round=row["round"],
        id=row["id"],
        supersedes=row["supersedes"],
        waiting=False,
    )


def _waiting(told: DeskVote, now: Meaning) -> HistoryRow:
    vote = told.vote
    return HistoryRow(
        source=vote.source,
        kind="person",
        state=vote.state.name.lower(),
        answer=spoken(now(vote.answer, vote.schema)),
        confidence=vote.confidence,
        seconds=vote.seconds,
        time=vote.time.timestamp() if vote.time else None,
        round=None,
        id=vote.id,
        supersedes=vote.supersedes,
        waiting=True,
    )
