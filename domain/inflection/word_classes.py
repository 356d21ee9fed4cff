"""Classes of words that inflect, and the parts of speech of JMdict that belong to them."""

from collections.abc import Iterable
from enum import IntFlag


class WordClass(IntFlag):
    """How a word inflects; a word with several parts of speech has several.

    All of them fit the 15 bits of a positive `smallint`, because the last kana of a word says the rest: the row of a
    godan verb (書く, 読む), and whether a `SURU_SPECIAL` verb is voiced (愛する, 感ずる).
    """

    NONE = 0
    ICHIDAN = 1 << 0
    """食べる, 見る"""
    KURERU = 1 << 1
    """くれる: ichidan, with the imperative くれ"""
    GODAN = 1 << 2
    """書く, 読む, 買う"""
    GODAN_IKU = 1 << 3
    """行く: 行って"""
    GODAN_ARU = 1 << 4
    """いらっしゃる, なさる, くださる, おっしゃる, ござる: いらっしゃいます"""
    GODAN_TOU = 1 << 5
    """問う, 請う: 問うて"""
    ARU = 1 << 6
    """ある: its negative is ない"""
    KURU = 1 << 7
    """来る, 持ってくる"""
    SURU = 1 << 8
    """する, 気にする"""
    SURU_NOUN = 1 << 9
    """勉強: a noun that する makes a verb"""
    SURU_SPECIAL = 1 << 10
    """愛する, 感ずる: also 愛さない, 感ぜず"""
    I_ADJECTIVE = 1 << 11
    """高い"""
    II = 1 << 12
    """いい, 格好いい: よくない"""
    NA_ADJECTIVE = 1 << 13
    """静か: 静かな"""
    NOUN = 1 << 14
    """学生: 学生だ"""


# JMdict's code and description of each part of speech that inflects. There are two descriptions of some, because they
# were reworded.
_PARTS_OF_SPEECH: dict[WordClass, tuple[str, ...]] = {
    WordClass.ICHIDAN: (
        "v1",
        "Ichidan verb",
    ),
    WordClass.KURERU: (
        "v1-s",
        "Ichidan verb - kureru special class",
    ),
    WordClass.GODAN: (
        *("v5b", "v5g", "v5k", "v5m", "v5n", "v5r", "v5s", "v5t", "v5u", "vn", "vs-c"),
        *(f"Godan verb with '{ending}' ending" for ending in ("bu", "gu", "ku", "mu", "nu", "ru", "su", "tsu", "u")),
        "irregular nu verb",
        "su verb - precursor to the modern suru",
    ),
    WordClass.GODAN_IKU: (
        "v5k-s",
        "Godan verb - Iku/Yuku special class",
    ),
    WordClass.GODAN_ARU: (
        "v5aru",
        "Godan verb - -aru special class",
    ),
    WordClass.GODAN_TOU: (
        "v5u-s",
        "Godan verb with 'u' ending (special class)",
    ),
    WordClass.ARU: (
        "v5r-i",
        "Godan verb with 'ru' ending (irregular verb)",
    ),
    WordClass.KURU: (
        "vk",
        "Kuru verb - special class",
    ),
    WordClass.SURU: (
        "vs-i",
        "suru verb - included",
    ),
    WordClass.SURU_NOUN: (
        "vs",
        "noun or participle which takes the aux. verb suru",
    ),
    WordClass.SURU_SPECIAL: (
        "vs-s",
        "suru verb - special class",
        "vz",
        "Ichidan verb - zuru verb (alternative form of -jiru verbs)",
    ),
    WordClass.I_ADJECTIVE: (
        "adj-i",
        "adjective (keiyoushi)",
        "aux-adj",
        "auxiliary adjective",
    ),
    WordClass.II: (
        "adj-ix",
        "adjective (keiyoushi) - yoi/ii class",
    ),
    WordClass.NA_ADJECTIVE: (
        "adj-na",
        "adjectival nouns or quasi-adjectives (keiyodoshi)",
    ),
    WordClass.NOUN: (
        *("n", "n-adv", "n-suf", "n-t", "pn", "adj-no"),
        "noun (common) (futsuumeishi)",
        "adverbial noun (fukushitekimeishi)",
        "noun, used as a suffix",
        "noun (temporal) (jisoumeishi)",
        "pronoun",
        "nouns which may take the genitive case particle 'no'",
        "nouns which may take the genitive case particle `no'",
    ),
}
_CLASS_OF = {name.casefold(): word_class for word_class, names in _PARTS_OF_SPEECH.items() for name in names}


def word_class_of(part_of_speech: str) -> WordClass:
    """The class of a JMdict part of speech, by its code (`v5k`) or description; `NONE` if it does not inflect.

    Classical verbs and adjectives (`v2a-s`, `v4k`, `adj-ku`) have none, nor do auxiliaries (`aux-v`), which are listed
    as the verbs that they are as well.
    """
    return _CLASS_OF.get(part_of_speech.strip("&; ").casefold(), WordClass.NONE)


def word_classes_of(parts_of_speech: Iterable[str]) -> WordClass:
    """All classes of a word with these parts of speech."""
    classes = WordClass.NONE
    for part_of_speech in parts_of_speech:
        classes |= word_class_of(part_of_speech)
    return classes
