import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from endmodels.making import media
from labelwright.core.errors import DataError, NothingToDoError, SettingsError, UnknownNameError
from labelwright.endmodels import MODELS, by_name, choose, roles
from labelwright.endmodels.best_tabular import Tabular
from labelwright.endmodels.image import ImageLinear
from labelwright.endmodels.linear import LinearHead
from labelwright.endmodels.text import TextLinear
from labelwright.endmodels.text_and_columns import JointLinear

WORDS = [f"the {i} cats sat on mat {i * 7}" for i in range(30)]


def chosen(text_fields=None, **columns):
    items = pa.table({"_id": [str(i) for i in range(30)], **columns})
    return choose(items.schema, items, text_fields)


def test_images_are_chosen_where_there_are_media():
    items = media([b"x", None])
    assert choose(items.schema, items) == ImageLinear()
    assert choose(items.schema, items.slice(0, 0)) == ImageLinear()
    assert choose(items.schema, pa.table({"body": WORDS})) == ImageLinear()


def test_a_media_column_without_media_means_nothing():
    empty = pa.nulls(30, pa.large_binary())
    assert chosen(_media=empty, body=WORDS) == TextLinear(("body",))


def test_a_text_field_named_by_the_user_beats_images():
    assert chosen(["body"], _media=[b"x"] * 30, body=WORDS) == TextLinear(("body",))


def test_text_is_chosen_where_a_field_holds_free_text():
    assert chosen(body=WORDS) == TextLinear(("body",))


def test_text_beside_numbers_makes_a_joint_model():
    model = chosen(body=WORDS, price=np.arange(30) / 7, kind=["a", "b", "c"] * 10)
    assert model == JointLinear(("body",), ("price", "kind"))
    assert model.fields == ("body", "price", "kind")


def test_numbers_and_categories_make_a_table():
    assert chosen(price=np.arange(30) / 7, kind=["a", "b"] * 15) == Tabular(("price", "kind"))


def test_scripts_without_spaces_are_read_by_characters():
    bodies = [f"今天天气很好我们去公园散步{i}" for i in range(30)]
    assert chosen(body=bodies) == TextLinear(("body",), words=None, chars=(1, 3))


def test_what_no_model_can_use_is_left_out_with_a_reason():
    items = pa.table(
        {
            "key": [f"k-{i}" for i in range(30)],
            "row": range(30),
            "same": ["x"] * 30,
            "one": [1.0] * 30,
            "none": pa.nulls(30),
            "list": [[1]] * 30,
            "when": [dt.date(2024, 1, 1 + i) for i in range(30)],
            "blank": pa.array([None] * 30, pa.string()),
        }
    )
    judged = {one.field: one for one in roles(items)}
    left_out = [name for name, one in judged.items() if one.role == "left out"]
    assert left_out == ["key", "row", "same", "one", "none", "list", "blank"]
    assert judged["key"].reason == "30 different short values in 30: names or keys"
    assert judged["row"].reason == "counts the rows"
    assert judged["when"].role == "column"


def test_many_categories_that_come_again_are_a_column():
    values = [f"town{i % 60}" for i in range(600)]
    assert roles(pa.table({"town": values}))[0].role == "column"


def test_text_that_the_user_did_not_name_is_left_out():
    judged = roles(pa.table({"body": WORDS, "note": WORDS}), ["body"])
    assert [one.role for one in judged] == ["text", "left out"]


def test_a_text_field_that_is_absent_is_named():
    with pytest.raises(DataError, match="no field 'subject'"):
        chosen(["subject"], body=WORDS)


def test_nothing_to_learn_from_says_why():
    with pytest.raises(NothingToDoError, match="key: 30 different short values"):
        chosen(key=[f"k-{i}" for i in range(30)])
    with pytest.raises(NothingToDoError, match="there are no fields"):
        chosen()


def test_models_come_by_name_with_settings_as_a_file_has_them():
    model = by_name("text", text_fields=["body"], words=[1, 1], head={"strength": 2.0})
    assert model == TextLinear(("body",), words=(1, 1), head=LinearHead(strength=2.0))
    assert by_name("image", side=16) == ImageLinear(16)


@pytest.mark.parametrize("name", MODELS)
def test_every_name_has_its_model(name):
    needs = {"text_fields": ["a"], "columns": ["b"], "model": "some/model"}
    wanted = {
        "embedding": ["text_fields", "model"],
        "image": [],
        "image_embedding": ["model"],
        "joint": ["text_fields", "columns"],
        "text": ["text_fields"],
    }
    model = by_name(name, **{key: needs[key] for key in wanted.get(name, ["columns"])})
    assert isinstance(model.fields, tuple)


def test_wrong_names_and_settings_are_refused():
    with pytest.raises(UnknownNameError, match="known: boosting, "):
        by_name("oracle")
    with pytest.raises(SettingsError, match="no setting 'depth'; it has side"):
        by_name("image", depth=3)
    with pytest.raises(SettingsError, match="columns"):
        by_name("tabular")
    with pytest.raises(SettingsError, match="cannot be set up"):
        by_name("text", text_fields=["a"], head={"volume": 11})
    with pytest.raises(SettingsError, match="not both"):
        by_name("joint", text_fields=["a"], columns=["a"])
