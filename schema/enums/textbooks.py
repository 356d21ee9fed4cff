"""Textbooks and exercises."""

from domain.enums import AnswerLanguage, ExerciseKind, TextbookStatus
from schema.enum_descriptions import describe_enum

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
    TextbookStatus,
    "Textbook states.",
    GENERATING="Chapters are being written.",
    READY="All chapters are written.",
    FAILED="Some chapters could not be generated.",
)
