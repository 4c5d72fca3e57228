"""True answers, given by the ids of items."""

from __future__ import annotations

from labelwright.pipeline.ingest.import_gold import add_gold
from labelwright.pipeline.workspace.workspace import open_workspace
from labelwright.server.api import Owner, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.wire.gold import GoldGiven, GoldRefused, GoldTaken

router = new_router("gold")


@router.post("/gold", operation_id="addGold")
async def post_gold(office: TheOffice, _: Owner, given: GoldGiven) -> GoldTaken:
    """Records true answers. It waits for a round that runs; labels follow it in the next round."""

    def added() -> GoldTaken:
        ids = [one.id for one in given.answers]
        answers = [one.answer for one in given.answers]
        workspace = open_workspace(office.folder, office.workspace.desk_url)
        with workspace.writing():
            found = add_gold(workspace, ids, answers, empty=given.empty)
        return GoldTaken(
            added=found.added,
            unchanged=found.unchanged,
            refused=[
                GoldRefused(place=reject.line, id=ids[reject.line - 1], reason=reject.reason)
                for reject in found.rejects
            ],
        )

    return await office.run(added)
