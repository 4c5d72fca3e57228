"""The web app in a real browser, on a real server."""

import subprocess
import sys

import pytest

import labelwright as lw
from serving import make_project
from web.conftest import ROOT, Served
from web.label_screen import READ_MS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = ("label", "audit", "rules", "sources", "board", "browse", "classes", "people")


@pytest.fixture
def served(tmp_path):
    folder = tmp_path / "reviews"
    make_project(folder, count=240)
    server = Served(folder).start()
    yield server
    server.kill()


def asked(page):
    """The number of the item that is shown."""
    return page.get_attribute("article.item", "data-item")


def answer(page, key):
    """Presses a key and waits for the next question."""
    before = asked(page)
    page.wait_for_timeout(READ_MS)
    page.keyboard.press(key)
    page.wait_for_function(
        "before => document.querySelector('article.item')?.dataset.item !== before"
        " || document.querySelector('.empty')",
        arg=before,
    )
    return before


def sent(page):
    """Waits until the server has everything."""
    page.wait_for_function("() => !document.querySelector('header .chip.warn')")


def people_votes(folder):
    """Item id -> answers of people that the project's log has, after taking in what waits."""
    project = lw.open(folder)
    project.vote()
    votes = {}
    for number, source in enumerate(project.known_sources()):
        if source.kind.value != "person":
            continue
        for row in project.workspace.log.scan([number], ["item", "state", "answer"]).to_pylist():
            votes.setdefault(row["item"], []).append(row["answer"])
    return votes


def test_a_hundred_items_are_labelled_by_keyboard_alone(served, open_page):
    page = open_page(served.url)
    page.wait_for_selector("article.item")
    answered = [answer(page, "12"[place % 2]) for place in range(100)]
    assert len(set(answered)) == 100
    sent(page)
    served.kill()
    votes = people_votes(served.folder)
    assert set(map(int, answered)) <= set(votes)


def test_an_answer_is_taken_back_after_it_was_sent(served, open_page):
    page = open_page(served.url)
    page.wait_for_selector("article.item")
    first = answer(page, "1")
    sent(page)
    page.wait_for_timeout(500)
    page.keyboard.press("z")
    page.wait_for_selector(f'article.item[data-item="{first}"]')
    answer(page, "2")
    sent(page)
    page.wait_for_timeout(500)
    served.kill()
    assert (
        people_votes(served.folder)[int(first)][-1]
        == lw.open(served.folder).settings.task.classes[1]
    )


def test_no_answer_is_lost_when_the_server_is_killed_in_between(served, open_page):
    page = open_page(served.url)
    page.wait_for_selector("article.item")
    answered = [answer(page, "1") for _ in range(3)]
    served.kill()
    for _ in range(2):
        answered.append(asked(page))
        page.wait_for_timeout(READ_MS)
        page.keyboard.press("2")
    page.wait_for_selector("header .chip.warn")
    served.start()
    page.wait_for_function("() => !document.querySelector('header .chip.warn')", timeout=90_000)
    served.kill()
    votes = people_votes(served.folder)
    assert {int(item) for item in answered if item} <= set(votes)
    assert all(len(found) == 1 for found in votes.values())


def test_every_screen_opens_and_is_accessible(served, open_page):
    page = open_page(f"{served.url}/#/label")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for screen in SCREENS:
            page.goto(f"{served.url}/#/{screen}")
            page.wait_for_selector("main h1, article.item, main [role=search]")
            page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
            page.evaluate(AXE.read_text())
            found = page.evaluate("() => axe.run({ runOnly: ['wcag2a', 'wcag2aa'] })")
            wrong = [(one["id"], one["nodes"][0]["html"][:120]) for one in found["violations"]]
            assert not wrong, (screen, scheme)


def test_a_rule_is_tried_saved_and_shown(served, open_page):
    page = open_page(f"{served.url}/#/rules")
    page.wait_for_selector("#rule-name")
    page.fill("#rule-name", "says hello")
    page.fill("textarea", "hello")
    page.wait_for_selector("section[aria-label=Preview] strong")
    page.click("text=Save into labelwright.toml")
    page.wait_for_selector("td:has-text('says hello')")
    assert 'name = "says hello"' in (served.folder / "labelwright.toml").read_text()


def test_a_rule_whose_name_is_taken_is_refused_in_words_and_what_was_typed_stays(served, open_page):
    page = open_page(f"{served.url}/#/rules")
    page.wait_for_selector("#rule-name")
    page.fill("#rule-name", "is new here")
    page.fill("textarea", "bold")
    page.click("text=Save into labelwright.toml")
    page.wait_for_selector("td:has-text('is new here')")
    page.fill("#rule-name", "says free")
    page.fill("textarea", "tomorrow")
    page.click("text=Save into labelwright.toml")
    page.wait_for_selector("[role=alert]:has-text('says free')")
    # The page reads the rules anew after a refusal, and hears of changes; the refusal stays.
    page.wait_for_timeout(1500)
    assert "already" in page.inner_text("[role=alert]")
    assert "is new here" not in page.inner_text("[role=status]")
    assert page.input_value("#rule-name") == "says free"
    assert page.input_value("textarea") == "tomorrow"


PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}
TOO_SMALL = """() => [...document.querySelectorAll('button, nav a, a.button, summary')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 44)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""


def test_a_phone_labels_with_the_thumb(served, open_page):
    page = open_page(served.url, **PHONE)
    page.wait_for_selector("article.item")
    assert page.evaluate(TOO_SMALL) == []
    for name in ("ham", "spam", "ham"):
        before = asked(page)
        # Where the class is, it can be pressed without scrolling.
        box = page.locator(f"button[data-class={name}]").bounding_box()
        assert 0 <= box["y"] <= 844 - box["height"]
        page.wait_for_timeout(READ_MS)
        page.tap(f"button[data-class={name}]")
        page.wait_for_function(
            "before => document.querySelector('article.item')?.dataset.item !== before", arg=before
        )
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("main").evaluate("main => main.scrollWidth <= main.clientWidth")
    page.tap("text=Undo")
    page.wait_for_selector(f'article.item[data-item="{before}"]')


def test_what_is_said_above_the_item_leaves_item_and_answers_in_their_places(tmp_path, open_page):
    make_project(tmp_path / "reviews", gold=False)
    server = Served(tmp_path / "reviews").start()
    try:
        page = open_page(server.url, viewport={"width": 1280, "height": 800})
        places = ["[role=note]", "article.item", "section.answers"]
        said, item, answers = (page.locator(where).bounding_box() for where in places)
        assert said["y"] + said["height"] < item["y"] == answers["y"]
        assert item["x"] + item["width"] < answers["x"]
        phone = open_page(server.url, **PHONE)
        said, item, answers = (phone.locator(where).bounding_box() for where in places)
        assert 0 < item["y"] - said["y"] - said["height"] < 40
        assert answers["y"] + answers["height"] <= 844
    finally:
        server.kill()


def test_a_field_called_label_is_kept_from_who_is_asked_and_told_apart_in_browse(
    tmp_path, open_page
):
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    rows = [f"k{place},message {place},THEIRS,own" for place in range(30)]
    (tmp_path / "items.csv").write_text("\n".join(["key,text,label,id", *rows]))
    project.import_items(tmp_path / "items.csv", id="key", text="text")
    server = Served(project.folder).start()
    try:
        page = open_page(f"{server.url}/#/label")
        page.wait_for_selector("article.item dl")
        assert page.locator("article.item dt").all_inner_texts() == ["id_of_item"]
        assert "THEIRS" not in page.content()
        page.goto(f"{server.url}/#/browse/3")
        page.wait_for_selector("[aria-label=Item] dl")
        names = page.locator("[aria-label=Item] dt").all_inner_texts()
        assert sorted(names) == ["id_of_item", "label_of_item"]
    finally:
        server.kill()


def test_words_marked_in_an_item_become_a_rule(served, open_page):
    page = open_page(served.url)
    page.wait_for_selector("article.item")
    page.evaluate(
        """() => {
          const text = document.querySelector('[data-testid=text]').firstChild;
          const node = document.createTreeWalker(
            document.querySelector('[data-testid=text]'), NodeFilter.SHOW_TEXT).nextNode() ?? text;
          const start = node.data.indexOf('says');
          document.getSelection().setBaseAndExtent(node, start, node, start + 4);
        }"""
    )
    page.click("text=A rule from “says”")
    page.wait_for_selector("section[aria-label=Preview] strong")
    assert page.input_value("textarea") == "says"
    assert "says" in page.input_value("#rule-name")
    page.click("text=Save into labelwright.toml")
    page.wait_for_selector("td:has-text('says says')")
    assert 'keywords = ["says"]' in (served.folder / "labelwright.toml").read_text()


def test_a_class_is_renamed_while_somebody_labels(served, open_page):
    label = open_page(served.url)
    label.wait_for_selector("button[data-class=ham]")
    page = open_page(f"{served.url}/#/classes")
    page.check("label:has-text('ham') input")
    page.fill("form input", "fine")
    page.click("text=Rename “ham”")
    page.wait_for_selector("[role=status]:has-text('is called')")
    label.wait_for_selector("button[data-class=fine]")
    first = answer(label, "2")
    sent(label)
    label.wait_for_timeout(500)
    page.click("text=Take the last change back")
    label.wait_for_selector("button[data-class=ham]")
    served.kill()
    assert set(people_votes(served.folder)[int(first)]) == {"ham"}


def invited(server, open_page):
    """A page on which Ann, a labeller, has just been let in."""
    done = subprocess.run(
        [sys.executable, "-m", "labelwright", "people", "add", "ann", "--project", server.folder],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    secret = done.stdout.split("/#/invite/")[1].split()[0]
    page = open_page(f"{server.url}/#/invite/{secret}")
    page.fill("input[type=password]", "a long password")
    page.click("text=Begin")
    page.wait_for_selector("article.item")
    return page


def test_a_class_is_described_on_its_screen(served, open_page):
    page = open_page(f"{served.url}/#/classes")
    line = page.get_by_label("Description of spam")
    line.fill("an advertisement")
    line.press("Tab")
    page.wait_for_selector(".notice:has-text('embedding model')")
    assert lw.open(served.folder).settings.descriptions == {"spam": "an advertisement"}
    line.fill("")
    line.press("Tab")
    page.wait_for_function("() => !document.querySelector('.notice')")
    assert lw.open(served.folder).settings.descriptions is None


def test_who_is_invited_chooses_a_password_and_labels(tmp_path, open_page):
    folder = tmp_path / "reviews"
    make_project(folder)
    server = Served(folder, "--sign-in").start()
    try:
        page = invited(server, open_page)
        assert page.locator("nav a").all_inner_texts() == ["Label"]
        page.click("text=Sign out")
        page.fill("input[autocomplete=username]", "ann")
        page.fill("input[type=password]", "wrong password")
        page.click("button:has-text('Sign in')")
        page.wait_for_selector("[role=alert]")
    finally:
        server.kill()


def test_a_wrong_answer_in_the_quiz_is_told_and_can_be_contested(tmp_path, open_page):
    folder = tmp_path / "reviews"
    make_project(folder, settings="\n[crowd]\nquiz = 2\n")
    server = Served(folder, "--sign-in").start()
    try:
        page = invited(server, open_page)
        page.wait_for_selector("text=The first 2 questions are a quiz")
        item = int(asked(page))
        # Gold is spam, ham, ham in turn; the first class is spam.
        answer(page, "2" if item % 3 == 0 else "1")
        page.wait_for_selector("text=this was a test question; the answer is")
        page.click("text=The question is wrong")
        page.wait_for_function("() => !document.body.innerText.includes('was a test question')")
    finally:
        server.kill()


def test_an_audit_is_answered_by_itself_with_its_progress_and_can_be_cancelled(tmp_path, open_page):
    sure = "".join(
        f'\n[sources."{name}"]\naccuracy = 0.999\n' for name in ("says free", "says lunch")
    )
    make_project(tmp_path / "reviews", count=600, settings=sure)
    server = Served(tmp_path / "reviews").start()
    try:
        page = open_page(f"{server.url}/#/audit")
        page.wait_for_selector(".tile")
        waiting = page.inner_text("[aria-label=Class] button[aria-pressed=true] .soft")
        page.click("text=Accept this page")
        page.wait_for_selector("text=24 labels accepted")
        page.wait_for_function(
            # Fewer, where new questions of the random share have left the page meanwhile.
            "most => +document.querySelector('[aria-label=Class] [aria-pressed=true] .soft')"
            "?.textContent <= most",
            arg=int(waiting) - 24,
        )
        assert page.locator(".tile").count() == 24
        page.fill("input[max='99.9']", "95")
        page.fill("input[max='5000']", "60")
        page.click("text=Find the threshold")
        page.click("text=Answer the audit")
        page.wait_for_selector("text=Audit: 0 of 60 answered")
        item = page.get_attribute("article.item", "data-item")
        page.wait_for_timeout(READ_MS)
        page.locator("section.answers button", has_text="spam").first.click()
        page.wait_for_function(
            "before => document.querySelector('article.item')?.dataset.item !== before", arg=item
        )
        page.wait_for_selector(".card[aria-label='The audit'] >> text=/1 of 60|1 of 1 are wrong/")
        page.click("text=/Cancel the audit|Back to Audit/")
        page.wait_for_selector("text=Find the threshold")
    finally:
        server.kill()
