"""Deinflection: the dictionary forms that an inflected form can have."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from domain.inflection.deinflection.endings import HONORIFIC_RULES, RULES
from domain.inflection.deinflection.kinds import ANY, ANY_LAST, KINDS_BY_LAST, START, WORDS
from domain.inflection.deinflection.rules import CODES, Rule, Trie
from domain.inflection.inflections import Inflection
from domain.inflection.word_classes import WordClass

MAX_LENGTH = 64
MAX_CANDIDATES = 64
_MAX_DEPTH = 12

_SURU = int(WordClass.SURU)
_SURU_NOUN = int(WordClass.SURU_NOUN)
# The stem of an ichidan verb ends in i or e, or in kanji.
_ICHIDAN_KANA = frozenset(
    "いきぎしじちぢにひびみりえけげせぜてでねへべめれイキギシジチヂニヒビミリエケゲセゼテデネヘベメレ々"
)
_HONORIFIC_PREFIXES = frozenset("おご御")
_INFLECTION_OF = {code: inflection for inflection, code in CODES.items()}


class Candidate(NamedTuple):
    """A dictionary form that the text can be a form of."""

    form: str
    classes: WordClass
    """The word must have one of these classes. `NONE` for the text itself, which may be any word."""
    chain: tuple[Inflection, ...]
    """The inflections, from the dictionary form outward."""


def deinflect(text: str) -> list[Candidate]:
    """Candidates for the dictionary form of `text`: itself, then those with fewer endings removed first.

    Most are no words: look each up with its classes. Kana are compared as they are, so fold katakana such as タベタ
    before. A string of more than `MAX_LENGTH` characters has no candidate but itself, and none has more than
    `MAX_CANDIDATES`.
    """
    if not text:
        return []
    found: dict[tuple[str, str], int] = {}
    for form, chain, kinds in _derive(text):
        found[form, chain] = kinds
    candidates = [Candidate(text, WordClass.NONE, ())]
    for (form, chain), kinds in found.items():
        if kinds & WORDS:
            candidates.append(Candidate(form, _word_classes(kinds & WORDS), _inflections(chain)))
    return candidates[:MAX_CANDIDATES]


def find_chain(text: str, form: str, classes: int) -> tuple[Inflection, ...] | None:
    """Return the inflections that make `text` of a dictionary form of one of these classes; None if there are none.

    As the first candidate of `deinflect` with this form. Takes about half of the time, because it ends there.
    """
    if text == form:
        return ()
    for found, chain, kinds in _derive(text) if text else ():
        if found == form and (kinds & WORDS & classes or (kinds & WORDS and not chain)):
            return _inflections(chain)
    return None


def _derive(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield forms with their chain and kinds, those with fewer endings removed first; again if one has more kinds."""
    found: dict[tuple[str, str], int] = {}
    forms = [(text, ANY, "", 0)] if len(text) <= MAX_LENGTH else []
    for form, kinds, chain, used in forms:
        if kinds & _SURU and form.endswith("する"):
            for noun in (form[:-2], form[:-2].removesuffix("を")):
                if noun:
                    known = found[noun, chain] = found.get((noun, chain), 0) | _SURU_NOUN
                    yield noun, chain, known
        if len(chain) >= _MAX_DEPTH:
            continue
        matching = _matching(RULES, form, kinds, used)
        if form[0] in _HONORIFIC_PREFIXES:
            matching += _matching(HONORIFIC_RULES, form[1:], kinds, used)
        for stem, rule in matching:
            base = stem + rule.ending
            if not base:
                continue
            ends_as = ANY_LAST | KINDS_BY_LAST.get(base[-1], 0) if len(base) > 1 else ANY_LAST
            base_kinds = rule.base & ends_as
            key = base, rule.chain + chain
            known = found.get(key, 0)
            if not base_kinds & ~known:
                continue
            found[key] = known | base_kinds
            yield base, key[1], known | base_kinds
            forms.append((base, base_kinds, key[1], used | rule.used))
        if len(found) >= MAX_CANDIDATES:
            return


def _matching(rules: Trie, text: str, kinds: int, used: int) -> list[tuple[str, Rule]]:
    """The rules that apply to a form, each with the text before its ending."""
    matching = []
    node: Trie | None = rules
    index = len(text)
    while node is not None:
        for rule in node.rules:
            surface, _, _, _, _, excluded, is_ichidan = rule
            if surface & kinds and not excluded & used:
                if is_ichidan and (index <= 0 or not _ends_ichidan_stem(text[index - 1])):
                    continue
                matching.append((text[:index] if index > 0 else "", rule))
        index -= 1
        if index < -1:
            break
        node = node.children.get(text[index] if index >= 0 else START)
    return matching


def _ends_ichidan_stem(character: str) -> bool:
    return character in _ICHIDAN_KANA or "\u3400" <= character <= "\u9fff"


@lru_cache(maxsize=1024)
def _word_classes(kinds: int) -> WordClass:
    return WordClass(kinds)


@lru_cache(maxsize=4096)
def _inflections(chain: str) -> tuple[Inflection, ...]:
    return tuple(_INFLECTION_OF[code] for code in chain)
