"""The command line: a table of commands, and one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from labelwright._version import __version__
from labelwright.core.errors import ContradictedError, LabelwrightError

COMMANDS = (
    "init",
    "import",
    "check",
    "vote",
    "label",
    "sources",
    "train",
    "next",
    "crowd",
    "simulate",
    "round",
    "serve",
    "people",
    "classes",
    "explain",
    "export",
    "predict",
    "drift",
    "gate",
    "watch",
    "status",
    "runs",
    "report",
    "version",
    "clone",
    "demo",
)
"""In the order in which a newcomer needs them; each is a file of this package. One that has
commands of its own, such as ``people add``, is an `app`."""

EXIT_USER_ERROR = 2
EXIT_CONTRADICTED = 3
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="labelwright",
    help="Raw data and rules in; a versioned, explained, costed training set and a model out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(value: bool) -> None:
    if value:
        print(f"labelwright {__version__}")
        raise typer.Exit


@app.callback()
def labelwright(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Every source of labels votes, and one label model weighs them all."""


def _add_commands() -> None:
    for name in COMMANDS:
        module = import_module(f"labelwright.cli.{name}_")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(module.command)


def main() -> None:
    """Runs the command line and exits.

    0: done; 2: the user's mistake; 3: known truth contradicts the labels; 130: interrupted.
    """
    # Before numpy is imported: a thread a core that spins after every small product costs more than
    # it brings. Fits with much to do take more threads themselves: see endmodels/threads.py.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except LabelwrightError as error:
        print(f"error: {error}", file=sys.stderr)
        contradicted = isinstance(error, ContradictedError)
        sys.exit(EXIT_CONTRADICTED if contradicted else EXIT_USER_ERROR)
    except SystemExit as done:
        # What Typer makes of Ctrl-C, without a word.
        if done.code == EXIT_INTERRUPTED:
            print("interrupted; what was finished is safe", file=sys.stderr)
        raise
    except BrokenPipeError:
        # The reader of a pipe, such as `head`, has seen enough.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        # A file that the user named, or a disk: nothing that a traceback would explain.
        print(f"error: {error}", file=sys.stderr)
        sys.exit(EXIT_USER_ERROR)


_add_commands()
