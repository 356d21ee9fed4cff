"""Corrections, reports and deleted content."""

from enum import StrEnum


class CorrectionKind(StrEnum):
    """What is corrected."""

    VOCABULARY = "VOCABULARY"
    SENTENCE = "SENTENCE"
    KANJI = "KANJI"


class CorrectionState(StrEnum):
    """Whether a correction has effect."""

    ACTIVE = "ACTIVE"
    OBSOLETE = "OBSOLETE"
    REVERTED = "REVERTED"


class ReportedType(StrEnum):
    """What learners report."""

    VOCABULARY = "VOCABULARY"
    SENTENCE = "SENTENCE"
    KANJI = "KANJI"
    CHAPTER = "CHAPTER"
    BOOK_PAGE = "BOOK_PAGE"
    EXERCISE = "EXERCISE"


class DeletedType(StrEnum):
    """What editors can restore."""

    BOOK = "BOOK"
    TEXTBOOK = "TEXTBOOK"
    CHAPTER = "CHAPTER"


class ReportReason(StrEnum):
    """What is wrong."""

    WRONG_READING = "WRONG_READING"
    WRONG_MEANING = "WRONG_MEANING"
    WRONG_TRANSLATION = "WRONG_TRANSLATION"
    WRONG_ANSWER = "WRONG_ANSWER"
    SPELLING = "SPELLING"
    INAPPROPRIATE = "INAPPROPRIATE"
    OTHER = "OTHER"


class ReportState(StrEnum):
    """The state of a report."""

    OPEN = "OPEN"
    ASSIGNED = "ASSIGNED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


class ReportResolution(StrEnum):
    """How an editor closes a report."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
