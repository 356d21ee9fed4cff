"""ETag and surrogate keys of responses."""

import time

import pytest

from domain.ids import global_id, new_id
from engine.caching.policy import CacheControl
from server.http.cache_headers import build_cache_headers
from tests.clients import Client, client_of
from tests.databases import column
from tests.requests import codes, get
from tests.server.http_caching import (
    BOOK,
    DASHBOARD,
    GAPS,
    KANJI,
    STATISTICS,
    UPDATE,
    client,
    first_book,
    long_redis_timeouts,
    writable,
)

__all__ = ["client", "long_redis_timeouts", "writable"]


class TestETag:
    """A response that the client has stored is not sent again."""

    @pytest.mark.parametrize("query", [STATISTICS, GAPS, DASHBOARD])
    async def test_etags_are_equal_only_for_equal_responses(self, client: Client, query: str) -> None:
        found = [await get(client, query, user="demo") for _ in range(2)]
        assert found[0].content == found[1].content
        assert found[0].headers["ETag"] == found[1].headers["ETag"]
        assert (await get(client, KANJI, user="demo")).headers["ETag"] != found[0].headers["ETag"]

    async def test_etag_is_strong_and_quoted(self, client: Client) -> None:
        etag = (await get(client, STATISTICS)).headers["ETag"]
        assert etag.startswith('"')
        assert etag.endswith('"')
        assert etag.count('"') == 2

    @pytest.mark.parametrize("known", ["{}", "W/{}", '"one", {}', 'W/"one",W/{} , "two"', " {} ", "*"])
    @pytest.mark.parametrize("query", [STATISTICS, GAPS])
    async def test_matching_etag_is_not_modified(self, client: Client, query: str, known: str) -> None:
        first = await get(client, query)
        response = await get(client, query, If_None_Match=known.format(first.headers["ETag"]))
        assert (response.status_code, response.content) == (304, b"")
        assert "Content-Type" not in response.headers
        for name in ("ETag", "Cache-Control", "Vary"):
            assert response.headers[name] == first.headers[name]

    @pytest.mark.parametrize("known", ['"another"', 'W/"another"', '"one", "two"', '"*"', "", "nonsense"])
    async def test_other_etag_is_sent_in_full(self, client: Client, known: str) -> None:
        response = await get(client, STATISTICS, If_None_Match=known)
        assert response.status_code == 200
        assert response.json()["data"]["jlptContentStats"]

    async def test_part_of_an_etag_does_not_match(self, client: Client) -> None:
        etag = (await get(client, STATISTICS)).headers["ETag"]
        for known in (etag.strip('"'), f'"{etag[1:10]}"', etag.upper()):
            assert (await get(client, STATISTICS, If_None_Match=known)).status_code == 200

    async def test_post_has_no_etag(self, client: Client) -> None:
        etag = (await get(client, STATISTICS)).headers["ETag"]
        response = await client.http.post("/graphql", json={"query": STATISTICS}, headers={"If-None-Match": etag})
        assert response.status_code == 200
        assert "ETag" not in response.headers

    async def test_errors_have_no_etag(self, client: Client) -> None:
        for query in ("{ ghost }", '{ jlptContentStats { bookCount } book(id: "no id") { title } }'):
            response = await get(client, query, If_None_Match="*")
            assert response.status_code == 200
            assert codes(response)
            assert "ETag" not in response.headers

    async def test_changed_book_has_another_etag(self, writable: Client) -> None:
        book = await first_book(writable)
        before = await get(writable, BOOK, {"id": book["id"]})
        change = {"id": book["id"], "expectedVersion": book["version"], "title": "Another title"}
        updated = await writable.run(UPDATE, {"input": change}, user="editor")
        assert updated.data["updateBook"]["errors"] == []
        after = await get(writable, BOOK, {"id": book["id"]}, If_None_Match=before.headers["ETag"])
        assert after.status_code == 200
        assert after.json()["data"]["book"]["title"] == "Another title"
        assert after.headers["ETag"] != before.headers["ETag"]

    async def test_private_etag_differs_between_viewers(self, client: Client) -> None:
        found = {(await get(client, DASHBOARD, user=viewer)).headers["ETag"] for viewer in (None, "demo")}
        assert len(found) == 2


class TestSurrogateKey:
    """Keys by which a proxy can purge stored responses."""

    async def test_surrogate_keys_are_off_by_default(self, client: Client) -> None:
        book = await first_book(client)
        for response in (await get(client, STATISTICS), await get(client, BOOK, {"id": book["id"]})):
            assert "Surrogate-Key" not in response.headers

    async def test_surrogate_keys_do_not_depend_on_the_cache_level(
        self, writable_database_url: str, redis_url: str
    ) -> None:
        [id] = await column(writable_database_url, "select id from books limit 1")
        found = []
        for _ in range(2):
            async with client_of(writable_database_url, redis_url, cache_surrogate_keys=True) as client:
                found += [await client.run(BOOK, {"id": global_id("Book", id)}) for _ in range(2)]
        assert [set(answer.body["extensions"]["stats"]["cache"]["Query.book"]) for answer in found][:2] == [
            {"misses"},
            {"hits"},
        ]
        [keys] = {answer.headers["Surrogate-Key"] for answer in found}
        assert {f"Book:{id}", "Book:*", "*"} <= set(keys.split(" "))

    async def test_surrogate_keys_have_all_tags(self, content_database_url: str, redis_url: str) -> None:
        query = '{ jlptContentStats { bookCount } kanji(character: "日") { vocabulary(first: 2) { nodes { id } } } }'
        [id] = await column(content_database_url, "select id from kanji where character = '日'")
        async with client_of(content_database_url, redis_url, cache_surrogate_keys=True) as client:
            for _ in range(2):
                keys = (await get(client, query)).headers["Surrogate-Key"].split(" ")
                assert {"jlptContentStats", "vocabulary", f"Kanji:{id}"} <= set(keys)
                assert len(keys) == len(set(keys))

    async def test_private_response_has_no_surrogate_keys(self, content_database_url: str, redis_url: str) -> None:
        async with client_of(content_database_url, redis_url, cache_surrogate_keys=True) as client:
            for query in (GAPS, DASHBOARD, '{ book(id: "no id") { title } jlptContentStats { bookCount } }', "{"):
                for viewer in (None, "demo"):
                    assert "Surrogate-Key" not in (await get(client, query, user=viewer)).headers
            assert "Surrogate-Key" not in (await get(client, STATISTICS, user="editor")).headers

    @pytest.mark.parametrize(("count", "is_public"), [(1, True), (100, True), (10_000, False)])
    def test_too_many_tags_disable_proxy_caching(self, count: int, is_public: bool) -> None:
        tags = {"*", *(f"Book:{new_id()}" for _ in range(count))}
        freshness = CacheControl(time.time(), time.time() + 3600, is_private=False, tags=tags)
        headers = dict(build_cache_headers(freshness, is_authenticated=False))
        assert headers[b"cache-control"].startswith(b"public") is is_public
        assert len(headers.get(b"surrogate-key", b"").split()) == (count + 1 if is_public else 0)

    async def test_unchanged_value_can_be_purged(self, content_database_url: str, redis_url: str) -> None:
        async with client_of(content_database_url, redis_url, cache_surrogate_keys=True) as client:
            first = await get(client, STATISTICS)
            again = await get(client, STATISTICS, If_None_Match=first.headers["ETag"])
            assert again.status_code == 304
            assert again.headers["Surrogate-Key"] == first.headers["Surrogate-Key"]
