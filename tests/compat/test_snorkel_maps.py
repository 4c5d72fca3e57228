"""Mappers, and what is made of them: preprocessors, transformations, functions of texts."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from labelwright.compat.snorkel.augmentation import (
    ApplyAllPolicy,
    ApplyEachPolicy,
    ApplyOnePolicy,
    MeanFieldPolicy,
    PandasTFApplier,
    RandomPolicy,
    TFApplier,
    TransformationFunction,
    transformation_function,
)
from labelwright.compat.snorkel.augmentation.policy import Policy
from labelwright.compat.snorkel.labeling import PandasLFApplier
from labelwright.compat.snorkel.labeling.lf.nlp import NLPLabelingFunction, nlp_labeling_function
from labelwright.compat.snorkel.map import BaseMapper, Mapper, lambda_mapper
from labelwright.compat.snorkel.map.core import get_hashable
from labelwright.compat.snorkel.preprocess import BasePreprocessor, preprocessor
from labelwright.compat.snorkel.preprocess.nlp import SpacyPreprocessor
from labelwright.compat.snorkel.slicing.sf.nlp import NLPSlicingFunction, nlp_slicing_function


@transformation_function()
def double(x):
    x.number *= 2
    return x


@transformation_function(name="small only")
def plus_one(x):
    if x.number > 4:
        return None
    x.number += 1
    return x


def numbers(*values):
    return [SimpleNamespace(number=value) for value in values]


def test_one_decorator_makes_mappers_of_its_own_kind():
    def same(x):
        return x

    assert [type(made(name="same")(same)).__name__ for made in (
        lambda_mapper, preprocessor, transformation_function
    )] == ["LambdaMapper", "LambdaPreprocessor", "LambdaTransformationFunction"]  # fmt: skip
    assert BasePreprocessor is BaseMapper
    assert issubclass(TransformationFunction, Mapper)
    for bare in (lambda_mapper, transformation_function, nlp_labeling_function):
        with pytest.raises(ValueError, match=f"@{bare.__name__} is missing parentheses"):
            bare(same)
    with pytest.raises(NotImplementedError):
        BaseMapper("bare")(1)


def test_a_mapper_shares_nothing_with_the_item_it_was_given():
    @lambda_mapper()
    def marked(x):
        x.held["mark"] = 1
        x["new"] = x.held["mark"]
        return x

    row = pd.Series({"held": {"mark": 0}, "n": 3}, name="r")
    made = marked(row)
    assert (row.held, made.held, made.new, made.name) == ({"mark": 0}, {"mark": 1}, 1, "r")


def test_fields_are_the_arguments_of_run_and_nothing_else():
    class Any(Mapper):
        def run(self, text, *more):
            return {}

    class Every(Mapper):
        def run(self, **fields):
            return fields

    for kind, what in ((Any, r"\*more"), (Every, r"\*\*fields")):
        with pytest.raises(ValueError, match=f"'m': run takes {what}, which names no field"):
            kind("m")
    made = Every("m", field_names={"a": "b"})(SimpleNamespace(b=2))
    assert made.a == 2


def test_snorkels_key_of_an_array_is_its_bytes():
    array = np.arange(3.0)
    assert get_hashable((1, {"a": array})) == (1, frozenset([("a", array.tobytes())]))
    assert get_hashable(pd.Series({"a": [1]})) == frozenset([("a", (1,))])
    with pytest.raises(ValueError, match="DataFrame cannot be memoized"):
        get_hashable([pd.DataFrame({"a": [1]})])


def test_policies_say_which_transformations_run():
    assert ApplyAllPolicy(2, n_per_original=2).generate_for_example() == [[], [0, 1], [0, 1]]
    assert ApplyOnePolicy(keep_original=False).generate_for_example() == [[0]]
    assert ApplyEachPolicy(2).generate_for_example() == [[], [0], [1]]
    assert ApplyEachPolicy(2, keep_original=False).generate_for_example() == [[0], [1]]
    assert MeanFieldPolicy(3, 4, p=[0, 1, 0]).generate() == [1] * 4
    drawn = [tuple(RandomPolicy(2, sequence_length=2).generate()) for _ in range(100)]
    assert set(drawn) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    with pytest.raises(NotImplementedError, match="Policy must define generate"):
        Policy(1).generate_for_example()


def test_items_are_made_of_items_in_order_and_refusals_are_passed_over():
    items = numbers(1, 5)
    applier = TFApplier([double, plus_one], ApplyEachPolicy(2))
    made = applier.apply(items)
    assert [x.number for x in made] == [1, 2, 2, 5, 10]
    assert items == numbers(1, 5)
    one_by_one = applier.apply_generator(items, batch_size=1)
    assert [[x.number for x in batch] for batch in one_by_one] == [[1, 2, 2], [5, 10]]
    # One that refuses leaves the item to the next; where all refuse, nothing is made.
    both = TFApplier([plus_one, double], ApplyAllPolicy(2, keep_original=False))
    assert [x.number for x in both.apply(numbers(1, 5), progress_bar=False)] == [4, 10]
    none = TFApplier([plus_one], ApplyOnePolicy(keep_original=False))
    assert none.apply(numbers(5)) == []
    assert repr(none) == "TFApplier, Policy: ApplyOnePolicy, TFs: ['small only']"
    with pytest.raises(ValueError, match="2 functions are called 'double'"):
        TFApplier([double, double], ApplyOnePolicy())


def test_rows_keep_their_types_and_the_names_of_their_originals():
    frame = pd.DataFrame({"number": [1, 5], "word": ["a", "b"]}, index=["x", "y"])
    applier = PandasTFApplier([plus_one], ApplyOnePolicy())
    made = applier.apply(frame, progress_bar=False)
    assert made.index.tolist() == ["x", "x", "y"]
    assert made.number.tolist() == [1, 2, 5]
    assert made.dtypes.equals(frame.dtypes)
    assert applier.apply(frame).equals(made)
    batches = list(applier.apply_generator(frame, batch_size=1))
    assert [len(batch) for batch in batches] == [2, 1]
    refused = PandasTFApplier([plus_one], ApplyOnePolicy(keep_original=False))
    assert refused.apply(frame.tail(1)).empty
    assert list(refused.apply(frame.tail(1)).columns) == ["number", "word"]


@pytest.fixture
def spacy(monkeypatch):
    """A library that reads texts as spaCy does, word by word, and counts how often."""
    loaded = []

    def load(language, disable):
        loaded.append((language, tuple(disable)))
        return lambda text: loaded.append(text) or text.split()

    library = ModuleType("spacy")
    library.load, library.prefer_gpu = load, lambda: loaded.append("gpu")
    monkeypatch.setitem(sys.modules, "spacy", library)
    monkeypatch.setattr(NLPLabelingFunction, "_shared", None)
    monkeypatch.setattr(NLPSlicingFunction, "_shared", None)
    return loaded


def test_a_text_is_read_by_spacy(spacy):
    reader = SpacyPreprocessor("body", "words", "de", disable=["ner"], gpu=True)
    assert reader(SimpleNamespace(body="one two")).words == ["one", "two"]
    assert spacy == ["gpu", ("de", ("ner",)), "one two"]


def test_functions_of_texts_read_each_text_once(spacy):
    @preprocessor()
    def shout(x):
        x.text = x.text.upper()
        return x

    @nlp_labeling_function(pre=[shout])
    def long(x):
        return int(len(x.doc) > 1)

    loud = NLPLabelingFunction("loud", lambda x, word: int(word in x.doc), {"word": "TWO"}, [shout])
    frame = pd.DataFrame({"text": ["one two", "one"]})
    assert PandasLFApplier([long, loud]).apply(frame).tolist() == [[1, 1], [0, 0]]
    assert spacy == [("en_core_web_sm", ()), "ONE TWO", "ONE"]
    with pytest.raises(ValueError, match="made with different parameters"):
        nlp_labeling_function(language="de")(lambda x: 0)

    @nlp_slicing_function(name="short")
    def brief(x):
        return len(x.doc) < 2

    assert (brief.name, type(brief)) == ("short", NLPSlicingFunction)
    assert brief(SimpleNamespace(text="one")) is True


def test_without_spacy_there_is_an_import_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ImportError, match="spacy"):
        SpacyPreprocessor("text", "doc")
