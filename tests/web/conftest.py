"""A real server and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fetching import fetched

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "labelwright" / "server" / "static" / "index.html"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_S = 90


def pytest_collection_modifyitems(items):
    absent = None
    if CHROMIUM is None:
        absent = "no Chromium (Debian: apt-get install chromium)"
    elif not STATIC.is_file():
        absent = "the web app is not built (make web)"
    for item in items:
        if "browser" in item.keywords and absent:
            item.add_marker(pytest.mark.skip(reason=absent))


class Served:
    """`labelwright serve` as a process of its own, which can be killed and started again."""

    def __init__(self, folder, *options):
        self.folder, self.options = folder, options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "labelwright", "serve", self.folder, "--no-browser",
                   "--port", str(self.port), *self.options]  # fmt: skip
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                fetched(f"{self.url}/api/v1/session", timeout_s=5)
            except OSError:
                assert self.process.poll() is None, "the server ended by itself"
                time.sleep(0.2)
            else:
                return self
        # Left running, it would be found by some later test as a process that nobody ended.
        self.kill()
        raise AssertionError(f"the server did not answer within {START_S} s")

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def browser():
    """Chromium, for one file: while it is open its event loop runs, and tests of others fail."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser):
    """Opens pages, and fails the test if one of them logs an error."""
    contexts, errors = [], []

    def open_(url, **settings):
        context = browser.new_context(**settings)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                errors.append(message.text)
                # What the network did is the browser's own remark, not the app's error.
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors
