"""Loads the whole dictionary: the entries of JMdict that are in no JLPT list, and the kanji that are not basic.

It takes a minute or two, so servers start without it and load it in the background. It is loaded in batches, each of
which commits with its progress: a load that is interrupted continues where it was.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from uuid import UUID

import asyncpg

from common.batches import batches
from content import jmdict, kanji, vocabulary
from content.corrections import reapply_to_words
from content.jmdict import Jmdict, JmdictEntry, open_jmdict
from content.level_words import usual_reading, usual_word
from content.loader import content_id, save_version, upsert
from content.openjlpt import kanji_of
from content.popularity import is_common
from content.search_index import REVISION as SEARCH_REVISION
from content.search_index import delete_unused_keys, indexed_entry, kanji_readings, write_keys
from content.vocabulary_rows import (
    FORM_COLUMNS,
    KANJI_COLUMNS,
    SENSE_COLUMNS,
    form_rows,
    inflection_of,
    kanji_rows,
    meanings_of,
    sense_rows,
)
from db.core.advisory_locks import CONTENT_LOCK, DICTIONARY_LOCK
from db.core.database import owner_connection
from domain.furigana import Readings
from domain.search.index_keys import IndexedEntry

# Incremented when the same sources produce different rows.
_REVISION = 1
_NAME = "the dictionary"
_BATCH_SIZE = 5000

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
_DETAILS = (
    ("vocabulary_forms", FORM_COLUMNS),
    ("vocabulary_senses", SENSE_COLUMNS),
    ("vocabulary_kanji", KANJI_COLUMNS),
)


def load_dictionary(
    database_url: str,
    report: Callable[[str], None],
    *,
    every: int = 1,
    forms: Sequence[str] = (),
    batch_size: int = _BATCH_SIZE,
) -> None:
    """Load missing and changed entries as the owner of the tables, after the level words. Takes a few milliseconds if
    there are none.

    `report` is called after each batch. `every` and `forms`: load every Nth entry and those with one of the forms, for
    tests. Without the package of JMdict, the dictionary consists of the level words.
    """
    asyncio.run(_load(database_url, report, every, forms, batch_size))


async def _load(
    database_url: str, report: Callable[[str], None], every: int, forms: Sequence[str], batch_size: int
) -> None:
    path = jmdict.database_path()
    if path is None:
        report("JMdict is not installed: the dictionary has the words of the JLPT lists only.")
        return
    revision = f"{_REVISION}.{SEARCH_REVISION}"
    fingerprint = f"{vocabulary.fingerprint()}, {kanji.fingerprint()}, revision {revision}"
    if every > 1:
        fingerprint += f", every {every} and {len(forms)} forms"
    async with owner_connection(database_url) as connection:
        # Of two processes that load, the second waits and finds everything loaded.
        await connection.execute(f"select pg_advisory_lock({DICTIONARY_LOCK})")
        loaded = await connection.fetchval("select fingerprint from content_versions where name = $1", _NAME)
        if loaded == fingerprint:
            return
        with open_jmdict(path) as source:
            sample = {*source.ids()[::every], *chain.from_iterable(source.ids_by_form(forms).values())}
            ids = sorted(sample)
            # The words refer to them.
            await _load_kanji(connection, source.spellings(ids), every)
            # Entries that were deleted get their keys again.
            await delete_unused_keys(connection)
            await _load_batches(connection, source, ids, fingerprint, report, batch_size)
        await _finish(connection, ids, fingerprint)
    report(f"Loaded the dictionary: {len(ids):,} entries.")


async def _load_kanji(connection: asyncpg.Connection, spellings: Sequence[str], every: int) -> None:
    """Load the kanji that are not basic: every Nth one, and all of the spellings."""
    used = set(kanji_of("".join(spellings)))
    others = [one for one in kanji.read_kanji() if not kanji.is_basic(one)]
    wanted = [one for place, one in enumerate(others) if place % every == 0 or one.kanji.character in used]
    async with connection.transaction():
        await connection.execute(f"select pg_advisory_xact_lock({CONTENT_LOCK})")
        await kanji.load_kanji(connection, wanted)
    await connection.execute("vacuum analyze kanji, kanji_strokes")


async def _load_batches(
    connection: asyncpg.Connection,
    source: Jmdict,
    ids: Sequence[int],
    fingerprint: str,
    report: Callable[[str], None],
    batch_size: int,
) -> None:
    position = await connection.fetchval(
        "select position from content_progress where name = $1 and fingerprint = $2", _NAME, fingerprint
    )
    kanji_ids = {row["character"]: row["id"] for row in await connection.fetch("select character, id from kanji")}
    readings = kanji_readings()
    remaining = ids if position is None else [id for id in ids if id > position]
    loaded = len(ids) - len(remaining)
    for batch in batches(remaining, batch_size):
        async with connection.transaction():
            # The level words change the same rows.
            await connection.execute(f"select pg_advisory_xact_lock({CONTENT_LOCK})")
            await _load_batch(connection, list(source.entries(batch)), kanji_ids, readings)
            loaded += len(batch)
            await connection.execute(
                "insert into content_progress (name, fingerprint, position, loaded, total) values ($1, $2, $3, $4, $5)"
                " on conflict (name) do update set fingerprint = excluded.fingerprint, position = excluded.position,"
                " loaded = excluded.loaded, total = excluded.total, updated_at = now()",
                _NAME,
                fingerprint,
                batch[-1],
                loaded,
                len(ids),
            )
        report(f"Loading the dictionary: {loaded:,} of {len(ids):,} entries …")


async def _load_batch(
    connection: asyncpg.Connection,
    entries: Sequence[JmdictEntry],
    kanji_ids: dict[str, UUID],
    readings: Readings,
) -> None:
    rows = await connection.fetch(
        "select jmdict_id, id, jlpt_level from vocabulary where jmdict_id = any($1::int[])",
        [entry.id for entry in entries],
    )
    existing = {row["jmdict_id"]: row["id"] for row in rows}
    listed = {row["jmdict_id"] for row in rows if row["jlpt_level"] is not None}
    words = [
        # The position in the list is that of the entry, whatever else is loaded.
        (existing.get(entry.id) or content_id("jmdict", str(entry.id), entry.id), entry)
        for entry in entries
        if entry.id not in listed
    ]
    indexed = [indexed_entry(entry, readings) for _, entry in words]
    values = [_row(id, entry, keys) for (id, entry), keys in zip(words, indexed, strict=True)]
    await upsert(connection, "vocabulary", _COLUMNS, values, key=("id",))
    replaced = [id for id, entry in words if entry.id in existing]
    await write_keys(connection, ((id, keys) for (id, _), keys in zip(words, indexed, strict=True)), replaced)
    records: dict[str, Iterator[tuple[object, ...]]] = {
        "vocabulary_forms": chain.from_iterable(form_rows(id, entry) for id, entry in words),
        "vocabulary_senses": chain.from_iterable(sense_rows(id, entry) for id, entry in words),
        "vocabulary_kanji": kanji_rows(((id, usual_word(entry)) for id, entry in words), kanji_ids),
    }
    for table, columns in _DETAILS:
        if replaced:
            await connection.execute(f"delete from {table} where vocabulary_id = any($1)", replaced)
        await connection.copy_records_to_table(table, columns=list(columns), records=records[table])
    await reapply_to_words(connection, [id for id, _ in words])


def _row(id: UUID, entry: JmdictEntry, indexed: IndexedEntry) -> tuple[object, ...]:
    return (
        id,
        entry.id,
        usual_word(entry),
        usual_reading(entry),
        indexed.romaji,
        meanings_of(entry),
        None,
        is_common(entry),
        indexed.popularity,
        inflection_of(entry),
    )


async def _finish(connection: asyncpg.Connection, ids: Sequence[int], fingerprint: str) -> None:
    """Delete entries that JMdict no longer has, unless a learner has a card, and record the load as complete."""
    async with connection.transaction():
        await connection.execute(f"select pg_advisory_xact_lock({CONTENT_LOCK})")
        old = await connection.fetchval(
            "select array_agg(id) from vocabulary where jlpt_level is null and not jmdict_id = any($1::int[])", ids
        )
        if old:
            # By itself, because Citus does not find words that no card has by one statement.
            rows = await connection.fetch("select distinct vocabulary_id from cards where vocabulary_id = any($1)", old)
            used = {row["vocabulary_id"] for row in rows}
            await connection.execute("delete from vocabulary where id = any($1)", [id for id in old if id not in used])
            await delete_unused_keys(connection)
        await save_version(connection, _NAME, fingerprint)
    await connection.execute(f"vacuum analyze vocabulary, search_keys, {', '.join(table for table, _ in _DETAILS)}")
