"""Responses from the response cache equal executed ones, for every client and after every change."""

import json

import httpx
import pytest

from tests.clients import Client, client_of

BOOKS = "{ first: books(first: 2) { nodes { id title } } jlptContentStats { bookCount } }"
MIXED = "{ books(first: 2) { nodes { title progress { percent } } } }"
UPDATE = "mutation($input: UpdateBookInput!) { updateBook(input: $input) { errors { message } } }"
CREATE = """mutation { createBook(input: {
    title: "下書き", author: "a", description: "d", jlptLevel: N3, pageCount: 1 }) { errors { message } } }"""


async def post(
    client: Client, query: str, user: str | None = None, method: str = "POST", **headers: str
) -> httpx.Response:
    """Send equal bytes for equal queries, without debug statistics, which bypass the cache."""
    if user is not None:
        headers["Authorization"] = f"Bearer {client.token(user)}"
    body = json.dumps({"query": query}).encode()
    sent = {"Content-Type": "application/json", **headers}
    return await client.http.request(method, "/graphql", content=body, headers=sent)


def comparable(response: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, response.content, headers


async def test_hits_equal_the_executed_response_and_its_headers(writable: Client, hits: list[bool]) -> None:
    answers = [await post(writable, BOOKS, viewer) for viewer in ("demo", "demo", "another", None, None)]
    assert len({repr(comparable(answer)) for answer in answers[:3]}) == 1
    assert len({answer.content for answer in answers}) == 1
    assert hits == [False, True, True, True, True]
    assert {answer.headers["Cache-Control"] for answer in answers[:3]} == {"private, no-cache"}
    assert all(answer.headers["Cache-Control"].startswith("public, max-age=") for answer in answers[3:])
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 5


async def test_hits_of_query_equal_the_executed_response(writable: Client, hits: list[bool]) -> None:
    answers = [await post(writable, BOOKS, viewer, "QUERY") for viewer in ("demo", "demo", "another")]
    assert len({repr(comparable(answer)) for answer in answers}) == 1
    etag = answers[0].headers["ETag"]
    again = await post(writable, BOOKS, "demo", "QUERY", **{"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    # POST has the same body.
    assert (await post(writable, BOOKS, "demo")).content == answers[0].content
    assert hits == [False, True, True, True, True]


@pytest.mark.parametrize("accept", ["application/graphql-response+json", "application/json"])
async def test_cached_responses_are_keyed_by_media_type(writable: Client, hits: list[bool], accept: str) -> None:
    answers = [await post(writable, BOOKS, Accept=accept) for _ in range(2)]
    assert [answer.headers["Content-Type"].partition(";")[0] for answer in answers] == [accept] * 2
    assert hits == [False, True]


async def test_hits_authenticate_the_client(writable: Client, hits: list[bool]) -> None:
    await post(writable, BOOKS)
    refused = await post(writable, BOOKS, Authorization="Bearer nonsense")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert hits == [False, False]


async def test_editors_bypass_the_cache(writable: Client, hits: list[bool]) -> None:
    await post(writable, BOOKS)
    await writable.run(CREATE, user="editor")
    shown = [(await post(writable, BOOKS, viewer)).text for viewer in ("editor", "editor", "demo", "demo")]
    assert ["下書き" in text for text in shown] == [True, True, False, False]
    assert hits[-4:-2] == [False, False]


async def test_mutations_invalidate_cached_responses(writable: Client, hits: list[bool]) -> None:
    [book, _] = (await post(writable, BOOKS)).json()["data"]["first"]["nodes"]
    for number in range(3):
        await post(writable, BOOKS)
        change = {"id": book["id"], "expectedVersion": number + 1, "title": f"Title {number}"}
        assert (await writable.run(UPDATE, {"input": change}, user="editor")).data["updateBook"]["errors"] == []
        shown = (await post(writable, BOOKS)).json()["data"]["first"]["nodes"][0]["title"]
        assert shown == f"Title {number}"
    assert True in hits


async def test_responses_with_private_values_are_not_cached(writable: Client, hits: list[bool]) -> None:
    viewer = "{ viewer { user { displayName } dashboard { dueNow } } }"
    nothing = '{ kanji(character: "x") { meanings } }'
    for query in (MIXED, viewer, nothing, BOOKS[:-2], "{ books(filter: {status: READING}) { nodes { id } } }"):
        for _ in range(3):
            await post(writable, query, "demo")
    assert not any(hits)


async def test_debug_statistics_and_no_cache_bypass_the_cache(writable: Client, hits: list[bool]) -> None:
    await post(writable, BOOKS)
    with_statistics = await post(writable, BOOKS, **{"X-Debug-Stats": "1"})
    assert with_statistics.json()["extensions"]["stats"]["cache"]
    await post(writable, BOOKS, "admin", **{"Cache-Control": "no-cache"})
    assert hits == [False] * 3


async def test_hits_count_in_field_cache_metrics(writable: Client) -> None:
    for _ in range(4):
        await post(writable, BOOKS)
    text = (await writable.http.get("/metrics")).text
    for field in ("Query.books", "Query.jlptContentStats"):
        assert f'shinjp_field_cache_requests_total{{field="{field}",outcome="hit"}} 3.0' in text


async def test_least_recently_used_responses_are_evicted(
    writable_database_url: str, redis_url: str, hits: list[bool]
) -> None:
    queries = [f"{{ {name}: jlptContentStats {{ bookCount }} }}" for name in ("a", "b", "c", "d", "e")]
    # One of these takes 1,194 bytes.
    async with client_of(writable_database_url, redis_url, response_cache_bytes=5_500) as client:
        for query in queries + queries[::-1]:
            await post(client, query)
    assert hits == [False] * 5 + [True] * 4 + [False]
