"""The board in a real browser: what stands, and a round that known truth stops."""

import time

import pytest

import labelwright as lw
from serving import make_project
from web.conftest import Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ALL_SPAM = """
[[rules]]
name = "says anything"
vote = "spam"
when = { field = "text", keywords = ["says"] }
"""
COUNTED = """
[label_model]
name = "majority_vote"

[joining]
enabled = false
"""


@pytest.fixture
def served(tmp_path):
    """Every label is spam; of ninety items gold says that sixty are ham."""
    folder = tmp_path / "reviews"
    make_project(folder, count=900, rules=ALL_SPAM, settings=COUNTED)
    server = Served(folder).start()
    yield server
    server.kill()


def test_a_round_that_truth_stops_goes_on_only_after_a_second_word(served, open_page):
    page = open_page(f"{served.url}/#/board")
    stands = page.locator("section[aria-label='What stands']")
    assert "900 of 900 items have a label" in stands.inner_text()
    assert "right on 30, always saying 'ham' on 60" in stands.inner_text()
    assert "known truth contradicts" in page.locator(".next .first").inner_text()
    page.get_by_role("button", name="Run a round").click()
    stopped = page.locator(".notice.bad", has_text="The round was stopped")
    stopped.wait_for()
    assert "always saying 'ham'" not in stopped.inner_text()  # it stands below, once
    assert lw.open(served.folder).versions() == []
    # Asked again, it need not run to say the same.
    page.get_by_role("button", name="Run a round").click()
    stopped.wait_for()
    anyway = page.get_by_role("button", name="Run it anyway …")
    anyway.click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert lw.open(served.folder).versions() == []
    anyway.click()
    page.get_by_role("dialog").get_by_role("button", name="Run the round anyway").click()
    versions = lw.open(served.folder).versions
    until = time.monotonic() + 60
    while not versions() and time.monotonic() < until:
        page.wait_for_timeout(100)
    (version,) = versions()
    assert not stopped.is_visible()
    assert "right on 30" in version.labels["contradicted"][0]
