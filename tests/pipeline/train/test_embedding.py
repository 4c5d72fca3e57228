"""An embedding model in the settings reaches the rules of similarity and the end model."""

import importlib.util

import pytest

import labelwright as lw
from endmodels.making import write_model
from labelwright.core.errors import SettingsError, SourceError
from labelwright.pipeline.workspace import parts
from pipeline.making import make

needs_onnx = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime", "tokenizers")),
    reason="needs onnx, onnxruntime and tokenizers",
)
SIMILAR = """
[[rules]]
name = "like winning"
vote = "spam"
when = { similar = ["win win win"], at_least = 0.99 }
"""


@needs_onnx
def test_a_rule_of_similarity_uses_the_projects_embedding_model(tmp_path):
    project = make(tmp_path, 14, rules=SIMILAR + '[embedding]\nmodel = "small"\n')
    write_model(project.folder / "small")
    report = project.vote()
    assert {tally.name: tally.votes for tally in report.sources}["like winning"] >= 0
    assert not any(tally.failures for tally in report.sources)
    model = parts.end_model(project.workspace)
    assert type(model).__name__ == "EmbeddingLinear"
    assert project.train().prediction.shape == (14, 2)


def test_without_an_embedding_model_such_a_rule_says_what_it_needs(tmp_path):
    project = make(tmp_path, 14, rules=SIMILAR)
    with pytest.raises((SettingsError, SourceError), match="embedding"):
        project.vote()
    assert lw.open(project.folder).workspace.items.count() == 14
