"""Versions in a bucket that speaks S3's language, on a local server."""

import importlib.util
import socket
import subprocess
import sys
import time
from urllib.parse import quote

import pytest

import labelwright as lw
from labelwright.core.errors import StorageError
from labelwright.pipeline.versions.push_pull import clone
from pipeline.making import voted

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("moto") is None, reason="no local S3 server (moto) is installed"
    ),
]


@pytest.fixture
def server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **silent) as process:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with socket.socket() as there:
                if there.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"127.0.0.1:{port}", process
        process.kill()


@pytest.fixture
def address(server, monkeypatch):
    from pyarrow import fs

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    endpoint = f"http://{server[0]}"
    made = fs.S3FileSystem(
        endpoint_override=endpoint, region="us-east-1", allow_bucket_creation=True
    )
    made.create_dir("bucket")
    return f"s3://bucket/reviews?endpoint_override={quote(endpoint, safe='')}&region=us-east-1"


def test_work_is_shared_through_a_bucket_and_a_lost_one_costs_nothing(tmp_path, server, address):
    project = voted(tmp_path, 30)
    project.history.save("base")
    assert project.history.push(address).versions == 1
    clone(address, tmp_path / "copy")
    copy = lw.open(tmp_path / "copy")
    copy.answer("m1", "spam", person="bob")
    copy.history.save("bob's")
    assert copy.history.push().versions == 1
    assert project.history.pull().how == "taken as they are"
    assert project.history.find() == copy.history.find()
    assert project.history.verify(recompute=True).damage == ()
    server[1].kill()
    server[1].wait()
    project.answer("m2", "ham", person="anna")
    saved = project.history.save("without the bucket")
    for step in (project.history.push, project.history.pull):
        with pytest.raises(StorageError, match="cannot"):
            step()
    assert project.history.find() == saved
    assert project.history.verify().damage == ()
