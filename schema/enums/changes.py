"""Changes that clients with copies read."""

from domain.enums import ChangesReset, ChangeType
from schema.enum_descriptions import describe_enum

describe_enum(
    ChangeType,
    "Types of objects in `Viewer.changes`.",
    CARD="A `Card`.",
    REVIEW="A `Review`; undoing it is a change.",
    READING_PROGRESS="A `BookProgress`. It counts as deleted while the book is not published.",
    SETTINGS="The `StudySettings`.",
    CHAPTER_PROGRESS=(
        "A `ChapterProgress`, of a chapter that was opened or of which an exercise was answered. It counts as deleted "
        "while the viewer cannot see the chapter."
    ),
    EXERCISE_ATTEMPT="An `ExerciseAttempt`.",
)
describe_enum(
    ChangesReset,
    "Why a list of changes starts again.",
    EXPIRED="The token is more than 89 days old; deletions are stored for 90.",
    MALFORMED="The token is not one of this API, or of an earlier version.",
    OTHER_DATABASE="The token was issued before the database was restored, or before a standby took over.",
    OTHER_TYPES="The token was issued for other `types`.",
    OTHER_USER="The token was issued to another user.",
)
