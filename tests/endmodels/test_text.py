import numpy as np
import pyarrow as pa
import pytest

from labelwright.core.errors import DataError, SettingsError
from labelwright.endmodels.text import TextLinear


def fitted(model, bodies, labels, **columns):
    items = pa.table({"body": bodies, **columns})
    return model.fit(items, np.eye(2)[labels], np.ones(len(labels)), seed=0)


def ask(predictor, *bodies):
    return predictor.predict(pa.table({"body": pa.array(bodies, pa.string())}))[:, 1]


def test_words_that_tell_classes_apart_are_learnt(texts, labels):
    predictor = TextLinear(("body",)).fit(texts, np.eye(2)[labels], np.ones(60), seed=0)
    spam, ham = ask(predictor, "free cash prize", "you at home")
    assert spam > 0.9
    assert ham < 0.1


def test_unknown_empty_and_missing_texts_get_what_the_intercept_says(texts, labels):
    predictor = TextLinear(("body",)).fit(texts, np.eye(2)[labels], np.ones(60), seed=0)
    unknown = ask(predictor, "", None, "zyx", "🎉🎉", "\x00")
    assert np.allclose(unknown, unknown[0])
    assert 0.2 < unknown[0] < 0.8


def test_texts_that_are_all_empty_teach_the_class_balance():
    predictor = fitted(TextLinear(("body",)), ["", "", "", ""], [0, 0, 0, 1])
    assert ask(predictor, "anything")[0] == pytest.approx(0.25, abs=0.02)


def test_the_features_are_those_of_scikit_learn(texts):
    from sklearn.feature_extraction.text import TfidfVectorizer

    peer = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"(?u)\b\w+\b"
    )
    expected = peer.fit_transform(texts.column("body").to_pylist())
    encoder, encoded = TextLinear(("body",)).features(texts, seed=0)
    assert list(encoder.vocabulary) == list(peer.get_feature_names_out())
    assert np.allclose(encoded.matrix.toarray(), expected.toarray())
    assert np.allclose(encoder.encode(texts).matrix.toarray(), expected.toarray())


def test_a_vocabulary_from_some_of_the_texts_encodes_all_of_them(texts, labels):
    model = TextLinear(("body",), vocabulary_rows=20)
    _, encoded = model.features(texts, seed=0)
    assert encoded.matrix.shape[0] == 60
    predictor = model.fit(texts, np.eye(2)[labels], np.ones(60), seed=0)
    assert (predictor.predict(texts).argmax(axis=1) == labels).all()


def test_rare_words_count_when_there_are_no_others():
    predictor = fitted(TextLinear(("body",), min_count=5), ["alpha", "beta"] * 2, [0, 1] * 2)
    assert ask(predictor, "beta")[0] > 0.5 > ask(predictor, "alpha")[0]


def test_characters_serve_where_words_are_not_spaced():
    model = TextLinear(("body",), words=None, chars=(1, 2))
    predictor = fitted(model, ["今天天气很好", "股市下跌了"] * 5, [0, 1] * 5)
    assert ask(predictor, "股市")[0] > 0.5 > ask(predictor, "天气")[0]


def test_fields_can_share_a_vocabulary_or_have_their_own():
    title = ["win", "home"] * 10
    body = ["home", "win"] * 10
    labels = [1, 0] * 10
    together = fitted(TextLinear(("title", "body"), words=(1, 1)), body, labels, title=title)
    apart = fitted(TextLinear(("title", "body"), joined=False), body, labels, title=title)
    items = pa.table({"title": ["win", "home"], "body": ["home", "win"]})
    assert np.allclose(together.predict(items), 0.5, atol=0.01)
    assert apart.predict(items).argmax(axis=1).tolist() == [1, 0]


def test_numbers_and_dictionaries_can_be_read_as_text():
    items = pa.table({"body": pa.array(["yes", "no"] * 5).dictionary_encode(), "n": range(10)})
    predictor = TextLinear(("body", "n")).fit(items, np.eye(2)[[1, 0] * 5], np.ones(10), seed=0)
    assert predictor.predict(items).argmax(axis=1).tolist() == [1, 0] * 5


@pytest.mark.parametrize(
    ("values", "message"),
    [(pa.array([[1], [2]]), "no text"), (pa.array([b"\xff", b"\xfe"]), "UTF-8")],
)
def test_a_field_that_is_no_text_is_named(values, message):
    with pytest.raises(DataError, match=message):
        TextLinear(("body",)).fit(pa.table({"body": values}), np.eye(2), np.ones(2), seed=0)


def test_a_field_that_the_items_lack_is_named(texts):
    with pytest.raises(DataError, match="no field 'subject'"):
        TextLinear(("subject",)).fit(texts, np.tile([0.5, 0.5], (60, 1)), np.ones(60), seed=0)


@pytest.mark.parametrize(
    "settings",
    [{"text_fields": ()}, {"text_fields": "body"}, {"text_fields": ("a",), "words": None}],
)
def test_wrong_settings_are_refused(settings):
    with pytest.raises(SettingsError):
        TextLinear(**settings)
