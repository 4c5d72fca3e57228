"""Rules that the data suggest can be read, shown and saved, whatever the items are."""

import pytest
from PIL import Image

import labelwright as lw
from serving import client_of, open_office, person

LINES = {
    "spam": ["i want you to claim your prize", "to get the prize you call i think", "prize to you"],
    "ham": ["i will come to the meeting", "are you to meet to day", "the meeting i had to go to"],
}


def client_for(folder):
    office = open_office(folder)
    client = client_of(office)
    client.headers |= person(office, "Olga", "owner")
    return office, client


@pytest.fixture
def texts(tmp_path):
    project = lw.init(tmp_path / "p", classes=list(LINES))
    rows = ["text,truth"]
    for place in range(120):
        name = "spam" if place % 4 == 0 else "ham"
        known = name if place % 5 < 2 else ""
        rows.append(f"{LINES[name][place % 3]} n{place},{known}")
    (tmp_path / "items.csv").write_text("\n".join(rows))
    project.import_items(tmp_path / "items.csv", gold="truth", text="text")
    project.label()
    office, client = client_for(project.folder)
    yield client
    office.close()


@pytest.fixture
def pictures(tmp_path):
    """Images of two sizes; gold on every second one."""
    for place in range(40):
        name = ("small", "large")[place % 2]
        folder = tmp_path / ("known" if place % 4 < 2 else "new") / name
        folder.mkdir(parents=True, exist_ok=True)
        side = (8, 16)[place % 2]
        Image.new("RGB", (side, side), (place, 0, 0)).save(folder / f"{place}.png")
    project = lw.init(tmp_path / "p", classes=["small", "large"])
    project.import_items(tmp_path / "known", gold="folder")
    project.import_items(tmp_path / "new")
    project.label()
    office, client = client_for(project.folder)
    yield client
    office.close()


def test_no_rule_of_words_without_a_meaning_is_suggested(texts):
    found = texts.post("/api/v1/rules/suggest", json={}).json()["suggestions"]
    words = {word for one in found for word in one["rule"]["when"].get("keywords", [])}
    assert "prize" in words
    assert not words & {"i", "to", "the", "you", "a"}


def test_rules_for_images_read_what_images_have_and_can_be_saved(pictures):
    answer = pictures.post("/api/v1/rules/suggest", json={})
    assert answer.status_code == 200, answer.json()
    found = answer.json()["suggestions"]
    fields = set(pictures.get("/api/v1/project").json()["fields"])
    assert {one["rule"]["when"]["field"] for one in found} <= fields
    assert found
    revision = pictures.get("/api/v1/rules").json()["revision"]
    saved = pictures.post("/api/v1/rules", json={"rule": found[0]["rule"], "revision": revision})
    assert saved.status_code == 200, saved.json()
