"""What every request passes before it is looked at, and every response on its way out."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labelwright.server.problems import Refused, problem, problem_of

MAX_BODY = 1_000_000
OWN_HEADER = "x-labelwright"
SAFE = ("GET", "HEAD", "OPTIONS")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_NO_STORE = (b"cache-control", b"no-store")


class Guard:
    """Refuses requests that other sites make a browser send, and bodies that are too large.

    A browser sends our cookie along with requests that another site makes it send, but that site
    cannot set a header of its own without asking first, and nobody here says yes (no CORS). Host
    names are checked where nobody needs to sign in: else any site could point its own name at
    this machine and read everything.

    Attributes:
        app: what is guarded.
        hosts: names under which the server may be asked; empty for any.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it with what is wrong."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        outward = _Outward(send, api=scope["path"].startswith("/api/"))
        wrong = self._wrong(scope, headers)
        if wrong is not None:
            status, detail = wrong
            response = problem(status, "Refused", detail)
            await response(scope, receive, outward)
            return
        inward = receive if "content-length" in headers else _Inward(receive)
        try:
            await self.app(scope, inward, outward)
        except Refused as error:
            await problem_of(error)(scope, receive, outward)

    def _wrong(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """The status and message of what is wrong with the request, None if nothing is."""
        host = headers.get("host", "")
        if self.hosts and _name(host) not in self.hosts:
            return 403, "the server is not known by this name; open it as it was printed"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return 413, _TOO_LARGE
        if scope["method"] in SAFE or "authorization" in headers:
            return None
        return _from_elsewhere(headers, host)


class _Inward:
    """Counts the bytes of a body."""

    def __init__(self, receive: Receive) -> None:
        self.receive, self.left = receive, MAX_BODY

    async def __call__(self) -> Message:
        message = await self.receive()
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise Refused(413, "Refused", _TOO_LARGE)
        return message


class _Outward:
    """Adds the headers that every response has."""

    def __init__(self, send: Send, *, api: bool) -> None:
        self.send, self.api = send, api

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [pair for pair in HEADERS if pair[0] not in names]
            if self.api and b"cache-control" not in names:
                given.append(_NO_STORE)
            message["headers"] = given
        await self.send(message)


_TOO_LARGE = f"a request may have at most {MAX_BODY:,} bytes"


def _from_elsewhere(headers: Headers, host: str) -> tuple[int, str] | None:
    """What says that another site made the browser send this."""
    if OWN_HEADER not in headers:
        return 403, f"a request that changes something needs the header {OWN_HEADER}: 1"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return 403, "this request comes from another site"
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return 403, "this request comes from another site"
    return None


def _name(host: str) -> str:
    """The name of ``name:port`` or ``[::1]:port``."""
    return (
        host.rsplit("]", 1)[0].lstrip("[")
        if host.startswith("[")
        else host.split(":", maxsplit=1)[0]
    )
