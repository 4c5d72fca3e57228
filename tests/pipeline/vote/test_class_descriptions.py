"""A line a class votes at once, where there is an embedding model."""

import importlib.util
import json

import numpy as np
import pytest

import labelwright as lw
from endmodels.making import png, write_joint_model, write_model
from labelwright.core.errors import SettingsError, SourceError
from labelwright.core.source import SourceKind
from labelwright.core.task import Task
from labelwright.endmodels import embedder, joint_embedder
from labelwright.pipeline.live.online_head import HeadKeeper
from labelwright.pipeline.train.cold_start import self_trained
from labelwright.pipeline.train.item_coordinates import item_coordinates
from labelwright.pipeline.workspace import parts

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime", "tokenizers")),
    reason="needs onnx, onnxruntime and tokenizers",
)
DESCRIBED = '\n[task.descriptions]\nmoney = "win cash"\n\n[embedding]\nmodel = "model"\n'


@pytest.fixture(autouse=True)
def _fresh():
    embedder._backend.cache_clear()
    joint_embedder._opened.cache_clear()


def project_of(folder, settings=DESCRIBED, *, kind="classification", items=40, start=0):
    """Texts of three words: even ones of money, odd ones of home. The vocabulary has four words."""
    project = lw.Project.create(folder / "p", Task(kind, ("money", "home")))
    write_model(folder / "p" / "model")
    file = folder / "p" / "labelwright.toml"
    file.write_text(file.read_text() + settings)
    project = lw.open(folder / "p")
    add(project, folder, items, start)
    return project


def add(project, folder, items, start=0):
    data = folder / f"items{start}.csv"
    words = (("win", "cash"), ("home", "mum"))
    texts = [
        " ".join([*words[n % 2], words[n % 2][n // 2 % 2]]) for n in range(start, start + items)
    ]
    lines = [
        f"k{start + n},{text},{('money', 'home')[(start + n) % 2]}" for n, text in enumerate(texts)
    ]
    data.write_text("\n".join(["key,text,truth", *lines, ""]))
    project.import_items(data, id="key", text="text", fields=["text"])


def right(prediction):
    return (prediction.argmax(axis=1) == np.arange(len(prediction)) % 2).mean()


def believed(project):
    return project.label().posterior.label.tolist()


def test_every_item_gets_a_vote_for_the_class_whose_description_it_is_near_to(tmp_path):
    project = project_of(tmp_path)
    report = project.vote()
    (tally,) = report.sources
    assert (tally.name, tally.items, tally.votes, tally.failures) == ("descriptions", 40, 40, 0)
    assert report.notes == ()
    assert believed(project) == [n % 2 for n in range(40)]
    (row,) = project.sources(check=False).rows()
    assert (row["name"], row["kind"], row["coverage"]) == ("descriptions", "description", 1.0)


def test_what_descriptions_say_of_an_item_is_a_soft_vote(tmp_path):
    project = project_of(tmp_path)
    project.vote()
    rows = project.workspace.rows_on(0)
    shares = json.loads(rows[0]["answer"])
    assert abs(sum(shares.values()) - 1) < 1e-9
    assert shares["money"] > shares["home"] > 0


def test_only_new_items_are_voted_on_while_the_centre_stands(tmp_path):
    project = project_of(tmp_path, items=70)
    project.vote()
    before = project.known_sources()
    add(project, tmp_path, 10, start=70)
    (tally,) = project.vote().sources
    assert tally.items == 10
    assert project.known_sources() == before
    assert project.vote().cached == ("descriptions",)


def test_the_centre_is_taken_anew_when_there_are_many_more_items(tmp_path):
    project = project_of(tmp_path, items=10)
    project.vote()
    add(project, tmp_path, 60, start=10)
    (tally,) = project.vote().sources
    assert tally.items == 70
    counting = [one for one in project.label().active.sources if one.kind is SourceKind.DESCRIPTION]
    assert len(counting) == 1


def test_another_description_votes_anew_and_the_old_votes_count_no_more(tmp_path):
    project = project_of(tmp_path)
    project.vote()
    file = project.folder / "labelwright.toml"
    text = file.read_text()
    file.write_text(text.replace('money = "win cash"', 'money = "home mum"\nhome = "win cash"'))
    turned = lw.open(project.folder)
    assert turned.vote().sources[0].items == 40
    assert believed(turned) == [1 - n % 2 for n in range(40)]
    file.write_text(text)
    back = lw.open(project.folder)
    assert back.vote().cached == ("descriptions",)
    assert believed(back) == [n % 2 for n in range(40)]


def test_without_an_embedding_model_nobody_votes_and_it_is_said_why(tmp_path):
    project = project_of(tmp_path, '\n[task.descriptions]\nmoney = "win cash"\n')
    report = project.vote()
    assert report.sources == ()
    assert "[embedding] model" in report.notes[0]


def test_classes_that_nobody_wants_described_do_not_vote(tmp_path):
    project = project_of(tmp_path, '\n[embedding]\nmodel = "model"\n')
    report = project.vote()
    assert (report.sources, report.notes) == ((), ())


def test_an_empty_table_lets_names_and_guidelines_speak(tmp_path):
    settings = DESCRIBED.replace('money = "win cash"\n', "").replace(
        "[task.descriptions]", "[task.descriptions]  # names do"
    )
    project = project_of(tmp_path, settings)
    assert project.vote().sources[0].votes == 40


def test_any_number_of_classes_an_item_are_not_told_by_nearness(tmp_path):
    project = project_of(tmp_path, kind="multilabel")
    report = project.vote()
    assert report.sources == ()
    assert "multilabel" in report.notes[0]


def test_a_description_of_no_class_is_refused_with_its_line(tmp_path):
    with pytest.raises(SettingsError, match=r"toml:\d+: task.descriptions.mony.*money"):
        project_of(tmp_path, '\n[task.descriptions]\nmony = "win cash"\n')
    file = tmp_path / "p" / "labelwright.toml"
    file.write_text(file.read_text().replace('mony = "win cash"', "money = 3"))
    with pytest.raises(SettingsError, match="must be text"):
        lw.open(tmp_path / "p")


def test_a_function_of_the_same_name_is_refused(tmp_path):
    project = project_of(tmp_path)
    code = "import labelwright as lw\n\n@lw.source\ndef descriptions(x):\n    return None\n"
    (project.folder / "sources.py").write_text(code)
    with pytest.raises(SourceError, match="class descriptions vote as"):
        project.vote()


def test_descriptions_are_switched_off_like_any_source(tmp_path):
    project = project_of(tmp_path, DESCRIBED + "\n[sources.descriptions]\nenabled = false\n")
    report = project.vote()
    assert (report.sources, report.notes) == ((), ())
    assert project.workspace.runs.latest("descriptions") is None


def test_images_are_held_against_descriptions_by_a_model_of_both(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "pictures").mkdir()
    for number in range(12):
        pixels = rng.integers(0, 90, (12, 16, 3), dtype=np.uint8)
        pixels[:, :, number % 2] += 150
        (tmp_path / "pictures" / f"i{number:02}.png").write_bytes(png(pixels))
    project = lw.Project.create(tmp_path / "p", Task("classification", ("hot", "calm")))
    write_joint_model(tmp_path / "p" / "model")
    file = project.folder / "labelwright.toml"
    told = DESCRIBED.replace('money = "win cash"', 'hot = "fire"\ncalm = "grass"')
    file.write_text(file.read_text() + told)
    project = lw.open(project.folder)
    project.import_items(tmp_path / "pictures")
    report = project.vote()
    labels = project.label()
    assert (report.sources[0].votes, report.sources[0].failures) == (12, 0)
    assert labels.posterior.label[labels.posterior.covered].tolist() == [n % 2 for n in range(12)]
    trained = project.train()
    assert trained.run.settings["part"] == "ImageEmbeddingLinear"
    assert right(trained.prediction) == 1
    write_model(tmp_path / "p" / "texts")
    file.write_text(file.read_text().replace('model = "model"', 'model = "texts"'))
    assert "vision_model.onnx" in lw.open(project.folder).vote().notes[0]


def test_questions_start_from_what_descriptions_teach(tmp_path):
    project = project_of(tmp_path, items=120)
    project.vote()
    asked = project.next(10)
    assert len(asked) == 10
    labels = project.label()
    where = item_coordinates(project.workspace, parts.end_model(project.workspace))
    said = self_trained(project.workspace, labels, where)
    assert right(said) >= 0.75
    assert self_trained(project.workspace, labels, None) is None


def test_the_head_between_rounds_starts_from_them_before_any_answer(tmp_path):
    project = project_of(tmp_path, items=120)
    project.vote()
    moved = HeadKeeper().move(lw.open(project.folder).workspace, [], [], count=5, seed=0)
    assert right(moved.prediction) >= 0.75


def test_descriptions_that_mislead_give_way_to_answers(tmp_path):
    turned = DESCRIBED.replace('money = "win cash"', 'money = "home mum"\nhome = "win cash"')
    project = project_of(tmp_path, turned, items=200)
    project.vote()
    truth = np.arange(200) % 2
    assert (project.label().posterior.label != truth).all()
    for number in range(30):
        project.answer(f"k{number}", ("money", "home")[truth[number]], person="ann")
    project = lw.open(project.folder)
    made = project.round()
    said = made.trained.prediction.argmax(axis=1)
    assert (said == truth).all()
    assert (made.labels.posterior.label == truth).mean() > 0.99


def test_labels_of_descriptions_alone_are_told_as_such(tmp_path):
    project = project_of(tmp_path)
    project.vote()
    report = project.label_report()
    assert set(report.basis) == {"class descriptions"}
    assert project.explain("k0").units[0].basis == "class descriptions"


def test_labels_of_descriptions_alone_are_half_way_between_chance_and_certainty(tmp_path):
    project = project_of(tmp_path, items=200)
    project.vote()
    assert project.label().posterior.confidence.mean() == pytest.approx(0.75, abs=0.05)


def test_a_round_of_descriptions_alone_trains_and_freezes(tmp_path):
    made = project_of(tmp_path, items=80).round()
    assert made.trained.rows == 40
    assert right(made.trained.prediction) >= 0.75
