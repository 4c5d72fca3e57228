"""A box that reaches beyond its image is refused wherever it would come in, and says why."""

import json

import pytest
from PIL import Image

import labelwright as lw
from labelwright.core.errors import AnswerError
from serving import client_of, open_office, person, vote_of

INSIDE, OUTSIDE = ("car", 1, 2, 30, 20), ("car", 1, 2, 300, 20)
FUNCTIONS = """
import labelwright as lw

@lw.source
def drawn(x):
    return [("car", 1, 2, 300 if x.file == "i0.png" else 30, 20)]
"""


IMPORTS = {
    "with their size": {},
    "without their size": {"fields": ("file",)},
    "linked, without their size": {"fields": ("file",), "media": "link"},
}


@pytest.fixture(params=IMPORTS)
def project(tmp_path, request):
    """Four images of 40 x 30 pixels, and a function that draws beyond the first."""
    (tmp_path / "images").mkdir()
    for place in range(4):
        Image.new("RGB", (40, 30), (place, 9, 9)).save(tmp_path / "images" / f"i{place}.png")
    project = lw.init(tmp_path / "p", kind="boxes", classes=["car", "dog"])
    project.import_items(tmp_path / "images", **IMPORTS[request.param])
    (project.folder / "sources.py").write_text(FUNCTIONS)
    return project


def table(tmp_path, boxes, column="label"):
    path = tmp_path / "votes.jsonl"
    rows = [
        {"item": f"i{place}.png", "source": "ann", column: json.dumps([drawn])}
        for place, drawn in enumerate(boxes)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_function_that_draws_beyond_an_image_fails_on_it_and_on_no_other(project):
    (drawn,) = project.vote().sources
    assert (drawn.votes, drawn.failures) == (3, 1)
    assert "reaches beyond the image, which is 40 x 30 pixels" in drawn.reason


def test_an_answer_beyond_the_image_is_refused(project):
    with pytest.raises(AnswerError, match="reaches beyond the image"):
        project.answer("i1.png", [OUTSIDE], person="ann")
    assert project.answer("i1.png", [INSIDE], person="ann").answer is not None


@pytest.mark.parametrize("kind", ["person", "gold"])
def test_votes_and_gold_of_a_file_are_set_aside_with_the_reason(project, tmp_path, kind):
    path = table(tmp_path, [INSIDE, OUTSIDE, INSIDE])
    told = project.import_votes(path, kind=kind)
    assert (told.added, told.set_aside) == (2, 1)
    assert "reaches beyond the image" in told.examples[0].reason


def test_gold_by_id_is_set_aside_with_the_reason(project, tmp_path):
    path = tmp_path / "gold.jsonl"
    rows = [{"file": f"i{n}.png", "gold": json.dumps([OUTSIDE if n else INSIDE])} for n in (0, 1)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = project.import_items(path, id="file", gold="gold")
    assert (told.gold, told.set_aside) == (1, 1)
    assert "reaches beyond the image" in told.examples[0].reason


def test_the_desk_refuses_it_and_takes_the_others(project, tmp_path):
    project.vote()
    project.label()
    office = open_office(project.folder, database=f"sqlite:///{tmp_path}/desk.sqlite")
    client = client_of(office)
    client.headers |= person(office, "Ann")
    votes = [vote_of(1, [OUTSIDE]), vote_of(2, [INSIDE])]
    results = client.post("/api/v1/votes", json={"votes": votes}).json()["results"]
    office.close()
    assert [one["status"] for one in results] == ["refused", "taken"]
    assert "reaches beyond the image" in results[0]["detail"]


def test_coverage_is_the_share_of_items_that_a_source_spoke_of(project, tmp_path):
    project.vote()
    project.import_votes(table(tmp_path, [INSIDE]))
    found = {row["name"]: row for row in project.sources().rows()}
    assert found["drawn"]["coverage"] == pytest.approx(3 / 4)
    assert found["ann"]["coverage"] == pytest.approx(1 / 4)
    assert (found["ann"]["votes"], found["ann"]["overlap"]) == (1, 0)
