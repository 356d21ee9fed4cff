"""Finds and merges rows of the vocabulary that are one word, such as a word that the lists had in several levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from domain.enums import JlptLevel, Role
from domain.errors import ServiceUnavailable
from domain.ids import UserId, VocabularyId
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer

# Rows by which chapters and books refer to words; the primary key has the parent and a position.
_REFERENCES = (("book_vocabulary", "book_id"), ("chapter_vocabulary", "chapter_id"))


@dataclass(frozen=True, slots=True)
class WordRow:
    """The identity of a row of `vocabulary`."""

    id: UUID
    word: str
    reading: str
    jlpt_level: JlptLevel | None
    jmdict_id: int | None


# The ids and keys under which the lists have a word, easiest level first, and the number of JMdict's entry.
WordIdentity = tuple[Sequence[UUID], Sequence[tuple[str, str, str]], int | None]


def find_rows(rows: Sequence[WordRow], words: Sequence[WordIdentity]) -> list[list[WordRow]]:
    """Return the existing rows of each word. The first one remains: the one of the easiest listing.

    Databases may have been loaded with another edition of the lists, in which a word had another id, or without JMdict.
    """
    by_id = {row.id: row for row in rows}
    by_key: dict[tuple[str, str, str | None], WordRow] = {
        (row.word, row.reading, row.jlpt_level): row for row in rows if row.jmdict_id is None
    }
    by_jmdict_id: dict[int | None, WordRow] = {row.jmdict_id: row for row in rows if row.jmdict_id is not None}
    listed = {id for ids, _, _ in words for id in ids}
    found: list[list[WordRow]] = []
    taken: set[UUID] = set()
    for ids, keys, jmdict_id in words:
        candidates = [by_id.get(id) for id in ids]
        candidates += [row for row in [by_key.get(key) for key in keys] if row is not None and row.id not in listed]
        candidates += [row for row in [by_jmdict_id.get(jmdict_id)] if row is not None and row.id not in listed]
        own = [row for row in dict.fromkeys(candidates) if row is not None and row.id not in taken]
        taken.update(row.id for row in own)
        found.append(own)
    return found


async def merge_words(connection: asyncpg.Connection, remaining: Mapping[UUID, UUID]) -> None:
    """Replace words, given with those that remain, in books, chapters and cards, and delete them.

    Raises ServiceUnavailable on a distributed database, which does not change the cards of all learners.
    """
    if not remaining:
        return
    # Merging is rare, and these modules import SQLAlchemy.
    from db.core.database import IS_VARIANT
    from db.core.transaction import Transaction
    from db.services.merged_words import merge_cards

    if await connection.fetchval(IS_VARIANT):
        raise ServiceUnavailable(
            f"This dictionary merges words ({len(remaining)}), which a distributed database does not support: load it "
            "before the distribution."
        )
    merged, targets = list(remaining), list(remaining.values())
    for table, parent in _REFERENCES:
        await connection.execute(
            f"""
            with named as (
                select {parent} as parent, position, row_number() over (
                    partition by {parent}, coalesce(target, vocabulary_id) order by position
                ) as nth
                from {table} left join unnest($1::uuid[], $2::uuid[]) as merged (id, target) on id = vocabulary_id
            )
            delete from {table} using named where {parent} = parent and {table}.position = named.position and nth > 1
            """,
            merged,
            targets,
        )
        await connection.execute(
            f"update {table} set vocabulary_id = target"
            " from unnest($1::uuid[], $2::uuid[]) as merged (id, target) where merged.id = vocabulary_id",
            merged,
            targets,
        )
    # A word has one active correction.
    await connection.execute(
        """
        update corrections set vocabulary_id = target, updated_at = now(),
            state = case when state = 'ACTIVE' and exists (
                select from corrections as other where other.state = 'ACTIVE'
                    and other.vocabulary_id = any(array[target] || $1::uuid[]) and other.id > corrections.id
                    and other.sentence is not distinct from corrections.sentence
            ) then 'OBSOLETE' else state end
        from unnest($1::uuid[], $2::uuid[]) as merged (id, target) where merged.id = vocabulary_id
        """,
        merged,
        targets,
    )
    words = {VocabularyId(id): VocabularyId(target) for id, target in remaining.items()}
    learners = await connection.fetch(
        "select id, role from users where id in (select user_id from cards where vocabulary_id = any($1)) order by id",
        merged,
    )
    for learner in learners:
        viewer = Viewer(UserId(learner["id"]), Role(learner["role"]))
        transaction = Transaction(connection, viewer, datetime.now(UTC), "content", RequestStatistics())
        await merge_cards(transaction, words)
    await connection.execute("delete from vocabulary where id = any($1)", merged)
