"""The domain's closed sets of values as GraphQL enums, each value with its description."""

from enum import StrEnum

import strawberry
from strawberry.types.enum import has_enum_definition

from domain.enums import (
    BookOrder,
    CacheControlScope,
    CardState,
    ExportFormat,
    ExportKind,
    HealthStatus,
    JlptLevel,
    JobKind,
    JobStatus,
    ReadingStatus,
    Role,
    Scheduler,
    SearchField,
    TextbookStatus,
)
from domain.user_errors import UserErrorCode


def _describe(enum: type[StrEnum], description: str, **values: str) -> None:
    strawberry.enum(enum, description=description)
    if has_enum_definition(enum):
        for value in enum.__strawberry_definition__.values:
            value.description = values[value.name]


_describe(
    CacheControlScope,
    "For whom a field's result may be kept.",
    PUBLIC="For everybody: it is the same for all.",
    PRIVATE="For the viewer alone.",
)
_describe(
    JlptLevel,
    "A level of the Japanese-Language Proficiency Test.",
    N5="The easiest: basic words and kana.",
    N4="Everyday words and about 300 kanji.",
    N3="The middle: everyday texts.",
    N2="Newspapers and general texts.",
    N1="The hardest: texts of any kind.",
)
_describe(
    BookOrder,
    "How a list of books is sorted.",
    NEWEST="Last added first.",
    OLDEST="First added first.",
    TITLE="By title, in code point order.",
    LEVEL="Easiest level first.",
)
_describe(
    ReadingStatus,
    "How far a learner is with a book.",
    NOT_STARTED="Not opened yet.",
    READING="Begun and not finished.",
    FINISHED="Read to the end.",
)
_describe(
    TextbookStatus,
    "Whether a textbook's chapters are there.",
    GENERATING="Its chapters are being written.",
    READY="All chapters are there.",
    FAILED="Some chapters could not be written.",
)
_describe(
    Role,
    "What a person may do. Each role may do all that the ones before it may.",
    LEARNER="Everybody who is signed in.",
    EDITOR="Sees and changes books and public textbooks.",
    ADMIN="Sees figures about the platform.",
)
_describe(
    UserErrorCode,
    "What is wrong with a value.",
    REQUIRED="It has to be there.",
    TOO_SHORT="There has to be more of it.",
    TOO_LONG="There is too much of it.",
    OUT_OF_RANGE="The number or moment is too small or too large.",
    INVALID="It is not what it should be.",
    NOT_FOUND="There is nothing by that id that the viewer may see.",
    CONFLICT="It does not fit to what is there now.",
    ALREADY_EXISTS="It is there already.",
    LIMIT_REACHED="There are as many as there may be.",
)
_describe(
    Scheduler,
    "The algorithm that decides when a card is due again.",
    SM2="SuperMemo 2: an ease factor for each card.",
    FSRS="Free Spaced Repetition Scheduler: a model of memory.",
)
_describe(
    CardState,
    "Where a card stands in learning.",
    NEW="Never reviewed.",
    LEARNING="Being learnt for the first time.",
    REVIEW="Learnt; reviewed at growing intervals.",
    RELEARNING="Forgotten, and being learnt again.",
)
_describe(
    SearchField,
    "What of a word matched a search.",
    WORD="The word as it is written.",
    READING="Its kana.",
    ROMAJI="Its reading in Latin letters.",
    MEANING="One of its English meanings.",
)
_describe(
    JobKind,
    "What a job does.",
    GENERATE_TEXTBOOK="Writes the chapters of a textbook.",
    EXPORT="Writes a file to download.",
    REFRESH_ANALYTICS="Counts the figures of administrators anew.",
    CLEANUP="Removes what is not needed any more.",
)
_describe(
    JobStatus,
    "Where a job stands.",
    QUEUED="Waiting for a worker.",
    RUNNING="Being done now.",
    RETRYING="Failed, and waiting to be tried again.",
    SUCCEEDED="Done.",
    FAILED="Given up.",
    CANCELLED="Stopped by its owner.",
)
_describe(
    ExportKind,
    "What is exported.",
    REVIEWS="One's own reviews, oldest first.",
    CARDS="One's own cards, oldest first.",
    LEARNERS="All learners, for administrators.",
)
_describe(
    ExportFormat,
    "The form of an exported file.",
    CSV="Comma-separated values, as RFC 4180 writes them.",
    JSONL="One JSON object a line.",
)
_describe(
    HealthStatus,
    "How a part of the system is.",
    OK="It works.",
    DEGRADED="It works, slower or with less.",
    DOWN="It does not work.",
)
