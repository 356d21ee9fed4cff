"""Checks typed answers to cards: kana, kanji, romaji or English."""

from domain.answers.check import check_answer
from domain.answers.model import MAX_ANSWER_LENGTH, MAX_EXPECTED, AcceptedAnswers, AnswerMatch, validate_answer

__all__ = ["MAX_ANSWER_LENGTH", "MAX_EXPECTED", "AcceptedAnswers", "AnswerMatch", "check_answer", "validate_answer"]
