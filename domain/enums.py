"""Enums shared by the database, the schema and the domain."""

from enum import StrEnum


class JlptLevel(StrEnum):
    """Levels of the Japanese-Language Proficiency Test, easiest first."""

    N5 = "N5"
    N4 = "N4"
    N3 = "N3"
    N2 = "N2"
    N1 = "N1"


class CacheControlScope(StrEnum):
    """Whether a cached value is shared."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class Role(StrEnum):
    """Roles, lowest first. A role includes the permissions of those before it."""

    LEARNER = "learner"
    EDITOR = "editor"
    ADMIN = "admin"


class Scheduler(StrEnum):
    """Scheduling algorithms."""

    SM2 = "SM2"
    FSRS = "FSRS"


class CardState(StrEnum):
    """The learning state of a card."""

    NEW = "NEW"
    LEARNING = "LEARNING"
    REVIEW = "REVIEW"
    RELEARNING = "RELEARNING"


class Maturity(StrEnum):
    """How well a card is known, by its interval. LEARNING: less than a day. MATURE: 21 days or more."""

    NEW = "NEW"
    LEARNING = "LEARNING"
    YOUNG = "YOUNG"
    MATURE = "MATURE"


class StatisticsUnit(StrEnum):
    """The length of the periods of statistics. Weeks start on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class StudyQueue(StrEnum):
    """The queues of a study session. LEARNING: due by the minute. REVIEW: due by the learner's day."""

    NEW = "NEW"
    LEARNING = "LEARNING"
    REVIEW = "REVIEW"


class CardKind(StrEnum):
    """What a card asks. Cards of one subject with different kinds are siblings.

    RECOGNITION: the meaning of a word or a kanji. RECALL: the word or the kanji of a meaning. READING: the reading.
    """

    RECOGNITION = "RECOGNITION"
    RECALL = "RECALL"
    READING = "READING"


class AnswerResult(StrEnum):
    """How an answer compares with the expected ones."""

    CORRECT = "CORRECT"
    CLOSE = "CLOSE"
    WRONG_OKURIGANA = "WRONG_OKURIGANA"
    WRONG_READING = "WRONG_READING"
    WRONG_FIELD = "WRONG_FIELD"
    INCORRECT = "INCORRECT"


class NewCardMix(StrEnum):
    """Where new cards stand among the reviews of a study session."""

    MIXED = "MIXED"
    FIRST = "FIRST"
    LAST = "LAST"


class NewCardOrder(StrEnum):
    """The order in which new cards are introduced. RANDOM: differs by learner and day."""

    LEVEL_AND_FREQUENCY = "LEVEL_AND_FREQUENCY"
    AS_ADDED = "AS_ADDED"
    RANDOM = "RANDOM"


class CardOrder(StrEnum):
    """Sort orders of cards."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    DUE_FIRST = "DUE_FIRST"
    DUE_LAST = "DUE_LAST"
    MOST_LAPSES = "MOST_LAPSES"
    FEWEST_LAPSES = "FEWEST_LAPSES"
    HARDEST = "HARDEST"
    EASIEST = "EASIEST"
    WORD = "WORD"
    WORD_DESCENDING = "WORD_DESCENDING"


class ScheduleChangeKind(StrEnum):
    """Log entries other than reviews, of one card or of all.

    RESET: the card is new again; its log stays. RESCHEDULE: an overdue card is due on `due_day`. BURY: the card is not
    due before `due_day`. UNBURY: earlier entries of the kind BURY whose `due_day` is after the entry's day have no
    effect. VACATION: cards due on the entry's day or later are due `days` later. SETTINGS: the algorithm, its
    parameters or the retention changed; all cards are computed with the newest settings.
    """

    RESET = "RESET"
    RESCHEDULE = "RESCHEDULE"
    BURY = "BURY"
    UNBURY = "UNBURY"
    VACATION = "VACATION"
    SETTINGS = "SETTINGS"


class StreakFreezeReason(StrEnum):
    """Why a day without reviews does not end a streak."""

    MISSED = "MISSED"
    TRAVEL = "TRAVEL"
    VACATION = "VACATION"


class LeechAction(StrEnum):
    """What happens to a card that becomes a leech."""

    SUSPEND = "SUSPEND"
    MARK_ONLY = "MARK_ONLY"


class ParametersSource(StrEnum):
    """Where the parameters of FSRS come from."""

    DEFAULT = "DEFAULT"
    FITTED = "FITTED"


class ReadingStatus(StrEnum):
    """A learner's reading status of a book."""

    NOT_STARTED = "NOT_STARTED"
    READING = "READING"
    FINISHED = "FINISHED"


class ChangeType(StrEnum):
    """The types of objects whose changes clients can read, in the order of a first copy."""

    CARD = "CARD"
    REVIEW = "REVIEW"
    READING_PROGRESS = "READING_PROGRESS"
    SETTINGS = "SETTINGS"


class ChangesReset(StrEnum):
    """Why a list of changes cannot be continued."""

    EXPIRED = "EXPIRED"
    MALFORMED = "MALFORMED"
    OTHER_DATABASE = "OTHER_DATABASE"
    OTHER_TYPES = "OTHER_TYPES"
    OTHER_USER = "OTHER_USER"


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


class JobKind(StrEnum):
    """Kinds of jobs."""

    GENERATE_TEXTBOOK = "GENERATE_TEXTBOOK"
    EXPORT = "EXPORT"
    ANALYZE_BOOK = "ANALYZE_BOOK"
    ANALYZE_TEXT = "ANALYZE_TEXT"
    FIT_PARAMETERS = "FIT_PARAMETERS"
    RESCHEDULE_CARDS = "RESCHEDULE_CARDS"
    REFRESH_ANALYTICS = "REFRESH_ANALYTICS"
    CLEANUP = "CLEANUP"


class JobStatus(StrEnum):
    """The last three are terminal, but failed and cancelled jobs can be retried."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    RETRYING = "RETRYING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ExportKind(StrEnum):
    """Kinds of exports."""

    REVIEWS = "REVIEWS"
    CARDS = "CARDS"
    LEARNERS = "LEARNERS"


class ExportFormat(StrEnum):
    """File formats of exports."""

    CSV = "CSV"
    JSONL = "JSONL"


class HealthStatus(StrEnum):
    """DEGRADED: works slower or with fewer features."""

    OK = "OK"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


class EventKind(StrEnum):
    """Domain events with handlers outside of the request."""

    BOOK_FIRST_PUBLISHED = "BOOK_FIRST_PUBLISHED"
    LEARNER_FIRST_SIGNED_IN = "LEARNER_FIRST_SIGNED_IN"


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


class UserOrder(StrEnum):
    """Sort orders of the administrators' list of users."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    LAST_ACTIVE = "LAST_ACTIVE"
    NAME = "NAME"
    EMAIL = "EMAIL"


class SearchField(StrEnum):
    """The field of a word that matched a search."""

    WORD = "WORD"
    READING = "READING"
    ROMAJI = "ROMAJI"
    MEANING = "MEANING"


# A card with an interval of this many days or more counts as mature.
MATURE_INTERVAL_DAYS = 21
