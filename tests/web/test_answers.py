"""What a person presses is what is recorded: keys, clicks, dialogs and kinds, in a real browser."""

import pytest

import labelwright as lw
from labelwright.core.task import Task
from labelwright.pipeline.ask.answer_keys import keys_of
from serving import texts
from web.conftest import Served
from web.label_screen import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ANIMALS = (
    "cat", "dog", "bird", "horse", "car", "cow", "crow", "coot", "crab", "carp", "cod", "colt",
    "cub",
)  # fmt: skip
SKIP = ".tools button:has-text('Skip')"
TAGS = ("urgent", "work", "fun", "spam")
RULES = """
[[rules]]
name = "says free"
vote = {free}
when = {{ keywords = ["free"] }}

[[rules]]
name = "says lunch"
vote = {lunch}
when = {{ keywords = ["lunch"] }}
"""


def make(folder, kind, classes, free, lunch):
    lw.Project.create(folder, Task(kind, classes))
    with (folder / "labelwright.toml").open("a") as file:
        file.write(RULES.format(free=free, lunch=lunch))
    data = folder / "items.csv"
    data.write_text("\n".join(["key,text", *(f"k{i},{t}" for i, t in enumerate(texts(240)))]))
    project = lw.open(folder)
    project.import_items(data, id="key", text="text")
    project.vote()
    project.label()
    return folder


@pytest.fixture(scope="module")
def animals(tmp_path_factory):
    """Thirteen classes, many of which begin with the same letter; some are suggested."""
    folder = tmp_path_factory.mktemp("web") / "animals"
    server = Served(make(folder, "classification", ANIMALS, '"cat"', '"car"')).start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def tags(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web") / "tags"
    free, lunch = '["urgent", "spam"]', '["work", "fun"]'
    server = Served(make(folder, "multilabel", TAGS, free, lunch)).start()
    yield server
    server.kill()


@pytest.fixture
def desk(animals, open_page):
    return Desk(open_page(f"{animals.url}/#/label"))


@pytest.fixture
def tag_desk(tags, open_page):
    return Desk(open_page(f"{tags.url}/#/label"))


def test_every_key_that_a_class_shows_records_this_class_and_no_other(desk):
    shown = desk.page.eval_on_selector_all(
        "button[data-class]",
        "all => all.map((one) => [one.dataset.class,"
        " [...one.querySelectorAll('kbd')].map((key) => key.textContent)])",
    )
    assert [name for name, _ in shown] == list(ANIMALS)
    assert {key: name for name, keys in shown for key in keys} == keys_of(ANIMALS)
    given = [(desk.press(key), name) for name, keys in shown for key in keys]
    assert desk.settled() == given


def test_the_help_shows_the_keys_that_work_and_takes_all_of_them_while_it_is_open(desk):
    desk.page.keyboard.press("?")
    desk.page.wait_for_selector("dialog[open]")
    rows = desk.page.eval_on_selector_all(
        "dialog tr",
        "all => all.map((row) => [row.cells[1].textContent,"
        " [...row.querySelectorAll('kbd')].map((key) => key.textContent)])",
    )
    classes = {key: name for name, keys in rows for key in keys if name in ANIMALS}
    assert classes == keys_of(ANIMALS)
    before = desk.item
    for key in ("c", "1", "z", "f", "/", "0"):
        desk.page.keyboard.press(key)
    assert desk.item == before
    assert desk.page.locator("dialog[open]").count() == 1
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector("dialog[open]", state="detached")
    assert desk.settled() == []
    assert desk.skipped == []
    item = desk.press("d")
    assert desk.settled() == [(item, "dog")]


def test_enter_after_a_click_on_a_class_accepts_the_next_suggestion(desk):
    given = []
    while not given or not desk.suggested:
        given.append((desk.click("button[data-class=dog]"), "dog"))
    suggested = desk.suggested
    given.append((desk.press("Enter"), suggested))
    assert desk.settled() == given
    assert desk.skipped == []


def test_clicks_and_keys_mixed_record_what_each_of_them_says(desk):
    suggested = desk.until_suggested()
    before = len(desk.skipped)
    given = [(desk.click("button.accept"), suggested)]
    given.append((desk.click("button[data-class=horse]"), "horse"))
    skipped = [desk.press("Space"), desk.click(SKIP), desk.press("Space")]
    given.append((desk.press("b"), "bird"))
    given.append((desk.click("button[data-class=cow]"), "cow"))
    assert desk.settled() == given
    assert desk.skipped[before:] == skipped
    suggested = desk.until_suggested()
    given.append((desk.press("Enter"), suggested))
    given.append((desk.press("d"), "dog"))
    assert desk.settled() == given


def test_a_button_that_is_reached_by_tab_answers_to_enter_and_space_once(desk):
    desk.focus("button[data-class=bird]")
    first = desk.press("Enter")
    desk.focus("button[data-class=cod]")
    second = desk.press("Space")
    # After an answer the focus has left the button: space belongs to the item again.
    third = desk.press("Space")
    assert desk.settled() == [(first, "bird"), (second, "cod")]
    assert desk.skipped == [third]
    desk.focus(".tools button[aria-pressed]")
    before = desk.item
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("aside[aria-label=Why]")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("aside[aria-label=Why]", state="detached")
    assert desk.item == before


@pytest.mark.parametrize("button", ["Why", "Help", "Flag"])
def test_after_a_click_on_a_tool_the_keys_belong_to_the_item(desk, button):
    desk.page.click(f".tools button:has-text('{button}')")
    if button != "Why":
        before = desk.item
        desk.page.wait_for_selector("dialog[open]")
        desk.page.keyboard.type("cat 1")
        desk.page.keyboard.press("Escape")
        desk.page.wait_for_selector("dialog[open]", state="detached")
        assert desk.item == before
    skipped = desk.press("Space")
    assert desk.skipped == [skipped]
    assert desk.page.locator("dialog[open]").count() == 0
    assert desk.settled() == []


def test_a_note_is_typed_into_a_flag_and_reaches_no_item(desk, animals):
    before = desk.item
    desk.page.keyboard.press("f")
    desk.page.wait_for_selector("dialog[open] input:focus")
    desk.page.keyboard.type("cut off? z1c")
    with desk.page.expect_request("**/queue/flag") as flagged:
        desk.page.keyboard.press("Enter")
    assert flagged.value.post_data_json == {"item": before, "note": "cut off? z1c"}
    desk.page.wait_for_selector("dialog[open]", state="detached")
    assert desk.item == before
    assert desk.press("d") == before
    assert desk.settled() == [(before, "dog")]


@pytest.mark.parametrize("key", ["d", "Space"])
def test_a_key_that_is_pressed_twice_in_a_moment_answers_the_item_that_was_seen_alone(desk, key):
    first = desk.press(key)
    second = desk.item
    desk.page.keyboard.press(key)
    assert desk.item == second
    third = desk.press("b")
    assert desk.settled() == [*([(first, "dog")] if key == "d" else []), (third, "bird")]
    assert (third, desk.skipped) == (second, [] if key == "d" else [first])


@pytest.mark.parametrize("where", ["button[data-class=dog]", SKIP])
def test_a_double_click_answers_the_item_that_was_seen_alone(desk, where):
    first = desk.after(lambda: desk.page.dblclick(where))
    second = desk.press("b")
    answered = [(first, "dog")] if where != SKIP else []
    assert desk.settled() == [*answered, (second, "bird")]
    assert desk.skipped == ([first] if where == SKIP else [])


def test_enter_pressed_twice_accepts_one_suggestion(desk):
    suggested = desk.until_suggested()
    first = desk.press("Enter")
    desk.page.keyboard.press("Enter")
    second = desk.press("b")
    assert desk.settled() == [(first, suggested), (second, "bird")]


def test_after_another_screen_undo_takes_back_the_last_answer_and_the_next_one_corrects_it(desk):
    first = desk.press("d")
    before = desk.item
    desk.settled()
    for screen in ("board", "label"):
        desk.page.evaluate("screen => (location.hash = `#/${screen}`)", screen)
        desk.page.wait_for_selector("article.item" if screen == "label" else "h1")
    desk.page.wait_for_selector("article.item")
    assert desk.item == before
    assert "1 answer in this sitting" in desk.page.inner_text("article.item")
    desk.after(lambda: desk.page.keyboard.press("z"))
    assert desk.item == first
    assert desk.press("b") == first
    assert desk.item == before
    assert desk.press("b") == before
    assert desk.settled() == [(first, "dog"), (first, "bird"), (before, "bird")]
    assert [vote["supersedes"] for vote in desk.votes] == [None, desk.votes[0]["id"], None]


def test_keys_that_are_typed_into_a_rule_judge_no_suggestion(animals, open_page):
    page = open_page(f"{animals.url}/#/rules")
    heard = []
    page.on("request", lambda request: heard.append((request.method, request.url)))
    page.click("#rule-name")
    page.keyboard.type("nay yes, no")
    page.click("label:has-text('One a line') textarea")
    page.keyboard.type("yn")
    page.wait_for_timeout(300)
    assert page.input_value("#rule-name") == "nay yes, no"
    assert not [url for method, url in heard if url.endswith(("/rules", "/rules/dismiss"))
                and method == "POST"]  # fmt: skip


def test_the_vote_after_taking_back_and_skipping_corrects_nothing(desk):
    first = desk.press("d")
    desk.settled()
    desk.after(lambda: desk.page.keyboard.press("z"))
    assert desk.item == first
    desk.press("Space")
    desk.press("b")
    desk.settled()
    assert desk.votes[-1]["item"] != first
    assert desk.votes[-1]["supersedes"] is None


def test_several_classes_are_turned_on_by_keys_and_clicks_and_enter_sends_them(tag_desk):
    page = tag_desk.page
    while page.locator("button[data-class][aria-pressed=true]").count():
        tag_desk.press("Space")
    page.click("button[data-class=fun]")
    page.keyboard.press("u")
    first = tag_desk.press("Enter")
    nothing = tag_desk.press("0")
    assert tag_desk.settled() == [(first, ["urgent", "fun"]), (nothing, [])]
    suggested = tag_desk.until_suggested()
    page.keyboard.press("f")  # flags: no class has the key of an action
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    accepted = tag_desk.press("Enter")
    assert tag_desk.settled()[-1] == (accepted, suggested.split(", "))
    tag_desk.after(lambda: page.keyboard.press("z"))
    assert tag_desk.item == accepted


def test_the_audit_corrects_several_classes_at_once(tags, open_page):
    page = open_page(f"{tags.url}/#/audit")
    tile = page.locator("button.tile").first
    item = int(tile.get_attribute("data-item"))
    own = tile.locator("strong").inner_text().split(", ")
    tile.click()
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog button[aria-pressed=true]").count() == len(own)
    off = own[0]
    on = next(name for name in TAGS if name not in own)
    page.click(f"dialog button[data-class={off}]")
    page.keyboard.press(next(key for key, name in keys_of(TAGS, none=True).items() if name == on))
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]", state="detached")
    corrected = [name for name in TAGS if name in {*own, on} - {off}]
    assert tile.locator("strong").inner_text() == ", ".join(corrected)
    assert tile.inner_text().endswith(f"not {', '.join(own)}")
    with page.expect_response("**/votes") as sent:
        page.click("text=Accept this page with 1 correction")
    votes = {one["item"]: one["answer"] for one in sent.value.request.post_data_json["votes"]}
    assert votes[item] == corrected
    assert {one["status"] for one in sent.value.json()["results"]} == {"taken"}
    page.wait_for_selector("[role=status]:has-text('1 corrected')")
    assert page.locator("[role=alert]").count() == 0


def test_the_audit_of_many_classes_is_corrected_with_one_key(animals, open_page):
    page = open_page(f"{animals.url}/#/audit")
    tile = page.locator("button.tile").first
    tile.click()
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("h")
    page.wait_for_selector("dialog[open]", state="detached")
    assert tile.locator("strong").inner_text() == "horse"
    tile.click()
    page.click("dialog button:has-text('As it was')")
    assert page.locator("button.tile.wrong").count() == 0


def test_a_rule_for_several_classes_is_changed_and_keeps_all_of_them(tags, open_page):
    page = open_page(f"{tags.url}/#/rules")
    path = tags.folder / "labelwright.toml"
    page.click("tr:has-text('says free') button:has-text('Change')")
    assert page.locator("form button[aria-pressed=true]").all_inner_texts() == [
        "urgent", "spam"
    ]  # fmt: skip
    page.fill("textarea", "free\nprize")
    page.click("text=Save into labelwright.toml")
    page.wait_for_selector("tr:has-text('says free') code:has-text('prize')")
    assert 'vote = ["urgent", "spam"]' in path.read_text()
    page.click("tr:has-text('says free') button:has-text('Change')")
    page.click("form button[data-class=fun]")
    page.click("form button[data-class=spam]")
    page.click("text=Save into labelwright.toml")
    page.wait_for_selector("tr:has-text('says free') td:has-text('urgent, fun')")
    assert 'vote = ["urgent", "fun"]' in path.read_text()


def test_a_rule_whose_name_is_taken_is_told_as_refused(tags, open_page):
    page = open_page(f"{tags.url}/#/rules")
    page.click("tr:has-text('says free') button:has-text('Change')")
    page.fill("textarea", "free")
    page.click("text=Save into labelwright.toml")
    page.wait_for_selector("form :text('is in labelwright.toml')")
    page.fill("#rule-name", "says lunch")
    page.fill("textarea", "soup")
    page.click("form button[data-class=fun]")
    page.click("text=Save into labelwright.toml")
    page.wait_for_selector("[role=alert]:has-text('says lunch')")
    page.wait_for_timeout(500)
    assert page.locator("[role=alert]:has-text('says lunch')").count() == 1
    assert page.locator("text=is in labelwright.toml;").count() == 0
    assert page.input_value("#rule-name") == "says lunch"


def test_items_with_several_classes_are_found_by_one_and_answered_in_browse(tags, open_page):
    page = open_page(f"{tags.url}/#/browse")
    page.select_option("select[aria-label=Label]", "work")
    page.wait_for_function("() => document.querySelector('[role=status]') !== null")
    line = page.locator("a.line:has-text('work')").first
    line.click()
    page.wait_for_selector("section[aria-label=Item] button[data-class=work][aria-pressed=true]")
    assert page.locator("section[aria-label=Item] button kbd").count() == 0
    page.click("section[aria-label=Item] button[data-class=urgent]")
    with page.expect_response("**/votes") as sent:
        page.click("section[aria-label=Item] button:has-text('Answer urgent')")
    (vote,) = sent.value.request.post_data_json["votes"]
    assert "urgent" in vote["answer"]
    assert "work" in vote["answer"]
    assert sent.value.json()["results"][0]["status"] == "taken"


@pytest.fixture
def unknown(tags, open_page):
    """The Label screen of a task whose kind the app has never heard of."""
    page = open_page("about:blank")

    def other(route):
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "kind": "relations"})

    page.route("**/api/v1/project", other)
    page.goto(f"{tags.url}/#/label")
    return Desk(page)


def test_a_kind_that_the_app_does_not_know_is_answered_as_json_in_every_screen(unknown, tags):
    page = unknown.page
    while not unknown.suggested:
        unknown.press("Space")
    assert page.input_value("textarea").replace("\n", "").replace(" ", "") == unknown.suggested
    page.fill("textarea", '["fun"')
    assert page.is_disabled("button.accept")
    page.fill("textarea", '["fun"]')
    first = unknown.click("button.accept")
    page.wait_for_selector("textarea")
    page.fill("textarea", '[{"label": "nonsense"}]')
    second = unknown.click("button.accept")
    assert unknown.settled() == [(first, ["fun"]), (second, [{"label": "nonsense"}])]
    # What only the server can know is told by the server.
    page.wait_for_selector("[role=alert]:has-text('was not taken')")
    page.goto(f"{tags.url}/#/audit")
    page.locator("button.tile").first.click()
    page.fill("dialog textarea", '["work"]')
    page.click("dialog button.primary")
    page.wait_for_selector("button.tile.wrong:has-text('[\"work\"]')")
    page.goto(f"{tags.url}/#/rules")
    page.click("tr:has-text('says lunch') button:has-text('Change')")
    assert '"work"' in page.input_value("fieldset textarea")
    page.goto(f"{tags.url}/#/browse/{first}")
    page.wait_for_selector("section[aria-label=Item] textarea")
