"""Measures how fast a change reaches the caches of other servers, after SQL and after a mutation."""

import statistics
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from bench.cached_client import Answer, Client, median, open_client
from bench.harness import served
from domain.ids import global_id

CHANGES_BY_SQL, CHANGES_BY_MUTATION = 100, 50


async def measure_invalidation(owner: asyncpg.Connection) -> dict[str, Any]:
    id = await owner.fetchval("select id from books where published_at is not null and deleted_at is null limit 1")
    with served("--no-worker", CACHE="on") as here, served("--no-worker", CACHE="on") as there:
        async with open_client(here.url) as first, open_client(there.url) as second:
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
            "mutationMedianMs": median(mutation for _, mutation in changed),
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
