import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import ProjectVersionError, StorageError
from labelwright.endmodels import load
from labelwright.endmodels.saved import Packed, array_to_texts, texts_to_array, write
from labelwright.endmodels.tabular import TabularBoosting
from labelwright.endmodels.text import TextLinear


@pytest.fixture
def folder(texts, labels, tmp_path):
    TextLinear(("body",)).fit(texts, np.eye(2)[labels], np.ones(60), seed=0).save(tmp_path)
    return tmp_path


def changed(folder, **entries):
    path = folder / "predictor.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def test_the_header_says_what_wrote_it(folder):
    header = json.loads((folder / "predictor.json").read_text())
    assert header["format"] == 1
    assert header["kind"] == "linear"
    assert set(header["libraries"]) == {"labelwright", "numpy", "scipy", "scikit-learn"}
    assert sorted(path.name for path in folder.iterdir()) == ["arrays.npz", "predictor.json"]


def test_saving_again_replaces(folder, texts, labels):
    other = TextLinear(("title",)).fit(texts, np.eye(2)[labels], np.ones(60), seed=0)
    other.save(folder)
    assert np.array_equal(load(str(folder)).predict(texts), other.predict(texts))


def test_a_predictor_of_trees_opens_without_scikit_learn(records, labels, tmp_path):
    TabularBoosting(("size",)).fit(records, np.eye(2)[labels], np.ones(60), seed=0).save(tmp_path)
    code = (
        "import sys; sys.modules['sklearn'] = None; sys.modules['scipy'] = None\n"
        "import pyarrow as pa; from labelwright.endmodels import load\n"
        f"print(load({str(tmp_path)!r}).predict(pa.table({{'size': [2.0]}})).sum())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(1)


def test_importing_the_package_loads_no_heavy_library():
    heavy = ("sklearn", "scipy", "PIL", "onnxruntime", "torch")
    code = f"import labelwright.endmodels, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_empty_folder_is_no_predictor(tmp_path):
    with pytest.raises(StorageError, match="no trained predictor"):
        load(tmp_path)


def test_lost_arrays_are_reported(folder):
    (folder / "arrays.npz").unlink()
    with pytest.raises(StorageError, match=r"arrays\.npz is missing"):
        load(folder)


@pytest.mark.parametrize("cut", [0, 10, 500])
def test_cut_arrays_are_reported(folder, cut):
    path = folder / "arrays.npz"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(StorageError, match="damaged"):
        load(folder)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"format": "one"}', '{"format": 0}']
)
def test_a_damaged_header_is_reported(folder, text):
    (folder / "predictor.json").write_text(text)
    with pytest.raises(StorageError, match="damaged"):
        load(folder)


def test_a_header_that_lost_its_content_is_reported(folder):
    changed(folder, content={})
    with pytest.raises(StorageError, match="damaged"):
        load(folder)


def test_a_newer_format_is_refused(folder):
    changed(folder, format=2)
    with pytest.raises(ProjectVersionError, match="has format 2, this release reads up to 1"):
        load(folder)


def test_an_unknown_kind_is_refused(folder):
    changed(folder, kind="oracle")
    with pytest.raises(ProjectVersionError, match="'oracle'"):
        load(folder)


def test_pickled_arrays_are_refused(folder):
    import hashlib

    path = folder / "arrays.npz"
    np.savez(path, allow_pickle=True, evil=np.array([{"a": 1}], dtype=object))
    changed(folder, arrays=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(StorageError, match="damaged"):
        load(folder)


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot save"):
        write(tmp_path / "file", "linear", Packed())


def test_any_text_survives():
    texts = ["", "a\nb", "£ü字🎉", "\x00", "\ud800"]
    assert array_to_texts(texts_to_array(texts)) == texts
    assert array_to_texts(texts_to_array([])) == []


def test_words_of_any_script_survive(tmp_path):
    items = pa.table({"body": ["größer naïve 字 🎉", "ещё один"] * 5})
    predictor = TextLinear(("body",), chars=(1, 3)).fit(
        items, np.eye(2)[[0, 1] * 5], np.ones(10), seed=0
    )
    predictor.save(tmp_path)
    assert np.array_equal(load(tmp_path).predict(items), predictor.predict(items))
