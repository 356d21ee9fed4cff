"""Writes the keys by which the search finds words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from uuid import UUID

import asyncpg

from content.jmdict import JmdictEntry
from content.kanji import read_kanji
from content.level_words import LevelWord, usual_reading, usual_word
from content.popularity import is_common, popularity
from content.pronunciation import pronounced_reading
from content.vocabulary_rows import listed_meanings
from domain.furigana import Readings, furigana, reading_forms
from domain.search.folding import has_kanji
from domain.search.index_keys import IndexedEntry, keys_of
from domain.search.index_words import RANK_OF_OTHER, index_word
from domain.search.kana import romaji

# Incremented when the same words have different keys.
REVISION = 7


def kanji_readings() -> Readings:
    """Return the function that `furigana` needs, with the readings of all kanji that are installed."""
    kanji = {one.kanji.character: (one.kanji.onyomi, one.kanji.kunyomi) for one in read_kanji()}

    @cache
    def forms(character: str) -> frozenset[str]:
        return reading_forms(*kanji.get(character, ((), ())))

    return forms


def indexed_entry(entry: JmdictEntry, readings: Readings) -> IndexedEntry:
    """Return what the search finds an entry by that is in no JLPT list."""
    word, reading = usual_word(entry), usual_reading(entry)
    return _indexed(entry, word, reading, popularity(entry, None), is_common(entry), readings)


def indexed_word(word: LevelWord, readings: Readings) -> IndexedEntry:
    """Return what the search finds a level word by."""
    level = popularity(word.jmdict, word.level)
    spellings = dict.fromkeys(spelling for listed in word.listed for spelling in listed.spellings)
    kana = dict.fromkeys([word.reading, *(reading for listed in word.listed for reading in listed.readings)])
    if word.jmdict is not None:
        indexed = _indexed(word.jmdict, word.word, word.reading, level, True, readings)
        # The lists have forms that are another entry in JMdict: いい and よい.
        return replace(
            indexed,
            spellings=[*indexed.spellings, *((spelling, RANK_OF_OTHER) for spelling in spellings)],
            readings=[*indexed.readings, *((reading, RANK_OF_OTHER) for reading in kana)],
        )
    return IndexedEntry(
        spellings=[(spelling, 1.0) for spelling in spellings],
        readings=[(reading, 1.0) for reading in kana],
        romaji=romaji(word.reading),
        segments=furigana(word.word, word.reading, readings) if has_kanji(word.word) else (),
        glosses=[listed_meanings(word)],
        popularity=level,
        is_common=True,
    )


def _indexed(
    entry: JmdictEntry, word: str, reading: str, popularity: int, is_common: bool, readings: Readings
) -> IndexedEntry:
    return index_word(
        entry.spellings,
        entry.readings,
        [sense.glosses for sense in entry.senses],
        word=word,
        reading=reading,
        latin=romaji(pronounced_reading(entry, reading)),
        popularity=popularity,
        is_common=is_common,
        parts_of_speech=entry.senses[0].parts_of_speech,
        kanji_readings=readings,
    )


async def write_keys(
    connection: asyncpg.Connection, entries: Iterable[tuple[UUID, IndexedEntry]], replaced: Sequence[UUID]
) -> None:
    """Write the keys of entries after deleting those of the replaced ones."""
    if replaced:
        await connection.execute("delete from search_keys where vocabulary_id = any($1)", replaced)
    await connection.copy_records_to_table(
        "search_keys",
        columns=["key", "score", "vocabulary_id"],
        records=((key, score, id) for id, entry in entries for key, score in keys_of(entry).items()),
    )


async def delete_unused_keys(connection: asyncpg.Connection) -> None:
    """Delete the keys of deleted words. `search_keys` has no foreign key, which would need an index."""
    # By two statements, because Citus joins tables that only one node has with others in reads only.
    unused = await connection.fetchval(
        "select array_agg(distinct vocabulary_id) from search_keys"
        " where not exists (select from vocabulary where id = vocabulary_id)"
    )
    if unused:
        await connection.execute("delete from search_keys where vocabulary_id = any($1)", unused)
