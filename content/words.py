"""The words of the levels, as books and textbooks select words from it."""

from dataclasses import dataclass

from db.core.connection import Connection
from domain.enums import JlptLevel
from domain.ids import VocabularyId
from domain.textbooks import Example, Kanji, Word

_WORDS = """
    select vocabulary.id, word, reading, meanings, jlpt_level,
        array(select row(japanese, english) from example_sentences
            where vocabulary_id = vocabulary.id order by position) as examples,
        array(select row(character, kanji.meanings, onyomi, kunyomi)
            from vocabulary_kanji join kanji on kanji.id = kanji_id
            where vocabulary_id = vocabulary.id order by position) as kanji
    from vocabulary where jlpt_level is not null order by jlpt_level desc, id desc
"""


@dataclass(frozen=True)
class Dictionary:
    """All words of the levels, easiest first, and their ids by word."""

    words: tuple[Word, ...]
    ids: dict[Word, VocabularyId]

    def of_level(self, level: JlptLevel) -> tuple[Word, ...]:
        return tuple(word for word in self.words if word.level == level)

    def up_to_level(self, level: JlptLevel) -> tuple[Word, ...]:
        """Return words of the level and of easier ones, hardest first. N5 is the easiest."""
        wanted = [word for word in self.words if word.level >= level]
        return tuple(sorted(wanted, key=lambda word: word.level))


async def read_dictionary(connection: Connection) -> Dictionary:
    ids: dict[Word, VocabularyId] = {}
    for row in await connection.fetch(_WORDS):
        word = Word(
            word=row["word"],
            reading=row["reading"],
            meanings=tuple(row["meanings"]),
            level=JlptLevel(row["jlpt_level"]),
            examples=tuple(Example(japanese, english) for japanese, english in row["examples"]),
            kanji=tuple(
                Kanji(character, tuple(meanings), tuple(onyomi), tuple(kunyomi))
                for character, meanings, onyomi, kunyomi in row["kanji"]
            ),
        )
        ids[word] = row["id"]
    return Dictionary(tuple(ids), ids)
