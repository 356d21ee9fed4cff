"""The words, texts and chapters of a textbook."""

from dataclasses import dataclass

from domain.enums import JlptLevel

# The maximum length of a chapter, in characters.
MAX_CONTENT_LENGTH = 30_000


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with its translation."""

    japanese: str
    english: str


@dataclass(frozen=True, slots=True)
class Kanji:
    """A kanji with readings in KANJIDIC's format: a dot precedes okurigana, a hyphen marks prefixes and suffixes."""

    character: str
    meanings: tuple[str, ...]
    onyomi: tuple[str, ...]
    kunyomi: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the dictionary. `word`: may have several spellings, separated by slashes. `kanji`: in their order."""

    word: str
    reading: str
    meanings: tuple[str, ...]
    level: JlptLevel
    examples: tuple[Example, ...]
    kanji: tuple[Kanji, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """An explanation, such as a point of grammar."""

    title: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a chapter by sentence, and notes on it."""

    sentences: tuple[Example, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ChapterPlan:
    """The plan of a chapter. `keywords`: English meanings of the words to teach, the most important first."""

    title: str
    summary: str
    keywords: tuple[str, ...]
