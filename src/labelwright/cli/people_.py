"""`labelwright people`: who may label, review, and manage the project in the browser."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectOption, open_project
from labelwright.cli.show import print_json, print_table
from labelwright.core.errors import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labelwright.stores import Account, Accounts

INVITATION_S = 7 * 86_400.0

app = typer.Typer(help="Who may label, review and manage in the browser.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Their votes are kept under this name.")]
Database = Annotated[
    str | None,
    typer.Option(help="The URL of the desk, as given to serve.", show_default=False),
]


@app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="owner, reviewer or labeller.")] = "labeller",
    project: ProjectOption = None,
    database: Database = None,
) -> None:
    """Add somebody, or invite them again, and print their invitation link."""
    from labelwright.stores import Role, SecretKind

    if role not in list(Role):
        raise UnknownNameError(f"unknown role {role!r}{did_you_mean(role, list(Role))}")
    with _accounts(project, database) as accounts:
        account = accounts.by_name(name) or accounts.add(name, Role(role), time.time())
        if account.role is not Role(role):
            account = accounts.change(account.id, role=Role(role))
        accounts.drop_secrets(account.id, SecretKind.INVITATION)
        _, secret = accounts.make_secret(
            account.id, SecretKind.INVITATION, time.time(), lasts_s=INVITATION_S
        )
    print(f"{account.name} is a {account.role.value}; within 7 days they choose a password at")
    print(f"  ADDRESS/#/invite/{secret}")
    print("where ADDRESS is what `labelwright serve` prints")


@app.command("list")
def list_(project: ProjectOption = None, database: Database = None, json: Json = False) -> None:
    """Show everybody."""
    with _accounts(project, database) as accounts:
        people = [
            {
                "name": one.name,
                "role": one.role.value,
                "state": "disabled" if one.disabled else "active" if one.password else "invited",
            }
            for one in accounts.all()
        ]
    if json:
        print_json(people)
    elif not people:
        print("nobody yet; add somebody with: labelwright people add NAME")
    else:
        print_table(["name", "role", "state"], [list(one.values()) for one in people])


@app.command("disable")
def disable(
    name: Name,
    again: Annotated[bool, typer.Option("--enable", help="Let them in again.")] = False,
    project: ProjectOption = None,
    database: Database = None,
) -> None:
    """Lock somebody out; what they answered stays."""
    with _accounts(project, database) as accounts:
        account = accounts.change(_known(accounts, name).id, disabled=not again)
    print(f"{account.name} is {'disabled' if account.disabled else 'enabled'}")


@app.command("token")
def token(
    name: Name,
    label: Annotated[str, typer.Option(help="What it is for.")] = "token",
    project: ProjectOption = None,
    database: Database = None,
) -> None:
    """Make an API token for somebody; it is shown once."""
    from labelwright.stores import SecretKind

    with _accounts(project, database) as accounts:
        account = _known(accounts, name)
        _, secret = accounts.make_secret(account.id, SecretKind.TOKEN, time.time(), label=label)
    print(secret)


@contextmanager
def _accounts(project: ProjectOption, database: str | None) -> Iterator[Accounts]:
    from labelwright.pipeline.api.project import Project

    opened = Project.open(open_project(project).folder, desk=database)
    with opened.accounts() as accounts:
        yield accounts


def _known(accounts: Accounts, name: str) -> Account:
    account = accounts.by_name(name)
    if account is None:
        known = [one.name for one in accounts.all()]
        raise UnknownNameError(f"there is nobody called {name!r}{did_you_mean(name, known)}")
    return account
