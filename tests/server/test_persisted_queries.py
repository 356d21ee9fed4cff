"""Automatic persisted queries."""

import hashlib
import json
from sys import getsizeof
from typing import Any
from uuid import uuid4

import httpx
import pytest
from redis.asyncio import Redis

from cache.keys import PERSISTED_QUERY_TTL_SECONDS, persisted_query
from common.lru_cache import ENTRY_OVERHEAD_BYTES
from server.caching import persisted_queries
from server.caching.persisted_queries import (
    MAX_DOCUMENT_BYTES,
    PersistedQueries,
    PersistedQueryNotFound,
)
from server.http.client_address import network_of
from server.http.request import GraphQLRequest
from tests.clients import Client, client_of, settings_of
from tests.requests import codes, get, post

STATISTICS = "{ jlptContentStats { bookCount } }"
DASHBOARD = "{ viewer { dashboard { reviewsToday } } }"
SETTINGS = 'mutation { updateStudySettings(input: {timeZone: "UTC"}) { errors { message } } }'
NOT_KEPT = "private, no-cache"
PUBLIC = "public, max-age="

NO_HASHES: list[object] = [None, 1, [], {}, "", "abc", "A" * 64, "é" * 64, "0" * 65, "0" * 63 + "\n"]


def document(selection: str = STATISTICS) -> str:
    """A new document."""
    return f"query Q{uuid4().hex} {selection}"


def named(text: str, **other: Any) -> dict[str, Any]:
    """The extensions with the hash of a document."""
    return {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest(), **other}}


class TestPersistedQueries:
    """Registration and execution of documents by their hash."""

    async def test_unknown_hash_is_not_found(self, client: Client) -> None:
        extensions = named(document())
        for response in (await post(client, None, extensions), await get(client, None, extensions=extensions)):
            assert codes(response) == ["PERSISTED_QUERY_NOT_FOUND"]
            # Clients depend on this exact message.
            assert response.json()["errors"][0]["message"] == "PersistedQueryNotFound"
            assert response.headers["Cache-Control"] == "no-store"

    async def test_empty_document_is_no_document(self, client: Client) -> None:
        assert codes(await post(client, "", named(document()))) == ["PERSISTED_QUERY_NOT_FOUND"]

    @pytest.mark.parametrize("by_get", [True, False])
    async def test_sent_document_is_found_by_its_hash(self, client: Client, by_get: bool) -> None:
        text = document()
        first = await (get(client, text, extensions=named(text)) if by_get else post(client, text, named(text)))
        assert codes(first) == []
        for response in (await post(client, None, named(text)), await get(client, None, extensions=named(text))):
            assert response.json()["data"] == first.json()["data"]
            assert response.headers["Cache-Control"].startswith(PUBLIC)

    async def test_hash_by_get_is_executed(self, client: Client) -> None:
        text = document()
        whole = await get(client, text, extensions=named(text))
        short = await get(client, None, extensions=named(text), If_None_Match=whole.headers["ETag"])
        assert (short.status_code, short.content) == (304, b"")

    async def test_variables_differ_between_requests(self, client: Client) -> None:
        text = f"query Q{uuid4().hex}($c: String!) {{ kanji(character: $c) {{ character }} }}"
        for character in "日人":
            await get(client, text, {"c": character}, extensions=named(text))
            found = await get(client, None, {"c": character}, extensions=named(text))
            assert found.json()["data"]["kanji"]["character"] == character

    async def test_private_data_differs_between_viewers(self, client: Client) -> None:
        text = document(DASHBOARD)
        await get(client, text, user="demo", extensions=named(text))
        for viewer, is_anybody in (("demo", True), (None, False)):
            response = await get(client, None, user=viewer, extensions=named(text))
            assert (response.json()["data"]["viewer"] is not None) is is_anybody
            assert response.headers["Cache-Control"] == NOT_KEPT

    async def test_documents_are_shared_through_redis(
        self, client: Client, content_database_url: str, redis_url: str
    ) -> None:
        text = document()
        await post(client, text, named(text))
        async with client_of(content_database_url, redis_url) as other:
            assert codes(await get(other, None, extensions=named(text))) == []

    async def test_documents_are_stored_locally_without_redis(self, content_database_url: str) -> None:
        text = document()
        async with client_of(content_database_url, None) as one, client_of(content_database_url, None) as other:
            assert codes(await post(one, None, named(text))) == ["PERSISTED_QUERY_NOT_FOUND"]
            assert codes(await post(one, text, named(text))) == []
            assert codes(await get(one, None, extensions=named(text))) == []
            assert codes(await post(other, None, named(text))) == ["PERSISTED_QUERY_NOT_FOUND"]

    async def test_mismatching_hash_is_rejected(self, client: Client) -> None:
        text, another = document(), document()
        assert codes(await post(client, text, named(another))) == ["BAD_USER_INPUT"]
        assert codes(await get(client, text, extensions=named(another))) == ["BAD_USER_INPUT"]
        for extensions in (named(text), named(another)):
            assert codes(await post(client, None, extensions)) == ["PERSISTED_QUERY_NOT_FOUND"]

    @pytest.mark.parametrize("version", [2, 0, None, "1", [1]])
    async def test_another_version_is_not_supported(self, client: Client, version: object) -> None:
        text = document()
        for query in (text, None):
            response = await post(client, query, named(text, version=version))
            assert codes(response) == ["PERSISTED_QUERY_NOT_SUPPORTED"]
            # Clients depend on this exact message.
            assert response.json()["errors"][0]["message"] == "PersistedQueryNotSupported"
            assert response.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("query", [None, STATISTICS])
    @pytest.mark.parametrize(
        "persisted",
        ["text", 1, True, [], {}, [1], {"version": 1}, *({"version": 1, "sha256Hash": hash} for hash in NO_HASHES)],
    )
    async def test_malformed_extension_is_bad_user_input(
        self, client: Client, query: str | None, persisted: object
    ) -> None:
        extensions = {"persistedQuery": persisted}
        for response in (await post(client, query, extensions), await get(client, query, extensions=extensions)):
            assert response.status_code < 500
            assert len(codes(response)) == 1
            assert codes(response)[0] in ("BAD_USER_INPUT", "PERSISTED_QUERY_NOT_SUPPORTED")
            assert response.headers["Cache-Control"] == "no-store"

    async def test_null_extension_is_ignored(self, client: Client) -> None:
        assert codes(await post(client, STATISTICS, {"persistedQuery": None})) == []
        assert codes(await post(client, None, {"persistedQuery": None})) == ["BAD_USER_INPUT"]

    @pytest.mark.parametrize("selection", ["{", "{ ghost }"])
    async def test_invalid_document_is_not_stored(self, client: Client, selection: str) -> None:
        text = document(selection)
        assert codes(await post(client, text, named(text))) in (["GRAPHQL_PARSE_FAILED"], ["GRAPHQL_VALIDATION_FAILED"])
        assert codes(await post(client, None, named(text))) == ["PERSISTED_QUERY_NOT_FOUND"]

    async def test_mutation_hash_by_get_is_rejected(self, writable: Client) -> None:
        text = SETTINGS.replace("mutation", f"mutation M{uuid4().hex}")
        assert (await get(writable, text, extensions=named(text))).status_code == 405
        assert codes(await post(writable, None, named(text))) == ["PERSISTED_QUERY_NOT_FOUND"]
        await post(writable, text, named(text))
        response = await get(writable, None, user="demo", extensions=named(text))
        assert (response.status_code, codes(response)) == (405, ["OPERATION_RESOLUTION_FAILURE"])
        assert (response.headers["Allow"], response.headers["Cache-Control"]) == ("POST", "no-store")

    async def test_cross_site_page_cannot_use_a_hash(self, client: Client) -> None:
        text = document()
        await post(client, text, named(text))
        parameters = {"extensions": json.dumps(named(text))}
        response = await client.http.get("/graphql", params=parameters, headers={"Sec-Fetch-Site": "cross-site"})
        assert (response.status_code, codes(response)) == (403, ["FORBIDDEN"])

    async def test_least_recently_used_document_is_evicted(self, content_database_url: str) -> None:
        first, second, third = document(), document(), document()
        async with client_of(content_database_url, None, persisted_query_cache_bytes=2 * charge(first)) as client:
            for text in (first, second):
                await post(client, text, named(text))
            assert codes(await post(client, None, named(first))) == []
            await post(client, third, named(third))
            found = [codes(await post(client, None, named(text))) for text in (first, second, third)]
            assert found == [[], ["PERSISTED_QUERY_NOT_FOUND"], []]


def charge(text: str) -> int:
    """The memory charged for a document and its hash."""
    return ENTRY_OVERHEAD_BYTES + persisted_queries._DOCUMENT_BYTES + getsizeof("0" * 64) + getsizeof(text)


def queries_within(max_bytes: int) -> PersistedQueries:
    return PersistedQueries(None, settings_of("postgresql://nowhere", None, persisted_query_cache_bytes=max_bytes))


async def keep(queries: PersistedQueries, text: str) -> None:
    async def admit(_hash: str, _bytes: int) -> None:
        pass

    await queries.store(GraphQLRequest(text, None, {}, named(text)), admit)


async def is_known(queries: PersistedQueries, text: str) -> bool:
    try:
        return (await queries.resolve(GraphQLRequest("", None, {}, named(text)))).query == text
    except PersistedQueryNotFound:
        return False


async def test_bound_is_in_bytes_of_memory() -> None:
    """Not in characters: strings take one, two or four bytes per character, by their widest one."""
    for characters in ("abc", "éèê", "日人本", "😀😁😂"):
        texts = [f"{{ __typename }} # {character * 100}" for character in characters]
        queries = queries_within(2 * charge(texts[0]))
        for text in texts:
            await keep(queries, text)
        assert [await is_known(queries, text) for text in texts] == [False, True, True]


async def test_document_larger_than_the_bound_is_not_stored() -> None:
    queries = queries_within(charge("#" * 100))
    for text, expected in (("#" * 101, False), ("#" * 100, True), ("#" * 102, False), ("#" * 99, True)):
        await keep(queries, text)
        assert await is_known(queries, text) is expected


async def test_resent_document_is_charged_once() -> None:
    texts = ["#" * 40, "##" * 20 + "#"]
    queries = queries_within(charge(texts[0]) + charge(texts[1]))
    for _ in range(5):
        for text in texts:
            await keep(queries, text)
            assert await is_known(queries, text)
    assert [await is_known(queries, text) for text in texts] == [True, True]


class TestQuota:
    """The number and size of documents that a client may register per hour."""

    @pytest.mark.parametrize("has_redis", [True, False])
    async def test_documents_are_limited_by_number(
        self, writable_database_url: str, redis_url: str, has_redis: bool
    ) -> None:
        texts = [document() for _ in range(4)]
        url = redis_url if has_redis else None
        async with client_of(writable_database_url, url, persisted_queries_per_hour=3) as client:
            sent = {"Authorization": f"Bearer {client.token('first')}"}
            answers = [await register(client, text, sent) for text in texts]
            assert [codes(answer) for answer in answers] == [[], [], [], ["RATE_LIMITED"]]
            refused = answers[-1].json()["errors"][0]
            assert 3_500 < refused["extensions"]["retryAfter"] <= 3_600
            assert refused["message"].startswith("3 persisted queries with 1048576 bytes an hour can be registered")
            # Registered documents are not counted again, and other requests are not affected.
            assert codes(await register(client, texts[0], sent)) == []
            assert codes(await post(client, None, named(texts[2]))) == []
            assert codes(await post(client, None, named(texts[3]))) == ["PERSISTED_QUERY_NOT_FOUND"]
            assert codes(await post(client, texts[3])) == []
            # The quota is per client.
            other = {"Authorization": f"Bearer {client.token('another')}"}
            assert codes(await register(client, texts[3], other)) == []

    @pytest.mark.parametrize("has_redis", [True, False])
    async def test_documents_are_limited_by_bytes(
        self, writable_database_url: str, redis_url: str, has_redis: bool
    ) -> None:
        texts = [f"{document()} # {'x' * 30_000}" for _ in range(3)]
        url = redis_url if has_redis else None
        async with client_of(writable_database_url, url, persisted_query_bytes_per_hour=65_536) as client:
            sent = {"Authorization": f"Bearer {client.token('first')}"}
            answers = [await register(client, text, sent) for text in (*texts, document())]
            assert [codes(answer) for answer in answers] == [[], [], ["RATE_LIMITED"], []]

    async def test_document_of_another_process_is_not_counted(self, writable_database_url: str, redis_url: str) -> None:
        texts = [document() for _ in range(3)]
        async with (
            client_of(writable_database_url, redis_url, persisted_queries_per_hour=2) as one,
            client_of(writable_database_url, redis_url, persisted_queries_per_hour=2) as other,
        ):
            sent = {"Authorization": f"Bearer {one.token('first')}"}
            for client in (one, other):
                for text in texts[:2]:
                    assert codes(await register(client, text, sent)) == []
            assert codes(await register(other, texts[2], sent)) == ["RATE_LIMITED"]

    async def test_document_of_more_than_64_kib_is_rejected(self, content_database_url: str, redis_url: str) -> None:
        async with client_of(content_database_url, redis_url, max_query_bytes=100_000) as client:
            await self._refuse_more_than_64_kib(client)

    async def _refuse_more_than_64_kib(self, client: Client) -> None:
        start = f"{document()} # "
        for length, expected in ((MAX_DOCUMENT_BYTES, []), (MAX_DOCUMENT_BYTES + 1, ["BAD_USER_INPUT"])):
            text = start + "x" * (length - len(start))
            response = await post(client, text, named(text))
            assert codes(response) == expected
        message = response.json()["errors"][0]["message"]
        assert message.startswith("`query` has 65537 bytes; the limit for persisted queries is 65536.")
        assert codes(await post(client, text)) == []


async def register(client: Client, text: str, headers: dict[str, str]) -> httpx.Response:
    return await client.http.post("/graphql", json={"query": text, "extensions": named(text)}, headers=headers)


async def test_document_lives_for_a_day_and_is_renewed(
    client: Client, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = document()
    key = persisted_query(named(text)["persistedQuery"]["sha256Hash"])
    async with Redis.from_url(redis_url) as redis:
        await post(client, text, named(text))
        assert PERSISTED_QUERY_TTL_SECONDS - 60 < await redis.ttl(key) <= PERSISTED_QUERY_TTL_SECONDS == 86_400
        await redis.delete(key)
        assert codes(await post(client, None, named(text))) == []
        assert not await redis.exists(key)
        # The next hour.
        monkeypatch.setattr(persisted_queries, "_RENEW_SECONDS", 0)
        other = document()
        await post(client, other, named(other))
        other_key = persisted_query(named(other)["persistedQuery"]["sha256Hash"])
        await redis.expire(other_key, 100)
        assert codes(await post(client, None, named(other))) == []
        assert await redis.ttl(other_key) > PERSISTED_QUERY_TTL_SECONDS - 60


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_address_counts_by_its_network(address: str | None, network: str) -> None:
    assert network_of(address) == network
