"""Measures the savings of the field cache, and its invalidation delay.

    make bench                          on the content, and the rows added by `make seed`

The mix: the same operations, nine reads per write, on a server without and on one with the cache, which is empty at
first. A second round of other operations shows the steady state. Learners, books, textbooks, kanji and words follow a
Zipf distribution. `hitRateIfNothingChanged` is the share of repeated reads, an upper bound of hits. Saved statements
are counted with and without the one that fills the holes of the viewer's progress.

The invalidation: two servers with one database and one Redis have cached a book. Its title is changed by SQL, and by a
mutation on the first server; measured is the time until the second one returns it.

Restores the books that it changed, but neither reading progress nor reviews. Prints JSON.
"""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, Generic, Self, TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import orjson

from bench.harness import database_url, headers, report, served
from db.core.database import owner_connection
from domain.enums import JlptLevel
from domain.ids import global_id

OPERATIONS, WORKERS, LEARNERS = 4_000, 8, 500
# The seed of a round's operations.
ROUNDS = {"fromEmpty": 1, "goingOn": 2}
WRITES, BOOK_UPDATES = 1 / 10, 1 / 40
ZIPF_EXPONENT = 1.1
REVIEWS_A_BATCH = 5
CHANGES_BY_SQL, CHANGES_BY_MUTATION = 100, 50

# The frequency of each query, in percent of reads.
READS = {
    "book": 20,
    "newestBooks": 20,
    "booksOfLevel": 8,
    "textbook": 12,
    "kanji": 6,
    "searchVocabulary": 6,
    "vocabularyOfLevel": 6,
    "jlptContentStats": 4,
    "dashboard": 10,
    "dueCards": 8,
}
OF_THE_VIEWER = {"dashboard", "dueCards"}

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

# Learners with enough cards to review, and their number of cards.
PEOPLE = """
    select subject, own.ids from users cross join lateral (
        select array_agg(id) as ids from (
            select id from cards where user_id = users.id and not suspended order by id limit 50) as chosen) as own
    where role = 'learner' and deleted_at is null and cardinality(own.ids) >= $2 order by users.id limit $1
"""
BOOKS = """
    select id, page_count from books where published_at is not null and deleted_at is null order by id
"""
TEXTBOOKS = "select id from textbooks where is_public and deleted_at is null order by id"
CHANGEABLE = "select id, title, page_count from books"
RESTORE = """
    update books set title = was.title, page_count = was.page_count
    from unnest($1::uuid[], $2::text[], $3::int[]) as was (id, title, page_count)
    where books.id = was.id and (books.title, books.page_count) is distinct from (was.title, was.page_count)
"""

ThingT = TypeVar("ThingT")


@dataclass(frozen=True)
class Operation:
    """An operation of a learner or an editor."""

    name: str
    subject: str
    variables: dict[str, Any]

    @property
    def key(self) -> str:
        """Equal for operations with equal responses."""
        return f"{self.name} {self.variables} {self.subject if self.name in OF_THE_VIEWER else ''}"


@dataclass(frozen=True)
class Answer:
    """The result of an operation. `cache`: hits, misses, stale values and holes of its cached fields."""

    operation: Operation
    milliseconds: float
    data: dict[str, Any]
    statements: int
    cache: Counter[str]


class Popular(Generic[ThingT]):
    """Items by popularity, which follows Zipf's law."""

    def __init__(self, things: Iterable[ThingT]) -> None:
        self._things = list(things)
        ranks = range(1, len(self._things) + 1)
        self._weights = list(accumulate(rank**-ZIPF_EXPONENT for rank in ranks))

    def draw(self, chance: Random) -> ThingT:
        [thing] = chance.choices(self._things, cum_weights=self._weights)
        return thing


@dataclass(frozen=True)
class Platform:
    """Existing users and content. `people`: subjects and their cards; `books`: ids and page counts."""

    people: Popular[tuple[str, list[UUID]]]
    books: Popular[tuple[UUID, int]]
    textbooks: Popular[UUID]
    kanji: Popular[str]
    words: Popular[str]

    @classmethod
    async def find(cls, owner: asyncpg.Connection) -> Self:
        books = [tuple(row) for row in await owner.fetch(BOOKS)]
        textbooks = [row["id"] for row in await owner.fetch(TEXTBOOKS)]
        # Popularity is independent of age.
        chance = Random(0)
        chance.shuffle(books)
        chance.shuffle(textbooks)
        # Easy words and kanji are popular.
        kanji = await owner.fetch("select character from kanji order by jlpt_level desc nulls last, id")
        words = await owner.fetch("select word from vocabulary order by jlpt_level desc, id")
        return cls(
            Popular(tuple(row) for row in await owner.fetch(PEOPLE, LEARNERS, REVIEWS_A_BATCH)),
            Popular(books),
            Popular(textbooks),
            Popular(row["character"] for row in kanji),
            Popular(row["word"] for row in words),
        )

    def operations(self, seed: int) -> Iterator[Operation]:
        """Deterministic for a seed, except for the idempotency keys of reviews."""
        chance = Random(seed)
        for _ in range(OPERATIONS):
            subject, cards = self.people.draw(chance)
            if chance.random() >= WRITES:
                yield self._read(chance, subject)
            elif chance.random() < BOOK_UPDATES:
                yield Operation("updateBook", "editor", self._book(chance))
            elif chance.random() < 0.5:
                yield self._reviewing(chance, subject, cards)
            else:
                yield self._reading(chance, subject)

    def _read(self, chance: Random, subject: str) -> Operation:
        [name] = chance.choices(list(READS), list(READS.values()))
        return Operation(name, subject, self._variables(chance, name))

    def _variables(self, chance: Random, name: str) -> dict[str, Any]:
        match name:
            case "book":
                return self._book(chance)
            case "textbook":
                return {"id": global_id("Textbook", self.textbooks.draw(chance))}
            case "kanji":
                return {"character": self.kanji.draw(chance)}
            case "searchVocabulary":
                return {"query": self.words.draw(chance)}
            case "booksOfLevel" | "vocabularyOfLevel":
                return {"level": chance.choice(list(JlptLevel))}
        return {}

    def _book(self, chance: Random) -> dict[str, str]:
        return {"id": global_id("Book", self.books.draw(chance)[0])}

    def _reading(self, chance: Random, subject: str) -> Operation:
        id, pages = self.books.draw(chance)
        page = {"bookId": global_id("Book", id), "currentPage": chance.randint(1, pages)}
        return Operation("updateReadingProgress", subject, {"input": page})

    def _reviewing(self, chance: Random, subject: str, cards: list[UUID]) -> Operation:
        reviews = [
            {"cardId": global_id("Card", id), "quality": chance.randint(2, 5), "idempotencyKey": str(uuid4())}
            for id in chance.sample(cards, REVIEWS_A_BATCH)
        ]
        return Operation("reviewCards", subject, {"input": {"reviews": reviews}})


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
async def _client(url: str) -> AsyncIterator[Client]:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Client(url, reader, writer)
    finally:
        writer.close()


def main() -> None:
    # Keeps the databases running before, between and after the measured servers.
    with served("--no-worker"):
        report(**asyncio.run(_measure(database_url())))


async def _measure(url: str) -> dict[str, Any]:
    async with owner_connection(url) as owner:
        books = [tuple(row) for row in await owner.fetch(CHANGEABLE)]
        try:
            return {
                "operationsARound": OPERATIONS,
                "workers": WORKERS,
                "mix": await _mix(await Platform.find(owner)),
                "invalidation": await _invalidation(owner),
            }
        finally:
            await owner.execute(RESTORE, *map(list, zip(*books, strict=True)))


async def _mix(platform: Platform) -> dict[str, Any]:
    off, on = [await _rounds(platform, cache) for cache in ("off", "on")]
    asked: set[str] = set()
    compared: dict[str, Any] = {}
    for name in ROUNDS:
        compared[name] = _compared(off[name], on[name], asked)
        asked |= {answer.operation.key for answer in on[name]}
    return compared


async def _rounds(platform: Platform, cache: str) -> dict[str, list[Answer]]:
    """The results of the reads of each round."""
    with served("--no-worker", CACHE=cache) as server:
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(_client(server.url)) for _ in range(WORKERS)]
            return {name: await _round(clients, list(platform.operations(seed))) for name, seed in ROUNDS.items()}


async def _round(clients: list[Client], operations: list[Operation]) -> list[Answer]:
    """Distributes the operations over all connections."""
    answers: list[Answer | None] = [None] * len(operations)
    waiting = iter(enumerate(operations))

    async def work(client: Client) -> None:
        for index, operation in waiting:
            if operation.name == "updateBook":
                await _add_page(client, operation)
            else:
                answers[index] = await client.ask(operation.name, operation.subject, **operation.variables)

    await asyncio.gather(*map(work, clients))
    return [answer for answer in answers if answer is not None and answer.operation.name in READS]


async def _add_page(client: Client, operation: Operation) -> None:
    """Update as editors do: after a version conflict, read the book again and retry."""
    book = (await client.ask("bookToUpdate", operation.subject, **operation.variables)).data["book"]
    change = {"expectedVersion": book["version"], "pageCount": book["pageCount"] + 1}
    await client.ask("updateBook", operation.subject, input=operation.variables | change)


def _compared(off: list[Answer], on: list[Answer], asked: set[str]) -> dict[str, Any]:
    """The statistics of a round. `asked`: the keys of reads in earlier rounds."""
    content = READS.keys() - OF_THE_VIEWER
    return {
        "content": _saved(off, on, content, asked) | {"targets": {"hitRate": 0.95, "saved": 0.80}},
        "allReads": _saved(off, on, READS.keys(), asked),
        "each": {name: _saved(off, on, {name}, asked) for name in READS},
    }


def _saved(off: list[Answer], on: list[Answer], names: Iterable[str], asked: set[str]) -> dict[str, Any]:
    """The statistics of reads with these names."""
    without = [answer for answer in off if answer.operation.name in names]
    with_cache = [answer for answer in on if answer.operation.name in names]
    # All holes of a field are filled by one statement, which is also sent without the cache.
    for_holes = sum(answer.cache["holes"] > 0 for answer in with_cache)
    return {
        "reads": len(with_cache),
        **_hit_rates(with_cache, asked),
        "statements": _statements(without, with_cache, 0),
        **({"statementsWithoutHoles": _statements(without, with_cache, for_holes)} if for_holes else {}),
        "medianMs": {
            "off": _median(without),
            "on": _median(with_cache),
            "hits": _median(answer for answer in with_cache if answer.cache["hits"] + answer.cache["stale"]),
            "misses": _median(answer for answer in with_cache if answer.cache["misses"]),
        },
    }


def _hit_rates(answers: list[Answer], asked: set[str]) -> dict[str, float]:
    """Empty without the cache. The first request of each value is a miss."""
    counts: Counter[str] = sum((answer.cache for answer in answers), Counter())
    hits = counts["hits"] + counts["stale"]
    number = hits + counts["misses"]
    if not number:
        return {}
    first = {answer.operation.key for answer in answers if answer.cache} - asked
    return {"hitRate": round(hits / number, 4), "hitRateIfNothingChanged": round(1 - len(first) / number, 4)}


def _statements(without: list[Answer], with_cache: list[Answer], for_holes: int) -> dict[str, float]:
    off, on = (sum(answer.statements for answer in answers) - for_holes for answers in (without, with_cache))
    return {"off": off, "on": on, "saved": round(1 - on / off, 4)}


def _median(answers: Iterable[Answer]) -> float | None:
    durations = [answer.milliseconds for answer in answers]
    return round(statistics.median(durations), 2) if durations else None


async def _invalidation(owner: asyncpg.Connection) -> dict[str, Any]:
    id = await owner.fetchval("select id from books where published_at is not null and deleted_at is null limit 1")
    with served("--no-worker", CACHE="on") as here, served("--no-worker", CACHE="on") as there:
        async with _client(here.url) as first, _client(there.url) as second:
            delays = [await _change_by_sql(owner, [first, second], id, f"改題{n}") for n in range(CHANGES_BY_SQL)]
            changed = [await _change_by_mutation(first, second, id, f"改版{n}") for n in range(CHANGES_BY_MUTATION)]
    return {
        "bySql": {
            "changes": CHANGES_BY_SQL,
            "medianMs": round(statistics.median(delays), 2),
            "highestMs": round(max(delays), 2),
            "targets": {"medianMs": 50},
        },
        "byMutation": {
            "changes": CHANGES_BY_MUTATION,
            "wrongAnswers": sum(not is_right for is_right, _ in changed),
            "mutationMedianMs": _median(mutation for _, mutation in changed),
            "targets": {"wrongAnswers": 0},
        },
    }


async def _change_by_sql(owner: asyncpg.Connection, servers: Sequence[Client], id: UUID, title: str) -> float:
    """Milliseconds from the commit until the last server returns the value, by polling."""
    for server in servers:
        await _warm_up(server, id)
    await owner.execute("update books set title = $2 where id = $1", id, title)
    changed_at = time.perf_counter()
    while (await servers[-1].ask("book", id=global_id("Book", id))).data["book"]["title"] != title:
        pass
    return (time.perf_counter() - changed_at) * 1000


async def _change_by_mutation(first: Client, second: Client, id: UUID, title: str) -> tuple[bool, Answer]:
    """Whether the second server immediately returns what the first one wrote, and the response of the first."""
    for server in (first, second):
        await _warm_up(server, id)
    book = {"id": global_id("Book", id)}
    version = (await first.ask("bookToUpdate", "editor", **book)).data["book"]["version"]
    change = {"expectedVersion": version, "title": title}
    mutation = await first.ask("updateBook", "editor", input=book | change)
    shown = await second.ask("book", **book)
    if mutation.data["updateBook"]["errors"]:
        raise RuntimeError(mutation.data)
    return shown.data["book"]["title"] == title, mutation


async def _warm_up(server: Client, id: UUID) -> None:
    """Waits until the server answers from its cache."""
    for _ in range(10):
        if (await server.ask("book", id=global_id("Book", id))).cache["hits"]:
            return
    raise RuntimeError("the cache does not keep a book")


if __name__ == "__main__":
    main()
