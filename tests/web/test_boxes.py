"""Boxes are drawn, named, moved and corrected in a real browser, and recorded as they are seen."""

import re

import pytest
from PIL import Image, ImageDraw

import labelwright as lw
from labelwright.core.task import Task
from web.conftest import ROOT, Served
from web.label_screen import Desk
from web.test_desk import PHONE, TOO_SMALL, people_votes

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CLASSES = (
    "cat", "dog", "bird", "horse", "car", "cow", "crow", "coot", "crab", "carp", "cod", "colt",
    "cub",
)  # fmt: skip
WIDTH, HEIGHT = 400, 300
SEEN = [{"label": "cub", "box": [220.5, 100, 340, 220]}]
FINDER = """import labelwright as lw


@lw.source
def circles(x):
    return [("cub", 220.5, 100, 340, 220)] if x.file[1] == "s" else None
"""
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


def make(folder, classes, suggested=40, others=40):
    """Pictures of a square and a circle; a function finds the circle in some of them."""
    lw.Project.create(folder, Task("boxes", classes))
    if suggested:
        (folder / "sources.py").write_text(FINDER)
    (folder / "pictures").mkdir()
    for place in range(suggested + others):
        image = Image.new("RGB", (WIDTH, HEIGHT), (90, 90 + place, 90))
        pen = ImageDraw.Draw(image)
        pen.rectangle((40, 60, 139, 159), fill=(200, 60, 40))
        pen.ellipse((220, 100, 339, 219), fill=(40, 90, 200))
        name = "s" if place < suggested else "n"
        image.save(folder / "pictures" / f"p{name}{place:02}.png")
    project = lw.open(folder)
    project.import_items(str(folder / "pictures" / "*.png"))
    project.vote()
    if suggested:
        project.label()
    return folder


@pytest.fixture(scope="module")
def animals(tmp_path_factory):
    server = Served(make(tmp_path_factory.mktemp("web") / "animals", CLASSES)).start()
    yield server
    server.kill()


@pytest.fixture
def untouched(tmp_path):
    """As `animals`, but nobody has answered anything: labels follow answers after a while."""
    server = Served(make(tmp_path / "animals", CLASSES)).start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def cats(tmp_path_factory):
    server = Served(make(tmp_path_factory.mktemp("web") / "cats", ("cat",), suggested=0)).start()
    yield server
    server.kill()


class Drawing:
    """A picture that is drawn on; places are pixels of the picture."""

    def __init__(self, page, where="main"):
        self.page, self.where = page, page.locator(where).last
        self.where.locator(".stage [role=listbox]").wait_for()

    def at(self, x, y):
        box = self.where.locator(".stage").bounding_box()
        return box["x"] + x * box["width"] / WIDTH, box["y"] + y * box["height"] / HEIGHT

    @property
    def top(self):
        """Where its frame begins: what is told above it, a notice say, may come late."""
        return self.where.locator(".stage").locator("..").bounding_box()["y"]

    def drag(self, *corners):
        mouse = self.page.mouse
        mouse.move(*self.at(*corners[:2]))
        mouse.down()
        mouse.move(*self.at(corners[0] + 9, corners[1] + 9))
        mouse.move(*self.at(*corners[2:]))
        mouse.up()

    def click(self, x, y):
        self.page.mouse.click(*self.at(x, y))

    @property
    def boxes(self):
        """The boxes as they are told to who cannot see them, in whole pixels."""
        options = self.where.locator("[role=option]")
        words = options.evaluate_all("all => all.map((one) => one.ariaLabel)")
        found = []
        for text in words:
            name, wide, high, x, y = re.fullmatch(
                r"(.+), (\d+) by (\d+) pixels at (\d+), (\d+)", text
            ).groups()
            x, y = int(x), int(y)
            found.append({"label": name, "box": [x, y, x + int(wide), y + int(high)]})
        return sorted(found, key=lambda one: (one["label"], one["box"]))

    @property
    def dashed(self):
        return self.where.locator("[role=option] .dashed").count()


def near(found, label, *box):
    """Whether it is this box, but for the pixel to which a mouse points."""
    return found["label"] == label and found["box"] == pytest.approx(box, abs=1)


def empty(desk):
    """Skips to a question without a suggestion; nothing is drawn there."""
    drawing = Drawing(desk.page)
    while desk.page.locator("button.accept strong").inner_text() != "nothing here":
        desk.press("Space")
        drawing = Drawing(desk.page)
    return drawing


@pytest.fixture
def desk(animals, open_page):
    return Desk(open_page(f"{animals.url}/#/label"))


def test_two_boxes_are_drawn_named_and_moved_and_the_log_has_exactly_what_was_seen(
    tmp_path, open_page
):
    server = Served(make(tmp_path / "animals", CLASSES, suggested=1, others=5)).start()
    try:
        desk = Desk(open_page(f"{server.url}/#/label"))
        drawing = empty(desk)
        drawing.drag(40, 60, 140, 160)
        # A box without a class says nothing, and Enter sends nothing.
        assert drawing.where.locator("[role=option] .name").inner_text() == "?"
        assert desk.page.is_disabled("button.accept")
        desk.page.keyboard.press("Enter")
        desk.page.keyboard.press("d")
        drawing.drag(340, 220, 220, 100)  # from the lower right, and of the class of before
        desk.page.keyboard.press("a")  # car
        drawing.drag(280, 160, 300, 150)  # what is selected is moved
        first, second = drawing.boxes
        assert near(first, "car", 240, 90, 360, 210)
        assert near(second, "dog", 40, 60, 140, 160)
        assert desk.suggested == "car, dog"
        item = desk.press("Enter")
        nothing = empty(desk)
        assert nothing.boxes == []
        none = desk.press("Enter")
        assert desk.settled() == [(item, [first, second]), (none, [])]
        assert desk.skipped == []
    finally:
        server.kill()
    numbers = [f"[{','.join(map(str, one['box']))}]" for one in (first, second)]
    assert people_votes(server.folder) == {
        item: [f'[{{"label":"car","box":{numbers[0]}}},{{"label":"dog","box":{numbers[1]}}}]'],
        none: ["[]"],
    }


def test_a_suggestion_is_dashed_and_taken_over_whole_or_corrected(desk):
    while desk.suggested != "cub":
        desk.press("Space")
    drawing = Drawing(desk.page)
    assert drawing.dashed == 1
    first = desk.press("Enter")
    while desk.suggested != "cub":
        desk.press("Space")
    drawing = Drawing(desk.page)
    drawing.click(280, 160)
    desk.page.click("button[data-class=horse]")
    drawing.drag(340, 160, 320, 160)  # by its right side, which alone is rounded
    assert drawing.dashed == 0
    second = desk.press("Enter")
    (one, accepted), (other, [corrected]) = desk.settled()
    assert (one, other) == (first, second)
    assert accepted == SEEN
    assert corrected["label"] == "horse"
    assert corrected["box"] == pytest.approx([220.5, 100, 320, 220], abs=1)
    assert corrected["box"][1::2] == [100, 220]


def test_boxes_are_made_moved_and_removed_by_keyboard_alone(desk):
    drawing, keyboard = empty(desk), desk.page.keyboard
    keyboard.press("b")
    keyboard.press("Insert")
    assert drawing.boxes == [{"label": "bird", "box": [150, 113, 250, 188]}]
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowDown")
    keyboard.press("Shift+ArrowRight")
    keyboard.press("Shift+ArrowUp")
    assert drawing.boxes == [{"label": "bird", "box": [149, 114, 250, 188]}]
    keyboard.press("Insert")
    keyboard.press("c")
    assert [one["label"] for one in drawing.boxes] == ["bird", "cat"]
    # Tab goes from box to box; what has the focus is selected.
    desk.page.focus("#main")
    desk.focus("[role=option][data-label=bird]")
    assert drawing.where.locator("[role=option][aria-selected=true]").count() == 1
    keyboard.press("Delete")
    assert [one["label"] for one in drawing.boxes] == ["cat"]
    keyboard.press("Backspace")  # nothing is selected
    item = desk.press("Enter")
    assert desk.settled() == [(item, [{"label": "cat", "box": [150, 113, 250, 188]}])]


def test_a_place_is_the_same_however_far_one_has_zoomed(desk):
    drawing = empty(desk)
    before = drawing.at(200, 100)
    desk.page.mouse.move(*before)
    desk.page.keyboard.down("Control")
    for _ in range(3):
        scale = desk.page.inner_text(".zoom span")
        desk.page.mouse.wheel(0, -100)
        desk.page.wait_for_function(
            "before => document.querySelector('.zoom span').textContent !== before", arg=scale
        )
    desk.page.keyboard.up("Control")
    assert drawing.at(200, 100) == pytest.approx(before, abs=6)
    drawing.drag(190, 80, 220, 110)
    desk.page.keyboard.press("g")
    assert near(drawing.boxes[0], "cod", 190, 80, 220, 110)
    desk.page.click("button:has-text('Fit')")
    assert near(drawing.boxes[0], "cod", 190, 80, 220, 110)
    drawing.click(10, 10)
    drawing.drag(350, 250, 900, 900)  # off the picture
    assert near(drawing.boxes[1], "cod", 350, 250, 400, 300)
    desk.page.keyboard.press("0")
    assert drawing.boxes == []
    assert desk.page.inner_text("button.accept strong") == "nothing here"
    assert desk.settled() == []


def test_boxes_are_corrected_in_the_audit_and_found_in_browse(untouched, open_page):
    page = open_page(f"{untouched.url}/#/audit")
    tile = page.locator("button.tile").first
    tile.locator(".name:has-text('cub')").wait_for()
    assert page.locator("[aria-label=Class] button").all_inner_texts()[0].startswith("cub ")
    item = int(tile.get_attribute("data-item"))
    tile.click()
    drawing = Drawing(page, "dialog")
    drawing.drag(40, 60, 140, 160)
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]", state="detached")
    assert tile.locator("strong").inner_text() == "cat, cub"
    with page.expect_response("**/votes") as sent:
        page.click("text=Accept this page with 1 correction")
    votes = {one["item"]: one["answer"] for one in sent.value.request.post_data_json["votes"]}
    assert near(votes[item][0], "cat", 40, 60, 140, 160)
    assert votes[item][1:] == SEEN
    assert {one["status"] for one in sent.value.json()["results"]} == {"taken"}

    page.goto(f"{untouched.url}/#/browse")
    page.select_option("select[aria-label=Label]", "cub")
    page.wait_for_selector("[role=status]:has-text('40 items')")
    page.locator("a.line:has-text('cub')").first.click()
    shown = page.locator("section[aria-label=Item] .picture .name")
    assert shown.inner_text() == "cub"
    # Its units have no names: what is said of each of them is told all the same.
    page.wait_for_selector("section[aria-label^=Why] >> nth=1")
    page.select_option("select[aria-label=Label]", "dog")
    page.wait_for_selector("[role=status]:has-text('0 items')")
    page.click("summary:has-text('Answer it')")
    drawing = Drawing(page, "section[aria-label=Item]")
    page.focus("section[aria-label=Item] [role=option]")
    page.keyboard.press("Delete")
    assert drawing.boxes == []
    with page.expect_response("**/votes") as sent:
        page.click("section[aria-label=Item] button:has-text('Answer nothing here')")
    assert sent.value.request.post_data_json["votes"][0]["answer"] == []
    page.wait_for_selector("td:has-text('nothing here')")


def test_with_one_class_there_is_nothing_to_choose(cats, open_page):
    desk = Desk(open_page(f"{cats.url}/#/label"))
    drawing = Drawing(desk.page)
    assert desk.page.locator("button[data-class]").count() == 0
    drawing.drag(40, 60, 140, 160)
    (box,) = drawing.boxes
    assert near(box, "cat", 40, 60, 140, 160)
    item = desk.press("Enter")
    assert desk.settled() == [(item, [box])]
    desk.after(lambda: desk.page.keyboard.press("z"))
    assert desk.item == item


def test_a_pen_draws(cats, open_page):
    page = open_page(f"{cats.url}/#/label")
    page.wait_for_selector("article.item")
    drawing, client = Drawing(page), page.context.new_cdp_session(page)
    steps = {"mousePressed": (40, 60), "mouseMoved": (140, 160), "mouseReleased": (140, 160)}
    for kind, place in steps.items():
        x, y = drawing.at(*place)
        pen = {"pointerType": "pen", "button": "left", "buttons": 1, "clickCount": 1}
        client.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **pen})
    assert near(drawing.boxes[0], "cat", 40, 60, 140, 160)


class Fingers:
    """Fingers on the screen; one after the other comes and goes."""

    def __init__(self, page):
        self.client = page.context.new_cdp_session(page)

    def __call__(self, kind, *points):
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_a_finger_draws_and_two_of_them_zoom_on_a_phone(cats, open_page):
    page = open_page(f"{cats.url}/#/label", **PHONE)
    page.wait_for_selector("article.item")
    drawing = Drawing(page)
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("main").evaluate("main => main.scrollWidth <= main.clientWidth")
    touch = Fingers(page)
    touch("touchStart", drawing.at(40, 60))
    touch("touchMove", drawing.at(90, 90))
    touch("touchMove", drawing.at(140, 160))
    touch("touchEnd")
    (box,) = drawing.boxes
    assert box["box"] == pytest.approx([40, 60, 140, 160], abs=2)
    top, one, other = drawing.top, drawing.at(150, 150), drawing.at(250, 150)
    touch("touchStart", one)
    touch("touchStart", one, other)
    for far in (20, 40, 60):
        touch("touchMove", (one[0] - far, one[1]), (other[0] + far, other[1]))
    touch("touchEnd")
    page.wait_for_function("() => !document.querySelector('.zoom button:last-child').disabled")
    # What two fingers did drew nothing.
    assert drawing.boxes == [box]
    # What was between them still is, wherever the frame has moved.
    middle = ((one[0] + other[0]) / 2, one[1] + drawing.top - top)
    assert drawing.at(200, 150) == pytest.approx(middle, abs=3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_boxes_are_accessible_on_every_screen(animals, open_page, scheme):
    page = open_page(f"{animals.url}/#/label", color_scheme=scheme)
    desk = Desk(page)
    while desk.suggested != "cub":
        desk.press("Space")
    Drawing(page).click(280, 160)
    for screen in ("label", "audit", f"browse/{desk.item}"):
        page.goto(f"{animals.url}/#/{screen}")
        page.wait_for_selector("[role=option], .picture, .tile")
        page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
        page.evaluate(AXE.read_text())
        found = page.evaluate("() => axe.run({ runOnly: ['wcag2a', 'wcag2aa'] })")
        wrong = [(one["id"], one["nodes"][0]["html"][:120]) for one in found["violations"]]
        assert not wrong, screen


def test_an_item_without_an_image_says_so_and_shows_what_it_has(tmp_path, open_page):
    lw.Project.create(tmp_path / "texts", Task("boxes", ("cat",)))
    data = tmp_path / "texts.csv"
    data.write_text("key,text\n" + "\n".join(f"k{n},a cat on mat {n}" for n in range(5)))
    lw.open(tmp_path / "texts").import_items(data, id="key", text="text")
    server = Served(tmp_path / "texts").start()
    try:
        desk = Desk(open_page(f"{server.url}/#/label"))
        assert "this item has none" in desk.page.inner_text(".content .notice")
        assert "a cat on mat" in desk.page.inner_text("[data-testid=text]")
        assert desk.page.is_disabled("button.accept")
    finally:
        server.kill()
