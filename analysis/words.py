"""Joins morphemes into words: a verb or adjective with its auxiliaries is one word.

Which morphemes may follow is decided by their parts of speech, and how far the word reaches by the grammar: it ends
with the longest form that `domain.inflection` knows.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from analysis.morphemes import Morpheme
from analysis.parts_of_speech import Role, TokenPartOfSpeech
from domain.inflection import MAX_LENGTH, Inflection, WordClass, find_chain
from domain.search.kana import hiragana

_MAX_MORPHEMES = 14
_CONJUNCTIVE = frozenset(
    (
        "て",
        "で",
        "ば",
        "ながら",
        "つつ",
        "ては",
        "では",
        "ちゃ",
        "じゃ",
        "たって",
        "だって",
        "たり",
        "だり",
        "ても",
        "でも",
    )
)
# Particles of forms: ても, てはいけない, ざるを得ない, 行くな.
_PARTICLES = frozenset("はもをな")
# Endings for the search. Readers look them up as words.
_SEPARATE = frozenset(("らしい", "べし", "みたい"))
_SURU = frozenset(("する", "できる"))
_HONORIFIC_PREFIXES = frozenset(("お", "ご", "御"))
_SURU_CLASS, _NA_ADJECTIVE, _NOUN = int(WordClass.SURU), int(WordClass.NA_ADJECTIVE), int(WordClass.NOUN)
# Any noun before the copula.
_ANY_NOUN = "名"


class Word(NamedTuple):
    """Morphemes from `start` to `end` of a sentence."""

    start: int
    end: int
    surface: str
    dictionary_form: str
    part_of_speech: TokenPartOfSpeech
    classes: int
    inflection: tuple[Inflection, ...]


def word_at(morphemes: Sequence[Morpheme], start: int) -> Word:
    """Return the word that starts with a morpheme of a sentence."""
    return _inflected_word(morphemes, start) or _single(morphemes, start)


def morphemes_of_word(morphemes: tuple[Morpheme, ...], start: int) -> tuple[Morpheme, ...]:
    """Return the morphemes from `start` on that decide which word starts there: `word_at` finds the same in all."""
    head = morphemes[start]
    if head.is_alone or start + 1 == len(morphemes):
        return morphemes[start : start + 1]
    following = morphemes[start + 1]
    if not (_may_follow(head, following) or _makes_verb(head, following)):
        return morphemes[start : start + 1]
    end = _reach(morphemes, start + 2)
    # Auxiliaries that no form has belong to their verb, however many there are.
    return morphemes[start : end if end < start + 2 + _MAX_MORPHEMES else len(morphemes)]


def _single(morphemes: Sequence[Morpheme], index: int) -> Word:
    morpheme = morphemes[index]
    grammar = morpheme.grammar
    inflection: tuple[Inflection, ...] = ()
    if grammar.roles & (Role.VERB | Role.ADJECTIVE):
        inflection = inflections_between(morpheme.surface, morpheme.dictionary_form, grammar.classes) or ()
    part_of_speech = grammar.part_of_speech
    return Word(
        index, index + 1, morpheme.surface, morpheme.dictionary_form, part_of_speech, grammar.classes, inflection
    )


def _inflected_word(morphemes: Sequence[Morpheme], start: int) -> Word | None:
    """Return the word of several morphemes that starts here; None if there is none."""
    head = morphemes[start]
    roles, classes = head.roles, head.grammar.classes
    if head.is_alone or start + 1 == len(morphemes):
        return None
    following = morphemes[start + 1]
    if roles & Role.PREFIX and head.surface in _HONORIFIC_PREFIXES and following.roles & Role.VERB:
        return _longest(
            morphemes, start, start + 1, following.dictionary_form, TokenPartOfSpeech.VERB, following.grammar.classes
        )
    if roles & Role.SURU_NOUN and following.dictionary_form in _SURU and following.roles & Role.VERB:
        verb = f"{head.surface}する"
        word = _longest(morphemes, start, start, verb, TokenPartOfSpeech.VERB, _SURU_CLASS, start + 2)
        if word is not None:
            return word
    if roles & (Role.VERB | Role.ADJECTIVE):
        part_of_speech = TokenPartOfSpeech.VERB if roles & Role.VERB else TokenPartOfSpeech.I_ADJECTIVE
        word = _longest(morphemes, start, start, head.dictionary_form, part_of_speech, classes)
        return word or _with_auxiliaries(morphemes, start, part_of_speech)
    if roles & Role.NA_ADJECTIVE and following.roles & (Role.COPULA | Role.STEM_SUFFIX):
        return _longest(morphemes, start, start, head.surface, TokenPartOfSpeech.NA_ADJECTIVE, _NA_ADJECTIVE)
    if roles & Role.COPULA or (head.surface == "で" and following.surface == "は"):
        return _copula(morphemes, start)
    return None


def _longest(
    morphemes: Sequence[Morpheme],
    start: int,
    last: int,
    dictionary_form: str,
    part_of_speech: TokenPartOfSpeech,
    classes: int,
    certain: int = 0,
) -> Word | None:
    """Return the longest word from `start` beyond `last` that is a form of the dictionary form.

    `certain`: the index up to which the morphemes are known to belong together.
    """
    for end in range(_reach(morphemes, max(certain, last + 1)), last + 1, -1):
        surface = _surface(morphemes, start, end)
        inflection = inflections_between(surface, dictionary_form, classes)
        if inflection is not None:
            return Word(start, end, surface, dictionary_form, part_of_speech, classes, inflection)
    return None


def _with_auxiliaries(morphemes: Sequence[Morpheme], start: int, part_of_speech: TokenPartOfSpeech) -> Word | None:
    """Return a form that the grammar does not know, such as one of a dialect: all auxiliaries belong to it."""
    end = start + 1
    while end < len(morphemes) and morphemes[end].roles & Role.AUXILIARY and not morphemes[end - 1].roles & Role.FINAL:
        end += 1
    if end == start + 1:
        return None
    head = morphemes[start]
    return Word(
        start,
        end,
        _surface(morphemes, start, end),
        head.dictionary_form,
        part_of_speech,
        head.grammar.classes,
        (),
    )


def _copula(morphemes: Sequence[Morpheme], start: int) -> Word | None:
    """Return the form of だ that starts here; では is one only if a negative follows."""
    head = morphemes[start]
    dictionary_form = head.dictionary_form if head.roles & Role.COPULA else "だ"
    for end in range(_reach(morphemes, start + 1), start + 1, -1):
        surface = _surface(morphemes, start, end)
        inflection = inflections_between(_ANY_NOUN + surface, _ANY_NOUN, _NOUN)
        if inflection is not None and not surface.endswith("は"):
            part_of_speech = TokenPartOfSpeech.AUXILIARY
            return Word(start, end, surface, dictionary_form, part_of_speech, head.grammar.classes, inflection)
    return None


def _surface(morphemes: Sequence[Morpheme], start: int, end: int) -> str:
    return "".join(morpheme.surface for morpheme in morphemes[start:end])


def _reach(morphemes: Sequence[Morpheme], index: int) -> int:
    """Return the index after the last morpheme that can belong to the word of the one before `index`."""
    limit = min(len(morphemes), index + _MAX_MORPHEMES)
    while index < limit and _may_follow(morphemes[index - 1], morphemes[index]):
        index += 1
    return index


def _makes_verb(head: Morpheme, following: Morpheme) -> bool:
    return bool(head.roles & (Role.PREFIX | Role.SURU_NOUN) and following.roles & Role.VERB)


def _may_follow(before: Morpheme, morpheme: Morpheme) -> bool:
    roles = morpheme.roles
    if morpheme.dictionary_form in _SEPARATE:
        return False
    if roles & Role.AUXILIARY:
        return True
    if roles & Role.CONJUNCTIVE:
        return morpheme.surface in _CONJUNCTIVE
    if roles & (Role.STEM_SUFFIX | Role.DEPENDENT):
        return not before.roles & Role.FINAL
    if morpheme.grammar.part_of_speech is TokenPartOfSpeech.PARTICLE:
        return morpheme.surface in _PARTICLES or (morpheme.surface == "に" and before.surface == "ず")
    return False


@lru_cache(maxsize=1 << 14)
def inflections_between(surface: str, dictionary_form: str, classes: int) -> tuple[Inflection, ...] | None:
    """Return the inflections that make the surface of the dictionary form; None if it is no form of it."""
    if len(surface) > MAX_LENGTH:
        return None
    return () if surface == dictionary_form else find_chain(hiragana(surface), hiragana(dictionary_form), classes)
