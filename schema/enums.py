"""The enums of the domain as GraphQL enums, with descriptions of their values; those of words are in language_enums."""

from domain.enums import (
    AnswerLanguage,
    AnswerResult,
    BookOrder,
    BookTextFormat,
    BookVocabularyOrder,
    CacheControlScope,
    CardKind,
    CardOrder,
    CardState,
    ChangesReset,
    ChangeType,
    ExerciseKind,
    ExportFormat,
    ExportKind,
    HealthStatus,
    JlptLevel,
    JobKind,
    JobStatus,
    LeechAction,
    NewCardMix,
    NewCardOrder,
    ParametersSource,
    ReadingStatus,
    Role,
    Scheduler,
    SearchField,
    StreakFreezeReason,
    TextbookStatus,
    UserOrder,
)
from domain.user_errors import UserErrorCode
from schema import language_enums as _language_enums  # noqa: F401  # the others
from schema.enum_descriptions import describe_enum

describe_enum(
    CacheControlScope,
    "Whether a cached value is shared.",
    PUBLIC="Shared by all viewers.",
    PRIVATE="Cached for one viewer.",
)
describe_enum(
    JlptLevel,
    "Levels of the Japanese-Language Proficiency Test.",
    N5="The easiest level: basic words and kana.",
    N4="Everyday words and about 300 kanji.",
    N3="The middle level: everyday texts.",
    N2="Newspapers and general texts.",
    N1="The hardest level: texts of any kind.",
)
describe_enum(
    ExerciseKind,
    "Kinds of exercises.",
    MATCHING="Each prompt matches one of the options.",
    GAP="Each option fills the gap of one prompt.",
    CHOICE="A question with options, of which one is right.",
    TRANSLATION="A translation is typed.",
)
describe_enum(
    AnswerLanguage,
    "The language in which an exercise is answered.",
    JAPANESE="Typed answers are in kanji, kana or romaji.",
    ENGLISH="Typed answers are in English.",
)
describe_enum(
    AnswerResult,
    "How an answer compares with the expected ones.",
    CORRECT="Right, in any usual spelling.",
    CLOSE="Right but for a typing error, or another form of the right word.",
    WRONG_OKURIGANA="The right kanji and reading with other kana after the kanji: 終る for 終わる.",
    WRONG_READING="A reading that each kanji has, but not in this word: にち for 日 (ひ).",
    WRONG_FIELD="Right for another question about the word, such as its reading where its meaning is asked.",
    INCORRECT="Anything else.",
)
describe_enum(
    BookTextFormat,
    "How the marks in an imported text are read.",
    AOZORA="Aozora Bunko's format: 《readings》 and ［＃notes］, a header and a footer. All of them are optional.",
    PLAIN="All characters are text.",
)
describe_enum(
    BookOrder,
    "Sort orders of books.",
    NEWEST="Newest first.",
    OLDEST="Oldest first.",
    TITLE="By title, in code point order.",
    LEVEL="Easiest level first.",
    COVERAGE=(
        "By the share of words in the text that the viewer knows, the largest first; books without `coverage` last. "
        "Requires authentication."
    ),
)
describe_enum(
    BookVocabularyOrder,
    "Sort orders of the words of a book.",
    FIRST_OCCURRENCE="By first occurrence in the text.",
    OCCURRENCES="Most frequent in the text first; equally frequent ones by first occurrence.",
)
describe_enum(
    ReadingStatus,
    "Reading states of a book.",
    NOT_STARTED="Not opened.",
    READING="Started, not finished.",
    FINISHED="Read to the end.",
)
describe_enum(
    ChangeType,
    "Types of objects in `Viewer.changes`.",
    CARD="A `Card`.",
    REVIEW="A `Review`; undoing it is a change.",
    READING_PROGRESS="A `BookProgress`. It counts as deleted while the book is not published.",
    SETTINGS="The `StudySettings`.",
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
describe_enum(
    TextbookStatus,
    "Textbook states.",
    GENERATING="Chapters are being written.",
    READY="All chapters are written.",
    FAILED="Some chapters could not be generated.",
)
describe_enum(
    UserOrder,
    "Sort orders of users.",
    NEWEST="Newest first.",
    OLDEST="Oldest first.",
    LAST_ACTIVE="Most recently active first.",
    NAME="By display name.",
    EMAIL="By email address.",
)
describe_enum(
    Role,
    "Roles, lowest first. A role includes the permissions of those before it.",
    LEARNER="Any authenticated user.",
    EDITOR="Views and edits books and public textbooks.",
    ADMIN="Manages the platform.",
)
describe_enum(
    UserErrorCode,
    "Codes of user errors.",
    REQUIRED="The value is required.",
    TOO_SHORT="The value is too short.",
    TOO_LONG="The value is too long.",
    OUT_OF_RANGE="The value is out of range.",
    INVALID="The value is invalid.",
    NOT_FOUND="No object with this id is visible to the viewer.",
    CONFLICT="The value conflicts with the current state.",
    ALREADY_EXISTS="The object exists already.",
    LIMIT_REACHED="The maximum number has been reached.",
)
describe_enum(
    Scheduler,
    "Scheduling algorithms.",
    SM2="SuperMemo 2.",
    FSRS="The Free Spaced Repetition Scheduler.",
)
describe_enum(
    NewCardMix,
    "Where new cards stand among the reviews of a study session.",
    MIXED="Spread evenly.",
    FIRST="Before all reviews.",
    LAST="After all reviews.",
)
describe_enum(
    NewCardOrder,
    "The order in which new cards are introduced.",
    LEVEL_AND_FREQUENCY="Words of the easiest level first, and of these the most frequent.",
    AS_ADDED="The oldest card first.",
    RANDOM="A random order that is the same all day on all devices, and another one the next day.",
)
describe_enum(
    CardKind,
    "What a card asks.",
    RECOGNITION="The meaning of the word or kanji.",
    RECALL="The word or kanji of a meaning, in kanji or kana.",
    READING="The reading of the word or kanji.",
)
describe_enum(
    CardOrder,
    "Sort orders of cards. Cards at equal rank are in the order in which they were created, or in the reverse order.",
    NEWEST="Newest first.",
    OLDEST="Oldest first.",
    DUE_FIRST="Earliest due time first.",
    DUE_LAST="Latest due time first.",
    MOST_LAPSES="Most lapses first.",
    FEWEST_LAPSES="Fewest lapses first.",
    HARDEST="Highest FSRS difficulty first; cards without one last.",
    EASIEST="Cards without an FSRS difficulty, then the lowest first.",
    WORD="By the reading of the word or the kanji itself, in code point order.",
    WORD_DESCENDING="By the reading of the word or the kanji itself, in reverse code point order.",
)
describe_enum(
    CardState,
    "Learning states of a card.",
    NEW="Never reviewed.",
    LEARNING="In the initial learning steps.",
    REVIEW="Learnt; reviewed at increasing intervals.",
    RELEARNING="Forgotten; in relearning steps.",
)
describe_enum(
    SearchField,
    "Fields of a word that a search can match.",
    WORD="The word in its usual spelling.",
    READING="Reading in kana.",
    ROMAJI="Reading in romaji.",
    MEANING="An English meaning.",
)
describe_enum(
    StreakFreezeReason,
    "Why a day without reviews does not end a streak.",
    MISSED="The learner has a number of missed days each month.",
    TRAVEL="Another time zone or start of the day ended the day or left less than 12 hours of it.",
    VACATION="The learner is on vacation.",
)
describe_enum(
    LeechAction,
    "What happens to a card that is forgotten repeatedly.",
    SUSPEND="It is suspended.",
    MARK_ONLY="It is only marked.",
)
describe_enum(
    ParametersSource,
    "Where parameters come from.",
    DEFAULT="The defaults of FSRS-6.",
    FITTED="Fitted to the learner's reviews.",
)
describe_enum(
    JobKind,
    "Kinds of jobs.",
    GENERATE_TEXTBOOK="Generates the chapters of a textbook.",
    EXPORT="Exports data to a file.",
    ANALYZE_BOOK="Finds the words of a book's text.",
    ANALYZE_TEXT="Analyses long text of the learner.",
    FIT_PARAMETERS="Fits the learner's parameters of FSRS.",
    RESCHEDULE_CARDS="Changes study settings and reschedules all cards.",
    REFRESH_ANALYTICS="Refreshes the statistics for administrators.",
    CLEANUP="Removes expired data.",
)
describe_enum(
    JobStatus,
    "Job states.",
    QUEUED="Queued.",
    RUNNING="Running.",
    RETRYING="Failed; waiting for a retry.",
    SUCCEEDED="Succeeded.",
    FAILED="Failed permanently.",
    CANCELLED="Cancelled by the owner.",
)
describe_enum(
    ExportKind,
    "Kinds of exports.",
    REVIEWS="The viewer's reviews, oldest first.",
    CARDS="The viewer's cards, oldest first.",
    LEARNERS="Every learner; administrators only.",
)
describe_enum(
    ExportFormat,
    "File formats of exports.",
    CSV="Comma-separated values (RFC 4180).",
    JSONL="JSON Lines: one object a line.",
)
describe_enum(
    HealthStatus,
    "Health states.",
    OK="Works.",
    DEGRADED="Works slower or with fewer features.",
    DOWN="Unavailable.",
)
