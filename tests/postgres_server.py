"""A PostgreSQL server for tests: Debian's programs, a folder of its own, a free port."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

WHY_NOT = "PostgreSQL's programs are not installed (Debian: apt-get install postgresql)"


def programs():
    """The folder with initdb and pg_ctl, None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


@contextlib.contextmanager
def postgres_server():
    """The URL of a server, without the name of a database; it ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="labelwright-postgres-"))
    # PostgreSQL refuses to run as root.
    as_root = os.geteuid() == 0
    if as_root:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, log = folder / "data", folder / "log"

    def run(command):
        line = f"{programs()}/{command}"
        arguments = ["su", "postgres", "-c", line] if as_root else ["sh", "-c", line]
        # With its log in a file: else the server holds on to our pipe for ever.
        done = subprocess.run(arguments, capture_output=True, text=True, cwd=folder, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"

    run(f"initdb -D {data} -U tester --auth=trust --encoding=UTF8 --locale=C.UTF-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    run(f"pg_ctl -D {data} -l {log} -w -o '{options}' start")
    try:
        run(f"createdb -h 127.0.0.1 -p {port} -U tester desk")
        yield f"postgresql://tester@127.0.0.1:{port}"
    finally:
        run(f"pg_ctl -D {data} -m immediate stop")
        shutil.rmtree(folder, ignore_errors=True)
