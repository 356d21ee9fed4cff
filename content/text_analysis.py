"""Finds the words of all texts of the content again when the dictionary or its analysis changes."""

import asyncio
from collections.abc import Callable

import asyncpg

from common.batches import batches
from content.book_texts import analyze_books
from content.loader import save_version
from content.text_words import WordFinder, analysis_version, words_of
from db.core.advisory_locks import CONTENT_LOCK, DICTIONARY_LOCK
from db.core.database import owner_connection
from domain.list_sizes import MAX_TOKENS_OF_EXAMPLE

_NAME = "the words of example sentences"
_SENTENCES_PER_BATCH = 2_000

# Of words that have the same sentence, the most popular one.
_SENTENCES = """
    select distinct on (japanese) vocabulary_id, position, japanese
    from example_sentences join vocabulary on vocabulary.id = vocabulary_id
    order by japanese, popularity desc, vocabulary_id desc, position
"""
_BOOKS = """
    select id from books left join book_texts on book_id = id
    where has_text and analysis is distinct from $1 order by id
"""


def analyze_texts(database_url: str, report: Callable[[str], None]) -> None:
    """Find the words of example sentences and of books with text, as the owner of the tables.

    Takes a few milliseconds if neither the dictionary nor the analysis has changed. `report` is called before a part.
    """
    asyncio.run(_analyze(database_url, report))


async def _analyze(database_url: str, report: Callable[[str], None]) -> None:
    async with owner_connection(database_url) as connection:
        # The entries do not change meanwhile, and of two processes, the second one finds everything analysed.
        await connection.execute(f"select pg_advisory_lock({DICTIONARY_LOCK})")
        version = await analysis_version(connection)
        analyzed = await connection.fetchval("select fingerprint from content_versions where name = $1", _NAME)
        if analyzed != version:
            report("Finding the words of example sentences …")
            async with connection.transaction():
                await connection.execute(f"select pg_advisory_xact_lock({CONTENT_LOCK})")
                await _analyze_sentences(connection)
                await save_version(connection, _NAME, version)
            await connection.execute("vacuum analyze example_sentence_words")
        books = [row["id"] for row in await connection.fetch(_BOOKS, version)]
        finder = WordFinder(connection)
        for number, id in enumerate(books, start=1):
            if number == 1 or number % 10 == 0:
                report(f"Finding the words of books: {number:,} of {len(books):,} …")
            async with connection.transaction():
                await connection.execute(f"select pg_advisory_xact_lock({CONTENT_LOCK})")
                await analyze_books(connection, [id], finder)
        if books:
            await connection.execute("vacuum analyze book_vocabulary, book_texts")


async def _analyze_sentences(connection: asyncpg.Connection) -> None:
    finder = WordFinder(connection)
    await connection.execute("delete from example_sentence_words")
    for batch in batches(await connection.fetch(_SENTENCES), _SENTENCES_PER_BATCH):
        found = await finder.find([row["japanese"] for row in batch])
        records = []
        for row, sentences in zip(batch, found, strict=True):
            tokens = [token for _, token in words_of(sentences)]
            words = dict.fromkeys(token.vocabulary_id for token in tokens if token.vocabulary_id is not None)
            unknown = {token.dictionary_form for token in tokens if token.vocabulary_id is None}
            records.append((row["vocabulary_id"], row["position"], list(words)[:MAX_TOKENS_OF_EXAMPLE], len(unknown)))
        await connection.copy_records_to_table(
            "example_sentence_words",
            columns=["vocabulary_id", "position", "words", "unknown_word_count"],
            records=records,
        )
