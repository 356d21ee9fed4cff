"""Changes that clients with copies read."""

from enum import StrEnum


class ChangeType(StrEnum):
    """The types of objects whose changes clients can read, in the order of a first copy."""

    CARD = "CARD"
    REVIEW = "REVIEW"
    READING_PROGRESS = "READING_PROGRESS"
    SETTINGS = "SETTINGS"
    CHAPTER_PROGRESS = "CHAPTER_PROGRESS"
    EXERCISE_ATTEMPT = "EXERCISE_ATTEMPT"


class ChangesReset(StrEnum):
    """Why a list of changes cannot be continued."""

    EXPIRED = "EXPIRED"
    MALFORMED = "MALFORMED"
    OTHER_DATABASE = "OTHER_DATABASE"
    OTHER_TYPES = "OTHER_TYPES"
    OTHER_USER = "OTHER_USER"
