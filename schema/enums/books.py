"""Books and reading."""

from domain.enums import BookOrder, BookTextFormat, BookVocabularyOrder, ReadingStatus
from schema.enum_descriptions import describe_enum

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
