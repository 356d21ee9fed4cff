"""The closed sets of values that the database, the schema and the rules share."""

from enum import StrEnum


class JlptLevel(StrEnum):
    """Levels of the Japanese-Language Proficiency Test, easiest first."""

    N5 = "N5"
    N4 = "N4"
    N3 = "N3"
    N2 = "N2"
    N1 = "N1"


class CacheControlScope(StrEnum):
    """For whom a value may be kept."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class Role(StrEnum):
    """What a person may do. Each role may do all that the ones before it may."""

    LEARNER = "learner"
    EDITOR = "editor"
    ADMIN = "admin"


class Scheduler(StrEnum):
    """The algorithm that decides when a card is due again."""

    SM2 = "SM2"
    FSRS = "FSRS"


class CardState(StrEnum):
    """Where a card stands in learning."""

    NEW = "NEW"
    LEARNING = "LEARNING"
    REVIEW = "REVIEW"
    RELEARNING = "RELEARNING"


class ReadingStatus(StrEnum):
    """How far a learner is with a book."""

    NOT_STARTED = "NOT_STARTED"
    READING = "READING"
    FINISHED = "FINISHED"


class TextbookStatus(StrEnum):
    """Whether a textbook's chapters are there."""

    GENERATING = "GENERATING"
    READY = "READY"
    FAILED = "FAILED"


class JobKind(StrEnum):
    """What a job does."""

    GENERATE_TEXTBOOK = "GENERATE_TEXTBOOK"
    EXPORT = "EXPORT"
    REFRESH_ANALYTICS = "REFRESH_ANALYTICS"
    CLEANUP = "CLEANUP"


class JobStatus(StrEnum):
    """Where a job stands. The last three are final, though a failed or cancelled job can be retried."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    RETRYING = "RETRYING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ExportKind(StrEnum):
    """What is exported."""

    REVIEWS = "REVIEWS"
    CARDS = "CARDS"
    LEARNERS = "LEARNERS"


class ExportFormat(StrEnum):
    """The form of an exported file."""

    CSV = "CSV"
    JSONL = "JSONL"


class HealthStatus(StrEnum):
    """How a part of the system is. DEGRADED: it works, slower or with less."""

    OK = "OK"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


class EventKind(StrEnum):
    """What happens once to a thing or a person, and has consequences outside of the request."""

    BOOK_FIRST_PUBLISHED = "BOOK_FIRST_PUBLISHED"
    LEARNER_FIRST_SIGNED_IN = "LEARNER_FIRST_SIGNED_IN"


class BookOrder(StrEnum):
    """How a list of books is sorted."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    TITLE = "TITLE"
    LEVEL = "LEVEL"


class SearchField(StrEnum):
    """What of a word matched a search."""

    WORD = "WORD"
    READING = "READING"
    ROMAJI = "ROMAJI"
    MEANING = "MEANING"


# A card with an interval of this many days or more counts as mature.
MATURE_INTERVAL_DAYS = 21
