"""The same from Python: a project as an object, and the parts alone on arrays and frames."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

import labelwright as lw
from end_to_end.making import edit, messages, write_csv
from labelwright.core.errors import UnknownNameError
from labelwright.core.tables import from_table
from labelwright.labelmodels import DawidSkene, MajorityVote

VOTES = [("a", "ann", "x"), ("a", "ben", "x"), ("b", "ann", "y"), ("b", "ben", "x"),
         ("b", "cem", "y"), ("c", "cem", "x")]  # fmt: skip
COLUMNS = ("task", "worker", "label")


def test_a_project_from_a_notebook(tmp_path):
    project = lw.init(tmp_path / "reviews", classes=["spam", "ham"])
    edit(project.folder)
    project = lw.open(tmp_path / "reviews")
    table = messages(60)
    for row in table:
        row["truth"] = row["truth"] if row["part"] == "test" else ""
    data = write_csv(tmp_path / "d.csv", table)
    report = project.import_items(data, text="body", id="key", gold="truth", split="part")
    assert report.added == 60
    assert project.vote().votes > 60
    labels = project.label()
    assert labels.posterior.probability.shape == (60, 2)
    np.testing.assert_allclose(labels.posterior.probability.sum(axis=1), 1)
    assert project.train().quality.accuracy > 0.8
    (question,) = project.next(1)
    vote = project.answer(question.item, "spam", person="anna", seconds=3)
    project.withdraw(vote)
    assert project.round(note="first").version.note == "first"
    assert project.explain("m1").item == "m1"
    assert project.export(tmp_path / "o.parquet").rows == 60
    assert project.predict(data, tmp_path / "p.csv").rows == 60
    assert project.status().rounds == 1
    assert "free" in {source.name for source in project.known_sources()}


def test_errors_are_of_one_family_and_builtins_too(tmp_path):
    with pytest.raises(lw.LabelwrightError, match="no project"):
        lw.open(tmp_path)
    with pytest.raises(RuntimeError):
        lw.open(tmp_path)
    with pytest.raises(ValueError, match="two classes"):
        lw.init(tmp_path / "p", classes=["one"])
    project = lw.init(tmp_path / "p", classes=["a", "b"])
    with pytest.raises(LookupError, match="no item"):
        project.answer("x", "a")
    with pytest.raises(RuntimeError, match="no items"):
        project.label()
    data = write_csv(tmp_path / "d.csv", messages(3))
    project.import_items(data, text="body", id="key")
    with pytest.raises(ValueError, match="no class"):
        project.answer("m1", "spam")
    assert project.status().answers_waiting == 0


def frame(library, columns):
    """The columns as a frame of this library."""
    made = pytest.importorskip(library)
    return made.table(columns) if library == "pyarrow" else made.DataFrame(columns)


LIBRARIES = ["pandas", "polars", "pyarrow"]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("model", [MajorityVote(), DawidSkene()])
def test_label_models_read_a_table_of_a_crowd(library, model):
    columns = {name: [vote[place] for vote in VOTES] for place, name in enumerate(COLUMNS)}
    named = from_table(frame(library, columns))
    posterior = model.posterior(model.fit(named.matrix), named.matrix)
    said = dict(zip(named.units, (named.classes[k] for k in posterior.label), strict=True))
    assert said == {"a": "x", "b": "y", "c": "x"}


@pytest.mark.parametrize("model", [MajorityVote(), DawidSkene()])
def test_label_models_read_a_matrix_as_snorkel_has_it(model):
    matrix = np.array([[0, 0, -1], [1, 0, 1], [-1, -1, -1], [0, -1, 0]])
    votes = lw.VoteMatrix.from_dense(matrix, classes=2)
    posterior = model.posterior(model.fit(votes), votes)
    assert posterior.label[[0, 1, 3]].tolist() == [0, 1, 0]
    assert posterior.covered.tolist() == [True, True, False, True]
    assert (votes.to_dense() == matrix).all()


@lw.source
def free(x):
    return "spam" if "free" in x.text else None


def greets(x):
    return "ham" if "hello" in x.text else None


@pytest.mark.parametrize("library", LIBRARIES)
def test_functions_apply_to_frames_without_a_project(library):
    texts = {"text": ["free!", "hello", "hello free", "nothing"]}
    votes = lw.apply([free, greets], frame(library, texts), ["spam", "ham"])
    assert votes.matrix.to_dense().tolist() == [[0, -1], [-1, 1], [0, 1], [-1, -1]]
    assert votes.sources == ("free", "greets")


def test_a_function_that_fails_outside_a_project_says_on_which_row():
    def fails(x):
        return {"a": "spam"}[x.text]

    with pytest.raises(lw.LabelwrightError, match="fails failed on row 1"):
        lw.apply([fails], pa.table({"text": ["a", "b"]}), ["spam", "ham"])


def test_importing_is_cheap():
    code = (
        "import sys, labelwright\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'polars', 'lance', 'PIL', 'pandas', 'onnxruntime'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_item_that_is_called_by_a_number_is_refused_with_the_text_to_say(tmp_path):
    project = lw.init(tmp_path / "p", classes=["spam", "ham"])
    for act in (lambda: project.answer(5, "spam"), lambda: project.explain(5)):
        with pytest.raises(UnknownNameError, match="is text, such as '5'"):
            act()
