"""Morphemes of a sentence, by SudachiPy with its small dictionary."""

import re
from functools import cache
from threading import local
from typing import TYPE_CHECKING, NamedTuple

from analysis.numbers import is_counted, is_number
from analysis.parts_of_speech import Grammar, Role, TokenPartOfSpeech, grammar_of
from domain.inflection import WordClass

if TYPE_CHECKING:
    from sudachipy import Dictionary, MorphemeList, Tokenizer
    from sudachipy import Morpheme as SudachiMorpheme

# Only morphemes that Sudachi does not know are longer. They are cut, so that the sizes of tokens are bounded.
MAX_LENGTH = 60
_SURROGATES = re.compile("[\ud800-\udfff]")
_FIELDS = {"surface", "pos", "normalized_form", "dictionary_form", "reading_form"}
_NUMERAL = Grammar(TokenPartOfSpeech.NUMERAL, Role.NOMINAL | Role.NUMERAL, 0)
_COUNTER = Grammar(TokenPartOfSpeech.SUFFIX, Role.NOMINAL, 0)
_GODAN = int(WordClass.GODAN | WordClass.GODAN_IKU)
# The kana of the う-row by that of the え-row, for potential verbs: 書ける is a form of 書く.
_GODAN_ENDINGS = dict(zip("えけげせてねべめれ", "うくぐすつぬぶむる", strict=True))


class Morpheme(NamedTuple):
    """The smallest unit with a meaning. `reading`: Sudachi's, in katakana for words that it knows."""

    surface: str
    dictionary_form: str
    reading: str
    grammar: Grammar
    is_number: bool = False


_tokenizers = local()
# By Sudachi's id of the word and the surface, which differ in width and case.
_known: dict[tuple[int, str], tuple[Morpheme, ...]] = {}
_MAX_KNOWN = 1 << 15


@cache
def _dictionary() -> "Dictionary":
    # Imported late, because most commands and requests analyse no text. The dictionary of 110 MB is mapped into memory.
    from sudachipy import Dictionary

    return Dictionary(dict="small")


def _tokenizer() -> "tuple[Tokenizer, MorphemeList]":
    """A tokenizer of this thread, which raises an error in others while it is in use, and a list for its results."""
    found: tuple[Tokenizer, MorphemeList] | None = getattr(_tokenizers, "tokenizer", None)
    if found is None:
        tokenizer = _dictionary().tokenizer(fields=_FIELDS)
        found = _tokenizers.tokenizer = tokenizer, tokenizer.tokenize("")
    return found


@cache
def _grammar(part_of_speech_id: int) -> Grammar:
    part_of_speech = _dictionary().pos_of(part_of_speech_id)
    if part_of_speech is None:
        raise LookupError(f"Sudachi has no part of speech {part_of_speech_id}.")
    return grammar_of(part_of_speech)


def tokenize(sentence: str) -> "MorphemeList":
    """Return Sudachi's morphemes of a sentence, until the next call in the same thread, which fills the same list.

    Raises SudachiError for more than 49,149 bytes.
    """
    tokenizer, out = _tokenizer()
    # Rust strings have no lone surrogates. A replacement is one character, too, so that all positions stay.
    return tokenizer.tokenize(_SURROGATES.sub("\ufffd", sentence), out=out)


def morphemes_of(sentence: str) -> list[Morpheme]:
    """Return the morphemes of a sentence; their surfaces, joined, are the sentence. Raises as `tokenize`."""
    found: list[Morpheme] = []
    position = 0
    for morpheme in tokenize(sentence):
        end = morpheme.end()
        if end <= position:
            # Characters such as ㍿ stand for several morphemes, of which the first has the whole surface.
            continue
        surface = sentence[position:end]
        position = end
        # Reading the fields of a morpheme takes longer than finding it.
        key = morpheme.word_id(), surface
        known = _known.get(key)
        if known is None:
            known = _new_morphemes(morpheme, surface)
            # Words that Sudachi does not know have no id of their own.
            if not morpheme.is_oov():
                if len(_known) >= _MAX_KNOWN:
                    _known.clear()
                _known[key] = known
        found += known
    return found


def _new_morphemes(morpheme: "SudachiMorpheme", surface: str) -> tuple[Morpheme, ...]:
    grammar = _grammar(morpheme.part_of_speech_id())
    dictionary_form = morpheme.dictionary_form()
    if grammar.roles & Role.VERB:
        godan = _godan_verb(dictionary_form, morpheme.normalized_form())
        if godan is not None:
            dictionary_form = godan
            grammar = Grammar(grammar.part_of_speech, grammar.roles, _GODAN)
    if grammar.part_of_speech is TokenPartOfSpeech.PROPER_NOUN and (is_number(surface) or is_counted(surface)):
        # 八十 and 三本 are names, too.
        return _number(surface)
    if len(surface) > MAX_LENGTH:
        parts = (surface[start : start + MAX_LENGTH] for start in range(0, len(surface), MAX_LENGTH))
        return tuple(Morpheme(part, part, "", grammar) for part in parts)
    return (Morpheme(surface, dictionary_form, morpheme.reading_form(), grammar, is_number(surface)),)


def _number(surface: str) -> tuple[Morpheme, ...]:
    """Return the morphemes of a number in kanji, with or without a counter of one character."""
    number = surface if is_number(surface) else surface[:-1]
    first = Morpheme(number, number, "", _NUMERAL, is_number=True)
    return (first,) if number == surface else (first, Morpheme(surface[-1], surface[-1], "", _COUNTER))


def _godan_verb(dictionary_form: str, normalized_form: str) -> str | None:
    """Return the verb of which the dictionary form is the potential: 書く for 書ける."""
    ending = _GODAN_ENDINGS.get(dictionary_form[-2:-1])
    if ending is None or not dictionary_form.endswith("る") or normalized_form[-1:] != ending or ending == "る":
        # 切れる is a verb of its own in Sudachi's dictionary, like most verbs in -れる.
        return None
    return dictionary_form[:-2] + ending
