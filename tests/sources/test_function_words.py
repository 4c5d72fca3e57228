import pytest

from labelwright.sources.function_words import LANGUAGES, function_words

TEXTS = {
    "English": "i want to see you and the end of the war when you die",
    "German": "ich will dich und das ende sehen wenn die tage zu lang sind",
    "French": "je ne veux pas que tu sois dans la maison avec un chien",
    "Spanish": "yo no quiero que la casa de mi madre sea para el perro",
    "Italian": "non voglio che la casa di mia madre sia per il cane",
    "Portuguese": "eu não quero que a casa da minha mãe seja para o cão",
    "Dutch": "ik wil niet dat het huis van mijn moeder voor de hond is",
}


def counted(text):
    return {word: text.split().count(word) for word in text.split()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_those_of_the_language_of_the_texts(language):
    assert function_words(counted(TEXTS[language])) == LANGUAGES[language]


def test_a_word_with_a_meaning_in_this_language_is_none_though_it_has_none_in_another():
    words = function_words(counted(TEXTS["English"]))
    assert {"i", "to", "you", "when"} <= words
    assert not {"war", "die", "want", "end"} & words


def test_words_that_make_good_rules_are_in_no_list():
    telling = {"free", "call", "win", "now", "please", "new", "urgent", "gratis", "jetzt", "nuevo"}
    assert not telling & frozenset.union(*LANGUAGES.values())
