"""Words, answers and searches."""

from domain.enums import JlptLevel, SearchField
from schema.enum_descriptions import describe_enum

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
    SearchField,
    "Fields of a word that a search can match.",
    WORD="The word in its usual spelling.",
    READING="Reading in kana.",
    ROMAJI="Reading in romaji.",
    MEANING="An English meaning.",
)
