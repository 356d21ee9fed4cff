"""A client of the operations of the cache benchmarks, which reads the statistics of responses."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from bench.harness import headers
from bench.learners import Operation

QUERIES = {
    "book": "query($id: ID!) { book(id: $id) { title author pageCount } }",
    "newestBooks": """{ books(first: 20) { nodes {
        id title author jlptLevel pageCount progress { currentPage percent status } } } }""",
    "booksOfLevel": """query($level: JlptLevel!) { books(first: 20, filter: {jlptLevels: [$level]}) {
        nodes { id title author pageCount } pageInfo { hasNextPage endCursor } } }""",
    "textbook": """query($id: ID!) { textbook(id: $id) {
        id title jlptLevel chapters { id position title vocabulary { id word reading meanings } } } }""",
    "kanji": "query($character: String!) { kanji(character: $character) { character meanings onyomi kunyomi } }",
    "searchVocabulary": """query($query: String!) { searchVocabulary(query: $query) { nodes {
        id word reading meanings } } }""",
    "vocabularyOfLevel": """query($level: JlptLevel!) { vocabulary(first: 50, filter: {jlptLevels: [$level]}) {
        nodes { id word reading meanings } pageInfo { hasNextPage endCursor } } }""",
    "jlptContentStats": "{ jlptContentStats { jlptLevel bookCount textbookCount vocabularyCount kanjiCount } }",
    "dashboard": "{ viewer { dashboard { streakDays dueNow reviewsToday newToday levels { jlptLevel mature } } } }",
    "dueCards": """{ viewer { dueCards(first: 20) { nodes {
        id state dueAt vocabulary { id word reading meanings } } } } }""",
    "updateReadingProgress": """mutation($input: UpdateReadingProgressInput!) { updateReadingProgress(input: $input) {
        progress { currentPage percent } errors { code } } }""",
    "reviewCards": """mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results {
        error { code } card { id dueAt } } } }""",
    "bookToUpdate": "query($id: ID!) { book(id: $id) { version pageCount } }",
    "updateBook": """mutation($input: UpdateBookInput!) { updateBook(input: $input) {
        book { title version pageCount } errors { code } } }""",
}


@dataclass(frozen=True)
class Answer:
    """The result of an operation. `cache`: hits, misses, stale values and holes of its cached fields."""

    operation: Operation
    milliseconds: float
    data: dict[str, Any]
    statements: int
    cache: Counter[str]


class Client:
    """A minimal connection to a server, because its time is measured, too."""

    def __init__(self, url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = urlsplit(url)
        self._head = (
            f"POST {address.path or '/'} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        )
        self._reader = reader
        self._writer = writer
        self._headers: dict[str, str] = {}

    async def ask(self, name: str, subject: str = "demo", **variables: Any) -> Answer:
        """Raises RuntimeError if the response has errors."""
        body = orjson.dumps({"query": QUERIES[name], "variables": variables})
        request = f"{self._head}{self._signed_in(subject)}Content-Length: {len(body)}\r\n\r\n".encode() + body
        started_at = time.perf_counter()
        self._writer.write(request)
        content = await self._content()
        milliseconds = (time.perf_counter() - started_at) * 1000
        answer = orjson.loads(content)
        if "errors" in answer:
            raise RuntimeError(answer["errors"])
        stats = answer["extensions"]["stats"]
        cache: Counter[str] = sum(map(Counter, stats.get("cache", {}).values()), Counter())
        return Answer(Operation(name, subject, variables), milliseconds, answer["data"], stats["sqlStatements"], cache)

    def _signed_in(self, subject: str) -> str:
        if subject not in self._headers:
            self._headers[subject] = "".join(f"{name}: {value}\r\n" for name, value in headers(subject).items())
        return self._headers[subject]

    async def _content(self) -> bytes:
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        return await self._reader.readexactly(int(head.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0]))


@asynccontextmanager
async def open_client(url: str) -> AsyncIterator[Client]:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Client(url, reader, writer)
    finally:
        writer.close()


def median(answers: Iterable[Answer]) -> float | None:
    durations = [answer.milliseconds for answer in answers]
    return round(statistics.median(durations), 2) if durations else None
