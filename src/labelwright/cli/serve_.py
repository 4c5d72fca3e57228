"""`labelwright serve`: the web app, for one person or a team."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from labelwright.cli.options import ProjectArgument, open_project
from labelwright.core.errors import MissingExtraError


def command(
    project: ProjectArgument = None,
    host: Annotated[
        str, typer.Option(help="The address to listen at; any but this machine's own: sign in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8080,
    database: Annotated[
        str | None,
        typer.Option(
            help="The URL of the desk, such as postgresql://user@host/name; by default a file in "
            "the project, or what LABELWRIGHT_DATABASE says.",
            show_default=False,
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the web browser.")] = True,
    sign_in: Annotated[
        bool, typer.Option("--sign-in", help="Ask for a sign-in on this machine too.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option(help="A TLS certificate, to serve https.", show_default=False)
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The certificate's key.", show_default=False)
    ] = None,
) -> None:
    """Label, audit and write rules in the browser; answers are safe as they come."""
    folder = open_project(project).folder
    try:
        from labelwright.server import Serving, serve
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "fastapi", "server", "the web app") from error
    serving = Serving(
        host=host,
        port=port,
        database=database,
        sign_in=sign_in,
        browser=browser and "SSH_CONNECTION" not in os.environ,
        certificate=certificate,
        key=key,
    )
    serve(folder, serving, lambda line: print(line, flush=True))
