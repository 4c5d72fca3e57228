"""Fields of items that look like the answers people are asked for: the owner is told of them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from labelwright.core.columns import says_answers
from labelwright.core.errors import AnswerError
from labelwright.core.items import user_fields
from labelwright.core.task import Task
from labelwright.pipeline.workspace.workspace import Workspace
from labelwright.tasks import kind_of

SAMPLE_ROWS = 500
DISTINCT = 200
"""A field of more different values is none of names of classes."""


def answers_in_fields(workspace: Workspace) -> tuple[str, ...]:
    """What the owner should know of fields that are called like answers, or hold them."""
    text, called = workspace.text_field(), workspace.called()
    task, sample = workspace.settings.task, workspace.sample(SAMPLE_ROWS)
    notes = []
    for name in user_fields(sample.schema):
        if name == text:
            continue
        gold = (
            f"if it holds known answers, take them in with --gold {name}, or from now on with "
            f"--votes FILE --kind gold --label-column {name}"
        )
        if says_answers(name, task.classes):
            beside = f", and it is called {called[name]!r} beside ours" * (called[name] != name)
            notes.append(
                f"the field {name!r} is called like an answer: people who are asked do not see it "
                f"and no end model reads it, unless labelwright.toml names it{beside}; {gold}"
            )
        elif _names_classes(sample.column(name), task):
            notes.append(
                f"all values of the field {name!r} are classes of the task, and people who are "
                "asked see it; name the others under [desk] fields in labelwright.toml if it "
                f"gives the answer away; {gold}"
            )
    return tuple(notes)


def _names_classes(values: pa.ChunkedArray, task: Task) -> bool:
    """Whether these are texts, two at least, which are all answers of the task."""
    if not pa.types.is_string(values.type):
        return False
    found = [one for one in pc.unique(values).to_pylist() if one is not None and one.strip()]
    if not 2 <= len(found) <= DISTINCT:
        return False
    try:
        for one in found:
            kind_of(task).canonical(one, task)
    except AnswerError:
        return False
    return True
