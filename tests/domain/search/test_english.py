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
    # British spellings with endings.
    ("theatres", "theater"),
    ("tyres", "tire"),
    ("cheques", "check"),
    ("programmes", "program"),
    ("programming", "programmed"),
    ("greyer", "gray"),
    ("sulphur", "sulfur"),
    ("artefacts", "artifact"),
    ("ploughed", "plow"),
    ("ploughing", "to plow"),
    ("practised", "practicing"),
    ("cosiest", "coziest"),
    ("storeys", "stories"),
    ("axes", "axe"),
    ("manoeuvred", "maneuver"),
    ("sceptically", "skeptically"),
    ("kilometres", "kilometer"),
    ("haemorrhaging", "hemorrhage"),
    ("watercolours", "watercolor"),
    ("unfavourable", "unfavorable"),
    ("saviour", "savior"),
    ("pencilled", "penciled"),
    # Irregular forms, with prefixes and in compounds.
    ("misunderstood", "misunderstand"),
    ("overcame", "overcome"),
    ("overcoming", "overcame"),
    ("withdrew", "to withdraw"),
    ("withdrawn", "withdraws"),
    ("mistook", "mistake"),
    ("rebuilt", "rebuild"),
    ("undid", "undo"),
    ("outgrew", "outgrow"),
    ("foresaw", "foresee"),
    ("underwent", "undergo"),
    ("upheld", "uphold"),
    ("wove", "weave"),
    ("woven", "weaving"),
    ("bound", "bind"),
    ("strove", "strive"),
    ("sprang", "spring"),
    ("lice", "louse"),
    ("stimuli", "stimulus"),
    ("nuclei", "nucleus"),
    ("dwarves", "dwarf"),
    ("hypotheses", "hypothesis"),
    ("firemen", "fireman"),
    ("policewomen", "policewoman"),
    ("grandchildren", "grandchild"),
    ("bookshelves", "bookshelf"),
]


@pytest.mark.parametrize(("one", "other"), STEMMED)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stem_key(words(one)) == stem_key(words(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("resent", "resend"),
        ("police", "polouse"),
        ("specimen", "speciman"),
        ("unless", "unlittle"),
        ("slice", "slouse"),
    ],
)
def test_words_that_look_like_forms_are_none(one: str, other: str) -> None:
    assert stem_key(words(one)) != stem_key(words(other))


@pytest.mark.parametrize(
    "word",
    [
        "programmer",
        "liter",
        "checker",
        "exercise",
        "surprise",
        "promise",
        "advise",
        "wise",
        "noise",
        "four",
        "hour",
        "flour",
    ],
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
