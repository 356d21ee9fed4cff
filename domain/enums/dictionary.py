"""Words."""

from enum import StrEnum


class JlptLevel(StrEnum):
    """Levels of the Japanese-Language Proficiency Test, easiest first."""

    N5 = "N5"
    N4 = "N4"
    N3 = "N3"
    N2 = "N2"
    N1 = "N1"


class SearchField(StrEnum):
    """The field of a word that matched a search."""

    WORD = "WORD"
    READING = "READING"
    ROMAJI = "ROMAJI"
    MEANING = "MEANING"
