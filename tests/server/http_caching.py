"""Servers whose values are in Redis from the start, and queries with different freshness."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from cache.redis import client as redis_client
from tests.clients import Client, client_of

STATISTICS = "{ jlptContentStats { bookCount } }"
BOTH = '{ jlptContentStats { bookCount } kanji(character: "日") { meanings } }'
KANJI = '{ kanji(character: "日") { meanings } }'
BOOK = "query($id: ID!) { book(id: $id) { title } }"
GAPS = "{ books(first: 2) { nodes { title progress { percent } } } }"
DASHBOARD = "{ viewer { dashboard { reviewsToday } } }"
UPDATE = "mutation($input: UpdateBookInput!) { updateBook(input: $input) { book { version } errors { message } } }"
SETTINGS = 'mutation { updateStudySettings(input: {timeZone: "UTC"}) { errors { message } } }'
NO_STORE = "private, no-cache"
A_MINUTE = "public, max-age=60"
GRAPHQL = "application/graphql-response+json"


def directives(response: httpx.Response) -> set[str]:
    """The directives of Cache-Control, without their values."""
    return {one.partition("=")[0].strip() for one in response.headers["Cache-Control"].split(",")}


async def first_book(client: Client) -> dict[str, Any]:
    found = await client.run("{ books(first: 1) { nodes { id title version } } }")
    [book] = found.data["books"]["nodes"]
    return dict(book)


async def until_redis_is_used(client: Client) -> None:
    """Waits until the server uses Redis: before, values have a time to live of ten seconds."""
    query = "{ admin { cacheStats { backend } } }"
    async with asyncio.timeout(60):
        while (await client.run(query, user="admin")).data["admin"]["cacheStats"]["backend"] != "redis":  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # there is no event for it


@pytest.fixture(scope="module", autouse=True)
def long_redis_timeouts() -> Iterator[None]:
    """A busy machine must not look like an outage of Redis."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("socket_timeout", "socket_connect_timeout"):
            patch.setitem(redis_client._OPTIONS, name, 20)
        patch.setattr(redis_client, "TIMEOUT_SECONDS", 20)
        yield


@pytest.fixture(scope="module")
async def client(content_database_url: str, redis_url: str, long_redis_timeouts: None) -> AsyncIterator[Client]:
    async with client_of(content_database_url, redis_url) as client:
        await until_redis_is_used(client)
        yield client


@pytest.fixture
async def writable(writable_database_url: str, redis_url: str, long_redis_timeouts: None) -> AsyncIterator[Client]:
    async with client_of(writable_database_url, redis_url) as client:
        await until_redis_is_used(client)
        yield client
