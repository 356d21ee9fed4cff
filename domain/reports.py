"""Reports of mistakes in the content."""

from dataclasses import dataclass
from uuid import UUID

from domain.enums import ReportedType, ReportReason

# In characters.
MAX_COMMENT, MAX_PROPOSAL, MAX_ANSWER = 2_000, 2_000, 2_000

# Global ids of these types can be reported; a word with a position is an example sentence.
REPORTED_TYPES = {
    "Vocabulary": ReportedType.VOCABULARY,
    "Kanji": ReportedType.KANJI,
    "Chapter": ReportedType.CHAPTER,
    "Book": ReportedType.BOOK_PAGE,
    "Exercise": ReportedType.EXERCISE,
}
TYPE_NAMES = {reported: name for name, reported in REPORTED_TYPES.items()} | {ReportedType.SENTENCE: "Vocabulary"}


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report. `place`: the position of an example sentence, or the number of a page; None for others."""

    type: ReportedType
    object_id: UUID
    place: int | None
    reason: ReportReason
    comment: str | None
    proposal: str | None
