import importlib.util
import json

import numpy as np
import pytest

from endmodels.making import media, png, write_joint_model, write_model
from labelwright.core.errors import SettingsError, StorageError
from labelwright.endmodels import joint_embedder as module
from labelwright.endmodels import load
from labelwright.endmodels.image_embedding import ImageEmbeddingLinear
from labelwright.endmodels.joint_embedder import JointEmbedder, reads_images
from labelwright.testing import endmodels as laws

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime", "tokenizers")),
    reason="needs onnx, onnxruntime and tokenizers",
)


@pytest.fixture
def model(tmp_path):
    module._opened.cache_clear()
    return write_joint_model(tmp_path / "joint")


def picture(colour, height=20, width=30):
    return png(np.broadcast_to(np.array(colour, np.uint8), (height, width, 3)))


def test_a_picture_lies_where_the_text_that_tells_of_it_lies(model):
    joint = JointEmbedder(str(model), batch_rows=2)
    texts = joint.embed(["red", "green", "grass red"])
    images = joint.embed_images(
        [picture((255, 0, 0)), picture((0, 255, 0)), picture((128, 128, 0))]
    )
    near = texts @ images.T / np.linalg.norm(images, axis=1)
    assert near.argmax(axis=1).tolist() == [0, 1, 2]
    assert joint.embed([]).shape == joint.embed_images([]).shape == (0, 3)


def test_a_picture_that_cannot_be_read_has_no_place_and_costs_no_other(model):
    images = JointEmbedder(str(model)).embed_images([b"no image", picture((255, 0, 0)), None])
    assert np.isnan(images).all(axis=1).tolist() == [True, False, True]
    assert np.allclose(images[1], [1, 0, 0])


def test_the_middle_of_a_picture_is_cut_out_as_the_folder_says(model):
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, :20, 0] = pixels[:, 20:40, 1] = pixels[:, 40:, 0] = 255
    (middle,) = JointEmbedder(str(model)).embed_images([png(pixels)])
    assert middle[1] > 0.9
    assert middle[0] < 0.1
    module._opened.cache_clear()
    told = {"size": {"height": 8, "width": 8}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (model / "preprocessor_config.json").write_text(json.dumps(told))
    (whole,) = JointEmbedder(str(model)).embed_images([png(pixels)])
    assert np.allclose(whole, [1 / 3, -1 / 3, -1], atol=0.1)


def test_grey_pictures_are_pictures(model):
    (grey,) = JointEmbedder(str(model)).embed_images([png(np.full((9, 9), 255, np.uint8))])
    assert np.allclose(grey, 1)


def test_a_model_of_texts_alone_reads_no_images(tmp_path):
    write_model(tmp_path / "texts")
    assert not reads_images(str(tmp_path / "texts"))
    with pytest.raises(SettingsError, match="vision_model"):
        JointEmbedder(str(tmp_path / "texts")).embed_images([None])


def test_another_encoder_has_another_fingerprint(model):
    before = JointEmbedder(str(model)).fingerprint()
    assert before == JointEmbedder(str(model)).fingerprint()
    (model / "preprocessor_config.json").write_text("{}")
    assert JointEmbedder(str(model)).fingerprint() != before


def coloured(count):
    """Pictures that are red or green in turn, in shades."""
    rng = np.random.default_rng(0)
    shades = rng.integers(0, 120, (count, 3))
    shades[np.arange(count), np.arange(count) % 2] += 130
    return media([picture(shade) for shade in shades])


def test_a_linear_head_on_images_keeps_the_laws(model, tmp_path):
    labels, items = np.arange(20) % 2, coloured(20)
    settings = ImageEmbeddingLinear(str(model))
    laws.check_end_model(settings, items, np.eye(2)[labels], np.ones(20), tmp_path / "saved")
    predictor = settings.fit(items, np.eye(2)[labels], np.ones(20), seed=0)
    assert (predictor.predict(coloured(40)).argmax(axis=1) == np.arange(40) % 2).all()


def test_an_image_that_cannot_be_read_gets_the_class_balance(model, caplog):
    labels = np.arange(20) % 2
    predictor = ImageEmbeddingLinear(str(model)).fit(
        coloured(20), np.eye(2)[labels], np.ones(20), seed=0
    )
    said = predictor.predict(media([b"no image"]))
    assert said == pytest.approx(np.full((1, 2), 0.5))
    assert "could not be read" in caplog.text


def test_a_predictor_of_images_refuses_an_encoder_that_changed(model, tmp_path):
    ImageEmbeddingLinear(str(model)).fit(
        coloured(4), np.eye(2)[[0, 1, 0, 1]], np.ones(4), seed=0
    ).save(tmp_path / "saved")
    (model / "preprocessor_config.json").write_text("{}")
    with pytest.raises(StorageError, match="have changed"):
        load(tmp_path / "saved")
