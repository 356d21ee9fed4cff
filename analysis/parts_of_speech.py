"""Parts of speech of tokens, and what the grammar of morphemes says about how they join."""

from dataclasses import dataclass
from enum import StrEnum

from domain.inflection import WordClass


class TokenPartOfSpeech(StrEnum):
    """The part of speech of a token."""

    NOUN = "NOUN"
    PROPER_NOUN = "PROPER_NOUN"
    PRONOUN = "PRONOUN"
    NUMERAL = "NUMERAL"
    VERB = "VERB"
    I_ADJECTIVE = "I_ADJECTIVE"
    NA_ADJECTIVE = "NA_ADJECTIVE"
    ADNOMINAL = "ADNOMINAL"
    ADVERB = "ADVERB"
    CONJUNCTION = "CONJUNCTION"
    INTERJECTION = "INTERJECTION"
    PARTICLE = "PARTICLE"
    AUXILIARY = "AUXILIARY"
    PREFIX = "PREFIX"
    SUFFIX = "SUFFIX"
    SYMBOL = "SYMBOL"
    WHITESPACE = "WHITESPACE"


class Role:
    """What a morpheme can be in a word of several morphemes: bits of an integer, because flags of `enum` are slow."""

    NONE = 0
    VERB = 1 << 0
    ADJECTIVE = 1 << 1
    NA_ADJECTIVE = 1 << 2
    SURU_NOUN = 1 << 3
    """勉強: する makes it a verb."""
    AUXILIARY = 1 << 4
    """た, ない, ます"""
    COPULA = 1 << 5
    """だ, です"""
    CONJUNCTIVE = 1 << 6
    """て, ば, ながら: particles that end a form of a verb"""
    DEPENDENT = 1 << 7
    """いる, しまう, ほしい: words that are often auxiliaries"""
    STEM_SUFFIX = 1 << 8
    """そう, やすい: after the stem of a verb or adjective"""
    PREFIX = 1 << 9
    NOMINAL = 1 << 10
    """Nouns, pronouns, numerals and their affixes, which form compounds."""
    NUMERAL = 1 << 11
    FINAL = 1 << 12
    """A form that ends a clause or stands before a noun: 食べる, 食べた."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The grammar of a morpheme.

    `roles`: bits of `Role`. `classes`: bits of the word classes that its dictionary form can have.
    """

    part_of_speech: TokenPartOfSpeech
    roles: int
    classes: int


_GODAN = WordClass.GODAN | WordClass.GODAN_IKU | WordClass.GODAN_ARU | WordClass.GODAN_TOU | WordClass.ARU
_ICHIDAN = WordClass.ICHIDAN | WordClass.KURERU
_SURU = WordClass.SURU | WordClass.SURU_SPECIAL
_I_ADJECTIVE = WordClass.I_ADJECTIVE | WordClass.II
_CLASSES = {
    "五段": _GODAN,
    # Sudachi takes the え-row of some verbs for the classical imperative: 響けなかった.
    "文語四段": _GODAN,
    "上一段": _ICHIDAN,
    "下一段": _ICHIDAN,
    "カ行変格": WordClass.KURU,
    "サ行変格": _SURU,
    "形容詞": _I_ADJECTIVE,
}
_PARTS_OF_SPEECH = {
    "代名詞": TokenPartOfSpeech.PRONOUN,
    "動詞": TokenPartOfSpeech.VERB,
    "形容詞": TokenPartOfSpeech.I_ADJECTIVE,
    "形状詞": TokenPartOfSpeech.NA_ADJECTIVE,
    "連体詞": TokenPartOfSpeech.ADNOMINAL,
    "副詞": TokenPartOfSpeech.ADVERB,
    "接続詞": TokenPartOfSpeech.CONJUNCTION,
    "感動詞": TokenPartOfSpeech.INTERJECTION,
    "助詞": TokenPartOfSpeech.PARTICLE,
    "助動詞": TokenPartOfSpeech.AUXILIARY,
    "接頭辞": TokenPartOfSpeech.PREFIX,
    "接尾辞": TokenPartOfSpeech.SUFFIX,
    "空白": TokenPartOfSpeech.WHITESPACE,
}
_NOUNS = {
    "固有名詞": TokenPartOfSpeech.PROPER_NOUN,
    "数詞": TokenPartOfSpeech.NUMERAL,
}


def grammar_of(part_of_speech: tuple[str, ...]) -> Grammar:
    """Return the grammar of Sudachi's part of speech: four levels, the type of conjugation and the form."""
    kind, group, detail, _, conjugation, form = part_of_speech
    if kind == "名詞":
        token = _NOUNS.get(group, TokenPartOfSpeech.NOUN)
    else:
        token = _PARTS_OF_SPEECH.get(kind, TokenPartOfSpeech.SYMBOL)
    classes = _CLASSES.get(conjugation.partition("-")[0], WordClass.NONE)
    if kind == "形状詞" or (kind == "名詞" and "形状詞可能" in detail):
        classes |= WordClass.NA_ADJECTIVE
    if kind == "名詞" and "サ変" in detail:
        classes |= WordClass.SURU_NOUN
    return Grammar(token, _roles(kind, group, detail, conjugation, form), int(classes))


def _roles(kind: str, group: str, detail: str, conjugation: str, form: str) -> int:
    roles = Role.NONE
    if kind == "動詞":
        roles |= Role.VERB
    elif kind == "形容詞":
        roles |= Role.ADJECTIVE
    elif kind == "形状詞":
        roles |= Role.STEM_SUFFIX if group == "助動詞語幹" else Role.NA_ADJECTIVE
    elif kind == "助動詞":
        roles |= Role.COPULA if conjugation in ("助動詞-ダ", "助動詞-デス") else Role.NONE
        roles |= Role.AUXILIARY
    elif kind == "助詞" and group in ("接続助詞", "副助詞"):
        roles |= Role.CONJUNCTIVE
    elif kind == "接頭辞":
        roles |= Role.PREFIX | Role.NOMINAL
    elif kind == "接尾辞":
        roles |= Role.STEM_SUFFIX if group in ("形容詞的", "形状詞的", "動詞的") else Role.NOMINAL
    elif kind in ("名詞", "代名詞") and group != "助動詞語幹":
        roles |= Role.NOMINAL
        if group == "数詞":
            roles |= Role.NUMERAL
        if "サ変" in detail:
            roles |= Role.SURU_NOUN
        if "形状詞可能" in detail:
            roles |= Role.NA_ADJECTIVE
    if group == "非自立可能":
        roles |= Role.DEPENDENT
    if form.startswith(("終止形", "連体形", "意志推量形", "命令形")):
        roles |= Role.FINAL
    return roles
