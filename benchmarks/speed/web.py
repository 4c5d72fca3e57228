"""What people wait for in the browser, in a real one.

    python benchmarks/speed/web.py [--items 100000] [--browse 1000000] [--full]

A project of so many texts is labelled by eight rules, `labelwright serve` runs in a process of its
own, and headless Chromium opens it by Playwright:

- *first page*: bytes over the wire until the first question is painted, and the time, with an
  empty cache;
- *key to next item painted*: from the key's own time stamp to the frame after the next question is
  in the page, for 200 answers;
- *rule preview*: the answer of `/rules/preview` for rules of words and patterns, as the server
  measures it and as a client sees it;
- *browse*: a search, a filter and a page deep in the result (with `--full` at a million items).

Goals: 50 ms from key to paint (p95), 300 kB and 1 s for the first page, 200 ms for a preview at
100,000 items.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np

from server import made, people, started

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

# In the page: each key's own time, and the frame after the next question is there.
WATCH = """() => {
  window.waits = [];
  let pressed = null;
  addEventListener('keydown', (event) => { pressed = event.timeStamp; }, true);
  new MutationObserver(() => {
    if (pressed === null) return;
    if (document.querySelector('article.item') === null) return;
    const since = pressed;
    pressed = null;
    requestAnimationFrame(() => setTimeout(() => window.waits.push(performance.now() - since)));
  }).observe(document.querySelector('main'), { attributes: true, subtree: true,
    childList: true, attributeFilter: ['data-item'] });
}"""
SHOWN = []
RULES = [
    {"keywords": ["word11"]},
    {"keywords": ["free", "prize", "winner"]},
    {"regex": r"word1\d .*lunch"},
    {"all": [{"keywords": ["cash"]}, {"not": {"keywords": ["report"]}}]},
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--browse", type=int, default=100_000)
    parser.add_argument("--full", action="store_true", help="browse a million items")
    chosen = parser.parse_args()
    browse = 1_000_000 if chosen.full else chosen.browse
    with served(chosen.items) as (port, token):
        print(f"{chosen.items:,} items, load {os.getloadavg()[0]:.1f}")
        in_browser(port, token)
        previews(port, token)
        if browse == chosen.items:
            browsing(port, token, browse)
    if browse != chosen.items:
        with served(browse) as (port, token):
            print(f"{browse:,} items, load {os.getloadavg()[0]:.1f}")
            browsing(port, token, browse)
    record(
        "speed/web",
        title="What people wait for: in a real browser the first page with an empty cache and from "
        "a key to the next item painted; the preview of rules; browsing, first time and again",
        columns=["", "", "figure"],
        rows=SHOWN,
        measures=["web/src", "src/labelwright/server", "src/labelwright/pipeline/live"],
        settings={"items": chosen.items, "items browsed": browse},
    )


class served:  # noqa: N801 - reads as what it is in a with statement
    """A server for a project of so many items, and an owner's token."""

    def __init__(self, items):
        self.items = items

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        project = made(Path(self.folder.name) / "project", self.items, None)
        (token,) = people(project, 1, self.items)
        with project.accounts() as accounts:
            from labelwright.stores import Role

            accounts.change(accounts.by_name("person 0").id, role=Role.OWNER)
        self.server, port = started(project.folder, None)
        return port, token

    def __exit__(self, *_):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(60)
        self.folder.cleanup()


def in_browser(port, token):
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        sizes, times = [], []
        for _ in range(5):
            context = browser.new_context(extra_http_headers={"Authorization": f"Bearer {token}"})
            page = context.new_page()
            size = counted(context, page)
            began = time.perf_counter()
            page.goto(f"http://127.0.0.1:{port}")
            page.wait_for_selector("article.item")
            times.append(time.perf_counter() - began)
            page.wait_for_timeout(300)
            sizes.append(sum(size.values()))
            if len(times) < 5:
                context.close()
        print(
            f"first page {np.median(sizes) / 1e3:.0f} kB compressed, "
            f"{np.median(times):.2f} s (median of 5; slowest {max(times):.2f} s)"
        )
        first = [np.median(times), max(times)]
        SHOWN.append(["first page", "compressed, kB", np.median(sizes) / 1e3])
        SHOWN.append(["first page", "median / slowest of 5, s", [f"{one:.2f}" for one in first]])
        page.evaluate(WATCH)
        for place in range(210):
            before = page.get_attribute("article.item", "data-item")
            page.keyboard.press("12"[place % 2])
            page.wait_for_function(
                "before => document.querySelector('article.item')?.dataset.item !== before",
                arg=before,
            )
        page.wait_for_timeout(500)
        waits = np.array(page.evaluate("() => window.waits"))[10:]
        p50, p95, p99 = np.percentile(waits, (50, 95, 99))
        print(f"key to next item painted, {len(waits)} answers: p50 {p50:.1f}, p95 {p95:.1f}, "
              f"p99 {p99:.1f} ms")  # fmt: skip
        SHOWN.append([f"key to next item painted, {len(waits)} answers", "p50 / p95 / p99, ms",
                      [p50, p95, p99]])  # fmt: skip
        browser.close()


def counted(context, page):
    """Bytes of each response as they came over the wire, heads included."""
    size = {}
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.loadingFinished",
        lambda event: size.__setitem__(event["requestId"], event["encodedDataLength"]),
    )
    return size


def previews(port, token):
    seen, server = [], []
    for turn in range(6):
        for when in RULES:
            took, body = post(port, token, "/rules/preview", {"vote": "spam", "when": when})
            assert body["error"] is None, body
            if turn:  # the first of each reads the texts
                seen.append(took)
                server.append(body["milliseconds"])
    told = [f"p50 {np.median(one):.0f}, p95 {np.percentile(one, 95):.0f}" for one in (server, seen)]
    print(f"rule preview: {told[0]} ms at the server, {told[1]} ms at the client")
    for where, one in (("server", server), ("client", seen)):
        times = [np.median(one), np.percentile(one, 95)]
        SHOWN.append([f"rule preview, at the {where}", "p50 / p95, ms", times])


def browsing(port, token, items):
    questions = {
        "first look": {},
        "all, first page": {},
        "search for a word": {"search": "word17"},
        "search for two words": {"search": "free word20"},
        "filter and sort": {"label": "spam", "sort": "doubt"},
        "a page in the middle": {"cursor": str(items // 2)},
    }
    for name, given in questions.items():
        times = [post(port, token, "/items/browse", {"limit": 50, **given})[0] for _ in range(3)]
        later = f", again {min(times[1:]):.0f}"
        print(f"browse, {name}: {times[0]:.0f} ms{later} ms")
        SHOWN.append([f"browse, {name}", "first / again, ms", [times[0], min(times[1:])]])


def post(port, token, path, body):
    """Milliseconds until the whole answer was there, and the answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1{path}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=300) as answer:
        content = answer.read()
    return (time.perf_counter() - began) * 1e3, json.loads(content)


if __name__ == "__main__":
    main()
