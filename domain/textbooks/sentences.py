"""Selects usable example sentences of a word.

The source assigns sentences by substring, so that many contain the characters inside another word (手 in 手伝う), and
many translations are free. A sentence is usable if it contains the whole word, and its translation a meaning of it.
"""

import re
from dataclasses import dataclass

from domain.kanji_characters import KANJI_RANGES
from domain.text import without_notes
from domain.textbooks.model import Example, Word

_BETWEEN_SPELLINGS = re.compile(r"[/／、\s]+")
_ENGLISH_WORD = re.compile(r"[a-z]{2,}")
_MAX_SENTENCE_LENGTH = 60
# Words that do not identify a meaning.
_FUNCTION_WORDS = frozenset(
    _ENGLISH_WORD.findall(
        "an the to of be is in on at by for from with and or not up out off down over into back away as "
        "one something someone person who what that this it"
    )
)
# Sentences with these words are not suitable for textbooks.
_UNSUITABLE = frozenset({"fuck", "gay", "naked", "sexual", "suicide", "urine"})

_KANJI = re.compile(f"[{KANJI_RANGES}々]")
_KATAKANA = re.compile("[ァ-ー]")
_HIRAGANA = re.compile("[ぁ-ゖ]")
# Hiragana that can precede or follow a whole word: particles, the copula, sentence endings.
_BEFORE = "はがをにでともへやかの"
_AFTER = "はがをにでともへやかねよのだなさ"


@dataclass(frozen=True, slots=True)
class Sentence:
    """An example sentence, split at the word in its spelling there."""

    word: Word
    before: str
    spelling: str
    after: str
    english: str

    @property
    def japanese(self) -> str:
        return self.before + self.spelling + self.after


def usable_sentences(word: Word) -> tuple[Sentence, ...]:
    """The usable sentences, in the order of the word's examples."""
    return tuple(sentence for example in word.examples if (sentence := _usable(word, example)))


def spellings_of(word: Word) -> list[str]:
    return list(filter(None, _BETWEEN_SPELLINGS.split(word.word)))


def kanji_in(text: str) -> set[str]:
    return set(_KANJI.findall(text))


def _usable(word: Word, example: Example) -> Sentence | None:
    if len(example.japanese) > _MAX_SENTENCE_LENGTH or not _is_translated(word, example.english):
        return None
    for spelling in spellings_of(word):
        for match in re.finditer(re.escape(spelling), example.japanese):
            before, after = example.japanese[: match.start()], example.japanese[match.end() :]
            if _is_word_start(before[-1:], spelling) and _is_word_end(spelling, after[:1]):
                return Sentence(word, before, spelling, after, example.english)
    return None


def _is_word_start(before: str, spelling: str) -> bool:
    """Whether a word can start after this character, which is empty at the start of the sentence."""
    if _HIRAGANA.match(spelling):
        return not _KANJI.match(before) and (not _HIRAGANA.match(before) or before in _BEFORE)
    return not (_KATAKANA if _KATAKANA.match(spelling) else _KANJI).match(before)


def _is_word_end(spelling: str, after: str) -> bool:
    """Whether a word can end before this character, which is empty at the end of the sentence."""
    last = spelling[-1]
    if _KATAKANA.match(last):
        return not _KATAKANA.match(after)
    if _KANJI.match(last) and _KANJI.match(after):
        return False
    # Okurigana, as in 食べる, mark the end of the word.
    is_inflected = _HIRAGANA.match(last) and _KANJI.search(spelling)
    return bool(is_inflected) or not _HIRAGANA.match(after) or after in _AFTER


def _is_translated(word: Word, english: str) -> bool:
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
