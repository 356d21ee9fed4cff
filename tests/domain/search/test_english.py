"""Forms and spellings of one English word have one key."""

import pytest

from domain.search.english import comparative_bases, gloss_key, stem_key, stems, words

STEMMED = [
    ("eating", "to eat"),
    ("ate", "eat"),
    ("mice", "mouse"),
    ("libraries", "library"),
    ("children", "child"),
    ("colour", "color"),
    ("organise", "organize"),
    ("organisation", "organization"),
    ("travelling", "traveling"),
    ("analyse", "analyze"),
    ("centre", "center"),
    ("catalogue", "catalog"),
    ("aeroplane", "an airplane"),
    ("the cat", "cats"),
]


@pytest.mark.parametrize(("one", "other"), STEMMED)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem_key(words(one)) == stem_key(words(other))


@pytest.mark.parametrize(
    "word", ["exercise", "surprise", "promise", "advise", "wise", "noise", "four", "hour", "flour"]
)
def test_american_words_keep_their_spelling(word: str) -> None:
    assert gloss_key(words(word)) == word


@pytest.mark.parametrize(
    ("gloss", "key"),
    [
        ("to eat", "eat"),
        ("to", "to"),
        ("good-looking", "good looking"),
        ("dog (Canis (lupus) familiaris)", "dog"),
        ("café", "cafe"),
        ("don’t worry", "dont worry"),
        ("(note only", ""),
    ],
)
def test_gloss_key(gloss: str, key: str) -> None:
    assert gloss_key(words(gloss)) == key


def test_unimportant_words_are_no_stems_unless_alone() -> None:
    assert stems(words("to be in the water")) == ["water"]
    assert stems(words("to be")) == ["to", "be"]


@pytest.mark.parametrize(
    ("word", "base"), [("bigger", "big"), ("largest", "large"), ("happier", "happy"), ("stronger", "strong")]
)
def test_comparatives(word: str, base: str) -> None:
    assert base in comparative_bases(word)
