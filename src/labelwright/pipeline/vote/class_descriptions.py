"""The lines of ``[task.descriptions]`` as a source, by the project's embedding model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from labelwright.core.items import MEDIA
from labelwright.core.record import Run
from labelwright.endmodels import roles
from labelwright.endmodels.embedder import SentenceEmbedder
from labelwright.endmodels.joint_embedder import JointEmbedder, reads_images
from labelwright.endmodels.text import joined_texts
from labelwright.pipeline.vote.active_sources import is_enabled
from labelwright.pipeline.workspace.parts import SAMPLE_ROWS, embedding_model
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.sources.description import CODE, NAME, Compass, DescriptionVoter, lines_of
from labelwright.tasks import grid_of, learnable

LEARN_FROM = (1, 4, 16, 64, 256, 1_024)
"""The centre is taken anew, and every item voted on anew, when there are so many items; then it
stands, so that items that come in later get votes and no others change."""


def description_voter(workspace: Workspace) -> DescriptionVoter | None:
    """The class descriptions as a voter; None where they cannot vote, or there are no items."""
    told = workspace.settings.descriptions
    if told is None or not _wanted(workspace) or why_silent(workspace):
        return None
    if workspace.items.count() == 0:
        return None
    task, model = workspace.settings.task, embedding_model(workspace) or ""
    embedder = JointEmbedder(model) if reads_images(model) else SentenceEmbedder(model)
    reader = _Reader(embedder, _reads(workspace))
    version = embedder.fingerprint()
    lines = lines_of(task, told)
    compass = _compass(workspace, lines, reader, version)
    return DescriptionVoter(task, compass, reader.embed, version, reader.reads)


def why_silent(workspace: Workspace) -> str:
    """Why described classes do not vote; empty if they do, or if nobody wants them to."""
    settings = workspace.settings
    if not _wanted(workspace):
        return ""
    if not learnable(settings.task) or grid_of(settings.task, 0).heads > 1:
        return (
            "class descriptions do not vote: nearness says which class fits an item best, which "
            f"answers of {settings.task.kind} tasks are not about"
        )
    model = embedding_model(workspace)
    if model is None:
        return (
            "class descriptions do not vote: that takes an embedding model; name one in "
            "labelwright.toml: [embedding] model = FOLDER"
        )
    if not _reads(workspace):
        return (
            "class descriptions do not vote: the items have no text and no image; name the field "
            "with the text in labelwright.toml: [items] text = FIELD"
        )
    if MEDIA in _reads(workspace) and not reads_images(model):
        return (
            f"class descriptions do not vote: the items are images, and the embedding model "
            f"{model} reads texts only; it takes a folder with text_model.onnx and "
            "vision_model.onnx"
        )
    return ""


def _wanted(workspace: Workspace) -> bool:
    """Whether the owner has a table of descriptions and has not switched the source off."""
    settings = workspace.settings
    return settings.descriptions is not None and is_enabled(NAME, settings)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Embeds descriptions and items with one model.

    Attributes:
        embedder: the model.
        reads: the fields of items that are read: the media, or texts read as one.
    """

    embedder: SentenceEmbedder | JointEmbedder
    reads: tuple[str, ...]

    def embed(self, items: pa.Table) -> NDArray[np.float32]:
        """The vectors of the items, NaN where there is nothing to read."""
        if isinstance(self.embedder, JointEmbedder) and self.reads == (MEDIA,):
            return self.embedder.embed_images(items.column(MEDIA).to_pylist())
        texts = joined_texts(items, self.reads)
        vectors = self.embedder.embed(texts)
        vectors[[not text.strip() for text in texts]] = np.nan
        return vectors


def _reads(workspace: Workspace) -> tuple[str, ...]:
    """The fields that descriptions are held against: the main text, else images, else texts."""
    text = workspace.text_field()
    if text is not None:
        return (text,)
    if workspace.items.has_media():
        return (MEDIA,)
    if workspace.items.count() == 0:
        return ()
    judged = roles(workspace.content_sample(SAMPLE_ROWS), None)
    return tuple(one.field for one in judged if one.role == "text")


def _compass(
    workspace: Workspace, lines: tuple[str, ...], reader: _Reader, version: str
) -> Compass:
    """Where the classes lie among the items: found once, then kept."""
    count = workspace.items.count()
    rung = max(step for step in LEARN_FROM if step <= count)
    run = Run(
        step="descriptions",
        inputs={
            "lines": list(lines),
            "fields": list(reader.reads),
            "encoder": version,
            "items": rung,
        },
        settings={"code": CODE},
    )
    known = workspace.done(run.id)
    if known is not None:
        kept = workspace.objects.get_arrays(known.outputs["compass"])
        return Compass(kept["directions"], kept["centre"], float(kept["spread"]))
    with workspace.timed(run) as finished:
        rng = np.random.default_rng(0)
        chosen = np.sort(rng.choice(count, min(count, LEARN_FROM[-1]), replace=False))
        sample = reader.embed(workspace.items.take(chosen, reader.reads))
        compass = Compass.of(reader.embedder.embed(lines), sample)
        arrays = {
            "directions": compass.directions,
            "centre": compass.centre,
            "spread": np.array(compass.spread),
        }
        run = finished(outputs={"compass": workspace.objects.put_arrays(arrays)})
    workspace.runs.record(run)
    return compass
