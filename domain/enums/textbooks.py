"""Textbooks and exercises."""

from enum import StrEnum


class TextbookStatus(StrEnum):
    """The status of a textbook."""

    GENERATING = "GENERATING"
    READY = "READY"
    FAILED = "FAILED"


class ExerciseKind(StrEnum):
    """Kinds of exercises."""

    MATCHING = "MATCHING"
    GAP = "GAP"
    CHOICE = "CHOICE"
    TRANSLATION = "TRANSLATION"


class AnswerLanguage(StrEnum):
    """The language in which an exercise is answered."""

    JAPANESE = "JAPANESE"
    ENGLISH = "ENGLISH"
