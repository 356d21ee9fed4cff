"""A request that came before is answered as if it had not: for whoever asks, and whatever has changed."""

import json
from typing import Any

import httpx
import pytest

from server.graphql import response_cache
from tests.clients import Client, client_of

BOOKS = "{ first: books(first: 2) { nodes { id title } } jlptContentStats { bookCount } }"
MIXED = "{ books(first: 2) { nodes { title progress { percent } } } }"
UPDATE = "mutation($input: UpdateBookInput!) { updateBook(input: $input) { errors { message } } }"
CREATE = """mutation { createBook(input: {
    title: "下書き", author: "a", description: "d", jlptLevel: N3, pageCount: 1 }) { errors { message } } }"""


async def post(client: Client, query: str, as_: str | None = None, **headers: str) -> httpx.Response:
    """Byte by byte the same for the same query, and without figures, which nothing spares."""
    if as_ is not None:
        headers["Authorization"] = f"Bearer {client.token(as_)}"
    body = json.dumps({"query": query}).encode()
    return await client.http.post("/graphql", content=body, headers={"Content-Type": "application/json", **headers})


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each request whether the shortcut was taken."""
    taken: list[bool] = []
    get = response_cache.ResponseCache.get

    async def noting(self: Any, *arguments: Any, **more: Any) -> Any:
        found = await get(self, *arguments, **more)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(response_cache.ResponseCache, "get", noting)
    return taken


def told(response: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, response.content, headers


async def test_the_same_answer_with_the_same_headers(writable: Client, taken: list[bool]) -> None:
    answers = [await post(writable, BOOKS, viewer) for viewer in ("demo", "demo", "another", None, None)]
    assert len({repr(told(answer)) for answer in answers[:3]}) == 1
    assert len({answer.content for answer in answers}) == 1
    assert taken == [False, True, True, True, True]
    assert {answer.headers["Cache-Control"] for answer in answers[:3]} == {"private, no-cache"}
    assert all(answer.headers["Cache-Control"].startswith("public, max-age=") for answer in answers[3:])
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 5


@pytest.mark.parametrize("accept", ["application/graphql-response+json", "application/json"])
async def test_each_gets_the_form_that_they_accept(writable: Client, taken: list[bool], accept: str) -> None:
    answers = [await post(writable, BOOKS, Accept=accept) for _ in range(2)]
    assert [answer.headers["Content-Type"].partition(";")[0] for answer in answers] == [accept] * 2
    assert taken == [False, True]


async def test_who_asks_is_checked(writable: Client, taken: list[bool]) -> None:
    await post(writable, BOOKS)
    refused = await post(writable, BOOKS, Authorization="Bearer nonsense")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert taken == [False, False]


async def test_editors_see_their_own(writable: Client, taken: list[bool]) -> None:
    await post(writable, BOOKS)
    await writable.run(CREATE, as_="editor")
    shown = [(await post(writable, BOOKS, viewer)).text for viewer in ("editor", "editor", "demo", "demo")]
    assert ["下書き" in text for text in shown] == [True, True, False, False]
    assert taken[-4:-2] == [False, False]


async def test_what_changed_is_shown(writable: Client, taken: list[bool]) -> None:
    [book, _] = (await post(writable, BOOKS)).json()["data"]["first"]["nodes"]
    for number in range(3):
        await post(writable, BOOKS)
        change = {"id": book["id"], "expectedVersion": number + 1, "title": f"Title {number}"}
        assert (await writable.run(UPDATE, {"input": change}, as_="editor")).data["updateBook"]["errors"] == []
        shown = (await post(writable, BOOKS)).json()["data"]["first"]["nodes"][0]["title"]
        assert shown == f"Title {number}"
    assert True in taken


async def test_nothing_personal_is_remembered(writable: Client, taken: list[bool]) -> None:
    viewer = "{ viewer { user { displayName } dashboard { dueNow } } }"
    nothing = '{ kanji(character: "x") { meanings } }'
    for query in (MIXED, viewer, nothing, BOOKS[:-2], "{ books(filter: {status: READING}) { nodes { id } } }"):
        for _ in range(3):
            await post(writable, query, "demo")
    assert not any(taken)


async def test_figures_and_administrators_without_the_cache_are_answered_as_ever(
    writable: Client, taken: list[bool]
) -> None:
    await post(writable, BOOKS)
    with_figures = await post(writable, BOOKS, **{"X-Debug-Stats": "1"})
    assert with_figures.json()["extensions"]["stats"]["cache"]
    await post(writable, BOOKS, "admin", **{"Cache-Control": "no-cache"})
    assert taken == [False] * 3


async def test_hits_are_counted(writable: Client) -> None:
    for _ in range(4):
        await post(writable, BOOKS)
    text = (await writable.http.get("/metrics")).text
    for field in ("Query.books", "Query.jlptContentStats"):
        assert f'shinjp_field_cache_requests_total{{field="{field}",outcome="hit"}} 3.0' in text


async def test_the_latest_are_remembered(writable_database_url: str, redis_url: str, taken: list[bool]) -> None:
    queries = [f"{{ {name}: jlptContentStats {{ bookCount }} }}" for name in ("a", "b", "c", "d", "e")]
    # One of these takes 1,194 bytes.
    async with client_of(writable_database_url, redis_url, response_cache_bytes=5_500) as client:
        for query in queries + queries[::-1]:
            await post(client, query)
    assert taken == [False] * 5 + [True] * 4 + [False]
