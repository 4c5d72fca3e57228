"""The web app as static files, or a page that says how to build it."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from labelwright.server.problems import problem

FOLDER = Path(__file__).parent / "static"
_PACKED = (("br", ".br"), ("gzip", ".gz"))
_ABSENT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Labelwright</title>
<h1>Labelwright</h1><p>The server runs, but the web app is not in this installation. In a checkout
of the repository, build it with <code>make web</code>, then load this page again.</p>
<p>The API is at <code>/api/v1</code>; its description at <a href="/api/v1/openapi.json">
/api/v1/openapi.json</a>.</p></html>"""


async def serve_static(request: Request) -> Response:
    """A file of the app; its first page for every address that names no file."""
    path = request.path_params["path"]
    found = _file(path)
    if found is None and ("." in path.rsplit("/", 1)[-1] or path.startswith("api/")):
        return problem(404, "Not found", "there is no such page")
    if not (FOLDER / "index.html").is_file():
        return HTMLResponse(_ABSENT)
    if found is None:
        found = FOLDER / "index.html"
    kept = path.startswith("assets/")
    headers = {"cache-control": "public, max-age=31536000, immutable" if kept else "no-cache"}
    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    accepted = request.headers.get("accept-encoding", "")
    for name, ending in _PACKED:
        packed = found.with_name(found.name + ending)
        if name in accepted and packed.is_file():
            headers |= {"content-encoding": name, "vary": "accept-encoding"}
            return FileResponse(packed, media_type=kind, headers=headers)
    return FileResponse(found, media_type=kind, headers=headers)


def _file(path: str) -> Path | None:
    """The file inside the folder that this path names, if there is one."""
    if "\0" in path:
        return None
    found = (FOLDER / path).resolve()
    inside = found.is_relative_to(FOLDER.resolve())
    return found if path and inside and found.is_file() else None
