"""What a textbook is made of."""

from dataclasses import dataclass

from domain.enums import JlptLevel

# Of a chapter, in characters.
MAX_CONTENT_LENGTH = 30_000


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with its translation."""

    japanese: str
    english: str


@dataclass(frozen=True, slots=True)
class Kanji:
    """Readings as KANJIDIC writes them: a dot before what is written in kana, a hyphen where the word goes on."""

    character: str
    meanings: tuple[str, ...]
    onyomi: tuple[str, ...]
    kunyomi: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """`kanji`: in the order they stand in the word. `word` can hold several spellings with a slash between."""

    word: str
    reading: str
    meanings: tuple[str, ...]
    level: JlptLevel
    examples: tuple[Example, ...]
    kanji: tuple[Kanji, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something explained, such as a point of grammar."""

    title: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody wrote for a chapter: a text, sentence by sentence, and notes about it."""

    sentences: tuple[Example, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ChapterPlan:
    """`keywords`: English meanings of the words to teach, the most important first."""

    title: str
    summary: str
    keywords: tuple[str, ...]
