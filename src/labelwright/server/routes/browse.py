"""Searching, filtering and sorting all items."""

from __future__ import annotations

from labelwright.pipeline.live.item_table import Query, page_of
from labelwright.server.api import Reviewer, TheOffice
from labelwright.server.api import router as new_router
from labelwright.server.to_wire import rows_told
from labelwright.server.wire.items import Browse, Page

router = new_router("browse", 404)


@router.post("/items/browse", operation_id="browseItems")
async def browse_items(office: TheOffice, _: Reviewer, given: Browse) -> Page:
    """One page of the items that match. A cursor is the decimal offset into the result."""

    def browsed() -> Page:
        catalogue = office.catalogue()
        query = Query(**given.model_dump(exclude={"cursor", "limit"}))
        found = office.once(query, lambda _: catalogue.find(query))
        numbers, cursor = page_of(found, given.cursor, given.limit)
        rows = rows_told(catalogue.snapshot, catalogue, numbers)
        return Page(total=len(found), items=rows, cursor=cursor)

    return await office.run(browsed)
