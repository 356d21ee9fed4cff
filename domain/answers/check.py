"""Checks an answer by what its card asks."""

from typing import assert_never

from domain.answers.meanings import check_meaning
from domain.answers.model import INCORRECT, AcceptedAnswers, AnswerMatch
from domain.answers.readings import check_reading
from domain.answers.spellings import check_spelling
from domain.enums import AnswerResult, CardKind
from domain.search.folding import has_kanji

_CORRECT = AnswerResult.CORRECT


def check_answer(kind: CardKind, answer: str, accepted: AcceptedAnswers) -> AnswerMatch:
    """Compare an answer to a card of a kind with what is accepted.

    WRONG_FIELD: what is right for another kind of card, such as the reading where the meaning is asked. Any string can
    be compared; `settle` the result.
    """
    match kind:
        case CardKind.RECOGNITION:
            return _check_recognition(answer, accepted)
        case CardKind.READING:
            return _check_reading(answer, accepted)
        case CardKind.RECALL:
            return _check_recall(answer, accepted)
        case _:
            assert_never(kind)


def _check_recognition(answer: str, accepted: AcceptedAnswers) -> AnswerMatch:
    found = check_meaning(answer, accepted.meanings)
    if found.result is _CORRECT:
        return found
    for other in (check_reading(answer, accepted), check_spelling(answer, accepted)):
        if other.result is _CORRECT and not other.search_keys:
            return AnswerMatch(AnswerResult.WRONG_FIELD, other.accepted)
    return found


def _check_reading(answer: str, accepted: AcceptedAnswers) -> AnswerMatch:
    found = check_reading(answer, accepted)
    if found.result in (_CORRECT, AnswerResult.WRONG_READING):
        return found
    return _of_other_field(answer, accepted, spelling=True) or found


def _check_recall(answer: str, accepted: AcceptedAnswers) -> AnswerMatch:
    written = check_spelling(answer, accepted)
    if written.result is not AnswerResult.INCORRECT:
        return written
    found = check_reading(answer, accepted)
    if not accepted.is_read_as_word:
        is_reading = found.result is _CORRECT
        found = AnswerMatch(AnswerResult.WRONG_FIELD, found.accepted) if is_reading else INCORRECT
    if found.result in (_CORRECT, AnswerResult.WRONG_READING):
        return found
    return _of_other_field(answer, accepted, spelling=False) or found


def _of_other_field(answer: str, accepted: AcceptedAnswers, *, spelling: bool) -> AnswerMatch | None:
    others = [check_meaning(answer, accepted.meanings)]
    if spelling and has_kanji(answer):
        others.append(check_spelling(answer, accepted))
    for other in others:
        if other.result is _CORRECT:
            return AnswerMatch(AnswerResult.WRONG_FIELD, other.accepted)
    return None
