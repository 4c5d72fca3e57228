"""Makes small items and targets."""

import io
import json

import numpy as np
import pyarrow as pa
from PIL import Image

VOCABULARY = {"[PAD]": 0, "[UNK]": 1, "cash": 2, "win": 3, "home": 4, "mum": 5}
VECTORS = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def soft(label, classes, sure=0.9):
    """Targets that give the label this probability."""
    rest = (1 - sure) / (classes - 1)
    return np.where(np.arange(classes) == np.asarray(label)[:, None], sure, rest)


def png(pixels, mode=None):
    """The bytes of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels), mode).save(file, "PNG")
    return file.getvalue()


def media(contents):
    """Image items with these bytes."""
    return pa.table({"_media": pa.array(contents, pa.large_binary())})


def write_model(folder, *, modules=("Transformer", "Pooling", "Normalize"), pooling=None):
    """A model of sentence-transformers that looks every word up in a table."""
    from onnx import TensorProto, helper, numpy_helper, save
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["looked_up"]),
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
            helper.make_node("Add", ["looked_up", "wide"], ["last_hidden_state"]),
        ],
        "lookup",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(VECTORS, "table"),
            numpy_helper.from_array(np.array([-1]), "last"),
        ],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    (folder / "onnx").mkdir(parents=True)
    save(model, folder / "onnx" / "model.onnx")
    tokenizer = Tokenizer(WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    kinds = [{"path": "", "type": f"sentence_transformers.models.{kind}"} for kind in modules]
    (folder / "modules.json").write_text(json.dumps(kinds))
    (folder / "1_Pooling").mkdir()
    config = pooling or {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(config))
    limits = {"max_seq_length": 3, "do_lower_case": True}
    (folder / "sentence_bert_config.json").write_text(json.dumps(limits))


COLOURS = {"[PAD]": (0, 0, 0), "[UNK]": (0, 0, 0), "red": (1, 0, 0), "green": (0, 1, 0)}
COLOURS |= {"blue": (0, 0, 1), "fire": (0.9, 0.1, 0), "grass": (0.1, 0.9, 0)}


def write_joint_model(folder, *, side=8):
    """A model of texts and images: words are colours, and a picture is its mean colour."""
    from onnx import TensorProto, helper, numpy_helper, save
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    opset = [helper.make_opsetid("", 17)]
    (folder / "onnx").mkdir(parents=True)

    def write(name, nodes, given, output, constants):
        told = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        graph = helper.make_graph(nodes, name, [given], [told], constants)
        model = helper.make_model(graph, opset_imports=opset, ir_version=9)
        save(model, folder / "onnx" / f"{name}.onnx")

    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])
    table = numpy_helper.from_array(np.array([*COLOURS.values()], np.float32), "table")
    write(
        "text_model",
        [
            helper.make_node("Gather", ["table", "input_ids"], ["words"]),
            helper.make_node("ReduceSum", ["words", "axis"], ["text_embeds"], keepdims=0),
        ],
        ids,
        "text_embeds",
        [table, numpy_helper.from_array(np.array([1]), "axis")],
    )
    pixels = ["images", "channels", side, side]
    write(
        "vision_model",
        [
            helper.make_node(
                "ReduceMean", ["pixel_values"], ["image_embeds"], axes=[2, 3], keepdims=0
            )
        ],
        helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, pixels),
        "image_embeds",
        [],
    )
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(COLOURS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    cut = {"size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side}}
    (folder / "preprocessor_config.json").write_text(json.dumps(cut))
    return folder
