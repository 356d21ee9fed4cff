"""Which example sentences a learner can learn a word from.

Sentences are found by the letters of a word, so many hold those letters inside another word (手 in 手伝う), and many
translations are free. A sentence is used when the word stands alone in it and the English says what the word means.
"""

import re
from dataclasses import dataclass

from domain.textbooks.model import Example, Word
from domain.textbooks.text import without_notes

_SPELLINGS = re.compile(r"[/／、\s]+")
_ENGLISH_WORD = re.compile(r"[a-z]{2,}")
_LONGEST_SENTENCE = 60
# Words that say nothing about a meaning.
_FUNCTION_WORDS = frozenset(
    _ENGLISH_WORD.findall(
        "an the to of be is in on at by for from with and or not up out off down over into back away as "
        "one something someone person who what that this it"
    )
)
# Sentences that a class would not read aloud.
_UNSUITABLE = frozenset({"fuck", "gay", "naked", "sexual", "suicide", "urine"})

_KANJI = re.compile("[一-鿿々]")
_KATAKANA = re.compile("[ァ-ー]")
_HIRAGANA = re.compile("[ぁ-ゖ]")
# Hiragana that can stand before or after a whole word: particles, the copula, what ends a sentence.
_BEFORE = "はがをにでともへやかの"
_AFTER = "はがをにでともへやかねよのだなさ"


@dataclass(frozen=True, slots=True)
class Sentence:
    """An example sentence, cut around the word as it is spelt there."""

    word: Word
    before: str
    spelling: str
    after: str
    english: str

    @property
    def japanese(self) -> str:
        return self.before + self.spelling + self.after


def usable_sentences(word: Word) -> tuple[Sentence, ...]:
    """In the order of the word's examples."""
    return tuple(sentence for example in word.examples if (sentence := _usable(word, example)))


def kanji_in(text: str) -> set[str]:
    return set(_KANJI.findall(text))


def _usable(word: Word, example: Example) -> Sentence | None:
    if len(example.japanese) > _LONGEST_SENTENCE or not _is_said(word, example.english):
        return None
    for spelling in filter(None, _SPELLINGS.split(word.word)):
        for match in re.finditer(re.escape(spelling), example.japanese):
            before, after = example.japanese[: match.start()], example.japanese[match.end() :]
            if _begins(before[-1:], spelling) and _ends(spelling, after[:1]):
                return Sentence(word, before, spelling, after, example.english)
    return None


def _begins(before: str, spelling: str) -> bool:
    """Whether a word can begin here. `before`: one character, or nothing."""
    if _HIRAGANA.match(spelling):
        return not _KANJI.match(before) and (not _HIRAGANA.match(before) or before in _BEFORE)
    return not (_KATAKANA if _KATAKANA.match(spelling) else _KANJI).match(before)


def _ends(spelling: str, after: str) -> bool:
    """Whether a word can end here. `after`: one character, or nothing."""
    last = spelling[-1]
    if _KATAKANA.match(last):
        return not _KATAKANA.match(after)
    if _KANJI.match(last) and _KANJI.match(after):
        return False
    # After kanji with kana, as in 食べる, the kana say where the word ends.
    is_inflected = _HIRAGANA.match(last) and _KANJI.search(spelling)
    return bool(is_inflected) or not _HIRAGANA.match(after) or after in _AFTER


def _is_said(word: Word, english: str) -> bool:
    said = set(_ENGLISH_WORD.findall(english.lower()))
    meant = {term for meaning in word.meanings for term in _ENGLISH_WORD.findall(without_notes(meaning.lower()))}
    return not said & _UNSUITABLE and any(said & _forms(term) for term in meant - _FUNCTION_WORDS)


def _forms(term: str) -> set[str]:
    """The regular inflections of an English word."""
    stems = {term, term + term[-1]}
    if term.endswith("e"):
        stems.add(term[:-1])
    if term.endswith("y"):
        stems.add(term[:-1] + "i")
    return {term} | {stem + ending for stem in stems for ending in ("s", "es", "d", "ed", "ing")}
