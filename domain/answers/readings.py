"""Answers in kana or romaji."""

from collections.abc import Iterable, Sequence

from domain.answers.edit_distance import edit_distance, max_typing_errors
from domain.answers.model import INCORRECT, AcceptedAnswers, AnswerMatch
from domain.enums import AnswerResult
from domain.furigana import furigana
from domain.search.folding import fold_japanese, has_kanji
from domain.search.index_keys import READING
from domain.search.kana import is_kana, kana_of_romaji, latin_letters, phonetic, phonetic_of_kana, romaji
from domain.search.typed_readings import has_macron, is_latin, is_same_kana
from domain.search.typos import typos

# Bounds of the work. The longest reading of the dictionary has 37 kana.
_MAX_KANA, _MAX_SPELLINGS = 60, 4


def check_reading(answer: str, accepted: AcceptedAnswers) -> AnswerMatch:
    """Compare an answer in kana or romaji with the readings.

    CORRECT: a reading in any kana and any system of romaji, also without its long vowels unless that is another word.
    WRONG_READING: each kanji has this reading in other words. CLOSE: a typing error that does not make another word.
    """
    kana = fold_japanese(answer)
    if len(answer) > 2 * _MAX_KANA:
        return INCORRECT
    if is_kana(kana):
        return _check_kana(kana, accepted)
    return _check_romaji(answer, accepted) if is_latin(answer) else INCORRECT


def _check_kana(kana: str, accepted: AcceptedAnswers) -> AnswerMatch:
    readings = list(_with_endings(accepted))
    for reading, folded in readings:
        if is_same_kana(kana, folded):
            return AnswerMatch(AnswerResult.CORRECT, reading)
    if accepted.readings and _has_readings_of_kanji((kana,), accepted):
        return AnswerMatch(AnswerResult.WRONG_READING, accepted.readings[0])
    for reading, folded in readings:
        is_typo = kana in typos(folded) or folded in typos(kana) or phonetic_of_kana(kana) == phonetic_of_kana(folded)
        if is_typo and len(folded) > 1:
            return AnswerMatch(AnswerResult.CLOSE, reading, frozenset((READING + kana,)))
    return INCORRECT


def _check_romaji(answer: str, accepted: AcceptedAnswers) -> AnswerMatch:
    kana, letters = kana_of_romaji(answer), latin_letters(answer)
    if not letters:
        return INCORRECT
    typed, sound = set(map(romaji, kana)), phonetic(letters)
    is_long = has_macron(answer)
    readings = [(reading, romaji(folded)) for reading, folded in _with_endings(accepted)]
    for reading, latin in readings:
        if latin in typed or (is_long and sound == phonetic(latin)):
            return AnswerMatch(AnswerResult.CORRECT, reading)
    keys = frozenset(READING + reading for reading in kana)
    for reading, latin in readings:
        if kana and sound == phonetic(latin):
            return AnswerMatch(AnswerResult.CORRECT, reading, keys, AnswerResult.CLOSE)
    if accepted.readings and _has_readings_of_kanji(kana, accepted):
        return AnswerMatch(AnswerResult.WRONG_READING, accepted.readings[0])
    for reading, latin in readings:
        plain = latin_letters(latin)
        limit = max_typing_errors(min(len(letters), len(plain)))
        if limit and edit_distance(letters, plain, limit) <= limit:
            return AnswerMatch(AnswerResult.CLOSE, reading, keys)
    return INCORRECT


def _with_endings(accepted: AcceptedAnswers) -> Iterable[tuple[str, str]]:
    """Yield readings with their folded forms, also of the word with an ending."""
    for ending in ("", *accepted.endings):
        for reading in accepted.readings:
            yield reading, fold_japanese(reading + ending)


def _has_readings_of_kanji(candidates: Sequence[str], accepted: AcceptedAnswers) -> bool:
    known = accepted.kanji_readings

    def readings(character: str) -> frozenset[str]:
        return known.get(character, frozenset())

    for spelling in [spelling for spelling in accepted.spellings if has_kanji(spelling)][:_MAX_SPELLINGS]:
        for kana in candidates:
            segments = furigana(spelling, kana, readings)
            previous = ""
            for segment in segments:
                character = previous if segment.text == "々" else segment.text
                if segment.reading is not None and segment.reading not in readings(character):
                    break
                previous = segment.text[-1]
            else:
                return True
    return False
