"""Corrections, reports and deleted content."""

from domain.enums import (
    CorrectionKind,
    CorrectionState,
    DeletedType,
    ReportedType,
    ReportReason,
    ReportResolution,
    ReportState,
)
from schema.enum_descriptions import describe_enum

describe_enum(
    CorrectionKind,
    "What is corrected.",
    VOCABULARY="A word: its spellings, readings and senses.",
    SENTENCE="An example sentence of a word.",
    KANJI="A kanji: its meanings and readings.",
)
describe_enum(
    CorrectionState,
    "Whether a correction has effect.",
    ACTIVE="Its values replace those of the dictionary's release, also after a new release.",
    OBSOLETE="A new release has the corrected values itself, or no longer has what was corrected.",
    REVERTED="An editor reverted it.",
)
describe_enum(
    ReportedType,
    "What a report is about.",
    VOCABULARY="A word.",
    SENTENCE="An example sentence of a word.",
    KANJI="A kanji.",
    CHAPTER="A chapter of a textbook.",
    BOOK_PAGE="A page of a book.",
    EXERCISE="An exercise.",
)
describe_enum(
    DeletedType,
    "What editors can restore.",
    BOOK="Books.",
    TEXTBOOK="Textbooks that were public, and the viewer's own.",
    CHAPTER="Chapters that were deleted without their textbook.",
)
describe_enum(
    ReportReason,
    "What is wrong.",
    WRONG_READING="A reading.",
    WRONG_MEANING="A meaning.",
    WRONG_TRANSLATION="A translation.",
    WRONG_ANSWER="The solution of an exercise.",
    SPELLING="Spelling or a typing error.",
    INAPPROPRIATE="Content that should not be shown.",
    OTHER="Something else, as the comment says.",
)
describe_enum(
    ReportState,
    "The state of a report.",
    OPEN="No editor has looked at it.",
    ASSIGNED="An editor works on it.",
    ACCEPTED="An editor agreed, and corrected the content if it could be corrected.",
    REJECTED="An editor disagreed; `answer` may have the reason.",
)
describe_enum(
    ReportResolution,
    "How an editor closes a report.",
    ACCEPTED="The report is right.",
    REJECTED="The report is not right.",
)
