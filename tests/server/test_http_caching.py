"""Cache-Control and Age of responses."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from domain.ids import global_id, new_id
from tests.clients import Client, client_of
from tests.databases import column, execute
from tests.requests import codes, get, post
from tests.server.http_caching import (
    A_MINUTE,
    BOOK,
    BOTH,
    DASHBOARD,
    GAPS,
    GRAPHQL,
    KANJI,
    NO_STORE,
    SETTINGS,
    STATISTICS,
    UPDATE,
    client,
    directives,
    first_book,
    long_redis_timeouts,
    until_redis_is_used,
    writable,
)

__all__ = ["client", "long_redis_timeouts", "writable"]

# The earliest and the latest possible time of an event.
Interval = tuple[float, float]


def later(interval: Interval, seconds: float) -> Interval:
    return interval[0] + seconds, interval[1] + seconds


class TestCacheControl:
    """How long, and by which caches, a response may be stored."""

    async def test_public_content_is_fresh_for_a_minute_in_browsers(self, client: Client) -> None:
        for response in (await get(client, STATISTICS), await get(client, KANJI), await post(client, STATISTICS)):
            assert response.headers["Cache-Control"] == A_MINUTE

    @pytest.mark.parametrize("viewer", ["demo", "somebody new", "editor", "admin"])
    @pytest.mark.parametrize("query", [STATISTICS, KANJI, BOTH, GAPS, DASHBOARD, "{ __typename }"])
    async def test_authenticated_response_is_revalidated(self, client: Client, query: str, viewer: str) -> None:
        """Otherwise a browser would show stored responses after its user's changes."""
        for _ in range(2):
            response = await get(client, query, user=viewer)
            assert response.headers["Cache-Control"] == NO_STORE
            known = await get(client, query, user=viewer, If_None_Match=response.headers["ETag"])
            assert (known.status_code, known.headers["Cache-Control"]) == (304, NO_STORE)
            headers = {"Authorization": f"Bearer {client.token(viewer)}"}
            posted = await client.http.post("/graphql", json={"query": query}, headers=headers)
            assert posted.headers["Cache-Control"] == NO_STORE

    async def test_writer_reads_their_own_write_through_a_browser_cache(self, writable: Client) -> None:
        book = await first_book(writable)
        before = await get(writable, BOOK, {"id": book["id"]}, "editor")
        change = {"id": book["id"], "expectedVersion": book["version"], "title": "Another title"}
        await writable.run(UPDATE, {"input": change}, user="editor")
        # The browser may not use its stored response without this request.
        assert directives(before) == {"private", "no-cache"}
        after = await get(writable, BOOK, {"id": book["id"]}, "editor", If_None_Match=before.headers["ETag"])
        assert after.json()["data"]["book"]["title"] == "Another title"

    async def test_cached_value_has_the_same_headers(self, writable: Client) -> None:
        found = [await writable.run(STATISTICS) for _ in range(2)]
        stats = [answer.body["extensions"]["stats"]["cache"]["Query.jlptContentStats"] for answer in found]
        assert stats == [{"misses": 1}, {"hits": 1}]
        assert {answer.headers["Cache-Control"] for answer in found} == {A_MINUTE}

    @pytest.mark.parametrize("viewer", [None, "demo", "editor"])
    @pytest.mark.parametrize(
        "query",
        [
            GAPS,
            DASHBOARD,
            "{ jlptContentStats { bookCount } viewer { user { displayName } } }",
            "{ jlptContentStats { bookCount } viewer { dashboard { reviewsToday } } }",
            "{ books(first: 2) { nodes { title } } shelf: books(first: 2) { nodes { progress { percent } } } }",
            "{ __typename }",
        ],
    )
    async def test_partly_private_response_is_private(self, client: Client, query: str, viewer: str | None) -> None:
        for _ in range(2):
            response = await get(client, query, user=viewer)
            assert response.status_code == 200
            assert "private" in directives(response)
            assert "public" not in directives(response)

    @pytest.mark.parametrize(
        "query",
        [
            "{ books(filter: {status: READING}, first: 2) { nodes { title } } }",
            "{ vocabulary(filter: {hasCard: true}, first: 2) { nodes { word } } }",
            '{ searchVocabulary(query: "人", filter: {hasCard: true}, first: 2) { nodes { word } } }',
        ],
    )
    async def test_viewer_argument_response_is_not_stored(self, client: Client, query: str) -> None:
        response = await get(client, query, user="demo")
        assert codes(response) == []
        assert response.headers["Cache-Control"] == NO_STORE

    async def test_mutation_response_is_not_stored(self, writable: Client) -> None:
        answered = await writable.run(SETTINGS, user="demo")
        assert answered.data["updateStudySettings"]["errors"] == []
        assert answered.headers["Cache-Control"] == NO_STORE

    async def test_editor_response_is_private(self, client: Client) -> None:
        response = await get(client, STATISTICS, user="editor")
        assert "private" in directives(response)
        assert "public" not in directives(response)
        # The response for others is not public now, either.
        assert (await get(client, STATISTICS)).headers["Cache-Control"] == A_MINUTE

    @pytest.mark.parametrize("accept", ["application/json", GRAPHQL])
    @pytest.mark.parametrize("query", ["{", "{ ghost }", SETTINGS, "query A { __typename } query B { __typename }"])
    async def test_request_error_is_not_stored(self, client: Client, query: str, accept: str) -> None:
        response = await get(client, query, Accept=accept)
        assert codes(response)
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers

    @pytest.mark.parametrize(
        ("headers", "status"),
        [({"Accept": "image/png"}, 406), ({"Authorization": "Bearer nonsense"}, 401)],
    )
    async def test_rejection_is_not_stored(self, client: Client, headers: dict[str, Any], status: int) -> None:
        response = await get(client, STATISTICS, **headers)
        assert (response.status_code, response.headers["Cache-Control"]) == (status, "no-store")

    async def test_partial_data_with_an_error_is_not_stored(self, client: Client) -> None:
        query = '{ jlptContentStats { bookCount } book(id: "no id") { title } }'
        for _ in range(2):
            response = await get(client, query)
            assert response.json()["data"]["jlptContentStats"]
            assert codes(response) == ["BAD_USER_INPUT"]
            assert response.headers["Cache-Control"] == NO_STORE
            assert "ETag" not in response.headers

    @pytest.mark.parametrize("viewer", [None, "demo", "editor"])
    @pytest.mark.parametrize("name", ["Textbook", "Book"])
    async def test_public_null_is_not_stored(self, client: Client, name: str, viewer: str | None) -> None:
        query = f"query($id: ID!) {{ found: {name.lower()}(id: $id) {{ title }} jlptContentStats {{ bookCount }} }}"
        for _ in range(2):
            response = await get(client, query, {"id": global_id(name, new_id())}, viewer)
            assert response.json()["data"]["found"] is None
            assert "private" in directives(response)
            assert "public" not in directives(response)

    async def test_private_textbook_response_is_private(self, writable: Client, writable_database_url: str) -> None:
        query = "query($id: ID!) { textbook(id: $id) { title } }"
        ids = await column(writable_database_url, "select id from textbooks where deleted_at is null limit 2")
        for id, is_public in zip(ids, (True, False), strict=True):
            owned = f"is_public = {is_public}, owner_id = (select id from users where subject = 'demo')"
            await execute(writable_database_url, f"update textbooks set {owned} where id = '{id}'")
            for viewer in ("demo", "somebody else", None):
                for _ in range(2):
                    response = await get(writable, query, {"id": global_id("Textbook", id)}, viewer)
                    found = response.json()["data"]["textbook"] is not None
                    assert found is (is_public or viewer == "demo")
                    assert ("public" in directives(response)) is (is_public and viewer is None)

    async def test_uncached_response_is_not_stored(self, client: Client) -> None:
        """Administrators may bypass the cache."""
        response = await get(client, STATISTICS, user="admin", Cache_Control="no-cache")
        assert codes(response) == []
        assert response.headers["Cache-Control"] == NO_STORE
        # For others the header is ignored.
        assert (await get(client, STATISTICS, Cache_Control="no-cache")).headers["Cache-Control"] == A_MINUTE

    @pytest.mark.parametrize("query", [STATISTICS, GAPS, DASHBOARD])
    async def test_vary_header(self, client: Client, query: str) -> None:
        for response in (await get(client, query), await get(client, query, user="demo"), await post(client, query)):
            assert response.headers["Vary"] == "Accept, Accept-Encoding, Authorization, Origin"


@pytest.fixture
def advance(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Advances the clock by a number of seconds."""
    offset, now = 0.0, time.time

    def by(seconds: float) -> None:
        nonlocal offset
        offset += seconds

    monkeypatch.setattr(time, "time", lambda: now() + offset)
    return by


def numbers(response: httpx.Response) -> dict[str, int]:
    """The numbers of Cache-Control and Age."""
    named = (one.strip().partition("=") for one in response.headers["Cache-Control"].split(","))
    return {name: int(value) for name, _, value in named if value} | {"age": int(response.headers.get("Age", 0))}


class TestAge:
    """The freshness of a response is that of its oldest part, whichever cache it is from."""

    WAYS = ("GET", "POST", "another server")

    async def answer(self, way: str, client: Client, other: Client, query: str) -> httpx.Response:
        if way == "GET":
            return await get(client, query)
        # The second response is from the response cache.
        return await post(other if way == "another server" else client, query)

    @pytest.mark.parametrize("surrogate_keys", [False, True])
    @pytest.mark.parametrize("way", WAYS)
    async def test_freshness_counts_from_the_oldest_computation(
        self,
        writable_database_url: str,
        redis_url: str,
        advance: Callable[[float], None],
        way: str,
        surrogate_keys: bool,
    ) -> None:
        settings = {"cache_surrogate_keys": surrogate_keys}
        async with (
            client_of(writable_database_url, redis_url, **settings) as client,
            client_of(writable_database_url, redis_url, **settings) as other,
        ):
            await until_redis_is_used(client)
            await until_redis_is_used(other)
            kanji = await self.made(client, KANJI)
            advance(1_000)
            statistics = await self.made(client, STATISTICS)
            await get(client, BOTH)
            for elapsed in (0, 5, 30, 200, 3_000):
                advance(elapsed)
                for query, oldest, ends in (
                    (KANJI, kanji, later(kanji, 86_400)),
                    (STATISTICS, statistics, later(statistics, 3_600)),
                    (BOTH, kanji, later(statistics, 3_600)),
                ):
                    for _ in range(3):
                        before = time.time()
                        response = await self.answer(way, client, other, query)
                        after = time.time()
                        said = numbers(response)
                        # Headers have a resolution of one second.
                        assert before - oldest[1] - 1 <= said["age"] <= after - oldest[0] + 1
                        assert said["max-age"] <= 60
                        # Caches subtract Age from both.
                        assert said["max-age"] - said["age"] <= ends[1] - before
                        assert ("s-maxage" in said) is surrogate_keys
                        if surrogate_keys:
                            remaining = said["s-maxage"] - said["age"]
                            assert ends[0] - after - 1 <= remaining <= ends[1] - before + 1
                        assert "stale-while-revalidate" not in response.headers["Cache-Control"]

    async def made(self, client: Client, query: str) -> Interval:
        """Computes a value; returns the times before and after."""
        before = time.time()
        await get(client, query)
        return before, time.time()

    async def test_new_value_has_no_age(self, writable: Client) -> None:
        response = await get(writable, STATISTICS)
        assert response.headers["Cache-Control"] == A_MINUTE
        assert "Age" not in response.headers

    @pytest.mark.parametrize("query", [STATISTICS, BOTH])
    @pytest.mark.parametrize("way", WAYS)
    async def test_stale_value_is_not_stored_and_has_its_age(
        self, writable_database_url: str, redis_url: str, advance: Callable[[float], None], way: str, query: str
    ) -> None:
        settings = {"cache_surrogate_keys": True}
        async with (
            client_of(writable_database_url, redis_url, **settings) as client,
            client_of(writable_database_url, redis_url, **settings) as other,
        ):
            await until_redis_is_used(client)
            await until_redis_is_used(other)
            for _ in range(2):
                await post(client, query)
            advance(3_700)
            response = await self.answer(way, client, other, query)
            assert response.headers["Cache-Control"] == "public, no-cache"
            assert int(response.headers["Age"]) >= 3_700
            # It is revalidated meanwhile.
            async with asyncio.timeout(60):
                while (response := await get(client, query)).headers["Cache-Control"] == "public, no-cache":  # noqa: ASYNC110
                    await asyncio.sleep(0.01)  # there is no event for it
            assert int(response.headers.get("Age", 0)) <= (3_800 if query == BOTH else 60)

    async def test_proxies_without_purge_have_the_max_age_of_browsers(self, client: Client) -> None:
        for query in (STATISTICS, KANJI, BOTH):
            assert "s-maxage" not in (await get(client, query)).headers["Cache-Control"]
