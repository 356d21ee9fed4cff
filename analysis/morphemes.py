"""Morphemes of a sentence, by SudachiPy with its small dictionary."""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from threading import local
from typing import TYPE_CHECKING

from analysis.counters import counter_reading, is_counted, starts_with_place
from analysis.numbers import is_number
from analysis.parts_of_speech import Grammar, Role, TokenPartOfSpeech, grammar_of
from analysis.verbs import ENDINGS_OF_STEMS, GODAN, IMPERATIVE_ENDINGS, ichidan_verb_of, potential_base, verb_of
from domain.inflection import WordClass, find_chain
from domain.search.folding import has_kanji
from domain.search.kana import hiragana, is_kana

if TYPE_CHECKING:
    from sudachipy import Dictionary, MorphemeList, Tokenizer
    from sudachipy import Morpheme as SudachiMorpheme

# Only morphemes that Sudachi does not know are longer. They are cut, so that the sizes of tokens are bounded.
MAX_LENGTH = 60
_SURROGATES = re.compile("[\ud800-\udfff]")
_FIELDS = {"surface", "pos", "normalized_form", "dictionary_form", "reading_form"}
_NUMERAL = Grammar(TokenPartOfSpeech.NUMERAL, Role.NOMINAL | Role.NUMERAL, 0)
_COUNTER = Grammar(TokenPartOfSpeech.SUFFIX, Role.NOMINAL, 0)
_ICHIDAN_VERB = Grammar(TokenPartOfSpeech.VERB, Role.VERB, int(WordClass.ICHIDAN))
_ICHIDAN_IMPERATIVE = Grammar(TokenPartOfSpeech.VERB, Role.VERB | Role.FINAL, int(WordClass.ICHIDAN))
_AUXILIARY = Grammar(TokenPartOfSpeech.AUXILIARY, Role.AUXILIARY, 0)
_FINAL_AUXILIARY = Grammar(TokenPartOfSpeech.AUXILIARY, Role.AUXILIARY | Role.FINAL, 0)
_IMPERATIVE_ENDING = Grammar(TokenPartOfSpeech.PARTICLE, Role.AUXILIARY | Role.FINAL, 0)
# Other morphemes, except では, are words of their own.
_STARTS_WORD = Role.PREFIX | Role.SURU_NOUN | Role.VERB | Role.ADJECTIVE | Role.NA_ADJECTIVE | Role.COPULA
_ICHIDAN = int(WordClass.ICHIDAN)
_REPETITION = "々"
# What Sudachi splits of contractions of ておく, by how they start: 食べとこう, 読んどいて.
_CONTRACTIONS = {"と": frozenset(("こう",)), "ど": frozenset(("こう", "い", "き", "ける"))}
# After とか, which is of ておか then: 言っとかないと.
_NEGATIVES = frozenset(("ない", "なけれ", "なきゃ", "なく", "なかっ"))
_ENDS_OF_CONTRACTIONS = _NEGATIVES.union(*_CONTRACTIONS.values())
_MIN_LENGTH_OF_IMPERATIVE = 3
_READ_IN_CONTEXT = frozenset(("何", "数", "幾", "日", "米", "仏"))


# Not frozen, which would double the time to create one. Each new word needs some.
@dataclass(slots=True, eq=False)
class Morpheme:
    """The smallest unit with a meaning. `reading`: Sudachi's, in katakana for words that it knows.

    `roles`: those of its grammar. `base`: the godan verb of which it is a potential, or may be. `joins`: whether it may
    be one morpheme with the one before it, or change it. `usual_spelling`: as that of tokens. `is_alone`: whether no
    word of several morphemes starts with it. `is_read_in_context`: whether its reading, or that of the next one,
    depends on what is around. Compared by identity, so that words can be cached by their morphemes: one that is known
    is the same object each time.
    """

    surface: str
    dictionary_form: str
    reading: str
    grammar: Grammar
    is_number: bool = False
    base: str | None = None
    joins: bool = False
    usual_spelling: str | None = None
    roles: int = field(init=False)
    is_alone: bool = field(init=False)
    is_read_in_context: bool = field(init=False)

    def __post_init__(self) -> None:
        roles = self.grammar.roles | (Role.NUMERAL if self.is_number else Role.NONE)
        self.roles = roles
        self.joins = self.joins or self.base is not None
        self.is_alone = not (roles & _STARTS_WORD or self.surface == "で")
        self.is_read_in_context = bool(roles & Role.NUMERAL) or (
            self.surface in _READ_IN_CONTEXT or self.dictionary_form == "入る"
        )


_tokenizers = local()
# By Sudachi's id of the word: its last surface, which may differ in width and case, and the morphemes.
_known: dict[int, tuple[str, tuple[Morpheme, ...]]] = {}
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


def _classes_of_verbs(spelling: str) -> int:
    """Return the word classes of all verbs with this spelling."""
    classes = 0
    for found in _dictionary().lookup(spelling):
        grammar = _grammar(found.part_of_speech_id())
        if grammar.roles & Role.VERB:
            classes |= grammar.classes
    return classes


def is_godan_verb(spelling: str) -> bool:
    """Return whether Sudachi's dictionary has a godan verb with this spelling."""
    return bool(_classes_of_verbs(spelling) & GODAN)


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
        id = morpheme.word_id()
        known = _known.get(id)
        if known is not None and known[0] == surface:
            new = known[1]
            if new[0].joins and found:
                _append_joined(found, new)
            else:
                found += new
            continue
        new = _new_morphemes(morpheme, surface)
        # Words that Sudachi does not know have no id of their own.
        if not morpheme.is_oov():
            if len(_known) >= _MAX_KNOWN:
                _known.clear()
            _known[id] = surface, new
        if new[0].joins and found:
            _append_joined(found, new)
        else:
            found += new
    return found


def _append_joined(found: list[Morpheme], new: tuple[Morpheme, ...]) -> None:
    """Append a potential verb, a counted word or an ending, or replace the last morpheme by what both are together."""
    first, second = found[-1], new[0]
    if second.base is not None:
        joined = _joined_verb(first, second)
    elif second.surface == _REPETITION:
        joined = _repeated(first)
    elif second.surface in _ENDS_OF_CONTRACTIONS:
        joined = _joined_contraction(found, second)
    elif _is_ending(second.surface, second.dictionary_form):
        joined = _ended_verb(first, second, len(found) > 1 and found[-2].surface == "を")
    else:
        joined = _joined_number(first, second)
    if joined is None:
        found += new
    else:
        found[-1:] = joined + new[1:]


@lru_cache(maxsize=1 << 12)
def _joined_number(first: Morpheme, counted: Morpheme) -> tuple[Morpheme, ...] | None:
    """Return 二十 and 分 for 二 and 十分, which is a word, too."""
    is_before = first.is_number and first.surface[-1] != counted.surface[0]
    return _number(first.surface + counted.surface) if is_before else None


@lru_cache(maxsize=1 << 13)
def _joined_verb(first: Morpheme, verb: Morpheme) -> tuple[Morpheme, ...] | None:
    """Return the potential of a compound verb, which Sudachi splits: 締め and 切れ are forms of 締め切る."""
    if not (first.roles & (Role.VERB | Role.NOMINAL) and has_kanji(first.surface)):
        return None
    form = f"{first.surface}{verb.base}"
    if not is_godan_verb(form):
        return None
    grammar = Grammar(verb.grammar.part_of_speech, verb.grammar.roles, GODAN)
    return (Morpheme(first.surface + verb.surface, form, first.reading + verb.reading, grammar),)


def _may_join(surface: str, dictionary_form: str) -> bool:
    """Whether `_append_joined` has to see the morpheme."""
    is_part = surface == _REPETITION or surface in _ENDS_OF_CONTRACTIONS or starts_with_place(surface)
    return is_part or _is_ending(surface, dictionary_form)


def _is_ending(surface: str, dictionary_form: str) -> bool:
    """Whether a noun before the morpheme may be the stem of an ichidan verb."""
    is_causative = surface == "さ" and dictionary_form == "する"
    return is_causative or surface in IMPERATIVE_ENDINGS or dictionary_form in ENDINGS_OF_STEMS


def _joined_contraction(found: list[Morpheme], second: Morpheme) -> tuple[Morpheme, ...] | None:
    """Return とこう for the last morpheme and the second one; join the last two, if they are とか before ない."""
    first = found[-1]
    if second.surface in _CONTRACTIONS.get(first.surface, ()):
        return _contracted(found[-2], first, second) if len(found) > 1 else None
    if second.surface in _NEGATIVES and first.surface == "か" and len(found) > 2 and found[-2].surface == "と":
        contracted = _contracted(found[-3], found[-2], first)
        if contracted is not None:
            found[-2:] = contracted
    return None


@lru_cache(maxsize=1 << 10)
def _contracted(verb: Morpheme, start: Morpheme, end: Morpheme) -> tuple[Morpheme, ...] | None:
    """Return a form of とく or どく, if it follows the stem of the verb: とこう of 食べておこう."""
    form = f"{start.surface}く"
    if not verb.roles & Role.VERB or verb.roles & Role.FINAL:
        return None
    if find_chain(hiragana(verb.surface + form), hiragana(verb.dictionary_form), verb.grammar.classes) is None:
        return None
    is_final = end.surface == "こう" or end.roles & Role.FINAL
    grammar = _FINAL_AUXILIARY if is_final else _AUXILIARY
    return (Morpheme(start.surface + end.surface, form, start.reading + end.reading, grammar),)


@lru_cache(maxsize=1 << 8)
def _repeated(first: Morpheme) -> tuple[Morpheme, ...] | None:
    """Return a kanji with the mark that repeats it, which Sudachi splits in rare words: 厭々."""
    if not has_kanji(first.surface[-1]) or first.surface.endswith(_REPETITION):
        return None
    surface = f"{first.surface}{_REPETITION}"
    return (Morpheme(surface, surface, first.reading * 2 if len(first.surface) == 1 else "", first.grammar),)


@lru_cache(maxsize=1 << 12)
def _ended_verb(first: Morpheme, ending: Morpheme, is_after_object: bool) -> tuple[Morpheme, ...] | None:
    """Return an ichidan verb and its ending, where Sudachi takes the stem for a noun: 抑え and られ of 抑えられる."""
    is_imperative = ending.surface in IMPERATIVE_ENDINGS
    # これは負けよ。 is a noun, and so is 真似 of 真似させる.
    is_noun = first.roles & (Role.NOMINAL | Role.NA_ADJECTIVE)
    if not (is_noun or first.grammar.part_of_speech is TokenPartOfSpeech.ADVERB) or (
        is_imperative and not is_after_object
    ):
        return None
    if ending.surface == "さ" and first.roles & Role.SURU_NOUN:
        return None
    verb = ichidan_verb_of(first.surface, _classes_of_verbs)
    if verb is None:
        return None
    stem = Morpheme(first.surface, verb, first.reading, _ICHIDAN_VERB)
    grammar = _IMPERATIVE_ENDING if is_imperative else _AUXILIARY if ending.surface == "さ" else ending.grammar
    return stem, Morpheme(ending.surface, ending.dictionary_form, ending.reading, grammar)


def _new_morphemes(morpheme: "SudachiMorpheme", surface: str) -> tuple[Morpheme, ...]:
    grammar = _grammar(morpheme.part_of_speech_id())
    dictionary_form = morpheme.dictionary_form()
    base: str | None = None
    if grammar.roles & Role.VERB:
        if grammar.classes & _ICHIDAN:
            base = potential_base(dictionary_form)
        verb = verb_of(surface, dictionary_form, morpheme.normalized_form(), _classes_of_verbs)
        if verb is not None:
            dictionary_form, classes = verb
            grammar = Grammar(grammar.part_of_speech, grammar.roles, classes)
    elif surface[-1] == "ろ" and len(surface) >= _MIN_LENGTH_OF_IMPERATIVE:
        # かけろ is the crow of a cock, too.
        imperative = ichidan_verb_of(surface[:-1], _classes_of_verbs)
        if imperative is not None:
            dictionary_form, grammar = imperative, _ICHIDAN_IMPERATIVE
    is_name = grammar.part_of_speech is TokenPartOfSpeech.PROPER_NOUN
    if (is_name and is_number(surface)) or is_counted(surface, is_name=is_name):
        # 八十 and 三本 are names, too.
        return _number(surface)
    if len(surface) > MAX_LENGTH:
        parts = (surface[start : start + MAX_LENGTH] for start in range(0, len(surface), MAX_LENGTH))
        return tuple(Morpheme(part, part, "", grammar) for part in parts)
    joins = _may_join(surface, dictionary_form)
    usual = _usual_spelling(dictionary_form, morpheme.normalized_form(), grammar)
    return (
        Morpheme(surface, dictionary_form, morpheme.reading_form(), grammar, is_number(surface), base, joins, usual),
    )


def _usual_spelling(dictionary_form: str, normalized_form: str, grammar: Grammar) -> str | None:
    if not is_kana(dictionary_form):
        return None
    if dictionary_form == "よう" and grammar.roles & Role.STEM_SUFFIX:
        # Of 知っているようだ; Sudachi has no kanji for it.
        return "様"
    # いい and よい are different entries, of which each has a form in kana.
    return None if normalized_form == "良い" else normalized_form


def _number(surface: str) -> tuple[Morpheme, ...]:
    """Return the morphemes of a number in kanji, with or without a counter of one character."""
    number = surface if is_number(surface) else surface[:-1]
    first = Morpheme(number, number, "", _NUMERAL, is_number=True, joins=starts_with_place(number))
    if number == surface:
        return (first,)
    counter = surface[-1]
    return first, Morpheme(counter, counter, counter_reading(counter) or "", _COUNTER)
