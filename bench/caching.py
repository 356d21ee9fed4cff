"""Measures the savings of the field cache, and its invalidation delay.

    make bench                          on the content, and the rows added by `make seed`

The mix: the same operations, nine reads per write, on a server without and on one with the cache, which is empty at
first. A second round of other operations shows the steady state. Learners, books, textbooks, kanji and words follow a
Zipf distribution. `hitRateIfNothingChanged` is the share of repeated reads, an upper bound of hits. Saved statements
are counted with and without the one that fills the holes of the viewer's progress.

The invalidation: two servers with one database and one Redis have cached a book. Its title is changed by SQL, and by a
mutation on the first server; the time until the second one returns it is measured.

Restores the books that it changed, but neither reading progress nor reviews. Prints JSON.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Any

from bench.cached_client import Answer, Client, median, open_client
from bench.harness import database_url, report, served
from bench.invalidation import measure_invalidation
from bench.learners import OF_THE_VIEWER, READS, Operation, Platform
from db.core.database import owner_connection

OPERATIONS, WORKERS = 4_000, 8
# The seed of a round's operations.
ROUNDS = {"fromEmpty": 1, "goingOn": 2}

CHANGEABLE = "select id, title, page_count from books"
RESTORE = """
    update books set title = was.title, page_count = was.page_count
    from unnest($1::uuid[], $2::text[], $3::int[]) as was (id, title, page_count)
    where books.id = was.id and (books.title, books.page_count) is distinct from (was.title, was.page_count)
"""


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
                "invalidation": await measure_invalidation(owner),
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
            clients = [await stack.enter_async_context(open_client(server.url)) for _ in range(WORKERS)]
            return {
                name: await _round(clients, list(platform.operations(seed, OPERATIONS)))
                for name, seed in ROUNDS.items()
            }


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
            "off": median(without),
            "on": median(with_cache),
            "hits": median(answer for answer in with_cache if answer.cache["hits"] + answer.cache["stale"]),
            "misses": median(answer for answer in with_cache if answer.cache["misses"]),
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


if __name__ == "__main__":
    main()
