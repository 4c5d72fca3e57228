"""Who is asking: cookies, API tokens, passwords, and how often one may guess."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import Request, Response

from labelwright.core.errors import UnknownNameError
from labelwright.core.identity import digest
from labelwright.server.problems import Refused
from labelwright.stores import Account, Accounts, Role, SecretKind

SESSION_S = 14 * 86_400.0
INVITATION_S = 7 * 86_400.0
REMEMBER_S = 5.0
"""How long a session is believed without asking the database: a token taken back on another
server works so long."""
RANK = {Role.LABELLER: 0, Role.REVIEWER: 1, Role.OWNER: 2}
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")


@dataclass(slots=True)
class Limiter:
    """Counts failures by key and says when the next try is allowed.

    Attributes:
        most: failures within `window_s`.
        window_s: how long a failure counts.
    """

    most: int
    window_s: float
    _failures: dict[str, deque[float]] = field(default_factory=dict)

    def wait_s(self, key: str, now: float) -> float:
        """How long this key must wait, 0 if it need not."""
        times = self._failures.get(key)
        while times and times[0] <= now - self.window_s:
            times.popleft()
        if not times:
            self._failures.pop(key, None)
            return 0.0
        return times[0] + self.window_s - now if len(times) >= self.most else 0.0

    def failed(self, key: str, now: float) -> None:
        """Counts a failure."""
        if len(self._failures) > 10_000:
            self._failures = {
                k: t for k, t in self._failures.items() if t[-1] > now - self.window_s
            }
        self._failures.setdefault(key, deque(maxlen=self.most)).append(now)

    def clear(self, key: str) -> None:
        """Forgets the failures of a key."""
        self._failures.pop(key, None)


class Identity:
    """Finds out who asks.

    Attributes:
        accounts: of the project.
        local: who is signed in without asking, None where everybody must sign in.
        cookie: the name of the session cookie.
    """

    def __init__(self, accounts: Accounts, project: str, local: Account | None = None) -> None:
        self.accounts = accounts
        self.local = local
        self.cookie = f"labelwright_{digest(project)[:8]}"
        self._known: dict[tuple[SecretKind, str], tuple[float, Account]] = {}
        self._by_pair = Limiter(5, 300.0)
        self._by_address = Limiter(30, 300.0)
        self._by_name = Limiter(100, 300.0)
        self._hashing = asyncio.Semaphore(2)

    async def who(self, request: Request) -> Account | None:
        """Who sends this request, None if nobody that is known."""
        header = request.headers.get("authorization")
        if header is not None:
            scheme, _, secret = header.partition(" ")
            if scheme.lower() != "bearer":
                return None
            return await self._of(SecretKind.TOKEN, secret.strip())
        secret = request.cookies.get(self.cookie, "")
        found = await self._of(SecretKind.SESSION, secret) if secret else None
        return found or self.local

    async def allowed(self, request: Request, role: Role) -> Account:
        """Who sends this request, if they have the role or a higher one.

        Raises:
            Refused: not signed in (401), or not allowed (403).
        """
        account = await self.who(request)
        if account is None:
            raise Refused(401, "Not signed in", "sign in first", WWW_Authenticate="Bearer")
        if RANK[account.role] < RANK[role]:
            raise Refused(403, "Not allowed", f"this needs the role {role.value}")
        return account

    async def sign_in(
        self, request: Request, response: Response, name: str, password: str
    ) -> Account:
        """Signs somebody in by password: a new session, whatever came before.

        Raises:
            Refused: wrong (401), or tried too often (429).
        """
        now = time.time()
        address = request.client.host if request.client else ""
        tries = [
            (self._by_pair, f"{address} {name}"),
            (self._by_address, address),
            (self._by_name, name),
        ]
        wait_s = max(limiter.wait_s(key, now) for limiter, key in tries)
        if wait_s > 0:
            seconds = str(int(wait_s) + 1)
            raise Refused(
                429, "Too many tries", f"wait {seconds} seconds and try again", Retry_After=seconds
            )
        # Counted before the slow check, so that many tries at once do not slip through.
        for limiter, key in tries:
            limiter.failed(key, now)
        account = await asyncio.to_thread(self.accounts.by_name, name)
        usable = account is not None and account.password is not None and not account.disabled
        known = account.password if usable and account and account.password else _NOBODY
        async with self._hashing:
            right = await asyncio.to_thread(_verified, known, password)
        if not (right and usable and account):
            raise Refused(401, "Not signed in", "the name or the password is wrong")
        for limiter, key in tries:
            limiter.clear(key)
        await self.begin(request, response, account)
        return account

    async def begin(self, request: Request, response: Response, account: Account) -> None:
        """Begins a session for somebody; one that the browser had before ends."""
        await self.end(request, response)
        _, secret = await asyncio.to_thread(
            lambda: self.accounts.make_secret(
                account.id, SecretKind.SESSION, time.time(), lasts_s=SESSION_S
            )
        )
        response.set_cookie(
            self.cookie,
            secret,
            max_age=int(SESSION_S),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )

    async def end(self, request: Request, response: Response) -> None:
        """Ends the session that the browser has, if any."""
        secret = request.cookies.get(self.cookie)
        if secret:
            found = await asyncio.to_thread(
                self.accounts.whose, secret, SecretKind.SESSION, time.time()
            )
            if found is not None:
                await asyncio.to_thread(self.accounts.drop_secret, found[0].id, found[1].id)
            self.forget()
        response.delete_cookie(self.cookie, httponly=True, samesite="strict")

    async def invited(self, secret: str) -> tuple[Account, float]:
        """Who has this invitation, and until when.

        Raises:
            UnknownNameError: nobody: it was used, has expired, or never was.
        """
        found = await asyncio.to_thread(
            self.accounts.whose, secret, SecretKind.INVITATION, time.time()
        )
        if found is None:
            raise UnknownNameError(
                "this invitation is not valid (any more); ask for a new one: labelwright people"
            )
        return found[0], found[1].expires or 0.0

    async def accept(
        self, request: Request, response: Response, secret: str, password: str
    ) -> Account:
        """Sets the password of who was invited, and signs them in everywhere anew.

        Raises:
            UnknownNameError: the invitation is not valid.
        """
        account, _ = await self.invited(secret)
        async with self._hashing:
            hashed = await asyncio.to_thread(_HASHER.hash, password)

        def accepted() -> Account:
            self.accounts.drop_secrets(account.id, SecretKind.INVITATION)
            self.accounts.drop_secrets(account.id, SecretKind.SESSION)
            return self.accounts.change(account.id, password=hashed)

        changed = await asyncio.to_thread(accepted)
        self.forget()
        await self.begin(request, response, changed)
        return changed

    def forget(self) -> None:
        """Asks the database again from now on: somebody's rights have changed."""
        self._known.clear()

    async def _of(self, kind: SecretKind, secret: str) -> Account | None:
        now = time.monotonic()
        known = self._known.get((kind, secret))
        if known is not None and known[0] > now:
            return known[1]
        found = await asyncio.to_thread(self.accounts.whose, secret, kind, time.time())
        if found is None:
            self._known.pop((kind, secret), None)
            return None
        if len(self._known) > 1_000:
            self._known.clear()
        self._known[kind, secret] = (now + REMEMBER_S, found[0])
        return found[0]


def at_least(role: Role) -> Callable[[Request], Awaitable[Account]]:
    """A dependency that gives who asks, as `Identity.allowed` says."""

    async def allowed(request: Request) -> Account:
        identity: Identity = request.app.state.office.identity
        return await identity.allowed(request, role)

    return allowed


def _verified(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False
