"""Word classes of JMdict's parts of speech."""

import pytest

from domain.inflection import WordClass, word_class_of, word_classes_of


@pytest.mark.parametrize(
    ("code", "description", "word_class"),
    [
        ("v1", "Ichidan verb", WordClass.ICHIDAN),
        ("v1-s", "Ichidan verb - kureru special class", WordClass.KURERU),
        ("v5b", "Godan verb with 'bu' ending", WordClass.GODAN),
        ("v5g", "Godan verb with 'gu' ending", WordClass.GODAN),
        ("v5k", "Godan verb with 'ku' ending", WordClass.GODAN),
        ("v5m", "Godan verb with 'mu' ending", WordClass.GODAN),
        ("v5n", "Godan verb with 'nu' ending", WordClass.GODAN),
        ("v5r", "Godan verb with 'ru' ending", WordClass.GODAN),
        ("v5s", "Godan verb with 'su' ending", WordClass.GODAN),
        ("v5t", "Godan verb with 'tsu' ending", WordClass.GODAN),
        ("v5u", "Godan verb with 'u' ending", WordClass.GODAN),
        ("v5k-s", "Godan verb - Iku/Yuku special class", WordClass.GODAN_IKU),
        ("v5aru", "Godan verb - -aru special class", WordClass.GODAN_ARU),
        ("v5u-s", "Godan verb with 'u' ending (special class)", WordClass.GODAN_TOU),
        ("v5r-i", "Godan verb with 'ru' ending (irregular verb)", WordClass.ARU),
        ("vk", "Kuru verb - special class", WordClass.KURU),
        ("vs", "noun or participle which takes the aux. verb suru", WordClass.SURU_NOUN),
        ("vs-i", "suru verb - included", WordClass.SURU),
        ("vs-s", "suru verb - special class", WordClass.SURU_SPECIAL),
        ("vz", "Ichidan verb - zuru verb (alternative form of -jiru verbs)", WordClass.SURU_SPECIAL),
        ("vs-c", "su verb - precursor to the modern suru", WordClass.GODAN),
        ("vn", "irregular nu verb", WordClass.GODAN),
        ("adj-i", "adjective (keiyoushi)", WordClass.I_ADJECTIVE),
        ("aux-adj", "auxiliary adjective", WordClass.I_ADJECTIVE),
        ("adj-ix", "adjective (keiyoushi) - yoi/ii class", WordClass.II),
        ("adj-na", "adjectival nouns or quasi-adjectives (keiyodoshi)", WordClass.NA_ADJECTIVE),
        ("adj-no", "nouns which may take the genitive case particle 'no'", WordClass.NOUN),
        ("n", "noun (common) (futsuumeishi)", WordClass.NOUN),
        ("adv", "adverb (fukushi)", WordClass.NONE),
        ("aux-v", "auxiliary verb", WordClass.NONE),
        ("v2r-s", "Nidan verb (lower class) with 'ru' ending (archaic)", WordClass.NONE),
        ("", "a part of speech that does not exist", WordClass.NONE),
    ],
)
def test_code_and_description_have_the_same_class(code: str, description: str, word_class: WordClass) -> None:
    assert word_class_of(code) is word_class
    assert word_class_of(f"&{code};") is word_class
    assert word_class_of(description) is word_class
    assert word_class_of(description.upper()) is word_class


def test_word_classes_of_several_parts_of_speech() -> None:
    assert word_classes_of(["n", "vs", "adv"]) == WordClass.NOUN | WordClass.SURU_NOUN
    assert word_classes_of([]) is WordClass.NONE


def test_all_classes_fit_a_smallint() -> None:
    every = WordClass(sum(WordClass))
    assert every.bit_count() == len(WordClass)
    assert every < 2**15
