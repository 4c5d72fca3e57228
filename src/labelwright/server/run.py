"""Starts the server."""

from __future__ import annotations

import ipaddress
import logging
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from labelwright.core.errors import SettingsError, StorageError
from labelwright.server.app import LOCAL_NAMES, create_app
from labelwright.server.identity import INVITATION_S
from labelwright.server.state import Office
from labelwright.stores import Role, SecretKind

GRACE_S = 5
SWITCH_S = 0.0005
"""A thread that computes lets the one that answers have its turn so soon; Python's own 5 ms would
be what people wait for."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve.

    Attributes:
        host: the address to listen at.
        port: likewise; 0 takes any that is free.
        database: the URL of the desk; None for a file in the project.
        sign_in: whether everybody must sign in even on this machine.
        browser: whether to open one.
        certificate: a file with a TLS certificate.
        key: the file with its key.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    database: str | None = None
    sign_in: bool = False
    browser: bool = True
    certificate: Path | None = None
    key: Path | None = None


def serve(folder: Path, serving: Serving, tell: Callable[[str], None]) -> None:
    """Serves the project until it is stopped.

    Args:
        folder: of the project.
        serving: how.
        tell: told what a person at the terminal should know; invitation links among it.

    Raises:
        StorageError: the address cannot be listened at, or the desk cannot be opened.
    """
    sys.setswitchinterval(SWITCH_S)
    if (serving.certificate is None) != (serving.key is None):
        raise SettingsError("TLS needs both files: --certificate and --key")
    local = is_local(serving.host)
    sign_in = serving.sign_in or not local
    office = Office(folder, database=serving.database, sign_in=sign_in)
    app = create_app(office, hosts=() if sign_in else LOCAL_NAMES)
    config = uvicorn.Config(
        app,
        host=serving.host,
        port=serving.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=serving.certificate,
        ssl_keyfile=serving.key,
    )
    server = uvicorn.Server(config)
    logging.getLogger("labelwright.server").setLevel(logging.INFO)
    threading.Thread(
        target=_welcome, args=(server, serving, office, tell), name="welcome", daemon=True
    ).start()
    try:
        server.run()
    except SystemExit as ended:
        raise StorageError(
            f"cannot listen at {serving.host}:{serving.port}; is another server running there? "
            "Choose another port with --port"
        ) from ended


def is_local(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _welcome(
    server: uvicorn.Server, serving: Serving, office: Office, tell: Callable[[str], None]
) -> None:
    """Says where the server is as soon as it listens."""
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    scheme = "http" if serving.certificate is None else "https"
    host = f"[{serving.host}]" if ":" in serving.host else serving.host
    address = f"{scheme}://{host}:{port}"
    tell(f"Labelwright serves {office.workspace.settings.name!r} at {address} (stop with Ctrl-C)")
    if office.sign_in_needed:
        if scheme == "http" and not is_local(serving.host):
            tell("without TLS others on the network can read along: see --certificate and --key")
        _tell_first_invitation(office, address, tell)
    if serving.browser:
        webbrowser.open(address)


def _tell_first_invitation(office: Office, address: str, tell: Callable[[str], None]) -> None:
    """Where nobody can sign in yet, the first owner is invited at the terminal."""
    accounts = office.accounts.all()
    if any(account.password is not None for account in accounts):
        return
    owner = next((account for account in accounts if account.role is Role.OWNER), None)
    if owner is None:
        owner = office.accounts.add("owner", Role.OWNER, time.time())
    office.accounts.drop_secrets(owner.id, SecretKind.INVITATION)
    _, secret = office.accounts.make_secret(
        owner.id, SecretKind.INVITATION, time.time(), lasts_s=INVITATION_S
    )
    tell(f"nobody can sign in yet; choose the password of {owner.name!r} here:")
    tell(f"  {address}/#/invite/{secret}")
