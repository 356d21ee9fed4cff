"""Answers with kanji."""

import re

from domain.answers.model import INCORRECT, AcceptedAnswers, AnswerMatch
from domain.enums import AnswerResult
from domain.kanji_characters import KANJI_RANGES
from domain.search.folding import fold_japanese, has_kanji

_KANJI = re.compile(f"[{KANJI_RANGES}々〆]")
_KANJI_RUN = re.compile(f"[{KANJI_RANGES}々〆]+")
# A bound of the work: matching takes a power of the number of kanji.
_MAX_LENGTH = 20


def check_spelling(answer: str, accepted: AcceptedAnswers) -> AnswerMatch:
    """Compare an answer as it is written.

    CORRECT: a spelling, also with old forms of kanji and other widths of kana. WRONG_OKURIGANA: the kanji of one and
    its reading, but other kana are written after the kanji.
    """
    typed = fold_japanese(answer)
    if not typed:
        return INCORRECT
    irregular = frozenset(accepted.irregular_spellings)
    for ending in ("", *accepted.endings):
        for spelling in accepted.spellings:
            if typed == fold_japanese(spelling + ending):
                if spelling in irregular:
                    return AnswerMatch(AnswerResult.WRONG_OKURIGANA, accepted.spellings[0])
                return AnswerMatch(AnswerResult.CORRECT, spelling)
    if not accepted.is_read_as_word or not has_kanji(typed) or len(typed) > _MAX_LENGTH:
        return INCORRECT
    kanji = _KANJI.findall(typed)
    pattern: re.Pattern[str] | None = None
    for spelling in accepted.spellings:
        if _KANJI.findall(fold_japanese(spelling)) != kanji:
            continue
        pattern = pattern or _reading_of(typed)
        if any(pattern.fullmatch(fold_japanese(reading)) for reading in accepted.readings):
            return AnswerMatch(AnswerResult.WRONG_OKURIGANA, spelling)
    return INCORRECT


def _reading_of(spelling: str) -> re.Pattern[str]:
    """Return a pattern of the readings that a spelling can have: its kana, and any kana for its kanji."""
    parts: list[str] = []
    end = 0
    for run in _KANJI_RUN.finditer(spelling):
        parts += re.escape(spelling[end : run.start()]), f".{{{len(run[0])},}}"
        end = run.end()
    return re.compile("".join((*parts, re.escape(spelling[end:]))))
