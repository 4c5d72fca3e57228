import io

import pytest
from PIL import Image

import labelwright as lw
from labelwright.core.task import Task
from labelwright.server.media import picture
from serving import client_of, open_office, person, vote_of


@pytest.fixture
def rob(client, office):
    client.headers |= person(office, "Rob", "reviewer")
    return client


def test_why_names_the_sources_and_the_words_in_utf_16(rob):
    why = rob.get("/api/v1/items/3/why").json()
    assert (why["label"], why["item"]) == ("spam", 3)
    strongest = why["units"][0]["effects"][0]
    assert (strongest["source"], strongest["answer"], strongest["state"]) == (
        "says free",
        "spam",
        "voted",
    )
    (highlight,) = why["highlights"]
    text = rob.get("/api/v1/items/3").json()["content"]["fields"]["text"]
    (start, end) = highlight["spans"][0]
    # The face at the beginning takes two units of UTF-16.
    assert text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le") == "free"


def test_an_item_that_came_after_the_labels_has_no_why_yet(rob):
    assert rob.get("/api/v1/items/999/why").status_code == 404


def test_history_tells_what_the_log_has_and_what_waits_at_the_desk(rob):
    rob.post("/api/v1/votes", json={"votes": [vote_of(3, "ham", seconds=1.5)]})
    rows = rob.get("/api/v1/items/3/history").json()["rows"]
    assert {(row["source"], row["state"]) for row in rows[:-1]} == {
        ("says free", "voted"),
        ("says lunch", "abstained"),
    }
    last = rows[-1]
    assert (last["source"], last["answer"], last["seconds"], last["waiting"]) == (
        "Rob",
        "ham",
        1.5,
        True,
    )


def test_reviewers_see_what_is_known_of_an_item(rob):
    seen = rob.get("/api/v1/items/3").json()
    assert (seen["label"], seen["prediction"]) == ("spam", None)
    assert 0.5 < seen["confidence"] <= 1


def png(colour):
    file = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def pictures(tmp_path):
    """An office of a project with two images, one of which turns into something else later."""
    folder, images = tmp_path / "project", tmp_path / "images"
    images.mkdir()
    (images / "a.png").write_bytes(png("red"))
    (images / "b.png").write_bytes(png("blue"))
    project = lw.Project.create(folder, Task("classification", ("red", "blue")))
    project.import_items(str(images / "*.png"))
    office = open_office(folder, questions=1)
    yield office
    office.close()


def test_an_image_is_served_as_what_it_is_and_kept_by_browsers(pictures):
    client = client_of(pictures)
    client.headers |= person(pictures, "Rob", "reviewer")
    answer = client.get("/api/v1/items/0/media")
    assert answer.content == png("red")
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert "sandbox" in answer.headers["content-security-policy"]
    again = client.get("/api/v1/items/0/media", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/api/v1/items/9/media").status_code == 404
    assert client.get("/api/v1/items/..%2f..%2f0/media").status_code in (404, 422)
    assert client.get("/api/v1/project").json()["media"]


def test_labellers_get_the_images_that_they_are_asked_about(pictures):
    client = client_of(pictures)
    client.headers |= person(pictures, "Ann")
    assert client.get("/api/v1/items/0/media").status_code == 403
    (question,) = client.post("/api/v1/queue/next", json={}).json()["questions"]
    assert client.get(question["content"]["media"]).content == png("red")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png("red"), "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"RIFF1234WEBPrest", "image/webp"),
        (b"GIF89a", "image/gif"),
        (b"<svg onload='alert(1)'/>", None),
        (b"root:x:0:0", None),
        (b"", None),
        (None, None),
    ],
)
def test_what_is_no_image_is_not_given_out_whatever_its_name(content, kind, monkeypatch, office):
    import pyarrow as pa

    from labelwright.core.errors import UnknownNameError

    class Holding:
        def take(self, numbers, fields):
            return pa.table({"_media": pa.array([content], pa.large_binary()), "_hash": ["h"]})

    monkeypatch.setitem(office.snapshot.workspace.__dict__, "items", Holding())
    if kind is None:
        with pytest.raises(UnknownNameError, match="no image"):
            picture(office.snapshot, 0)
    else:
        assert picture(office.snapshot, 0).type == kind
