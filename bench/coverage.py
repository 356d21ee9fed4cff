"""Coverage of books: latency for a book of 100,000 characters, and time and size of its analysis.

    python -m bench.coverage            on the content, with the whole dictionary if it is loaded

The book is made of the graded readers and example sentences in random order, and deleted afterwards. The learner has
cards of half of its words, a third of them mature. Requests are sent to `shinjp serve` one after the other; measured
by the client, without the field cache. `books` is the first page of all books by coverage; `sentences` are those of
the word that has most of them. Prints JSON.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from random import Random
from uuid import UUID

import httpx

from bench.harness import database_url, headers, report, served, summary
from content.book_import import BookDetails, ImportedBook, import_book
from content.stories import load_stories
from content.story_books import story_text
from db.core.database import owner_connection
from domain.enums import BookTextFormat, JlptLevel
from domain.ids import global_id, new_id

LENGTH, CARDS, REQUESTS, SUBJECT = 100_000, 5_000, 50, "bench-coverage"
COUNTS = "{ total known learning unknown knownShare }"
QUERIES = {
    "coverage": f"query($id: ID!) {{ book(id: $id) {{ coverage {{ tokens {COUNTS} words {COUNTS} }} }} }}",
    "wordsToLearn": """query($id: ID!) { book(id: $id) {
        wordsToLearn { occurrences coverage vocabulary { id word } } } }""",
    "vocabulary": """query($id: ID!) { book(id: $id) {
        vocabulary(first: 100, orderBy: OCCURRENCES) { nodes { word } } } }""",
    "books": f"{{ books(first: 20, orderBy: COVERAGE) {{ nodes {{ title coverage {{ tokens {COUNTS} }} }} }} }}",
    "sentences": """query($word: ID!) {
        exampleSentences(vocabularyId: $word, first: 20) { nodes { japanese english } } }""",
}


def main() -> None:
    with served("--no-worker", CACHE="off") as process, httpx.Client(headers=headers(SUBJECT), timeout=60) as client:
        url = database_url()
        # The first request creates the account.
        client.post(process.url, json={"query": "{ viewer { id } }"}).raise_for_status()
        started_at = time.perf_counter()
        book = _import(url, asyncio.run(_text(url)))
        seconds = time.perf_counter() - started_at
        try:
            rows, word = asyncio.run(_prepare(url, book.id))
            variables = {"id": global_id("Book", book.id), "word": global_id("Vocabulary", word)}
            latencies = {name: _measure(client, process.url, query, variables) for name, query in QUERIES.items()}
        finally:
            asyncio.run(_delete(url, book.id))
    report(characters=LENGTH, words=rows, cards=CARDS, importSeconds=round(seconds, 2), latency=latencies)


def _import(url: str, text: str) -> ImportedBook:
    details = BookDetails(
        title="Benchmark", author="Benchmark", level=JlptLevel.N1, description="For a benchmark.", publish=True
    )
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "book.txt"
        path.write_text(text, encoding="utf-8")
        return import_book(url, path, BookTextFormat.PLAIN, details)


async def _text(url: str) -> str:
    async with owner_connection(url) as connection:
        rows = await connection.fetch("select japanese from example_sentences order by vocabulary_id, position")
    parts = [*(story_text(story).text for story in load_stories()), *(row["japanese"] for row in rows)]
    Random(1).shuffle(parts)
    return "\n".join(parts)[:LENGTH]


async def _prepare(url: str, book_id: UUID) -> tuple[int, UUID]:
    """Create the cards. Returns the number of the book's words, and the word with most sentences."""
    random = Random(2)
    async with owner_connection(url) as connection:
        user = await connection.fetchval("select id from users where subject = $1", SUBJECT)
        await connection.execute("delete from cards where user_id = $1", user)
        words = await connection.fetch("select vocabulary_id from book_vocabulary where book_id = $1", book_id)
        listed = await connection.fetch(
            "select id from vocabulary where jlpt_level is not null order by id limit $1", CARDS
        )
        half = random.sample([row["vocabulary_id"] for row in words], len(words) // 2)
        chosen = list(dict.fromkeys([*half, *(row["id"] for row in listed)]))[:CARDS]
        await connection.executemany(
            "insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions,"
            " lapses) values ($1, $2, $3, 'REVIEW', now(), $4, 2.5, 3, 0)",
            [(new_id(), user, id, random.choice([1.0, 7.0, 30.0])) for id in chosen],
        )
        await connection.execute("analyze cards, book_vocabulary")
        word = await connection.fetchval(
            "select word from example_sentence_words, unnest(words) as word group by 1 order by count(*) desc limit 1"
        )
        return len(words), word


def _measure(client: httpx.Client, url: str, query: str, variables: dict[str, str]) -> dict[str, float]:
    durations = []
    for _ in range(REQUESTS):
        started_at = time.perf_counter()
        response = client.post(url, json={"query": query, "variables": variables})
        durations.append((time.perf_counter() - started_at) * 1000)
        assert "errors" not in response.json(), response.text
    return summary(durations)


async def _delete(url: str, book_id: UUID) -> None:
    async with owner_connection(url) as connection:
        await connection.execute("delete from books where id = $1", book_id)
        await connection.execute("delete from users where subject = $1", SUBJECT)


if __name__ == "__main__":
    main()
