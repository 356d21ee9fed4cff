"""The text of books, and lists of books and their words."""

from enum import StrEnum


class ReadingStatus(StrEnum):
    """A learner's reading status of a book."""

    NOT_STARTED = "NOT_STARTED"
    READING = "READING"
    FINISHED = "FINISHED"


class BookTextFormat(StrEnum):
    """How the marks in an imported text are read."""

    AOZORA = "AOZORA"
    PLAIN = "PLAIN"


class BookOrder(StrEnum):
    """Sort orders of books."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    TITLE = "TITLE"
    LEVEL = "LEVEL"
    COVERAGE = "COVERAGE"


class BookVocabularyOrder(StrEnum):
    """Sort orders of the words of a book."""

    FIRST_OCCURRENCE = "FIRST_OCCURRENCE"
    OCCURRENCES = "OCCURRENCES"
