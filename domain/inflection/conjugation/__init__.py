"""Conjugation: the forms of a word.

Written class by class from the stems that a grammar lists, and not from the rules of deinflection.
"""

from collections.abc import Iterator
from typing import NamedTuple

from domain.inflection.conjugation.adjectives import adjective_derivations, adjective_forms
from domain.inflection.conjugation.derived import Derived
from domain.inflection.conjugation.nouns import noun_derivations, noun_forms
from domain.inflection.conjugation.verb_stems import GODAN_ROWS, verb_stems
from domain.inflection.conjugation.verbs import verb_derivations, verb_forms
from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass


class Conjugation(NamedTuple):
    """A form of a word."""

    form: str
    chain: tuple[I, ...]
    """The inflections, from the dictionary form outward."""


def conjugate(word: str, word_class: WordClass, depth: int = 2) -> Iterator[Conjugation]:
    """Forms of a word of one class: the word itself, then usual forms before literary and contracted ones.

    `depth` is how many auxiliaries that inflect again follow each other before the last ending: none in 食べた, one in
    食べられた, two in 食べられたかった. Call it for each spelling of a word, such as its reading in kana.

    Raises:
        ValueError: the word cannot be of this class.
    """
    if not _is_possible(word, word_class):
        raise ValueError(f"{word} is no {word_class!r}")
    yield Conjugation(word, ())
    if word_class is WordClass.SURU_NOUN:
        yield from _forms(Derived(f"{word}する", WordClass.SURU, ()), depth)
    else:
        yield from _forms(Derived(word, word_class, ()), depth)


def _is_possible(word: str, word_class: WordClass) -> bool:
    match word_class:
        case WordClass.NOUN | WordClass.NA_ADJECTIVE | WordClass.SURU_NOUN:
            return bool(word)
        case WordClass.GODAN:
            return len(word) > 1 and word[-1] in GODAN_ROWS
        case WordClass.GODAN_IKU:
            return len(word) > 1 and word.endswith("く")
        case WordClass.GODAN_TOU:
            return len(word) > 1 and word.endswith("う")
        case WordClass.SURU_SPECIAL:
            return word.endswith(("する", "ずる"))
        case WordClass.SURU:
            return word.endswith(("する", "為る"))
        case WordClass.KURU:
            return word.endswith(("くる", "来る", "來る"))
        case WordClass.KURERU:
            return word.endswith(("くれる", "呉れる"))
        case WordClass.ARU:
            return word.endswith(("ある", "有る", "在る"))
        case WordClass.I_ADJECTIVE:
            return len(word) > 1 and word.endswith("い")
        case WordClass.II:
            return word.endswith(("いい", "良い", "好い", "善い", "よい"))
        case WordClass.ICHIDAN | WordClass.GODAN_ARU:
            return len(word) > 1 and word.endswith("る")
        case _:
            return False


def _forms(word: Derived, depth: int) -> Iterator[Conjugation]:
    """The forms of a word, except itself."""
    if word.word_class in (WordClass.I_ADJECTIVE, WordClass.II):
        endings = adjective_forms(word.form, word.word_class)
        is_negative = word.chain[-1:] == (I.NEGATIVE,) or word.form in ("ない", "無い")
        derived = adjective_derivations(word.form, word.word_class, is_negative=is_negative)
    elif word.word_class in (WordClass.NA_ADJECTIVE, WordClass.NOUN):
        endings = noun_forms(word.form, word.word_class)
        derived = noun_derivations(word.form, word.word_class)
    else:
        stems = verb_stems(word.form, word.word_class)
        endings = verb_forms(word.form, stems, word.word_class)
        derived = verb_derivations(word.form, stems, word.word_class)

    following = [
        Derived(form, word_class, word.chain + chain)
        for form, word_class, chain in derived
        if _follows(word.chain, chain)
    ]
    for form, _, chain in following:
        yield Conjugation(form, chain)
    for form, chain in endings:
        if _follows(word.chain, chain):
            yield Conjugation(form, word.chain + chain)
    if depth:
        for each in following:
            yield from _forms(each, depth - 1)


# Auxiliaries follow each other in this order; those of one group exclude each other.
_ORDER = {
    inflection: position
    for position, group in enumerate(
        (
            (I.CAUSATIVE,),
            (I.PASSIVE, I.HONORIFIC, I.HUMBLE),
            (I.POTENTIAL,),
            (I.TE_OKU, I.TE_MIRU, I.TE_IKU, I.TE_KURU, I.TE_ARU, I.START, I.CONTINUE, I.FINISH),
            (I.TE_SHIMAU,),
            (I.TE_AGERU, I.TE_YARU, I.TE_MORAU, I.TE_KURERU),
            (I.PROGRESSIVE,),
            (I.DESIDERATIVE, I.TENDENCY, I.EASY, I.DIFFICULT, I.TE_HOSHII, I.COPULA, I.RESEMBLING),
            (I.GARU,),
            (I.NEGATIVE, I.OBLIGATION, I.PERMISSION, I.PROHIBITIVE),
            (I.EXCESSIVE, I.BECOME),
            (I.APPEARANCE, I.NOMINALIZATION),
            (I.PRESUMPTIVE, I.HEARSAY),
        )
    )
    for inflection in group
}


def _follows(chain: tuple[I, ...], following: tuple[I, ...]) -> bool:
    if not chain or not following:
        return True
    if I.PRESUMPTIVE in chain and I.PRESUMPTIVE in following:
        return False
    last = max(_ORDER.get(inflection, 0) for inflection in chain)
    first = _ORDER.get(following[0])
    return first is None or first > last
